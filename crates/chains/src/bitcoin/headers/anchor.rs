//! Where a chain begins: links between headers, the part to follow, and the height of its first block.

use std::cmp::Reverse;

use coinhound_model::{BlockHash, Height};
use ruint::aliases::U256;

use crate::bitcoin::header::hash_number;
use crate::bitcoin::headers::{HeaderTree, NodeId, work};
use crate::bitcoin::params::Network;

/// Why no order can be found.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is nothing to order.
    #[error("there are no blocks")]
    NoBlocks,
    /// The genesis block among them is another network's. Its files may carry the same magic (the regtests of
    /// Bitcoin and Litecoin).
    #[error("these are blocks of {found}, not of {expected}: their genesis block says so")]
    OtherNetwork {
        /// Whose genesis block it is.
        found: Network,
        /// The network that was asked for.
        expected: Network,
    },
    /// Nothing tells at which height the blocks begin.
    #[error("the blocks begin with {first}, which does not tell its height, and nothing before it is at hand")]
    Unanchored {
        /// The first block.
        first: BlockHash,
    },
    /// Two sources tell different heights.
    #[error("block {hash} is at height {got} by {source_of_got}, at {want} by {source_of_want}")]
    HeightsDisagree {
        /// Which block.
        hash: BlockHash,
        /// One height.
        got: Height,
        /// Where it comes from.
        source_of_got: &'static str,
        /// The other height.
        want: Height,
        /// Where that comes from.
        source_of_want: &'static str,
    },
}

/// The tree's links, derived once per plan.
pub(super) struct Links {
    /// Children of node `n` are `children[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    children: Vec<NodeId>,
    pub(super) roots: Vec<NodeId>,
}

impl HeaderTree<'_> {
    pub(super) fn links(&self) -> Links {
        let ids = || 0..NodeId::try_from(self.nodes.len()).expect("fewer than 2^32 blocks");
        let mut starts = vec![0_u32; self.nodes.len() + 2];
        for parent in ids().filter_map(|id| self.parent(id)) {
            starts[parent as usize + 2] += 1;
        }
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut children = vec![0; starts.last().copied().unwrap_or(0) as usize];
        let mut roots = Vec::new();
        for id in ids() {
            let Some(parent) = self.parent(id) else {
                roots.push(id);
                continue;
            };
            let slot = &mut starts[parent as usize + 1];
            children[*slot as usize] = id;
            *slot += 1;
        }
        starts.pop();
        Links { starts, children, roots }
    }

    /// Where the chain begins, and at which height.
    pub(super) fn root(
        &self,
        links: &Links,
        start: Option<Height>,
        claimed: &mut dyn FnMut(usize) -> Option<Height>,
    ) -> Result<(NodeId, Height), HeaderError> {
        if let Some(found) = self.other_network() {
            return Err(HeaderError::OtherNetwork { found, expected: self.params.network });
        }
        if let Some((height, id)) = self.stored_root {
            return Ok((id, height));
        }
        if let Some(genesis) = self.by_hash.get(&self.params.genesis) {
            let height = Height(0);
            return match start.filter(|start| *start != height) {
                Some(start) => {
                    Err(self.disagree(*genesis, (start, "the start given"), (height, "being the genesis block")))
                }
                None => Ok((*genesis, height)),
            };
        }
        let (root, tip, depth) = self.heaviest_part(links).ok_or(HeaderError::NoBlocks)?;
        let told = self.told_height(root, claimed);
        let tip_told = self.told_height(tip, claimed).and_then(|height| height.0.checked_sub(depth)).map(Height);
        match (start, told.or(tip_told), told, tip_told) {
            (_, _, Some(at_root), Some(at_tip)) if at_root != at_tip => {
                Err(self.disagree(root, (at_root, "its own coinbase"), (at_tip, "the coinbase of the tip above it")))
            }
            (Some(start), Some(told), ..) if start != told => {
                Err(self.disagree(root, (start, "the start given"), (told, "BIP 34")))
            }
            (Some(height), ..) | (None, Some(height), ..) => Ok((root, height)),
            (None, None, ..) => Err(HeaderError::Unanchored { first: self.node(root).hash }),
        }
    }

    /// Another network, whose genesis block is here though its work need not count on this one.
    fn other_network(&self) -> Option<Network> {
        let is_here = |genesis: BlockHash| {
            self.by_hash.contains_key(&genesis) || self.refused.iter().any(|refused| refused.hash == genesis)
        };
        let mut others = Network::ALL.into_iter().filter(|network| *network != self.params.network);
        others.find(|network| is_here(network.params().genesis))
    }

    fn disagree(&self, id: NodeId, got: (Height, &'static str), want: (Height, &'static str)) -> HeaderError {
        HeaderError::HeightsDisagree {
            hash: self.node(id).hash,
            got: got.0,
            source_of_got: got.1,
            want: want.0,
            source_of_want: want.1,
        }
    }

    pub(super) fn told_height(&self, id: NodeId, claimed: &mut dyn FnMut(usize) -> Option<Height>) -> Option<Height> {
        self.node(id).record.and_then(|record| claimed(record as usize))
    }

    /// Root, tip and number of steps between them, of the chain of most work in any connected part.
    fn heaviest_part(&self, links: &Links) -> Option<(NodeId, NodeId, u32)> {
        let heaviest = links.roots.iter().map(|&root| {
            let (tip, depth, work) = self.heaviest_chain(root, links);
            (work, Reverse(hash_number(self.node(root).hash)), root, tip, depth)
        });
        heaviest.max_by_key(|(work, name, ..)| (*work, *name)).map(|(.., root, tip, depth)| (root, tip, depth))
    }

    pub(super) fn heaviest_chain(&self, root: NodeId, links: &Links) -> (NodeId, u32, U256) {
        let mut best = (root, 0, U256::ZERO);
        let mut open = vec![(root, 0, U256::ZERO)];
        while let Some((id, depth, before)) = open.pop() {
            let total = before.saturating_add(work(self.node(id).bits));
            let name = |id: NodeId| Reverse(hash_number(self.node(id).hash));
            if (total, name(id)) > (best.2, name(best.0)) {
                best = (id, depth, total);
            }
            open.extend(links.children(id).iter().map(|child| (*child, depth + 1, total)));
        }
        best
    }
}

impl Links {
    pub(super) fn children(&self, id: NodeId) -> &[NodeId] {
        let (start, end) = (self.starts[id as usize], self.starts[id as usize + 1]);
        &self.children[start as usize..end as usize]
    }

    /// How many nodes hang on this one, itself included.
    pub(super) fn size(&self, root: NodeId) -> u32 {
        let (mut open, mut size) = (vec![root], 0);
        while let Some(id) = open.pop() {
            size += 1;
            open.extend(self.children(id));
        }
        size
    }
}
