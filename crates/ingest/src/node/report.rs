//! How a store and a node stand to each other: what `status` and whoever watches are told.

use coinhound_chains::bitcoin::headers::Tip;
use coinhound_chains::bitcoin::rpc::NodeStatus;

use crate::follow::Trouble;

/// Whose chain is ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Relation {
    /// The store holds a part of the node's active chain, or all of it, or this is not known yet.
    #[default]
    Following,
    /// The node has not the store's newest block, and does not say that it left it: it is loading its chain, or was set
    /// up anew. Nothing is taken back.
    NodeBehind,
}

/// How a store and a node stand to each other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeReport {
    /// What the node said of itself last, its word alone; none while it never answered.
    pub status: Option<NodeStatus>,
    /// The store's newest block.
    pub ours: Option<Tip>,
    /// Whose chain is ahead.
    pub relation: Relation,
    /// When the node's newest block was first seen to be what it is, in seconds since 1970.
    pub tip_since: u64,
    /// What went wrong since the node was last read to its tip.
    pub trouble: Option<Trouble>,
}

impl NodeReport {
    /// How many blocks the store is behind the node; none while that is not known.
    #[must_use]
    pub fn lag(&self) -> Option<u32> {
        let held = self.ours.map_or(0, |tip| tip.height.0.saturating_add(1));
        Some(self.status.as_ref()?.blocks.0.saturating_add(1).saturating_sub(held))
    }

    /// How many blocks the node is behind the headers it knows; none while that is not known.
    #[must_use]
    pub fn node_lag(&self) -> Option<u32> {
        let status = self.status.as_ref()?;
        Some(status.headers.0.saturating_sub(status.blocks.0))
    }
}
