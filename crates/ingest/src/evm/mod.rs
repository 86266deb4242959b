//! Loading Ethereum from a node, and following one; or from files of blocks ([`load_evm_files`]).
//!
//! One pass: ask for the newest block of the wanted kind, compare the node's block at the store's tip with the store's,
//! walk back to the last block in common where they differ (`turn`), then take blocks upwards. Each stands on the one
//! below and was recomputed (`chains`); what contracts passed on is the node's word, and the rows say so.
//!
//! Balances before the first block are in no block. A ledger from block 0 is complete only with those that are supplied
//! ([`Opening`]); a ledger that begins later is not, and no result calls anything in it clean.

mod drain;
mod error;
mod files;
mod follow;
mod options;
mod reader;
pub mod reconcile;
mod turn;

use std::sync::Arc;

use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::rpc::EvmNode;
use coinhound_model::ChainId;
use coinhound_store::storage::Storage;

pub use error::EvmLoadError;
pub use files::{Contradiction, EvmFilesLoadError, EvmFilesOutcome, EvmFilesReport, Gap, Parting, load_evm_files};
pub use follow::follow_evm;
pub use options::{EvmOptions, EvmOutcome, EvmProgress, EvmRelation, EvmReport, Opening};

use crate::options::Control;
use reader::Reader;

/// The name of a chain in stores and findings: `eip155:1`.
#[must_use]
pub fn evm_chain(rules: ChainRules) -> ChainId {
    ChainId(format!("eip155:{}", rules.chain_id))
}

/// Brings a store up to a node's newest block of the wanted kind. Running it again adds what is new.
///
/// # Errors
/// [`EvmLoadError`]. What was committed before stays, and so does what was recomputed before the error.
pub fn load_evm(
    node: &mut EvmNode<'_>,
    storage: Arc<dyn Storage>,
    options: &EvmOptions,
    watch: &mut dyn FnMut(EvmProgress<'_>) -> Control,
) -> Result<EvmOutcome, EvmLoadError> {
    let mut reader = Reader::open(node, storage, options, watch)?;
    reader.catch_up()?;
    reader.into_outcome()
}
