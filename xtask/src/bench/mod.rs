//! Benchmarks: CPU seconds beside a peer's, on the same files in the same run.
//!
//! Wall time on a shared machine says little; CPU time and the ratio to a peer say a lot. A benchmark
//! fails on its ratio, never on seconds.

pub mod cpu;
mod dataset;
mod ethereum;
mod ingest;
mod parse;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

/// What to measure, on how much.
#[derive(Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    work: Work,
}

/// What is measured.
#[derive(Subcommand)]
enum Work {
    /// Decoding with transaction hashes: ours, `bitcoin_slices`, the `bitcoin` crate.
    Parse(Options),
    /// Decoding and checking Ethereum's real blocks: ours and `alloy`'s, field by field and in CPU time; then our rows and
    /// their way into a store. Builds `alloy` first.
    Evm(EvmOptions),
    /// Loading into a durable store: CPU, bytes per transaction, memory; then parsing and its peers.
    Ingest(Options),
}

/// How often.
#[derive(Args)]
struct EvmOptions {
    /// Rounds; the least CPU time of each contender counts.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

/// On which chain, and how often.
#[derive(Args)]
struct Options {
    /// Size of the synthetic chain: 100MB, 1GB.
    #[arg(long, default_value = "100MB", value_parser = parse_size)]
    size: u64,
    /// Rounds; the least CPU time of each contender counts.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Threads of a load.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Where synthetic chains are kept between runs.
    #[arg(long, default_value = "target/bench")]
    data: PathBuf,
}

/// Runs one benchmark.
///
/// # Errors
/// When the chain cannot be made, contenders disagree, or the ratio is above its bound.
pub fn run(args: &BenchArgs) -> Result<()> {
    match &args.work {
        Work::Parse(options) => parse::run(&dataset::mainnet(&options.data, options.size)?, options.rounds),
        Work::Evm(options) => ethereum::run(options.rounds),
        Work::Ingest(options) => {
            // As the program itself does before it loads.
            coinhound_ingest::restart_with_huge_pages();
            let dataset = dataset::mainnet(&options.data, options.size)?;
            // Loading first: the peers leave a heap in pieces, which the program never meets.
            let loaded = ingest::run(&dataset, options.rounds, options.threads);
            parse::run(&dataset, options.rounds)?;
            loaded
        }
    }
}

/// Reads `100MB`, `1GB`, `4000000`: decimal units.
///
/// # Errors
/// When it is no such size.
pub fn parse_size(text: &str) -> Result<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        other => bail!("`{other}` is not a unit: use kB, MB or GB"),
    };
    let count: u64 = digits.parse().with_context(|| format!("`{text}` is not a size: expected for example 100MB"))?;
    count.checked_mul(unit).with_context(|| format!("`{text}` is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(parse_size("100MB").ok(), Some(100_000_000));
        assert_eq!(parse_size("1GB").ok(), Some(1_000_000_000));
        assert_eq!(parse_size("7").ok(), Some(7));
        assert!(parse_size("1GiB").is_err() && parse_size("GB").is_err() && parse_size("99999999999GB").is_err());
    }
}
