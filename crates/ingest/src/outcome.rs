//! What a load did and what it met.

use coinhound_chains::bitcoin::files::Notice;
use coinhound_chains::bitcoin::headers::{Gap, Plan, Refused, Tip};
use coinhound_model::{BlockHash, Height};
use coinhound_store::writer::Committed;

use crate::node::NodeReport;

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
    /// Blocks whose spent coins the undo files did not tell, with the reason.
    pub undo_missing: Vec<String>,
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
