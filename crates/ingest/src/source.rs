//! Where the bytes of planned blocks come from: one contract for files and for a node.

use coinhound_chains::bitcoin::block::BlockError;
use coinhound_chains::bitcoin::files::BlockFileError;
use coinhound_model::block::{CoinBlock, SpentCoin};
use coinhound_store::local::BlockPlace;

use crate::error::DeriveError;
use crate::node::NodeError;

/// The blocks of one plan, by their place in it.
pub(crate) trait Source: Send {
    /// The bytes of a block. Asked in the order of the plan.
    fn bytes(&mut self, at: usize) -> Result<&[u8], Unfed>;

    /// How many bytes the planned blocks have together, where that is known before they come; else 0.
    fn bytes_ahead(&self) -> u64 {
        0
    }

    /// What is known beside the bytes of the block that [`Self::bytes`] gave last.
    fn tell(&mut self, at: usize, block: &CoinBlock) -> Told;
}

/// What a source knows of a block beside its bytes.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Where it lies in a node's files.
    pub place: Option<BlockPlace>,
    /// The coins it spends, in input order, where they were asked for and told.
    pub spent: Option<Vec<SpentCoin>>,
    /// Why they were not told, where they were asked for.
    pub missing: Option<String>,
}

/// Why a block did not come.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfed {
    /// The operating system refused, or the file changed under us.
    #[error(transparent)]
    File(#[from] BlockFileError),
    /// The bytes are not the block that the header names.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// The node failed or lied.
    #[error(transparent)]
    Node(#[from] NodeError),
}

/// Why a planned block cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Bad {
    /// It did not come.
    #[error(transparent)]
    Unfed(#[from] Unfed),
    /// It cannot follow the chain.
    #[error(transparent)]
    Derive(#[from] DeriveError),
}
