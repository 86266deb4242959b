//! Writes synthetic chains for whoever wants to try something on them.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use coinhound_chains::bitcoin::xor::XorKey;
use coinhound_sim::mainnet::{self, Shape};
use coinhound_sim::theft::{Options, heist};
use coinhound_sim::{Layout, Written};

use crate::bench::parse_size;

/// Which chain, and where to.
#[derive(Args)]
pub struct ChainArgs {
    /// The folder to write into; it must hold no block files yet.
    out: PathBuf,
    /// What the chain is like.
    #[arg(long, value_enum, default_value = "mainnet")]
    shape: ChainShape,
    /// Size of a chain of mainnet's shape: 100MB, 1GB.
    #[arg(long, default_value = "100MB", value_parser = parse_size)]
    size: u64,
    /// Same seed, same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cover the files with a key, as nodes do since Core 28.
    #[arg(long)]
    xor: bool,
    /// Also write undo files.
    #[arg(long)]
    undo: bool,
    /// Write blocks out of order within a window of this many.
    #[arg(long, default_value_t = 0)]
    window: usize,
}

/// What a chain is like.
#[derive(Clone, Copy, ValueEnum)]
enum ChainShape {
    /// Sizes, kinds and counts of recent mainnet blocks.
    Mainnet,
    /// One theft in a small town, with the truth beside it.
    Theft,
}

/// Writes one chain.
///
/// # Errors
/// When the folder cannot be written or holds block files already.
pub fn run(args: &ChainArgs) -> Result<()> {
    let key = XorKey(args.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    let layout = Layout {
        xor_key: args.xor.then_some(key),
        undo: args.undo,
        window: args.window,
        window_seed: args.seed,
        ..Layout::default()
    };
    let written = match args.shape {
        ChainShape::Mainnet => {
            let shape = Shape { undo: args.undo, ..Shape::of_bytes(args.seed, args.size) };
            mainnet::write(&args.out, shape, layout)?
        }
        ChainShape::Theft => {
            heist(&Options { seed: args.seed, ..Options::default() }).write(&args.out, layout)?.written
        }
    };
    let Written { blocks, txs, bytes, files, .. } = written;
    println!("{blocks} blocks, {txs} transactions, {bytes} bytes in {files} block files");
    Ok(())
}
