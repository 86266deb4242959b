//! The way to a tip that somebody names: a running node's active chain.

use coinhound_model::{BlockHash, Height};
use ruint::aliases::U256;

use crate::bitcoin::headers::choice::count_until;
use crate::bitcoin::headers::difficulty::PERIOD;
use crate::bitcoin::headers::plan::{Placed, Plan, Refused, Tip};
use crate::bitcoin::headers::{HeaderTree, NodeId};

/// How far below a block the eleven reach whose middle time it must pass, counted from its parent.
const MEDIAN_BLOCKS_BELOW: u32 = 10;

/// Why there is no way to a tip.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CourseError {
    /// The headers do not lead from the tip to the genesis block or to the stored chain.
    #[error("block {tip} does not build on the genesis block, nor on the stored chain")]
    Unlinked {
        /// The tip.
        tip: BlockHash,
    },
    /// A header on the way breaks the network's rules.
    #[error("block {} is refused: {}", .0.hash, .0.reason)]
    Refused(Refused),
}

/// The way to a tip, and whether the network's own rule would take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    /// What to do. Its `unchecked` are heights of the way alone.
    pub plan: Plan,
    /// The stored tip that would go.
    pub displaced: Option<Tip>,
    /// Work up to the tip: from the genesis block on where nothing is stored, else from the lowest header in the tree.
    pub work: U256,
    /// Whether the way has less work than what it displaces.
    pub is_lighter: bool,
}

impl HeaderTree<'_> {
    /// The lowest height whose header must be in the tree for targets and times above `fork` to be checked.
    #[must_use]
    pub fn context_of(fork: Height) -> Height {
        let period = (fork.0 / PERIOD * PERIOD).saturating_sub(1);
        Height(period.min(fork.0.saturating_sub(MEDIAN_BLOCKS_BELOW)))
    }

    /// The way from the stored chain to `tip`, or from the genesis block where nothing is stored; blocks below
    /// `start` are then on the way, checked, and not taken.
    ///
    /// # Errors
    /// [`CourseError`] names the header that does not fit.
    pub fn course(&self, tip: BlockHash, start: Height) -> Result<Course, CourseError> {
        let unlinked = CourseError::Unlinked { tip };
        let genesis = || Some((Height(0), *self.by_hash.get(&self.params.genesis)?));
        let (first, root) = self.stored_root.or_else(genesis).ok_or(unlinked.clone())?;
        let end = *self.by_hash.get(&tip).ok_or(unlinked.clone())?;
        let mut plan = self.empty_plan(first);
        let placed = self.place(root, &self.links(), &mut plan);
        if placed.get(end).is_none() {
            return Err(self.refusal(end, &placed, &plan.refused).map_or(unlinked, CourseError::Refused));
        }
        Ok(self.lay(end, start, &placed, plan))
    }

    /// What was refused on the way down from `end`.
    fn refusal(&self, end: NodeId, placed: &Placed, refused: &[Refused]) -> Option<Refused> {
        let mut way = std::iter::successors(Some(end), |id| self.parent(*id)).take(self.nodes.len());
        let lowest = way.find(|id| self.parent(*id).is_none_or(|parent| placed.get(parent).is_some()))?;
        refused.iter().find(|refused| refused.hash == self.node(lowest).hash).cloned()
    }

    fn lay(&self, end: NodeId, start: Height, placed: &Placed, mut plan: Plan) -> Course {
        let (fork, mut path) = self.path_from_stored(Some(end), placed);
        path.retain(|id| fork.is_some() || placed.of(*id).height >= start.0);
        let displaced = self.stored_tip(placed).filter(|stored| Some(*stored) != fork);
        let work = displaced.map_or(U256::ZERO, |stored| placed.of(stored).work);
        if displaced.is_some() {
            plan.enough = count_until(&path, |id| placed.of(id).work >= work);
        }
        plan.first = if fork.is_some() { plan.first } else { start };
        plan.unchecked.retain(|height| fork.is_none_or(|fork| height.0 > placed.of(fork).height));
        plan.fork = fork.map(|id| self.tip(id, placed));
        plan.tip = (fork.is_some() || !path.is_empty()).then(|| self.tip(end, placed));
        plan.blocks = path.iter().map(|id| self.planned(*id, placed)).collect();
        let displaced = displaced.map(|id| self.tip(id, placed));
        let total = placed.of(end).work;
        Course { is_lighter: total < work, work: total, plan, displaced }
    }
}
