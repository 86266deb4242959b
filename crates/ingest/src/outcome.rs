//! What a load did and what it met.

use coinhound_chains::bitcoin::files::Notice;
use coinhound_chains::bitcoin::headers::{Gap, Plan, Refused, Tip};
use coinhound_model::{BlockHash, Height};
use coinhound_store::writer::Committed;

use crate::node::NodeReport;

/// Reasons kept of blocks whose spent coins nobody told.
const REASONS_MAX: usize = 20;

/// A block that its header proves and that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unusable {
    /// Which block.
    pub hash: BlockHash,
    /// Number of the block file.
    pub file: u32,
    /// Where the block begins in it.
    pub offset: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// Blocks whose spent coins nobody told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Untold {
    /// How many.
    pub blocks: u64,
    /// Why, of the first twenty: a node without an index of transactions may be followed for ever.
    pub reasons: Vec<String>,
}

impl Untold {
    /// Whether the coins of every block are known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks == 0
    }

    pub(crate) fn note(&mut self, reason: String) {
        self.blocks += 1;
        if self.reasons.len() < REASONS_MAX {
            self.reasons.push(reason);
        }
    }
}

/// What a load did and what it met. The store holds `range`, and nothing of what waits behind `gaps`.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Lowest and highest height in the store, and the tip's block; none when nothing could be loaded.
    pub range: Option<(Height, Height, BlockHash)>,
    /// Blocks added.
    pub added: u64,
    /// Stored blocks that a reorganisation displaced.
    pub removed: u64,
    /// The last commit, when there was one.
    pub last: Option<Committed>,
    /// What the files hold beside blocks.
    pub notices: Vec<Notice>,
    /// Blocks that cannot be used.
    pub unusable: Vec<Unusable>,
    /// Blocks whose spent coins neither undo files nor the node told.
    pub undo_missing: Untold,
    /// Holes in the chain at hand: blocks behind them wait.
    pub gaps: Vec<Gap>,
    /// Tips with as much work as the one chosen.
    pub rivals: Vec<Tip>,
    /// Headers that the network's rules refuse.
    pub refused: Vec<Refused>,
    /// Periods whose target could not be checked.
    pub unchecked: Vec<Height>,
    /// Blocks on branches with less work.
    pub stale: u32,
    /// Whether the watcher stopped the load before its plan ran through.
    pub stopped: bool,
    /// What the node said last, and how the store stands to it; none for block files.
    pub node: Option<NodeReport>,
}

impl Outcome {
    /// Takes over what a plan found; the last plan of a run is the one that counts.
    pub(crate) fn note_plan(&mut self, plan: Plan) {
        self.gaps = plan.gaps;
        self.rivals = plan.rivals;
        self.refused = plan.refused;
        self.unchecked = plan.unchecked;
        self.stale = plan.stale;
    }

    /// Adds periods whose target could not be checked.
    pub(crate) fn note_unchecked(&mut self, heights: &[Height]) {
        self.unchecked.extend(heights);
        self.unchecked.sort_unstable();
        self.unchecked.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_endlessly_many_blocks_with_unknown_coins_the_first_reasons_are_kept_and_all_are_counted() {
        let mut untold = Untold::default();
        assert!(untold.is_empty());
        (0..1_000).for_each(|block| untold.note(format!("block {block}")));
        assert_eq!((untold.blocks, untold.reasons.len(), &*untold.reasons[19]), (1_000, 20, "block 19"));
    }
}
