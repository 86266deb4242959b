//! Power loss, damage and reorganisations of whole stores on the simulated disk.

use coinhound_store::campaign::bit_flip::{cuts, manifest_bits, table_bits};
use coinhound_store::campaign::damage::flips;
use coinhound_store::campaign::tally::Tally;
use coinhound_store::campaign::{crash, power_loss, reorg};
use coinhound_store::error::Health;
use coinhound_store::storage::SimDisk;

use super::Limits;
use super::outcome::{Outcome, in_portions};

/// Power losses by chance at each operation of a store's life, beside one kill.
const LOSSES_PER_OP: u64 = 8;

/// Flips in one store before the next is made.
const FLIPS_PER_STORE: u64 = 250;

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
    vec![
        in_portions(limits, "whole stores: power loss, and a kill at each operation", count + kills, |seed, _| {
            crash::interruptions(seed, 1, LOSSES_PER_OP, None)
        }),
        in_portions(limits, "commits: power loss by chance", count, |seed, _| power_loss::by_chance(seed, 10, None)),
        in_portions(limits, "commits: every subset of unsynced changes", 1, |_, _| power_loss::by_subset(1, None)),
        in_portions(limits, "whole stores: a disk that fails or fills up at each operation", 1, |seed, _| {
            crash::failing_disk(seed, 1)
        }),
    ]
}

/// Bits flip by chance in whole stores, and each bit of small ones.
pub fn bit_flips(limits: &Limits) -> Vec<Outcome> {
    let (mut met, mut rebuilt) = (0, 0);
    let whole = in_portions(limits, "whole stores: a bit flips anywhere", limits.count, |seed, left| {
        let report = flips(seed, left.min(FLIPS_PER_STORE), Health::new);
        met += report.met;
        rebuilt += report.rebuilt;
        report.tally
    });
    vec![
        whole.note(format!("{met} met by a reader that asked everything, {rebuilt} derived tables made anew")),
        in_portions(limits, "manifest: every bit", 1, |_, _| manifest_bits()),
        in_portions(limits, "tables: every bit", 1, |_, _| table_bits(Health::new)),
    ]
}

/// Manifest and tables end early, at every length.
pub fn cut_tables(limits: &Limits) -> Outcome {
    in_portions(limits, "store: manifest and tables cut at every length", 1, |_, _| cuts(SimDisk::new()))
}

/// Blocks are replaced at every height, to random and to every depth; the files must be those of a fresh load.
pub fn reorganisations(limits: &Limits) -> Vec<Outcome> {
    let mut below_fold = 0;
    let by_chance = in_portions(limits, "pairs of height and depth by chance", limits.count, |seed, left| {
        let seed = seed.wrapping_mul(1_000);
        let report = reorg::reorganisations(seed, BLOCKS_MAX, left.min(PAIRS_PER_PORTION));
        below_fold += report.below_fold;
        passed(report.pairs)
    });
    vec![
        by_chance.note(format!("{below_fold} reached below the base")),
        in_portions(limits, "every depth at every height of a chain", 1, |seed, _| {
            passed(reorg::every_pair(seed, HEIGHTS).pairs)
        }),
    ]
}

/// Cases of a suite that panics with the first failure.
fn passed(cases: u64) -> Tally {
    Tally { cases, ..Tally::default() }
}
