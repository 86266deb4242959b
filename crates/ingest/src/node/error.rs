//! What a node can do wrong.

use coinhound_chains::bitcoin::headers::{CourseError, Refused};
use coinhound_chains::bitcoin::params::ChainWork;
use coinhound_chains::bitcoin::rpc::{RpcError, RpcErrorKind};
use coinhound_model::{BlockHash, Height, TxHash};

use crate::source::{Bad, Unfed};

/// Why a node could not be read to its tip. Blocks proven before stay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// One call failed.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// Two neighbouring heights hold blocks that are no neighbours.
    #[error("the node's block {hash} at height {height} names parent {found}, at the height below stands {expected}")]
    NotLinked {
        /// The upper block.
        hash: BlockHash,
        /// Its height by the node's word.
        height: Height,
        /// The parent it names.
        found: BlockHash,
        /// The block below it by the node's word.
        expected: BlockHash,
    },
    /// The node contradicts itself about its newest block.
    #[error("the node calls {told} its newest block, at height {height}, where it has {found}")]
    OtherTip {
        /// Its newest block by one answer.
        told: BlockHash,
        /// The height of that.
        height: Height,
        /// The block at that height by another answer.
        found: BlockHash,
    },
    /// Its headers break the network's rules.
    #[error("the node's headers are not those of a chain to follow")]
    Headers(#[from] CourseError),
    /// A block that its header proves and that cannot be used.
    #[error("block {hash} at height {height}, as the node sends it, is refused: {reason}")]
    BadBlock {
        /// The block.
        hash: BlockHash,
        /// Its height.
        height: Height,
        /// What is wrong with it.
        reason: String,
    },
    /// A transaction that a block spends from stands in no block below the range.
    #[error("the node finds transaction {tx} and names no block below the range in which it stands")]
    NoHome {
        /// The transaction.
        tx: TxHash,
    },
    /// It changed its mind each time.
    #[error("the node's chain changed {times} times while it was read")]
    Restless {
        /// How often.
        times: u32,
    },
    /// Not even the store's first block is on the node's chain.
    #[error("the store begins with block {ours} at height {first}, which is not on the node's chain")]
    OtherChain {
        /// The store's first height.
        first: Height,
        /// The store's first block.
        ours: BlockHash,
    },
    /// The whole chain took less work than the network's once had: the node has not read it yet, or it is invented.
    #[error(
        "the node's chain has work {:#x} at height {}; the network's had {:#x} at height {} already",
        .found.work, .found.height, .known.work, .known.height
    )]
    LittleWork {
        /// Of the node's chain.
        found: ChainWork,
        /// What the network's chain is known to have had.
        known: ChainWork,
    },
    /// The range asked for begins above the node's newest block.
    #[error("the node's chain ends at height {tip}, below the start height {start}")]
    BelowStart {
        /// The node's newest height.
        tip: Height,
        /// The height asked for.
        start: Height,
    },
}

impl From<Refused> for NodeError {
    fn from(refused: Refused) -> Self {
        Self::Headers(CourseError::Refused(refused))
    }
}

impl NodeError {
    /// Why a planned block cannot be used.
    pub(crate) fn of_block(hash: BlockHash, height: Height, bad: Bad) -> Self {
        match bad {
            Bad::Unfed(Unfed::Node(error)) => error,
            bad => Self::BadBlock { hash, height, reason: bad.to_string() },
        }
    }

    /// Whether waiting and trying again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Rpc(error) => matches!(error.kind(), RpcErrorKind::Transient | RpcErrorKind::Moved),
            Self::Restless { .. } | Self::BelowStart { .. } | Self::LittleWork { .. } => true,
            _ => false,
        }
    }

    /// Whether an honest node seems to do this when its chain changes between two questions.
    pub(crate) fn may_be_movement(&self) -> bool {
        match self {
            Self::Rpc(error) => error.kind() == RpcErrorKind::Moved,
            Self::NotLinked { .. }
            | Self::OtherTip { .. }
            | Self::NoHome { .. }
            | Self::Headers(CourseError::Unlinked { .. }) => true,
            _ => false,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Rpc(error) => return error.hint(),
            Self::Restless { .. } => "try again when the node has settled",
            Self::OtherChain { .. } => {
                "a reorganisation went below the store's range, or the node is of another chain: load into another folder"
            }
            Self::LittleWork { .. } => {
                "wait until the node has read its whole chain; where it says it has, it is not one of this network"
            }
            Self::BelowStart { .. } => "wait until the node has reached that height",
            _ => {
                "an honest node does not do so: a damaged disk, or a node that is not to be believed; nothing of it was used"
            }
        };
        Some(text.to_owned())
    }
}
