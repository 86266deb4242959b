//! Why loading Ethereum stopped.

use coinhound_chains::evm::rows::RowsFault;
use coinhound_chains::evm::rpc::{EvmError, EvmErrorKind};
use coinhound_model::{BlockHash, Height};

use crate::accounts::AccountError;

/// Why a load of Ethereum ended early. What was committed before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvmLoadError {
    /// The node failed or lied.
    #[error(transparent)]
    Node(#[from] EvmError),
    /// A block that was recomputed, whose traces or prices do not fit it.
    #[error("what is told of the block at height {height} does not fit it")]
    Rows {
        /// Its height.
        height: Height,
        /// What does not fit.
        source: RowsFault,
    },
    /// The first stored block is not the node's.
    #[error("the node has {theirs} at height {first}, where the store begins with {ours}: it is of another chain")]
    OtherChain {
        /// The first height.
        first: Height,
        /// The stored block.
        ours: BlockHash,
        /// The node's.
        theirs: BlockHash,
    },
    /// Another branch displaces more than it may.
    #[error("the node's chain parts from the store's more than {most} blocks below height {tip}")]
    DeepReorg {
        /// The store's newest block.
        tip: Height,
        /// How many blocks may be displaced.
        most: u32,
    },
    /// The node's chain does not come to rest.
    #[error("the node's chain changed {times} times while it was read")]
    Restless {
        /// How often.
        times: u32,
    },
    /// The node's chain does not reach the start.
    #[error("the node's chain reaches height {tip}, and the store is to begin at {start}")]
    BelowStart {
        /// How far it reaches.
        tip: u64,
        /// Where the store is to begin.
        start: Height,
    },
    /// A height that does not fit the store.
    #[error("height {height} is beyond what a store can hold")]
    TooHigh {
        /// The height.
        height: u64,
    },
    /// A store begins where it began.
    #[error("the store begins at height {first}, and was asked to begin at {asked}")]
    OtherStart {
        /// Where it begins.
        first: Height,
        /// What was asked for.
        asked: Height,
    },
    /// Who owned what in block 0 is in no block.
    #[error("the balances of block 0 are in no block, and nobody supplied them")]
    NoOpenings,
    /// Openings for a ledger that does not begin with block 0.
    #[error("balances of block 0 were supplied, and the store begins at height {first}")]
    LateOpenings {
        /// Where it begins.
        first: Height,
    },
    /// The session.
    #[error(transparent)]
    Accounts(#[from] AccountError),
}

impl EvmLoadError {
    /// Whether it is about the node, and not about the store.
    #[must_use]
    pub fn is_of_the_node(&self) -> bool {
        !matches!(self, Self::Accounts(_))
    }

    /// Whether waiting and trying again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Node(error) => matches!(error.kind(), EvmErrorKind::Transient | EvmErrorKind::Moved),
            Self::Restless { .. } | Self::BelowStart { .. } => true,
            _ => false,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Node(error) => return error.hint(),
            Self::NoOpenings => "begin at height 1, or supply the balances of the genesis block".into(),
            Self::DeepReorg { .. } => {
                "ask another node: if it says the same, the chain was rewritten, and a new store is the honest way"
                    .into()
            }
            Self::Rows { source: RowsFault::IrregularChange { .. }, .. } => {
                "ask a node that keeps the states of that time (an archive node), or load from block 0 with the balances of \
                 the genesis block and with traces, or begin above it"
                    .into()
            }
            Self::Restless { .. } => "read up to `safe` or `finalized`, or try again later".into(),
            _ => return None,
        })
    }

    /// Whether the node's chain may simply have changed between two questions.
    pub(super) fn may_be_movement(&self) -> bool {
        match self {
            Self::Node(error) => error.kind() == EvmErrorKind::Moved,
            // Traces are asked for by height.
            Self::Rows { source, .. } => matches!(source, RowsFault::OtherTraces { .. }),
            _ => false,
        }
    }
}
