//! What a contributor runs: the gate, the campaigns, the benchmarks.

mod bench;
mod campaign;
mod chain;
mod gate;
mod kernel;
mod kill;
mod node;
mod packages;

use clap::{Parser, Subcommand};

/// What a contributor runs: checks, campaigns, benchmarks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything a change must pass: formatting, lints, tests, documentation.
    Test,
    /// CPU time beside a peer's, on synthetic chains.
    Bench(bench::BenchArgs),
    /// Writes a synthetic chain as a folder of block files.
    Chain(chain::ChainArgs),
    /// The suites of the tests with full counts, and kills on a real disk.
    Campaign(campaign::CampaignArgs),
    /// A chain written by Bitcoin Core's own kernel, which our reader must agree with; builds C++ for a long time.
    KernelFixtures(kernel::KernelArgs),
    /// The process that the campaign of kills kills.
    #[command(hide = true)]
    KillMe(kill::ChildArgs),
}

fn main() -> anyhow::Result<()> {
    match Args::parse().task {
        Task::Test => gate::run(),
        Task::Bench(args) => bench::run(&args),
        Task::Chain(args) => chain::run(&args),
        Task::Campaign(args) => campaign::run(&args),
        Task::KernelFixtures(args) => kernel::run(&args),
        Task::KillMe(args) => kill::child(&args),
    }
}
