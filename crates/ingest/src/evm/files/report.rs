//! What files held, and what of it was taken.

use std::collections::BTreeSet;
use std::path::PathBuf;

use coinhound_chains::evm::files::{EvmFileFault, EvmFiles};
use coinhound_model::{BlockHash, Height};

use crate::accounts::{AccountError, AccountOutcome, AccountSession};

/// How many damaged blocks are named one by one.
const FAULTS_MAX: usize = 1_000;

/// Heights of which the files hold no block, between others of which they do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The first missing height.
    pub from: u64,
    /// The last missing height.
    pub to: u64,
}

/// Two chains that reach as high: neither is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parting {
    /// The height at which they part.
    pub height: u64,
    /// The block of one.
    pub one: BlockHash,
    /// The block of the other.
    pub other: BlockHash,
}

/// A block that names another parent than the block that stands below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contradiction {
    /// Its height.
    pub height: u64,
    /// The block below: of the files, then it is left out, or of the store.
    pub below: BlockHash,
    /// The block that it names.
    pub named: BlockHash,
}

/// What the files held.
#[derive(Debug, Default)]
pub struct EvmFilesReport {
    /// How many files were read.
    pub files: usize,
    /// Files of folders that were left alone for their names.
    pub skipped: Vec<PathBuf>,
    /// Different blocks, as they name themselves.
    pub blocks: u64,
    /// The lowest and the highest height among them.
    pub heights: Option<(u64, u64)>,
    /// Blocks that are not in the store: below its start, behind a gap, on another branch, damaged.
    pub left_out: u64,
    /// Heights of which neither the files nor the store hold a block, ascending.
    pub gaps: Vec<Gap>,
    /// Where the chain ends because two go on.
    pub parting: Option<Parting>,
    /// Where the chain ends because the next block names another parent: one of the two is damaged, or of another branch.
    pub contradiction: Option<Contradiction>,
    /// Damaged parts of files: of those that the look through them shows, and of those found later, the first thousand.
    pub faults: Vec<EvmFileFault>,
    /// How many more there are.
    pub more_faults: u64,
    /// Blocks of this session without traces.
    pub untraced_blocks: u64,
    /// The store's newest block.
    pub ours: Option<(Height, BlockHash)>,
}

/// What a load of files did.
#[derive(Debug)]
pub struct EvmFilesOutcome {
    /// What was added, and the stored range.
    pub accounts: AccountOutcome,
    /// What the files held.
    pub report: EvmFilesReport,
    /// Whether the watcher stopped the load before its end.
    pub stopped: bool,
}

impl EvmFilesReport {
    pub(super) fn of(files: &EvmFiles) -> Self {
        let mut heights: Vec<_> = files.blocks().map(|found| (found.number, found.hash)).collect();
        heights.sort_unstable();
        heights.dedup();
        let heights: Vec<u64> = heights.into_iter().map(|(number, _)| number).collect();
        let gap = |pair: &[u64]| (pair[1] - pair[0] > 1).then(|| Gap { from: pair[0] + 1, to: pair[1] - 1 });
        Self {
            files: files.paths().len(),
            skipped: files.skipped().to_vec(),
            blocks: heights.len() as u64,
            heights: heights.first().copied().zip(heights.last().copied()),
            gaps: heights.windows(2).filter_map(gap).collect(),
            ..Self::default()
        }
    }

    pub(super) fn add_fault(&mut self, fault: EvmFileFault) {
        if self.faults.len() < FAULTS_MAX { self.faults.push(fault) } else { self.more_faults += 1 }
    }

    /// Adds what is known at the end: what the store holds of it.
    pub(super) fn close(&mut self, files: EvmFiles, session: &AccountSession) -> Result<(), AccountError> {
        let found: BTreeSet<_> = files.blocks().map(|found| (found.number, found.hash)).collect();
        self.left_out = self.blocks;
        if let Some((first, tip, hash)) = session.range() {
            self.ours = Some((tip, hash));
            for (number, hash) in found {
                let height = u32::try_from(number).ok().map(Height).filter(|height| (first..=tip).contains(height));
                let stored = height.map(|height| session.block(height)).transpose()?;
                self.left_out -= u64::from(stored.is_some_and(|stored| stored.hash == hash.row()));
            }
            let (first, tip) = (u64::from(first.0), u64::from(tip.0));
            self.gaps.retain(|gap| gap.from < first || tip < gap.to);
            let before = self.heights.filter(|(lowest, _)| *lowest > tip + 1);
            self.gaps.splice(0..0, before.map(|(lowest, _)| Gap { from: tip + 1, to: lowest - 1 }));
        }
        self.more_faults += files.more_faults();
        self.faults.extend(files.into_faults());
        self.faults.sort_by(|one, other| (&one.path, one.offset).cmp(&(&other.path, other.offset)));
        Ok(())
    }
}
