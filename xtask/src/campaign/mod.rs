//! Campaigns: the suites of the everyday tests with full counts, and kills on a real disk.
//!
//! Each prints how many cases it tried, how many failed and what that cost, and fails when one did.
//! docs/campaigns.md says what each of them shows.

mod accounts;
mod blocks;
mod ethereum;
mod faults;
mod follow;
mod graphs;
mod limits;
mod outcome;
mod stores;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use coinhound_store::Family;

use crate::kill;

pub use limits::Limits;
pub use outcome::Outcome;

/// Which campaign, and how much of it.
#[derive(Args)]
pub struct CampaignArgs {
    /// Which campaign.
    #[arg(value_enum)]
    name: Name,
    /// Cases to try instead of the full count; of kills, in each stage; of a followed node, blocks.
    #[arg(long, visible_alias = "blocks")]
    count: Option<u64>,
    /// Everything random follows from this.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Begin nothing new after this many minutes, and say how far it came.
    #[arg(long, value_parser = parse_minutes)]
    minutes: Option<Duration>,
    /// Where block files and stores are written, on the disk to be tested.
    #[arg(long, default_value = "target/campaign")]
    data: PathBuf,
}

/// The campaigns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Name {
    /// A load is killed in every stage, on the real disk.
    Kill,
    /// A simulated disk loses power at every operation.
    PowerLoss,
    /// Bits of a store flip.
    BitFlips,
    /// Block files and tables end early, at every length.
    Truncations,
    /// Blocks are replaced, by height and depth; loads are stopped anywhere.
    Reorgs,
    /// Random graphs, of coins and of accounts, are traced beside oracles.
    Graphs,
    /// A real node is followed block by block.
    Follow,
    /// Six planted faults each make a suite fail.
    Faults,
    /// All of these, one after the other.
    All,
}

impl Name {
    const EACH: [Self; 8] = [
        Self::Faults,
        Self::Kill,
        Self::PowerLoss,
        Self::BitFlips,
        Self::Truncations,
        Self::Reorgs,
        Self::Graphs,
        Self::Follow,
    ];

    /// The full count.
    fn count(self) -> u64 {
        match self {
            Self::Kill => 200,
            Self::PowerLoss | Self::BitFlips | Self::Follow => 10_000,
            Self::Reorgs => 2_000,
            Self::Graphs => 100_000,
            // Every case there is.
            Self::Truncations | Self::Faults | Self::All => u64::MAX,
        }
    }

    fn run(self, limits: &Limits) -> Result<Vec<Outcome>> {
        match self {
            Self::Kill => Family::ALL.into_iter().map(|family| kill::campaign(limits, family)).collect(),
            Self::PowerLoss => Ok(with(stores::power_loss(limits), [ethereum::power_loss(limits)])),
            Self::BitFlips => Ok(with(stores::bit_flips(limits), [ethereum::flips(limits)])),
            Self::Truncations => blocks::truncations(limits),
            Self::Reorgs => {
                Ok(with(stores::reorganisations(limits), [ethereum::reorganisations(limits), ethereum::stops(limits)]))
            }
            Self::Graphs => Ok(vec![graphs::graphs(limits), accounts::ledgers(limits)]),
            Self::Follow => Ok(vec![follow::campaign(limits)?]),
            Self::Faults => faults::planted(limits),
            Self::All => unreachable!("asked of each campaign alone"),
        }
    }
}

fn with<const N: usize>(mut outcomes: Vec<Outcome>, more: [Outcome; N]) -> Vec<Outcome> {
    outcomes.extend(more);
    outcomes
}

/// Runs one campaign or all of them.
///
/// # Errors
/// When a case failed, or a campaign could not be run.
pub fn run(args: &CampaignArgs) -> Result<()> {
    let names = if args.name == Name::All { &Name::EACH[..] } else { &[args.name] };
    let mut failed = 0;
    for name in names {
        let count = args.count.unwrap_or_else(|| name.count());
        let limits = Limits::new(count, args.seed, args.minutes, &args.data)?;
        let label = name.to_possible_value().expect("every campaign has a name").get_name().to_owned();
        println!("== campaign {label}, seed {}", args.seed);
        let outcomes = name.run(&limits)?;
        outcomes.iter().for_each(|outcome| println!("{outcome}"));
        println!("   {}", limits.spent()?);
        failed += outcomes.iter().map(|outcome| outcome.tally.failed).sum::<u64>();
    }
    ensure!(failed == 0, "{failed} cases failed");
    Ok(())
}

/// Reads `2` or `1.5`.
fn parse_minutes(text: &str) -> Result<Duration> {
    let minutes: f64 = text.parse().with_context(|| format!("`{text}` is not a number of minutes"))?;
    Duration::try_from_secs_f64(minutes * 60.0).with_context(|| format!("`{text}` minutes cannot be waited for"))
}
