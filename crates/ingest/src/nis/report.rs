//! How a store and the nodes it is read from stand to each other.

use coinhound_model::{BlockHash, Height};

use crate::follow::Trouble;

/// What one node said of itself last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeWord {
    /// Its address, without credentials.
    pub url: String,
    /// The height of its newest block; none while it never answered.
    pub height: Option<u64>,
}

/// A block as one node has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// The node's address, without credentials.
    pub url: String,
    /// The block's hash.
    pub hash: BlockHash,
    /// Whether all signatures in it hold: one that has any broken is no honest node's.
    pub is_signed: bool,
}

/// Whether the nodes say the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Agreement {
    /// Not known yet.
    #[default]
    Unknown,
    /// Only one was asked: its word alone says that this is the network's chain.
    OneNode,
    /// So many were asked, and every block added was the same at all of them.
    All {
        /// How many nodes.
        nodes: usize,
    },
    /// They differ: nothing from this height on was stored.
    Disagreed {
        /// The lowest height at which they were found to differ.
        height: Height,
        /// What each node has there.
        told: Vec<Version>,
    },
}

/// Whose chain is ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum NisRelation {
    /// The store holds a part of the nodes' chain, or all of it, or this is not known yet.
    #[default]
    Following,
    /// A node has not reached the store's newest block, and has the same below.
    NodeBehind,
    /// The nodes left the store's branch for one that is not as high yet. Nothing is taken back until it is.
    LowerBranch {
        /// The last block in common.
        fork: Height,
    },
}

/// How a store and the nodes stand to each other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NisReport {
    /// What each node said of itself; its word alone.
    pub nodes: Vec<NodeWord>,
    /// The store's newest block.
    pub ours: Option<(Height, BlockHash)>,
    /// The time that the store's newest block claims, in seconds since 1970.
    pub tip_time: Option<u32>,
    /// When that block was first seen to be the newest, in seconds since 1970.
    pub tip_since: u64,
    /// Whose chain is ahead.
    pub relation: NisRelation,
    /// Whether the nodes say the same.
    pub agreement: Agreement,
    /// What went wrong since the nodes were last read to their tip.
    pub trouble: Option<Trouble>,
}

impl NisReport {
    /// How many blocks the store is behind the lowest of the nodes; none while that is not known or nothing is stored.
    #[must_use]
    pub fn lag(&self) -> Option<u64> {
        let heights: Option<Vec<u64>> = self.nodes.iter().map(|node| node.height).collect();
        let lowest = heights?.into_iter().min()?;
        Some(lowest.saturating_sub(u64::from(self.ours?.0.0)))
    }
}
