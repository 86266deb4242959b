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
    /// How many of them must be taken before what they displace may go: with those, the chain outranks the stored
    /// one. Zero when nothing is displaced.
    pub enough: usize,
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

/// A block's time must be above the middle one of so many before it.
const MEDIAN_BLOCKS: usize = 11;

/// What is known of a node that hangs on the root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) height: u32,
    /// Work from the root to here.
    pub(super) work: U256,
    /// Whether every block from the root to here is stored or at hand, none of them known to be damaged.
    pub(super) sound: bool,
    /// The newest target not taken by the twenty-minute rule, here or before.
    real_bits: Option<u32>,
}

/// The nodes that hang on the root.
#[derive(Debug)]
pub(super) struct Placed {
    /// Parents before their children.
    pub(super) order: Vec<NodeId>,
    places: Vec<Option<Place>>,
}

impl Placed {
    /// The place of a node; none when it does not hang on the root or breaks the rules.
    pub(super) fn get(&self, id: NodeId) -> Option<Place> {
        self.places[id as usize]
    }

    /// The place of a node that has one.
    pub(super) fn of(&self, id: NodeId) -> Place {
        self.get(id).expect("on a path to the root")
    }
}

impl HeaderTree<'_> {
    /// Orders the blocks: the chain of most work among those whose every block is sound, and of two with equal work
    /// the one with the lower hash. So which blocks are sound decides, and not which came first.
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
        let mut plan = self.empty_plan(first);
        let placed = self.place(root, &links, &mut plan);
        let best = self.best(&placed);
        self.choose(best, &placed, &mut plan);
        self.find_rivals(best, &placed, &mut plan);
        self.find_damage(best, &placed, &links, &mut plan);
        self.find_holes(root, &links, claimed, &mut plan);
        let followed = plan.blocks.len() + self.nodes.iter().filter(|node| node.stored).count();
        let waiting: u32 = plan.gaps.iter().map(|gap| gap.waiting).sum();
        let damaged = self.nodes.iter().filter(|node| node.damaged && !node.stored).count();
        let others = self.nodes.len().saturating_sub(followed + waiting as usize + damaged);
        plan.stale = u32::try_from(others).expect("fewer than 2^32 blocks");
        Ok(plan)
    }

    pub(super) fn empty_plan(&self, first: Height) -> Plan {
        Plan {
            first,
            fork: None,
            blocks: Vec::new(),
            enough: 0,
            tip: None,
            rivals: Vec::new(),
            gaps: Vec::new(),
            stale: 0,
            unchecked: Vec::new(),
            refused: self.refused.clone(),
        }
    }

    /// Gives every node above the root its place, parents first; those that break the rules get none and are told.
    pub(super) fn place(&self, root: NodeId, links: &Links, plan: &mut Plan) -> Placed {
        let mut places = vec![None; self.nodes.len()];
        let order = self.fill_places(root, links, &mut places, plan);
        plan.refused.sort_unstable_by_key(|refused| hash_number(refused.hash));
        plan.unchecked.sort_unstable();
        plan.unchecked.dedup();
        Placed { order, places }
    }

    fn fill_places(&self, root: NodeId, links: &Links, places: &mut [Option<Place>], plan: &mut Plan) -> Vec<NodeId> {
        let own = self.node(root);
        let fixed = !self.params.difficulty.retargets;
        let known = fixed || plan.first.0.is_multiple_of(PERIOD) || !is_easy(self.params, own.bits);
        let real_bits = known.then_some(own.bits);
        let place = Place { height: plan.first.0, work: work(own.bits), sound: own.is_sound(), real_bits };
        places[root as usize] = Some(place);
        let mut order = vec![root];
        let mut at = 0;
        while let Some(&parent) = order.get(at) {
            at += 1;
            let before = places[parent as usize].expect("only placed nodes are in the order");
            for &child in links.children(parent) {
                match self.check_rules(parent, child, before, places, plan) {
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

    fn check_rules(
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
        let median = if node.stored { None } else { self.median_time(parent, height, places) };
        if let Some(median) = median.filter(|median| node.time <= *median) {
            let reason =
                format!("its time {} is not above {median}, the middle one of the eleven before it", node.time);
            return Err(Refused { hash: node.hash, height: Some(Height(height)), reason });
        }
        let real_bits = if boundary || !is_easy(self.params, node.bits) { Some(node.bits) } else { before.real_bits };
        let sound = before.sound && node.is_sound();
        Ok(Place { height, work: before.work.saturating_add(work(node.bits)), sound, real_bits })
    }

    /// The middle one of the times of the eleven blocks that end with `parent`, or of all there are above the genesis
    /// block; unknown where the tree begins later. What is stored was judged when it was taken.
    fn median_time(&self, parent: NodeId, height: u32, places: &[Option<Place>]) -> Option<u32> {
        let count = usize::try_from(height).unwrap_or(usize::MAX).min(MEDIAN_BLOCKS);
        let mut times = [0; MEDIAN_BLOCKS];
        let mut at = Some(parent);
        for time in &mut times[..count] {
            let id = at.filter(|id| places[*id as usize].is_some())?;
            *time = self.node(id).time;
            at = self.parent(id);
        }
        times[..count].sort_unstable();
        Some(times[count / 2])
    }

    /// The node `steps` above, if it hangs on the root.
    fn ancestor(&self, from: NodeId, steps: u32, places: &[Option<Place>]) -> Option<NodeId> {
        let mut at = from;
        for _ in 0..steps {
            at = self.parent(at).filter(|id| places[*id as usize].is_some())?;
        }
        Some(at)
    }
}

fn claim(node: &Node) -> Claim {
    Claim { time: node.time, bits: node.bits }
}
