//! What lies where: one pass over all files, which keeps names and places and no block.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::evm::block::{BlockFault, Parts};
use crate::evm::files::error::{EvmFileFault, EvmFilesError, ReadFault};
use crate::evm::files::frame::{Form, frames};
use crate::evm::files::sort::{Kind, sort};
use crate::evm::hash::{Hash, keccak256};
use crate::evm::header::Header;

/// What the names of files end in that are read in folders, and of packed ones.
const READ: [&str; 4] = ["json", "jsonl", "ndjson", "rlp"];
const PACKED: [&str; 5] = ["gz", "zst", "xz", "bz2", "zip"];
/// The first bytes of packed files: gzip, zstd, xz, bzip2, zip.
const PACKED_STARTS: [&[u8]; 5] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd], b"\xfd7zXZ", b"BZh", b"PK\x03\x04"];

/// How many damaged parts are named one by one; those behind are counted.
const FAULTS_MAX: usize = 1_000;

/// A part of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// Which file, by its place in the list.
    pub file: usize,
    /// Where it begins.
    pub offset: u64,
    /// Its bytes.
    pub length: usize,
}

/// A block as it stands in a file: its name follows from its header, what else it holds is not checked yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FoundBlock {
    /// Its name.
    pub hash: Hash,
    /// Its parent's.
    pub parent: Hash,
    /// Its height.
    pub number: u64,
    /// Its first transaction.
    pub(super) first_tx: Option<Hash>,
    pub(super) place: Place,
    /// For RLP: the how-manieth value of its file it is.
    pub(super) rank: Option<u64>,
}

impl FoundBlock {
    /// Whether another place says the same of the block.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.hash, self.parent, self.number) == (other.hash, other.parent, other.number)
    }
}

/// How far the files are looked through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScanStep {
    /// Bytes that were read.
    pub done: u64,
    /// Bytes of all files.
    pub total: u64,
}

/// Files of blocks, looked through.
#[derive(Debug, Default)]
pub struct EvmFiles {
    /// In the order of their names.
    pub(super) paths: Vec<PathBuf>,
    /// The same block may stand in several places.
    pub(super) blocks: BTreeMap<Hash, Vec<FoundBlock>>,
    pub(super) uncles: BTreeMap<Hash, Vec<Place>>,
    /// By the block that they name.
    pub(super) receipts: BTreeMap<Hash, Vec<Place>>,
    /// By the file of blocks that they belong to, and their rank in it.
    pub(super) ranked_receipts: BTreeMap<(usize, u64), Place>,
    /// By a transaction of the block; whether they are call trees.
    pub(super) traces: BTreeMap<Hash, Vec<(Place, bool)>>,
    faults: Vec<EvmFileFault>,
    more_faults: u64,
    skipped: Vec<PathBuf>,
    pub(super) open: Option<(usize, File)>,
}

/// Which of the files' values is read.
#[derive(Clone, Copy)]
struct At {
    file: usize,
    offset: u64,
    rank: u64,
}

impl EvmFiles {
    /// Looks through files, and through folders with all that is in them. The order in which they are given does not
    /// matter.
    ///
    /// # Errors
    /// [`EvmFilesError`]: what cannot be read at all. Damaged parts are no error: [`EvmFiles::faults`] names them.
    pub fn scan(given: &[PathBuf], watch: &mut dyn FnMut(ScanStep) -> ControlFlow<()>) -> Result<Self, EvmFilesError> {
        let mut files = Self::default();
        given.iter().try_for_each(|path| files.list(path, true))?;
        files.paths.sort();
        files.paths.dedup();
        files.skipped.sort();
        let lengths =
            files.paths.iter().map(|path| Ok(stat(path)?.len())).collect::<Result<Vec<_>, EvmFilesError>>()?;
        let total = lengths.iter().sum();
        let mut done = 0;
        for (file, length) in lengths.into_iter().enumerate() {
            files.look_through(file, &mut |offset| watch(ScanStep { done: done + offset, total }))?;
            done += length;
        }
        let _ = watch(ScanStep { done, total });
        Ok(files)
    }

    /// Every block that was found, by name, and every place where it stands.
    pub fn blocks(&self) -> impl Iterator<Item = &FoundBlock> {
        self.blocks.values().flatten()
    }

    /// Leaves out a block that turned out to be damaged wherever it stands.
    pub fn forget(&mut self, found: &FoundBlock) {
        if let Some(copies) = self.blocks.get_mut(&found.hash) {
            copies.retain(|copy| !copy.is_like(found));
        }
    }

    /// The parts of files that are not what they must be, as far as the one pass over them shows, by file and place: the
    /// first thousand.
    #[must_use]
    pub fn faults(&self) -> &[EvmFileFault] {
        &self.faults
    }

    /// How many such parts there are beside [`EvmFiles::faults`].
    #[must_use]
    pub fn more_faults(&self) -> u64 {
        self.more_faults
    }

    /// The first of them, at the end.
    #[must_use]
    pub fn into_faults(self) -> Vec<EvmFileFault> {
        self.faults
    }

    /// The files, in the order of their names.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Files of folders that were left alone for their names.
    #[must_use]
    pub fn skipped(&self) -> &[PathBuf] {
        &self.skipped
    }

