//! Planted faults: a suite that cannot fail shows nothing.

use anyhow::Result;
use coinhound_store::Family;
use coinhound_store::campaign::bit_flip::cuts;
use coinhound_store::campaign::crash::interruptions;
use coinhound_store::campaign::damage::flips;
use coinhound_store::campaign::reorg::skipped_unwind_shows;
use coinhound_store::campaign::tally::Tally;
use coinhound_store::error::Health;
use coinhound_store::storage::{Fault, SimDisk};

use crate::kill;

use super::Limits;
use super::outcome::{Outcome, in_portions};

/// Kills in each stage, enough to meet a manifest that is being written over.
const KILLS: u64 = 60;

/// A fault, and whether its suite catches it with a seed.
type Planted = (&'static str, fn(u64) -> bool);

const PLANTED: [Planted; 6] = [
    ("a data file is not synced", |seed| interrupted(seed, Fault::SkipDataFsync)),
    ("a folder is not synced", |seed| interrupted(seed, Fault::SkipDirFsync)),
    ("a checksum is not checked", |seed| in_each(|family| flips(family, seed, 200, Health::blind).tally.failed > 0)),
    ("a row is not unwound", |seed| in_each(|family| skipped_unwind_shows(family, seed))),
    ("the manifest is published early", |seed| interrupted(seed, Fault::PublishEarly)),
    ("a short read is ignored", |_| cuts(SimDisk::with_fault(Fault::IgnoreShortRead)).failed > 0),
];

fn interrupted(seed: u64, fault: Fault) -> bool {
    in_each(|family| interruptions(family, seed, 1, 2, Some(fault)).failed > 0)
}

/// Whether a fault shows in stores of coins and in stores of accounts.
fn in_each(shows: impl Fn(Family) -> bool) -> bool {
    Family::ALL.into_iter().all(shows)
}

/// Each fault must make its suite fail.
///
/// # Errors
/// When loads to kill cannot be started.
pub fn planted(limits: &Limits) -> Result<Vec<Outcome>> {
    let outcome =
        |(fault, caught): Planted| in_portions(limits, &about(fault), 1, |seed, _| noticed(seed, caught(seed)));
    let mut outcomes: Vec<Outcome> = PLANTED.into_iter().map(outcome).collect();
    let limits = Limits::new(KILLS, limits.seed, None, &limits.data)?;
    let shows = kill::overwritten_manifest_shows(&limits)?;
    outcomes.push(Outcome::new(&about("the manifest is written over the old one"), noticed(limits.seed, shows)));
    Ok(outcomes)
}

fn about(fault: &str) -> String {
    format!("a suite notices when {fault}")
}

fn noticed(seed: u64, caught: bool) -> Tally {
    let mut tally = Tally::default();
    let told = if caught { Ok(()) } else { Err("it did not".to_owned()) };
    tally.count(|| format!("seed {seed}"), told);
    tally
}
