//! Why loading from NIS nodes stopped.

use coinhound_chains::nem::http::{NisError, NisErrorKind};
use coinhound_chains::nem::network::REWRITE_LIMIT_BLOCKS;
use coinhound_chains::nem::{BlockFault, LedgerError};
use coinhound_model::{BlockHash, Height};
use coinhound_store::storage::StorageError;

use crate::accounts::AccountError;

/// Why a load from NIS nodes ended early. What was committed before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NisLoadError {
    /// A node failed or lied.
    #[error(transparent)]
    Node(#[from] NisError),
    /// A block is not one that can stand where the node has it.
    #[error("block {hash}, as {url} tells it for height {height}, is refused")]
    BadBlock {
        /// The node.
        url: String,
        /// The height asked for.
        height: Height,
        /// What the block hashes to.
        hash: BlockHash,
        /// What is wrong with it.
        source: Box<BlockFault>,
    },
    /// A block is signed and linked, and does what the chain forbids as far as it was read.
    #[error("block {hash}, as {url} tells it for height {height}, does what its chain forbids")]
    Impossible {
        /// The node.
        url: String,
        /// The height asked for.
        height: Height,
        /// What the block hashes to.
        hash: BlockHash,
        /// What it does.
        source: Box<LedgerError>,
    },
    /// Two neighbouring heights hold blocks that are no neighbours.
    #[error(
        "block {hash}, as {url} tells it for height {height}, stands on {found}; at the height below is {expected}"
    )]
    NotLinked {
        /// The node.
        url: Box<str>,
        /// The height asked for.
        height: Height,
        /// What the block hashes to.
        hash: BlockHash,
        /// The parent it names.
        found: BlockHash,
        /// The block below it.
        expected: Box<BlockHash>,
    },
    /// The nodes' branch displaces more than nodes exchange among themselves.
    #[error(
        "the nodes' chain leaves the store's above height {fork} and would take {depth} blocks back, where {REWRITE_LIMIT_BLOCKS} \
         is the most that nodes exchange: the store goes on with {ours}, the nodes with {theirs}"
    )]
    DeepReorg {
        /// The last block in common.
        fork: Height,
        /// How many stored blocks lie above it.
        depth: u32,
        /// The stored block right above it.
        ours: BlockHash,
        /// The nodes' block right above it: named as accepted, it is followed.
        theirs: BlockHash,
    },
    /// Not even the store's first block is on the nodes' chain.
    #[error("the store begins with block {ours} at height {first}, where the nodes have {theirs}")]
    OtherChain {
        /// The store's first height.
        first: Height,
        /// The store's first block.
        ours: BlockHash,
        /// The nodes' block at that height.
        theirs: BlockHash,
    },
    /// The store begins at another height than the one given.
    #[error(
        "the store begins at height {first}, not at {asked}: leave the start height out, or load into another folder"
    )]
    OtherStart {
        /// Of the store.
        first: Height,
        /// Of the caller.
        asked: Height,
    },
    /// The range asked for begins above the nodes' newest block.
    #[error("the nodes' chain ends at height {tip}, below the start height {start}")]
    BelowStart {
        /// The lowest of the nodes' newest heights, less what is left for later.
        tip: u64,
        /// The height asked for.
        start: Height,
    },
    /// The nodes' chain changed each time.
    #[error("the nodes' chain changed {times} times while it was read")]
    Restless {
        /// How often.
        times: u32,
    },
    /// The rows or the store.
    #[error(transparent)]
    Rows(#[from] AccountError),
    /// The store's disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl NisLoadError {
    /// Whether it is about a node, and not about the store.
    #[must_use]
    pub fn is_of_a_node(&self) -> bool {
        !matches!(self, Self::Rows(_) | Self::Storage(_) | Self::OtherStart { .. })
    }

    /// Whether waiting and trying again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Node(error) => matches!(error.kind(), NisErrorKind::Transient | NisErrorKind::Moved),
            Self::Restless { .. } | Self::BelowStart { .. } => true,
            _ => false,
        }
    }

    /// Where an honest node seems to do this when its chain changes between two questions: at which height.
    pub(super) fn may_be_movement(&self) -> Option<u64> {
        match self {
            Self::Node(NisError::NoSuchHeight { height, .. }) => Some(*height),
            Self::NotLinked { height, .. } => Some(u64::from(height.0)),
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Node(error) => return error.hint(),
            Self::DeepReorg { theirs, .. } => {
                return Some(format!(
                    "honest nodes cannot do so: ask others; if this is the chain you want, accept it by its block {theirs}"
                ));
            }
            Self::OtherChain { .. } => {
                "the nodes are of another chain, or made one up: ask others, or load into another folder"
            }
            Self::BelowStart { .. } => "wait until the nodes have reached that height",
            Self::Restless { .. } => "try again when the nodes have settled",
            Self::BadBlock { .. } | Self::Impossible { .. } | Self::NotLinked { .. } => {
                "an honest node does not tell it: a damaged disk, or a node that is not to be believed; nothing of the block was used"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}
