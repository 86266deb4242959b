//! From a tree of headers to the blocks to take next, in order.

use coinhound_model::{BlockHash, Height};
use ruint::aliases::U256;

use crate::bitcoin::header::hash_number;
use crate::bitcoin::headers::anchor::{HeaderError, Links};
use crate::bitcoin::headers::difficulty::{Claim, PERIOD, is_easy, next_period, steps_back, within_period};
use crate::bitcoin::headers::{HeaderTree, Node, NodeId, work};

/// A tip of the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tip {
    /// Its height.
    pub height: Height,
    /// Its block.
    pub hash: BlockHash,
}

/// A block to take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlannedBlock {
    /// Its height.
    pub height: Height,
    /// Its index in the records given to the tree.
    pub record: usize,
}

/// Why blocks cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum GapCause {
    /// No file holds the block that comes next.
    Absent,
    /// The block that comes next is there and cannot be read.
    Damaged(BlockHash),
}

/// A hole in the chain: a named state, not an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The lowest height that is missing.
    pub from: Height,
    /// How many heights are missing; unknown when the blocks behind the hole do not tell theirs.
    pub missing: Option<u32>,
    /// How many blocks lie behind the hole.
    pub waiting: u32,
    /// Why.
    pub cause: GapCause,
}

/// A header that the network's rules refuse, with all that build on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Which block.
    pub hash: BlockHash,
    /// Its height, where known.
    pub height: Option<Height>,
    /// What is wrong.
    pub reason: String,
}

/// What to do with the blocks at hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The lowest height of the chain that is followed.
    pub first: Height,
    /// The highest stored block that stays; none when nothing is stored.
    pub fork: Option<Tip>,
    /// The blocks to take, ascending without a hole, the first right above `fork` (or at `first`).
    pub blocks: Vec<PlannedBlock>,
    /// The chain's tip once that is done; none when not even the first block can be read.
    pub tip: Option<Tip>,
    /// Other tips with as much work as the one chosen.
    pub rivals: Vec<Tip>,
    /// Holes, by height.
    pub gaps: Vec<Gap>,
    /// Sound blocks at hand that are part of no chain above: stale branches, and blocks below the range.
    pub stale: u32,
    /// First heights of periods whose target could not be checked: the period before is not at hand.
    pub unchecked: Vec<Height>,
    /// Headers that were refused.
    pub refused: Vec<Refused>,
}

/// What is known of a node that hangs on the root.
#[derive(Clone, Copy, Debug)]
struct Place {
    height: u32,
    /// Work from the root to here.
    work: U256,
    /// The newest target not taken by the twenty-minute rule, here or before.
    real_bits: Option<u32>,
}

