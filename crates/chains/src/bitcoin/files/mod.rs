//! A node's `blocks/` folder: where each block lies, and its bytes.
//!
//! Two passes. [`BlockDir::scan`] reads frames and headers only, seeking over the bodies; what it
//! finds is ordered by [`crate::bitcoin::headers`]; then blocks are read by their place. Core writes
//! blocks out of order (headers-first sync) and keeps stale ones, so nothing here assumes any order.
//! Nobody locks the folder: a running node may be writing to the newest file while it is read.

mod error;
mod index;
mod io;
mod scan;
mod search;

use std::path::{Path, PathBuf};

use coinhound_model::{BlockHash, Height};

pub use crate::bitcoin::files::error::{BlockFileError, Notice};
pub use crate::bitcoin::files::index::IndexError;
pub use crate::bitcoin::files::scan::{FileMark, Scan, ScanProgress};

use crate::bitcoin::block::height_in_coinbase;
pub(crate) use crate::bitcoin::files::error::Kind;
pub(crate) use crate::bitcoin::files::io::{Source, list};
pub(crate) use crate::bitcoin::files::scan::blocks_of_file;
pub(crate) use crate::bitcoin::files::search::next_magic;
use crate::bitcoin::header::Header;
use crate::bitcoin::params::Params;
use crate::bitcoin::xor::XorKey;

/// Enough of a block's first bytes to see its coinbase's signature script.
const COINBASE_START_LEN: usize = 80 + 9 + 4 + 2 + 1 + 36 + 1 + 100;

/// Where a block lies, and its header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    /// Number of the blk file.
    pub file: u32,
    /// Where the block's first byte stands in it.
    pub offset: u64,
    /// Length of the block in bytes.
    pub len: u32,
    /// Its header, whose work was checked.
    pub header: Header,
    /// Its name.
    pub hash: BlockHash,
}

/// A node's `blocks/` folder, opened for reading.
#[derive(Clone, Debug)]
pub struct BlockDir {
    folder: PathBuf,
    params: Params,
    key: XorKey,
}

impl BlockDir {
    /// Opens a folder of blk files, or a node's data folder with `blocks/` in it.
    ///
    /// The first bytes are compared with the network's magic, so that a wrong network and a missing or
    /// wrong `xor.dat` are told before anything is read at length.
    ///
    /// # Errors
    /// [`BlockFileError`]; see [`BlockFileError::hint`] for what to do.
    pub fn open(path: &Path, params: &Params) -> Result<Self, BlockFileError> {
        let inner = path.join("blocks");
        let folder = match list(path, Kind::Blocks) {
            Ok(files) if files.is_empty() && inner.is_dir() => inner,
            Ok(_) => path.to_owned(),
            Err(error) => return Err(error),
        };
        let found = XorKey::of_folder(&folder)?;
        let dir = Self { folder, params: params.clone(), key: found.unwrap_or_default() };
        search::probe(&dir, found.is_some())?;
        Ok(dir)
    }

    /// The folder that holds the files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The network's constants.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Finds every block of every file.
    ///
    /// # Errors
    /// When a file cannot be read; damage inside files is told as [`Scan::notices`] instead.
    pub fn scan(&self, progress: &mut dyn FnMut(ScanProgress)) -> Result<Scan, BlockFileError> {
        self.rescan(Scan::default(), progress)
    }

    /// Finds what is new since an earlier scan; the result holds both.
    ///
    /// # Errors
    /// As [`BlockDir::scan`].
    pub fn rescan(&self, known: Scan, progress: &mut dyn FnMut(ScanProgress)) -> Result<Scan, BlockFileError> {
        scan::rescan(self, known, progress)
    }

    /// A reader that keeps its file and buffer between blocks; one per thread.
    #[must_use]
    pub fn reader(&self) -> BlockReader<'_> {
        BlockReader { dir: self, source: None, buffer: Vec::new() }
    }

    /// The bytes of one block.
    ///
    /// # Errors
    /// As [`BlockReader::read`].
    pub fn read(&self, record: &Record) -> Result<Vec<u8>, BlockFileError> {
        let mut reader = self.reader();
        reader.read(record)?;
        Ok(reader.buffer)
    }

    /// The height a block tells in its coinbase, where BIP 34 makes that binding.
    ///
    /// # Errors
    /// When its first bytes cannot be read.
    pub fn claimed_height(&self, record: &Record) -> Result<Option<Height>, BlockFileError> {
        let mut start = vec![0; COINBASE_START_LEN.min(record.len as usize)];
        Source::open(self, Kind::Blocks, record.file)?.read_exact(&mut start, record.offset)?;
        Ok(height_in_coinbase(&start, &self.params))
    }
}

/// Reads blocks by their place.
#[derive(Debug)]
pub struct BlockReader<'d> {
    dir: &'d BlockDir,
    source: Option<(u32, Source)>,
    buffer: Vec<u8>,
}

impl BlockReader<'_> {
    /// The bytes of one block, whose header is compared with the record's.
    ///
    /// # Errors
    /// [`BlockFileError::Truncated`] when the file ends inside it, [`BlockFileError::Changed`] when
    /// another block stands there now, or the error of reading.
    pub fn read(&mut self, record: &Record) -> Result<&[u8], BlockFileError> {
        let mut source = match self.source.take() {
            Some((file, source)) if file == record.file => source,
            _ => Source::open(self.dir, Kind::Blocks, record.file)?,
        };
        self.buffer.resize(record.len as usize, 0);
        source.read_exact(&mut self.buffer, record.offset)?;
        if !self.buffer.starts_with(&record.header.to_bytes()) {
            return Err(BlockFileError::Changed { path: source.path, offset: record.offset, hash: record.hash });
        }
        self.source = Some((record.file, source));
        Ok(&self.buffer)
    }
}
