//! What is known of the block below the next one.

use crate::nem::block::Block;
use crate::nem::bytes::Hash;
use crate::nem::network::Network;

/// What a block must stand on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parent {
    /// Nothing: the next block is the first of its chain.
    Nemesis {
        /// The network it must be of.
        network: Network,
        /// The hash it must have, where one is known.
        hash: Option<Hash>,
    },
    /// A block that nobody looked at: the ledger begins above it.
    Unknown {
        /// The network of the chain.
        network: Network,
        /// The height of the next block.
        height_next: u64,
    },
    /// A block that was checked.
    Block {
        /// The network of the chain.
        network: Network,
        /// Its height.
        height: u64,
        /// Its hash, computed here.
        hash: Hash,
        /// Its time, in seconds since the chain's own epoch.
        timestamp: u32,
    },
}

impl Parent {
    /// A block as the parent of the next.
    #[must_use]
    pub fn of(block: &Block) -> Self {
        let Block { network, height, timestamp, .. } = *block;
        Self::Block { network, height, hash: block.hash(), timestamp }
    }

    /// The network of the chain.
    #[must_use]
    pub fn network(&self) -> Network {
        match self {
            Self::Nemesis { network, .. } | Self::Unknown { network, .. } | Self::Block { network, .. } => *network,
        }
    }

    /// The height of the next block.
    #[must_use]
    pub fn height_next(&self) -> u64 {
        match self {
            Self::Nemesis { .. } => 1,
            Self::Unknown { height_next, .. } => *height_next,
            Self::Block { height, .. } => height.saturating_add(1),
        }
    }

    /// What the next block must name as the one before it, where that is known.
    #[must_use]
    pub fn hash(&self) -> Option<Hash> {
        match self {
            Self::Nemesis { .. } => Some(Hash::ZERO),
            Self::Unknown { .. } => None,
            Self::Block { hash, .. } => Some(*hash),
        }
    }

    /// The time before which the next block cannot be, where that is known.
    #[must_use]
    pub fn timestamp(&self) -> Option<u32> {
        match self {
            Self::Nemesis { .. } | Self::Unknown { .. } => None,
            Self::Block { timestamp, .. } => Some(*timestamp),
        }
    }
}
