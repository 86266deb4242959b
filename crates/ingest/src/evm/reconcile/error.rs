//! Why balances could not be compared.

use coinhound_chains::evm::rpc::EvmError;
use coinhound_model::{BlockHash, ChainId, Height, LedgerError};

/// Why balances could not be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// The node failed, does not keep the state, or is of another chain.
    #[error(transparent)]
    Node(#[from] EvmError),
    /// What was owned before a ledger that begins late.
    #[error("the ledger begins at height {first} and does not say what was owned before, nor does the node")]
    Before {
        /// Where it begins.
        first: Height,
        /// What the node says.
        source: EvmError,
    },
    /// The ledger is not of the node's chain.
    #[error("the ledger is of `{}`, whose balances this node does not know", chain.0)]
    OtherLedger {
        /// Whose it is.
        chain: ChainId,
    },
    /// The node has another block at the view's height.
    #[error("the node has {theirs} at height {height}, and the ledger {ours}")]
    OtherBlock {
        /// The view's height.
        height: Height,
        /// The view's block.
        ours: BlockHash,
        /// The node's.
        theirs: BlockHash,
    },
    /// The store is damaged.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ReconcileError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Node(error) => error.hint(),
            Self::Before { .. } => Some(LATE.to_owned()),
            Self::OtherBlock { .. } => Some(REORGANISED.to_owned()),
            _ => None,
        }
    }
}

const LATE: &str = "a ledger that begins late is compared by what changed since it does: \
                    ask an archive node, which keeps the balances of old blocks";
const REORGANISED: &str =
    "the chain was reorganised since the ledger was read: load again, or compare as of a lower height";
