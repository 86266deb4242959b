//! Synthetic chains, made once and kept.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use coinhound_sim::Layout;
use coinhound_sim::mainnet::{self, Shape};

use crate::bench::cpu::{peak_memory, timed};

/// Changes when the simulator does, so that old chains are not measured again.
const VERSION: u32 = 3;
const SEED: u64 = 1;

/// A folder of block files.
pub struct Dataset {
    /// Where `blk*.dat` lie.
    pub folder: PathBuf,
    /// Their length in bytes.
    pub bytes: u64,
}

/// A chain of mainnet's shape of this size, from `data` or made now.
///
/// # Errors
/// When it cannot be written.
pub fn mainnet(data: &Path, size: u64) -> Result<Dataset> {
    let folder = data.join(format!("mainnet-v{VERSION}-{size}"));
    let done = folder.join("done");
    if !done.exists() {
        make(&folder, size)?;
        fs::write(&done, b"").with_context(|| format!("cannot write `{}`", done.display()))?;
    }
    let bytes = block_files(&folder)?.iter().map(|path| Ok(fs::metadata(path)?.len())).sum::<Result<u64>>()?;
    Ok(Dataset { folder, bytes })
}

/// The block files of a folder, in order.
///
/// # Errors
/// When the folder cannot be read.
pub fn block_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut paths: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "dat"));
    paths.sort();
    Ok(paths)
}

fn make(folder: &Path, size: u64) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove half-made `{}`", folder.display()))?;
    }
    println!("making a chain of {size} bytes in {}", folder.display());
    let (written, cpu) = timed(|| mainnet::write(folder, Shape::of_bytes(SEED, size), Layout::default()));
    let written = written?;
    println!(
        "  {} blocks, {} transactions, {} bytes: {} ms CPU, peak memory {} MB",
        written.blocks,
        written.txs,
        written.bytes,
        cpu.as_millis(),
        peak_memory()? / 1_000_000
    );
    Ok(())
}
