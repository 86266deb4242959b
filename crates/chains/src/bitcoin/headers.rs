//! The order of blocks: a tree of headers, and the chain of most work through it.
//!
//! Core writes blocks out of order and keeps stale ones (and, after loading a snapshot, works from two
//! ends), so height and order come from the headers alone. Of two tips with equal work the one with the
//! lower hash, as printed, wins: a rule that does not depend on which came first. Both are told.
//! Where a running node is followed, its tip is given and the tree checks the way there.

mod anchor;
mod choice;
mod course;
mod difficulty;
mod plan;
mod proofs;

use std::collections::HashMap;

use coinhound_model::{BlockHash, Height};
use ruint::aliases::U256;

pub use crate::bitcoin::headers::anchor::HeaderError;
pub use crate::bitcoin::headers::course::{Course, CourseError};
pub use crate::bitcoin::headers::plan::{Gap, GapCause, Plan, PlannedBlock, Refused, Tip};
pub use crate::bitcoin::headers::proofs::Proofs;

use crate::bitcoin::files::Record;
use crate::bitcoin::header::{Header, WorkError, target_of, work_of};
use crate::bitcoin::params::Params;

/// Index of a node in a [`HeaderTree`].
type NodeId = u32;

/// One header in the tree.
#[derive(Clone, Copy, Debug)]
struct Node {
    hash: BlockHash,
    prev: BlockHash,
    time: u32,
    bits: u32,
    /// Where its block lies; none when it is only in the store, or when every copy is damaged.
    record: Option<u32>,
    /// Whether the store already holds it.
    stored: bool,
    damaged: bool,
}

impl Node {
    /// Whether its block is stored or at hand.
    fn is_sound(&self) -> bool {
        self.stored || self.record.is_some()
    }
}

/// Headers from a node's files and from the store, linked by their parents' hashes.
#[derive(Debug)]
pub struct HeaderTree<'p> {
    params: &'p Params,
    nodes: Vec<Node>,
    by_hash: HashMap<BlockHash, NodeId>,
    /// Further places of the same block, in the order given.
    spare: Vec<(NodeId, u32)>,
    /// Height and node of the first stored header.
    stored_root: Option<(Height, NodeId)>,
    refused: Vec<Refused>,
    /// How many headers a node told.
    told: u32,
}

impl<'p> HeaderTree<'p> {
    /// A tree without headers.
    #[must_use]
    pub fn new(params: &'p Params) -> Self {
        let (nodes, by_hash) = (Vec::new(), HashMap::new());
        Self { params, nodes, by_hash, spare: Vec::new(), stored_root: None, refused: Vec::new(), told: 0 }
    }

    /// Adds the headers the store holds, ascending and without a hole, the first at height `first`.
    ///
    /// A suffix of the store's chain is enough as long as no reorganisation goes below it; retargets
    /// are checked where their whole period is in the tree.
    pub fn add_stored<'h>(&mut self, first: Height, headers: impl IntoIterator<Item = &'h [u8; Header::LEN]>) {
        for bytes in headers {
            let header = Header::from_bytes(bytes);
            let id = self.add(header.hash(), &header);
            self.nodes[id as usize].stored = true;
            self.stored_root.get_or_insert((first, id));
        }
    }

    /// Adds what a scan found; plans refer to blocks by their index here.
    ///
    /// A header that proves no work is refused and told by the plan. The same block found twice is one
    /// block with two places.
    pub fn add_records(&mut self, records: &[Record]) {
        let proofs = self.prove(records);
        self.add_proved(records, &proofs);
    }

    /// Adds what a scan found as [`HeaderTree::add_records`] does, its work checked by [`HeaderTree::prove`] before.
    pub fn add_proved(&mut self, records: &[Record], proofs: &Proofs) {
        for (index, record) in records.iter().enumerate() {
            if let Some(reason) = proofs.refusal(index) {
                self.refused.push(Refused { hash: record.hash, height: None, reason: reason.to_string() });
                continue;
            }
            let index = u32::try_from(index).expect("fewer than 2^32 blocks");
            let id = self.add(record.hash, &record.header);
            let node = &mut self.nodes[id as usize];
            if node.record.is_none() {
                node.record = Some(index);
            } else {
                self.spare.push((id, index));
            }
        }
    }

    /// Adds headers that a node told, ascending; plans refer to blocks by their index here, counted from the first
    /// header ever added this way.
    ///
    /// # Errors
    /// The first header that proves no work; none of them is in the tree then.
    pub fn add_headers(&mut self, headers: &[(BlockHash, Header)]) -> Result<(), Refused> {
        if let Some(error) = self.first_refused(headers) {
            let (WorkError::Target { hash, .. } | WorkError::NotReached { hash, .. }) = error;
            return Err(Refused { hash, height: None, reason: error.to_string() });
        }
        for (hash, header) in headers {
            let id = self.add(*hash, header);
            self.nodes[id as usize].record.get_or_insert(self.told);
            self.told += 1;
        }
        Ok(())
    }

    /// Says that the block at this index of the records could not be read.
    ///
    /// Another copy of it is used if there is one (returns true); otherwise plans stop before it.
    pub fn mark_damaged(&mut self, record: usize) -> bool {
        let Some(id) = self.nodes.iter().position(|node| node.record.is_some_and(|at| at as usize == record)) else {
            return false;
        };
        let spare = self.spare.iter().position(|(node, _)| *node as usize == id);
        let node = &mut self.nodes[id];
        node.record = spare.map(|at| self.spare.remove(at).1);
        node.damaged = node.record.is_none();
        !node.damaged
    }

    fn add(&mut self, hash: BlockHash, header: &Header) -> NodeId {
        let next = NodeId::try_from(self.nodes.len()).expect("fewer than 2^32 blocks");
        let id = *self.by_hash.entry(hash).or_insert(next);
        if id == next {
            let Header { prev, time, bits, .. } = *header;
            self.nodes.push(Node { hash, prev, time, bits, record: None, stored: false, damaged: false });
        }
        id
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.by_hash.get(&self.node(id).prev).copied()
    }
}

/// What one header adds to the work of its chain.
fn work(bits: u32) -> U256 {
    target_of(bits).map_or(U256::ZERO, work_of)
}
