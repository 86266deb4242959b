//! Block files that end early: each length costs only what is cut, and says so.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::{BlockDir, Network, Notice, Params, parse_block};
use coinhound_model::BlockHash;
use coinhound_sim::mainnet::{Chain, Shape};
use coinhound_store::campaign::tally::Tally;

use super::outcome::{Outcome, in_portions};
use super::{Limits, stores};

const FILE_LEN: usize = 64 * 1024;

/// Cuts of one file between two looks at the clock.
const CUTS_PER_PORTION: u64 = 512;

/// Every truncation of a 64 KiB block file, synthetic and, where there is one, real; and of a store's tables.
///
/// # Errors
/// When files cannot be written.
pub fn truncations(limits: &Limits) -> Result<Vec<Outcome>> {
    let folder = limits.data.join("truncations");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    let made = Whole::new(&folder, Network::Regtest.params(), synthetic(limits.seed))?;
    let mut outcomes = vec![made.cut("a synthetic 64 KiB block file cut at every length", limits)];
    match real() {
        Some(path) => {
            let bytes = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let whole = Whole::new(&folder, Network::Main.params(), bytes)?;
            outcomes.push(whole.cut("64 KiB of real blocks cut at every length", limits));
        }
        None => println!("   NOT RUN: cuts of real blocks: no data (set COINHOUND_DATA)"),
    }
    outcomes.extend(stores::cut_tables(limits));
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove `{}`", folder.display()))?;
    Ok(outcomes)
}

fn real() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let data = env::var_os("COINHOUND_DATA").map_or(default, PathBuf::from);
    Some(data.join("bitcoin/blk00000-heights-0-4312.dat")).filter(|path| path.exists())
}

/// Small blocks, empty ones and full ones.
fn synthetic(seed: u64) -> Vec<u8> {
    let shape = Shape { block_weight: 12_000, ..Shape::of_bytes(seed, FILE_LEN as u64 + 20_000) };
    let mut bytes = Vec::new();
    Chain::new(shape).for_each(|block| put_frame(&mut bytes, Network::Regtest.params().magic, &block.bytes));
    bytes
}

/// A block file, and where the frame of each whole block in it begins and ends.
struct Whole<'a> {
    folder: &'a Path,
    params: &'static Params,
    len: u64,
    blocks: Vec<(u64, u64, BlockHash)>,
}

impl<'a> Whole<'a> {
    fn new(folder: &'a Path, params: &'static Params, mut bytes: Vec<u8>) -> Result<Self> {
        bytes.truncate(FILE_LEN);
        fs::write(file(folder), &bytes).with_context(|| format!("cannot write `{}`", file(folder).display()))?;
        let scan = BlockDir::open(folder, params)?.scan(&mut |_| ())?;
        let frame = |record: &coinhound_chains::bitcoin::Record| {
            (record.offset - 8, record.offset + u64::from(record.len), record.hash)
        };
        let blocks = scan.records.iter().map(frame).collect();
        Ok(Self { folder, params, len: bytes.len() as u64, blocks })
    }

    /// Cuts the file at every length, the longest first.
    fn cut(&self, what: &str, limits: &Limits) -> Outcome {
        let mut left = self.len + 1;
        let mut torn = 0;
        let outcome = in_portions(limits, what, self.len + 1, |_, _| {
            let mut tally = Tally::default();
            for _ in 0..CUTS_PER_PORTION.min(left) {
                left -= 1;
                let told = self.cut_at(left).map(|told| torn += u64::from(told));
                tally.count(|| format!("cut at {left}"), told);
            }
            tally
        });
        let blocks = self.blocks.len();
        outcome.note(format!(
            "{blocks} blocks; {torn} cuts told as a block that is not whole yet, the others between blocks"
        ))
    }

    /// Whether a block was told as torn, which must be so unless the cut lies between two.
    fn cut_at(&self, len: u64) -> Result<bool, String> {
        let found = self.read(len).map_err(|error| format!("{error:#}"))?;
        let whole: Vec<BlockHash> =
            self.blocks.iter().filter(|(_, end, _)| *end <= len).map(|(.., hash)| *hash).collect();
        if found.blocks != whole {
            return Err(format!("{} blocks were read, {} are whole", found.blocks.len(), whole.len()));
        }
        let between = len == 0 || self.blocks.iter().any(|(start, end, _)| len == *start || len == *end);
        match found.notices.as_slice() {
            [] if between => Ok(false),
            [Notice::NotYet { .. }] if !between => Ok(true),
            other => Err(format!("told as {other:?}")),
        }
    }

    fn read(&self, len: u64) -> Result<Found> {
        OpenOptions::new().write(true).open(file(self.folder)).and_then(|file: File| file.set_len(len))?;
        let dir = BlockDir::open(self.folder, self.params)?;
        let scan = dir.scan(&mut |_| ())?;
        let mut reader = dir.reader();
        let mut blocks = Vec::new();
        for record in &scan.records {
            blocks.push(parse_block(reader.read(record)?, self.params)?.hash);
        }
        Ok(Found { blocks, notices: scan.notices })
    }
}

/// What a cut file still holds.
struct Found {
    blocks: Vec<BlockHash>,
    notices: Vec<Notice>,
}

fn file(folder: &Path) -> PathBuf {
    folder.join("blk00000.dat")
}
