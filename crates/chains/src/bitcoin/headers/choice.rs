//! Which chain of a tree is taken, and what is told of the others.
//!
//! A block that is damaged or absent ends its branch: what lies behind it counts for nothing until it is
//! there. So the choice is a function of the sound blocks alone, whatever order they came in.

use std::cmp::Reverse;

use coinhound_model::Height;
use ruint::aliases::U256;

use crate::bitcoin::header::hash_number;
use crate::bitcoin::headers::anchor::Links;
use crate::bitcoin::headers::plan::{Gap, GapCause, Placed, Plan, PlannedBlock, Tip};
use crate::bitcoin::headers::{HeaderTree, NodeId};

impl HeaderTree<'_> {
    /// The sound node that outranks all others; none when not even the root's block can be read.
    pub(super) fn best(&self, placed: &Placed) -> Option<NodeId> {
        let sound = placed.order.iter().copied().filter(|id| placed.of(*id).sound);
        sound.max_by_key(|id| self.rank(*id, placed))
    }

    /// More work outranks less, and at equal work the lower hash the higher.
    fn rank(&self, id: NodeId, placed: &Placed) -> (U256, Reverse<U256>) {
        (placed.of(id).work, Reverse(hash_number(self.node(id).hash)))
    }

    /// Plans the blocks from the stored chain up to `best`.
    pub(super) fn choose(&self, best: Option<NodeId>, placed: &Placed, plan: &mut Plan) {
        let (fork, path) = self.path_from_stored(best, placed);
        plan.fork = fork.map(|id| self.tip(id, placed));
        plan.tip = best.map(|id| self.tip(id, placed));
        plan.blocks = path.iter().map(|id| self.planned(*id, placed)).collect();
        plan.enough = match self.stored_tip(placed).filter(|stored| Some(*stored) != fork) {
            Some(stored) => count_until(&path, |id| self.rank(id, placed) > self.rank(stored, placed)),
            None => 0,
        };
    }

    /// The highest stored node at or below `end`, and what lies above it, ascending.
    pub(super) fn path_from_stored(&self, end: Option<NodeId>, placed: &Placed) -> (Option<NodeId>, Vec<NodeId>) {
        let (mut path, mut at) = (Vec::new(), end);
        while let Some(id) = at.filter(|id| !self.node(*id).stored) {
            path.push(id);
            at = self.parent(id).filter(|id| placed.get(*id).is_some());
        }
        path.reverse();
        (at, path)
    }

    /// The highest stored node.
    pub(super) fn stored_tip(&self, placed: &Placed) -> Option<NodeId> {
        let stored = placed.order.iter().copied().filter(|id| self.node(*id).stored);
        stored.max_by_key(|id| placed.of(*id).height)
    }

    pub(super) fn tip(&self, id: NodeId, placed: &Placed) -> Tip {
        Tip { height: Height(placed.of(id).height), hash: self.node(id).hash }
    }

    pub(super) fn planned(&self, id: NodeId, placed: &Placed) -> PlannedBlock {
        let record = self.node(id).record.expect("only blocks at hand are planned");
        PlannedBlock { height: Height(placed.of(id).height), record: record as usize }
    }

    /// Tells the other sound tips with as much work as the best.
    pub(super) fn find_rivals(&self, best: Option<NodeId>, placed: &Placed, plan: &mut Plan) {
        let Some(best) = best else { return };
        let work = placed.of(best).work;
        let sound = placed.order.iter().copied().filter(|id| *id != best && placed.of(*id).sound);
        plan.rivals.extend(sound.filter(|id| placed.of(*id).work == work).map(|id| self.tip(id, placed)));
        plan.rivals.sort_unstable_by_key(|tip| hash_number(tip.hash));
    }

    /// Tells each branch that claims as much work as the best or more and is cut off by a damaged block.
    pub(super) fn find_damage(&self, best: Option<NodeId>, placed: &Placed, links: &Links, plan: &mut Plan) {
        let work = best.map_or(U256::ZERO, |best| placed.of(best).work);
        let is_sound = |id: NodeId| placed.get(id).is_some_and(|place| place.sound);
        let first_bad = |id: &NodeId| {
            !is_sound(*id)
                && self.parent(*id).is_none_or(|parent| {
                    // A root's parent may be in the tree without being part of the chain.
                    is_sound(parent) || placed.get(parent).is_none()
                })
        };
        for bad in placed.order.iter().copied().filter(first_bad) {
            let tip = self.heaviest_placed(bad, placed, links);
            if placed.of(tip).work >= work {
                plan.gaps.push(self.damage_gap(bad, tip, placed));
            }
        }
        plan.gaps.sort_by_key(|gap| gap.from);
    }

    /// The node that outranks all others among `from` and what builds on it.
    fn heaviest_placed(&self, from: NodeId, placed: &Placed, links: &Links) -> NodeId {
        let (mut best, mut open) = (from, vec![from]);
        while let Some(id) = open.pop() {
            if self.rank(id, placed) > self.rank(best, placed) {
                best = id;
            }
            open.extend(links.children(id).iter().filter(|child| placed.get(**child).is_some()));
        }
        best
    }

    fn damage_gap(&self, bad: NodeId, tip: NodeId, placed: &Placed) -> Gap {
        let (from, end) = (placed.of(bad).height, placed.of(tip).height);
        let steps = std::iter::successors(Some(tip), |id| self.parent(*id)).take((end - from) as usize + 1);
        let mut path: Vec<NodeId> = steps.collect();
        path.reverse();
        let missing = path.iter().take_while(|id| !self.node(**id).is_sound()).count();
        let count = |number: usize| u32::try_from(number).expect("fewer than 2^32 blocks");
        let cause = GapCause::Damaged(self.node(bad).hash);
        Gap { from: Height(from), missing: Some(count(missing)), waiting: count(path.len() - missing), cause }
    }

    /// Reports the connected parts that lie above the chain.
    pub(super) fn find_holes(
        &self,
        root: NodeId,
        links: &Links,
        claimed: &mut dyn FnMut(usize) -> Option<Height>,
        plan: &mut Plan,
    ) {
        let others = links.roots.iter().copied().filter(|other| *other != root && !self.node(*other).stored);
        let mut parts: Vec<(Option<Height>, u32, u32)> = others
            .map(|other| (self.told_height(other, claimed), self.heaviest_chain(other, links).1 + 1, links.size(other)))
            .collect();
        parts.sort_unstable_by_key(|(height, ..)| (height.is_none(), *height));
        let ends = plan.gaps.iter().map(|gap| Height(gap.from.0 + gap.missing.unwrap_or(0) + gap.waiting));
        let mut from = ends.chain(plan.tip.map(|tip| tip.height.next())).max().unwrap_or(plan.first);
        for (height, depth, waiting) in parts {
            let end = height.map(|height| height.0 + depth);
            let (first, missing) = match height {
                // A stale branch whose beginning was pruned.
                Some(_) if end <= Some(from.0) => continue,
                // It reaches above the chain from another block than the one taken at that height.
                Some(height) if height <= from => (Height(height.0.saturating_sub(1)), Some(1)),
                Some(height) => (from, Some(height.0 - from.0)),
                None => (from, None),
            };
            plan.gaps.push(Gap { from: first, missing, waiting, cause: GapCause::Absent });
            from = end.map_or(from, Height);
        }
    }
}

/// How many nodes of a path there are up to the first that `is_it`, itself included; all when there is none.
pub(super) fn count_until(path: &[NodeId], is_it: impl Fn(NodeId) -> bool) -> usize {
    path.iter().position(|id| is_it(*id)).map_or(path.len(), |at| at + 1)
}