impl HeaderTree<'_> {
    /// Orders the blocks.
    ///
    /// The chain begins at the first stored header, else at the genesis block, else at the first block
    /// of the connected part with most work. Its height then is `start`, or what BIP 34 makes blocks
    /// tell: `claimed` reads that from the block at an index of the records.
    ///
    /// # Errors
    /// [`HeaderError`] when there is nothing to order, or heights are unknown or contradict each other.
    pub fn plan(
        &self,
        start: Option<Height>,
        claimed: &mut dyn FnMut(usize) -> Option<Height>,
    ) -> Result<Plan, HeaderError> {
        let links = self.links();
        let (root, first) = self.root(&links, start, claimed)?;
        let mut places = vec![None; self.nodes.len()];
        let mut plan = Plan {
            first,
            fork: None,
            blocks: Vec::new(),
            tip: None,
            rivals: Vec::new(),
            gaps: Vec::new(),
            stale: 0,
            unchecked: Vec::new(),
            refused: self.refused.clone(),
        };
        let order = self.place(root, &links, &mut places, &mut plan);
        let best = self.best(&order, &places);
        self.choose(best, &order, &places, &mut plan);
        self.find_rivals(best, &order, &places, &links, &mut plan);
        self.find_holes(root, &links, claimed, &mut plan);
        plan.refused.sort_unstable_by_key(|refused| hash_number(refused.hash));
        plan.unchecked.sort_unstable();
        plan.unchecked.dedup();
        let followed = plan.blocks.len() + self.nodes.iter().filter(|node| node.stored).count();
        let waiting: u32 = plan.gaps.iter().map(|gap| gap.waiting).sum();
        let damaged = self.nodes.iter().filter(|node| node.damaged && !node.stored).count();
        let others = self.nodes.len().saturating_sub(followed + waiting as usize + damaged);
        plan.stale = u32::try_from(others).expect("fewer than 2^32 blocks");
        Ok(plan)
    }

    /// Gives every node above the root its place, parents first; those that break the rules get none.
    fn place(&self, root: NodeId, links: &Links, places: &mut [Option<Place>], plan: &mut Plan) -> Vec<NodeId> {
        let own = self.node(root);
        let fixed = !self.params.difficulty.retargets;
        let known = fixed || plan.first.0.is_multiple_of(PERIOD) || !is_easy(self.params, own.bits);
        let real_bits = known.then_some(own.bits);
        places[root as usize] = Some(Place { height: plan.first.0, work: work(own.bits), real_bits });
        let mut order = vec![root];
        let mut at = 0;
        while let Some(&parent) = order.get(at) {
            at += 1;
            let before = places[parent as usize].expect("only placed nodes are in the order");
            for &child in links.children(parent) {
                match self.check_bits(parent, child, before, places, plan) {
                    Ok(place) => {
                        places[child as usize] = Some(place);
                        order.push(child);
                    }
                    Err(refused) => plan.refused.push(refused),
                }
            }
        }
        order
    }

    fn check_bits(
        &self,
        parent: NodeId,
        child: NodeId,
        before: Place,
        places: &[Option<Place>],
        plan: &mut Plan,
    ) -> Result<Place, Refused> {
        let (node, height) = (self.node(child), before.height + 1);
        let boundary = height.is_multiple_of(PERIOD);
        let required = if boundary {
            let first = self.ancestor(parent, steps_back(self.params, height), places).map(|id| claim(self.node(id)));
            next_period(self.params, first, claim(self.node(parent)))
        } else {
            within_period(self.params, claim(self.node(parent)), before.real_bits, node.time)
        };
        match required {
            None if boundary => plan.unchecked.push(Height(height)),
            Some(want) if want != node.bits => {
                let reason = format!("it claims target {:08x}, the rule says {want:08x}", node.bits);
                return Err(Refused { hash: node.hash, height: Some(Height(height)), reason });
            }
            _ => {}
        }
        let real_bits = if boundary || !is_easy(self.params, node.bits) { Some(node.bits) } else { before.real_bits };
        Ok(Place { height, work: before.work.saturating_add(work(node.bits)), real_bits })
    }

    /// The node `steps` above, if it hangs on the root.
    fn ancestor(&self, from: NodeId, steps: u32, places: &[Option<Place>]) -> Option<NodeId> {
        let mut at = from;
        for _ in 0..steps {
            at = self.parent(at).filter(|id| places[*id as usize].is_some())?;
        }
        Some(at)
    }

    /// The placed node of most work, lowest hash among equals.
    fn best(&self, order: &[NodeId], places: &[Option<Place>]) -> NodeId {
        let rank = |id: NodeId| {
            let work = places[id as usize].map_or(U256::ZERO, |place| place.work);
            (work, std::cmp::Reverse(hash_number(self.node(id).hash)))
        };
        order.iter().copied().max_by_key(|id| rank(*id)).expect("the root is placed")
    }

    /// Plans the blocks from the stored chain up to `best`, as far as they can be read.
    fn choose(&self, best: NodeId, order: &[NodeId], places: &[Option<Place>], plan: &mut Plan) {
        let place = |id: NodeId| places[id as usize].expect("on the path to the root");
        let tip = |id: NodeId| Tip { height: Height(place(id).height), hash: self.node(id).hash };
        let mut path = Vec::new();
        let mut at = Some(best);
        while let Some(id) = at.filter(|id| !self.node(*id).stored) {
            path.push(id);
            at = self.parent(id).filter(|id| places[*id as usize].is_some());
        }
        path.reverse();
        let readable = path.iter().take_while(|id| self.node(**id).record.is_some()).count();
        let end = readable.checked_sub(1).map(|last| path[last]).or(at);
        let stored_tip = order.iter().copied().filter(|id| self.node(*id).stored).max_by_key(|id| place(*id).height);
        let damaged = path.get(readable).copied();
        if let Some(bad) = damaged {
            plan.gaps.push(self.damage_gap(bad, Height(place(bad).height), &path[readable..]));
        }
        // A branch that cannot be read far enough to win does not displace what is stored.
        let displaced = stored_tip.filter(|stored| Some(*stored) != at);
        let keep = displaced
            .filter(|stored| damaged.is_some() && end.is_none_or(|end| place(end).work <= place(*stored).work));
        plan.fork = keep.or(at).map(tip);
        plan.tip = keep.or(end).map(tip);
        if keep.is_none() {
            plan.blocks = path[..readable].iter().map(|id| self.planned(*id, place(*id).height)).collect();
        }
    }

    fn planned(&self, id: NodeId, height: u32) -> PlannedBlock {
        let record = self.node(id).record.expect("only readable blocks are planned");
        PlannedBlock { height: Height(height), record: record as usize }
    }

    fn damage_gap(&self, bad: NodeId, from: Height, rest: &[NodeId]) -> Gap {
        let missing = rest.iter().take_while(|id| self.node(**id).record.is_none()).count();
        let count = |number: usize| u32::try_from(number).expect("fewer than 2^32 blocks");
        let cause = GapCause::Damaged(self.node(bad).hash);
        Gap { from, missing: Some(count(missing)), waiting: count(rest.len() - missing), cause }
    }

    fn find_rivals(&self, best: NodeId, order: &[NodeId], places: &[Option<Place>], links: &Links, plan: &mut Plan) {
        let work = |id: NodeId| places[id as usize].map(|place| place.work);
        let tips = order.iter().copied().filter(|id| links.children(*id).is_empty() && *id != best);
        let equal = tips.filter(|id| work(*id) == work(best)).filter_map(|id| {
            let height = Height(places[id as usize]?.height);
            Some(Tip { height, hash: self.node(id).hash })
        });
        plan.rivals.extend(equal);
        plan.rivals.sort_unstable_by_key(|tip| hash_number(tip.hash));
    }

    /// Reports the connected parts that lie above the chain.
    fn find_holes(
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
        let mut from = match (plan.gaps.last(), plan.tip) {
            (Some(gap), _) => Height(gap.from.0 + gap.missing.unwrap_or(0) + gap.waiting),
            (None, Some(tip)) => tip.height.next(),
            (None, None) => plan.first,
        };
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

fn claim(node: &Node) -> Claim {
    Claim { time: node.time, bits: node.bits }
}
