//! The same chain by other ways: in batches, and through reorganisations of any depth.

use coinhound_model::Height;

use super::ledger::ToyLedger;
use super::rig::{above, assert_same, commit, files, fresh, writer};
use crate::facts::Facts;
use crate::layout::Span;
use crate::manifest::Family;
use crate::storage::{Dice, SimDisk};
use crate::writer::Tally;

/// What [`batches`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BatchReport {
    /// Chains.
    pub chains: u64,
    /// Commits.
    pub commits: u64,
    /// Sums over all commits.
    pub total: Tally,
}

/// What [`reorganisations`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReorgReport {
    /// Pairs of height and depth.
    pub pairs: u64,
    /// Of these: reaching below the base.
    pub below_fold: u64,
    /// Sums over all reorganising commits.
    pub total: Tally,
}

/// Loads random chains at once, block by block, and in random batches by two threads: the files must be the same.
///
/// # Panics
/// When they are not.
pub fn batches(family: Family, seed: u64, chains: u64, blocks: u32) -> BatchReport {
    let mut report = BatchReport::default();
    for number in 0..chains {
        let mut dice = Dice::new(seed.wrapping_add(number));
        let first = u32::try_from(dice.below(40)).expect("below 40");
        let facts = ToyLedger::random(family, first, blocks, &mut dice).facts();
        let want = fresh(family, &facts);
        let by_one = load(family, &facts, 1, &mut report, || 1);
        assert_same(&by_one, &want, &format!("seed {seed}, chain {number}, block by block"));
        let by_some = load(family, &facts, 2, &mut report, || 1 + u32::try_from(dice.below(20)).expect("below 20"));
        assert_same(&by_some, &want, &format!("seed {seed}, chain {number}, in batches by two threads"));
        report.chains += 1;
    }
    report
}

fn load(
    family: Family,
    facts: &Facts,
    threads: usize,
    report: &mut BatchReport,
    mut batch: impl FnMut() -> u32,
) -> std::collections::BTreeMap<String, Vec<u8>> {
    let disk = SimDisk::new();
    let mut writer = writer(family, &disk).with_threads(threads);
    let whole = facts.span();
    let mut start = whole.start;
    while start < whole.end {
        let end = whole.end.min(start + batch());
        let keep = (start > whole.start).then(|| Height(start - 1));
        let done = commit(&mut writer, keep, &facts.slice(Span { start, end }));
        report.total += done.tally;
        report.commits += 1;
        start = end;
    }
    files(&disk)
}

/// Replaces the last `depth` blocks of chains of every height up to `blocks` by another branch, until
/// `pairs` pairs were tried: the files must be those of a fresh load of the new branch. Going back to the
/// old branch must restore its files.
///
/// # Panics
/// When they are not.
pub fn reorganisations(family: Family, seed: u64, blocks: u32, pairs: u64) -> ReorgReport {
    let mut report = ReorgReport::default();
    let mut round = 0;
    while report.pairs < pairs {
        let mut dice = Dice::new(seed.wrapping_add(round));
        let first = if round % 3 == 2 { 5 } else { 0 };
        let chain = ToyLedger::random(family, first, blocks, &mut dice);
        for length in 2..=blocks {
            let depth = 1 + u32::try_from(dice.below(u64::from(length) - 1)).expect("below 32 bits");
            if report.pairs < pairs {
                pair(&chain.up_to(Height(first + length - 1)), depth, &mut dice, &mut report);
            }
        }
        round += 1;
    }
    report
}

/// Tries every depth at every height below `heights` of one chain: `heights * (heights - 1) / 2` pairs.
///
/// # Panics
/// When the files are not those of a fresh load.
#[must_use]
pub fn every_pair(family: Family, seed: u64, heights: u32) -> ReorgReport {
    let mut report = ReorgReport::default();
    let mut dice = Dice::new(seed);
    let chain = ToyLedger::random(family, 0, heights, &mut dice);
    for length in 2..=heights {
        let chain = chain.up_to(Height(length - 1));
        (1..length).for_each(|depth| pair(&chain, depth, &mut dice, &mut report));
    }
    report
}

/// Whether one reorganisation below a fold by a writer that forgets to unwind spenders, or movements of holdings, leaves other files
/// than a fresh load: a test of this test.
#[must_use]
pub fn skipped_unwind_shows(family: Family, seed: u64) -> bool {
    let mut dice = Dice::new(seed);
    let chain = ToyLedger::random(family, 0, 40, &mut dice);
    let branch = chain.reorganised(22, 22, &mut dice).facts();
    let disk = SimDisk::new();
    let mut writer = writer(family, &disk).skipping_unwind();
    commit(&mut writer, None, &chain.facts());
    commit(&mut writer, Some(Height(17)), &above(&branch, Height(17)));
    files(&disk) != fresh(family, &branch)
}

/// One reorganisation there and back.
fn pair(chain: &ToyLedger, depth: u32, dice: &mut Dice, report: &mut ReorgReport) {
    let family = chain.family();
    let about = format!("{family}, height {}, depth {depth}", chain.tip());
    let branch_blocks = 1 + u32::try_from(dice.below(u64::from(depth) + 3)).expect("below 32 bits");
    let branch = chain.reorganised(depth, branch_blocks, dice);
    let (old, new) = (chain.facts(), branch.facts());
    let disk = SimDisk::new();
    let mut writer = writer(family, &disk);
    commit(&mut writer, None, &old);
    let before = files(&disk);
    let fork = Height(chain.tip().0 - depth);
    let there = commit(&mut writer, Some(fork), &above(&new, fork));
    assert_same(&files(&disk), &fresh(family, &new), &about);
    let back = commit(&mut writer, Some(fork), &above(&old, fork));
    assert_same(&files(&disk), &before, &about);
    report.pairs += 1;
    report.below_fold += u64::from(there.tally.filtered > 0);
    report.total += there.tally;
    report.total += back.tally;
}
