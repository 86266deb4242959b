//! Writes a regtest chain through Bitcoin Core's own kernel, and lists what the kernel reads back.
//!
//! `kernel-fixtures FOLDER SEED BLOCKS BULK`: the chain goes to `FOLDER/node`, the listing to
//! `FOLDER/listing.txt`. `cargo xtask kernel-fixtures` runs it and compares. In reading order: chance ([`rng`]),
//! locks and keys ([`lock`], [`wallet`]), blocks ([`mine`], [`traffic`]), the kernel ([`kernel`]), what happens
//! ([`story`]), what is told ([`chainstate`], [`listing`]).

mod chainstate;
mod kernel;
mod listing;
mod lock;
mod mine;
mod rng;
mod story;
mod traffic;
mod wallet;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use bitcoin::BlockHash;

use crate::kernel::Kernel;
use crate::listing::Listing;
use crate::story::{Length, Story};
use crate::wallet::Wallet;

/// What one run was asked for.
struct Args {
    folder: PathBuf,
    seed: u64,
    length: Length,
}

fn main() -> Result<()> {
    let args = args()?;
    let node = args.folder.join("node");
    ensure!(!node.exists(), "`{}` is there already", node.display());
    bitcoinkernel::disable_logging();
    let told = tell(&node, &args)?;
    let coins = unspent(&node, &args.folder.join("chainstate-copy"))?;
    // A second kernel, so that everything comes from the disk.
    let kernel = Kernel::open(&node)?;
    kernel.expect_tip(told.tip)?;
    let path = args.folder.join("listing.txt");
    let file = File::create(&path).with_context(|| format!("cannot create `{}`", path.display()))?;
    let mut listing = Listing::new(BufWriter::new(file), &kernel, &told.wallet)?;
    for hash in &told.stored {
        listing.block(*hash, told.refused.contains(hash))?;
    }
    for coin in &coins {
        listing.coin(coin)?;
    }
    let lines = listing.end()?;
    println!("kernel: {} blocks stored, {} coins unspent, {lines} lines", told.stored.len(), coins.len());
    Ok(())
}

fn args() -> Result<Args> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, seed, blocks, bulk] = <[String; 4]>::try_from(words)
        .map_err(|words| anyhow::anyhow!("expected FOLDER SEED BLOCKS BULK, got {} words", words.len()))?;
    let length = Length { blocks: blocks.parse().context("BLOCKS")?, bulk: bulk.parse().context("BULK")? };
    Ok(Args { folder: folder.into(), seed: seed.parse().context("SEED")?, length })
}

/// What the story leaves behind.
struct Told {
    wallet: Wallet,
    stored: Vec<BlockHash>,
    refused: BTreeSet<BlockHash>,
    tip: BlockHash,
}

/// Tells the story to a kernel, and closes it so that all is on the disk.
fn tell(node: &Path, args: &Args) -> Result<Told> {
    let kernel = Kernel::open(node)?;
    let mut story = Story::new(&kernel, args.seed)?;
    story.tell(args.length)?;
    let refused = story.refused.into_iter().collect();
    Ok(Told { wallet: story.maker.wallet, stored: story.stored, refused, tip: kernel.tip() })
}

/// The unspent set, read from a copy: opening a LevelDB database writes to it.
fn unspent(node: &Path, copy: &Path) -> Result<Vec<chainstate::Unspent>> {
    let from = node.join("chainstate");
    fs::create_dir_all(copy).with_context(|| format!("cannot create `{}`", copy.display()))?;
    for entry in fs::read_dir(&from).with_context(|| format!("cannot read `{}`", from.display()))? {
        let path = entry?.path();
        let name = path.file_name().context("an entry has a name")?;
        fs::copy(&path, copy.join(name)).with_context(|| format!("cannot copy `{}`", path.display()))?;
    }
    let coins = chainstate::unspent(copy)?;
    fs::remove_dir_all(copy).with_context(|| format!("cannot remove `{}`", copy.display()))?;
    Ok(coins)
}