    fn list(&mut self, path: &Path, is_given: bool) -> Result<(), EvmFilesError> {
        if stat(path)?.is_dir() {
            let wrong = |source| EvmFilesError::Read { path: path.to_owned(), source };
            for entry in fs::read_dir(path).map_err(wrong)? {
                let entry = entry.map_err(wrong)?;
                // A folder that is linked may lead back to itself.
                if !(entry.file_type().map_err(wrong)?.is_symlink() && entry.path().is_dir()) {
                    self.list(&entry.path(), false)?;
                }
            }
            return Ok(());
        }
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if PACKED.contains(&ending) {
            return Err(EvmFilesError::Packed { path: path.to_owned() });
        }
        let list = if is_given || READ.contains(&ending) { &mut self.paths } else { &mut self.skipped };
        list.push(path.to_owned());
        Ok(())
    }

    fn look_through(
        &mut self,
        file: usize,
        watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), EvmFilesError> {
        let path = self.paths[file].clone();
        let wrong = |source| EvmFilesError::Read { path: path.clone(), source };
        let mut bytes = BufReader::with_capacity(1 << 18, File::open(&path).map_err(wrong)?);
        let start = bytes.fill_buf().map_err(wrong)?;
        if PACKED_STARTS.iter().any(|packed| start.starts_with(packed)) {
            return Err(EvmFilesError::Packed { path });
        }
        let form = form(&path, start);
        let beside = path.to_str().and_then(|name| name.strip_suffix(".receipts.rlp")).filter(|_| form == Form::Rlp);
        let beside = beside.map(|name| self.beside(name));
        let (mut rank, mut stopped) = (0, false);
        frames(form, &mut bytes, &mut |offset, value| {
            let at = At { file, offset, rank };
            rank += 1;
            match (value, beside) {
                (Err(fault), _) => self.fault(at, fault),
                (Ok(_), Some(None)) if at.rank > 0 => {}
                (Ok(_), Some(None)) => self.fault(at, ReadFault::NoBlocksBeside),
                (Ok(value), Some(Some(blocks))) => {
                    self.ranked_receipts.insert((blocks, at.rank), Place { file, offset, length: value.len() });
                }
                (Ok(value), None) if form == Form::Rlp => self.take_rlp(at, value),
                (Ok(value), None) => self.take_json(at, value),
            }
            stopped = watch(offset).is_break();
            if stopped { Err(io::Error::other("stopped")) } else { Ok(()) }
        })
        .map_err(|source| if stopped { EvmFilesError::Stopped } else { wrong(source) })
    }

    /// The file of blocks beside which a file of receipts stands.
    fn beside(&self, name: &str) -> Option<usize> {
        let blocks = [PathBuf::from(format!("{name}.rlp")), PathBuf::from(name)];
        blocks.iter().find_map(|path| self.paths.binary_search(path).ok())
    }

    fn fault(&mut self, at: At, source: ReadFault) {
        if self.faults.len() == FAULTS_MAX {
            self.more_faults += 1;
            return;
        }
        self.faults.push(EvmFileFault { path: self.paths[at.file].clone(), offset: at.offset, source });
    }

    fn take_rlp(&mut self, at: At, value: &[u8]) {
        let place = Place { file: at.file, offset: at.offset, length: value.len() };
        match rlp_block(value) {
            Ok((header, first_tx)) => {
                let (hash, parent, number) = (header.hash, header.parent, header.number);
                let found = FoundBlock { hash, parent, number, first_tx, place, rank: Some(at.rank) };
                self.blocks.entry(hash).or_default().push(found);
            }
            Err(fault) => self.fault(at, fault.into()),
        }
    }

    fn take_json(&mut self, at: At, value: &[u8]) {
        let Ok(text) = std::str::from_utf8(value) else { return self.fault(at, ReadFault::NotText) };
        sort(text, &mut |part, kind| {
            let within = part.as_ptr().addr() - text.as_ptr().addr();
            let place = Place { file: at.file, offset: at.offset + within as u64, length: part.len() };
            match kind {
                Ok(kind) => self.take_part(kind, place),
                Err(fault) => self.fault(At { offset: place.offset, ..at }, fault),
            }
        });
    }

    fn take_part(&mut self, kind: Kind, place: Place) {
        match kind {
            Kind::Block { hash, parent, number, first_tx } => {
                let found = FoundBlock { hash, parent, number, first_tx, place, rank: None };
                self.blocks.entry(hash).or_default().push(found);
            }
            Kind::Uncle { hash } => self.uncles.entry(hash).or_default().push(place),
            Kind::Receipts { block } => self.receipts.entry(block).or_default().push(place),
            Kind::Traces { tx, is_tree } => self.traces.entry(tx).or_default().push((place, is_tree)),
        }
    }
}

fn stat(path: &Path) -> Result<fs::Metadata, EvmFilesError> {
    fs::metadata(path).map_err(|source| EvmFilesError::Read { path: path.to_owned(), source })
}

fn form(path: &Path, start: &[u8]) -> Form {
    let is_lines = path.extension().is_some_and(|ending| ending == "jsonl" || ending == "ndjson");
    match start.first() {
        Some(0xc0..) => Form::Rlp,
        _ if is_lines => Form::Lines,
        _ => Form::Json,
    }
}

/// A block's header and its first transaction.
fn rlp_block(value: &[u8]) -> Result<(Header, Option<Hash>), BlockFault> {
    let parts = Parts::of_rlp(value)?;
    let header = Header::decode(&parts.header);
    let header = header.map_err(|source| BlockFault::Part { part: "header", index: 0, source })?;
    Ok((header, parts.transactions.first().map(|tx| keccak256(tx))))
}
