//! Why loading files of Ethereum's blocks stopped.

use coinhound_chains::evm::BlockFault;
use coinhound_chains::evm::files::{EvmFilesError, ReadError};
use coinhound_model::{BlockHash, Height};

use crate::accounts::AccountError;
use crate::evm::error::EvmLoadError;

/// Why a load of files ended early. What was committed before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvmFilesLoadError {
    /// Files that cannot be read.
    #[error(transparent)]
    Files(#[from] EvmFilesError),
    /// A block that lacks what belongs to it.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A block that does not follow the one below, which it names.
    #[error("block {number} is sound and cannot stand where it says")]
    Block {
        /// Its height.
        number: u64,
        /// What does not fit.
        source: BlockFault,
    },
    /// The files' chain leaves the store's below its tip and goes higher.
    #[error("at height {height} the files go on with {theirs}, and the store has {ours}")]
    OtherBranch {
        /// The lowest height at which they differ.
        height: Height,
        /// The stored block.
        ours: BlockHash,
        /// The files'.
        theirs: BlockHash,
    },
    /// What also stops a load from a node: rows, the start, openings.
    #[error(transparent)]
    Load(EvmLoadError),
    /// The session.
    #[error(transparent)]
    Accounts(#[from] AccountError),
}

impl From<EvmLoadError> for EvmFilesLoadError {
    fn from(error: EvmLoadError) -> Self {
        match error {
            EvmLoadError::Accounts(error) => Self::Accounts(error),
            other => Self::Load(other),
        }
    }
}

impl EvmFilesLoadError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Files(EvmFilesError::Packed { .. }) => "unpack it first".into(),
            Self::Read(ReadError::NoReceipts { .. }) => {
                "put what `eth_getBlockReceipts` answers beside it: without receipts nobody knows what its transactions \
                 paid and whether they failed"
                    .into()
            }
            Self::Read(ReadError::NoUncle { .. }) => {
                "put what `eth_getUncleByBlockHashAndIndex` answers beside it: without it nobody knows whom the block pays"
                    .into()
            }
            Self::OtherBranch { .. } => {
                "files do not tell which chain the network follows: follow a node, or load them into a new store".into()
            }
            Self::Load(error) => return error.hint(),
            _ => return None,
        })
    }
}
