//! Power loss, damage and reorganisations of whole stores on the simulated disk.

use coinhound_store::Family;
use coinhound_store::campaign::bit_flip::{cuts, manifest_bits, table_bits};
use coinhound_store::campaign::damage::{self, flips};
use coinhound_store::campaign::tally::Tally;
use coinhound_store::campaign::{crash, power_loss, reorg};
use coinhound_store::error::Health;
use coinhound_store::storage::SimDisk;

use super::outcome::{Outcome, in_portions};
use super::{Limits, ethereum};

/// Power losses by chance at each operation of a store's life, beside one kill.
const LOSSES_PER_OP: u64 = 8;

/// Flips in one store before the next is made.
const FLIPS_PER_STORE: u64 = 250;

/// Cuts of the files of whole stores, of each family.
const CUTS: u64 = 5_000;

/// Blocks of the longest chain that is reorganised: three folds and a half.
const BLOCKS_MAX: u32 = 60;

/// Heights of which every depth is tried: 2,016 pairs.
const HEIGHTS: u32 = 64;

/// Reorganisations before fresh chains are made.
const PAIRS_PER_PORTION: u64 = 118;

/// Power goes at every operation of whole stores' lives and of single commits; disks fail and fill up.
pub fn power_loss(limits: &Limits) -> Vec<Outcome> {
    let count = limits.count;
    let kills = count.div_ceil(LOSSES_PER_OP);
    let mut outcomes = Vec::new();
    for family in Family::ALL {
        let about = format!("whole stores of {family}: power loss, and a kill at each operation");
        outcomes.push(in_portions(limits, &about, count + kills, |seed, _| {
            crash::interruptions(family, seed, 1, LOSSES_PER_OP, None)
        }));
        let about = format!("whole stores of {family}: a disk that fails or fills up at each operation");
        outcomes.push(in_portions(limits, &about, 1, |seed, _| crash::failing_disk(family, seed, 1)));
    }
    outcomes.push(in_portions(limits, "commits: power loss by chance", count, |seed, _| {
        power_loss::by_chance(seed, 10, None)
    }));
    outcomes.push(in_portions(limits, "commits: every subset of unsynced changes", 1, |_, _| {
        power_loss::by_subset(1, None)
    }));
    outcomes
}

/// Bits flip by chance in whole stores, and each bit of small ones.
pub fn bit_flips(limits: &Limits) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Family::ALL.into_iter().map(|family| flips_in(limits, family)).collect();
    outcomes.push(in_portions(limits, "manifest: every bit", 1, |_, _| manifest_bits()));
    outcomes.push(in_portions(limits, "tables: every bit", 1, |_, _| table_bits(Health::new)));
    outcomes
}

fn flips_in(limits: &Limits, family: Family) -> Outcome {
    let (mut met, mut rebuilt) = (0, 0);
    let about = format!("whole stores of {family}: a bit flips anywhere");
    let whole = in_portions(limits, &about, limits.count, |seed, left| {
        let report = flips(family, seed, left.min(FLIPS_PER_STORE), Health::new);
        met += report.met;
        rebuilt += report.rebuilt;
        report.tally
    });
    whole.note(format!("{met} met by a reader that asked everything, {rebuilt} derived tables made anew"))
}

/// Manifest and tables end early: small ones at every length, those of whole stores at random lengths.
pub fn cut_tables(limits: &Limits) -> Vec<Outcome> {
    let mut outcomes =
        vec![in_portions(limits, "store: manifest and tables cut at every length", 1, |_, _| cuts(SimDisk::new()))];
    for family in Family::ALL {
        let about = format!("whole stores of {family}: a file is cut");
        outcomes.push(in_portions(limits, &about, limits.count.min(CUTS), |seed, left| {
            damage::cuts(family, seed, left.min(FLIPS_PER_STORE)).tally
        }));
    }
    outcomes.push(ethereum::cuts(limits, limits.count.min(CUTS)));
    outcomes
}

/// Blocks are replaced at every height, to random and to every depth; the files must be those of a fresh load.
pub fn reorganisations(limits: &Limits) -> Vec<Outcome> {
    Family::ALL.into_iter().flat_map(|family| reorganisations_of(limits, family)).collect()
}

fn reorganisations_of(limits: &Limits, family: Family) -> [Outcome; 2] {
    let mut below_fold = 0;
    let about = format!("{family}: pairs of height and depth by chance");
    let by_chance = in_portions(limits, &about, limits.count, |seed, left| {
        let seed = seed.wrapping_mul(1_000);
        let report = reorg::reorganisations(family, seed, BLOCKS_MAX, left.min(PAIRS_PER_PORTION));
        below_fold += report.below_fold;
        passed(report.pairs)
    });
    let every = in_portions(limits, &format!("{family}: every depth at every height"), 1, |seed, _| {
        passed(reorg::every_pair(family, seed, HEIGHTS).pairs)
    });
    [by_chance.note(format!("{below_fold} reached below the base")), every]
}

/// Cases of a suite that panics with the first failure.
fn passed(cases: u64) -> Tally {
    Tally { cases, ..Tally::default() }
}
