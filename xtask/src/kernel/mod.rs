//! Bitcoin Core's own kernel as referee: it writes a chain and tells what is in it, our reader must agree.
//!
//! The program that holds the kernel lies in `xtask/kernel-fixtures`, outside the workspace: only this task
//! compiles its C++. It writes block files, undo files and their key as any node does, and a listing of what
//! the kernel reads back. What agrees is printed; the last run stands in docs/kernel.md.

mod blocks;
mod faults;
mod keys;
mod listing;
mod program;
mod store;
mod unspent;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use coinhound_chains::bitcoin::{BlockDir, Network};

use crate::kernel::listing::Listing;

/// How long a chain, and where.
#[derive(Args)]
pub struct KernelArgs {
    /// The folder of the chain and its listing; one that is not there yet, or a run's that is to be replaced.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Same seed, same blocks; the key that covers the files is the kernel's own choice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Blocks of ordinary size, at least.
    #[arg(long, default_value_t = 600)]
    blocks: u32,
    /// Blocks of about 3.5 MB after them: 44 fill more than one file.
    #[arg(long, default_value_t = 44)]
    bulk: u32,
    /// Compare a chain that an earlier run left; builds and writes nothing.
    #[arg(long)]
    reuse: bool,
}

/// What the kernel's program leaves in its folder.
const NODE: &str = "node";
const LISTING: &str = "listing.txt";

/// Builds the kernel, lets it write a chain, and compares what it tells with what we read.
///
/// # Errors
/// When tools for the build are missing, or anything differs.
pub fn run(args: &KernelArgs) -> Result<()> {
    let folder = args.out.clone().unwrap_or_else(|| program::target_folder().join("chain"));
    if !args.reuse {
        program::require_tools()?;
        let program = program::build()?;
        clear(&folder)?;
        program::run(&program, &folder, [args.seed, args.blocks.into(), args.bulk.into()])?;
    }
    compare(&folder)?;
    println!("kernel-fixtures: the chain stays in `{}`", folder.display());
    Ok(())
}

/// Makes an empty folder, replacing only what an earlier run wrote.
fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        let ours = folder.join(NODE).is_dir() || fs::read_dir(folder)?.next().is_none();
        ensure!(
            ours,
            "`{}` holds something else than a chain of the kernel\nhint: name another folder",
            folder.display()
        );
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove `{}`", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))
}

fn compare(folder: &Path) -> Result<()> {
    let path = folder.join(LISTING);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read `{}`\nhint: run once without --reuse", path.display()))?;
    let listing = Listing::parse(&text).with_context(|| format!("`{}`", path.display()))?;
    println!("kernel: {}, {} blocks told", listing.versions, listing.blocks.len());
    let dir = BlockDir::open(&folder.join(NODE), Network::Regtest.params())?;
    println!("reader: {}", blocks::check(&dir, &listing).context("our reader and the kernel differ")?);
    let views = store::load_both(&dir, &listing, &folder.join("store"))?;
    for (name, view) in &views {
        println!("store ({name}): {}", store::check(view, &listing).context("our store and the kernel differ")?);
    }
    if let Some(pruned) = store::check_pruned(&dir, &listing, &folder.join("pruned"))? {
        println!("store (last block file alone): {pruned}");
    }
    let noticed = faults::plant_all(&dir, &views[0].1, &listing)?;
    println!("faults: {noticed} planted in the listing, each noticed");
    Ok(())
}
