//! Loading NEM from NIS1 nodes, and following them: what every node that is asked says the same of, and nothing else.
//!
//! One pass: ask each node how far it is, compare its block at the store's tip with the store's, look backwards for the
//! last block in common where they differ (`fork`), then take blocks upwards. Each must have the same hash at all nodes
//! (`panel`), stand on the one below with every signature in it (`chains`), and do nothing that the chain forbids as far
//! as it was read; what the rows of later blocks depend on is kept beside the store (`memory`).
//!
//! What the nodes cannot prove is which chain the network follows: see docs/nem.md.

mod error;
mod follow;
mod fork;
mod memory;
mod options;
mod panel;
mod reader;
mod report;

use std::sync::Arc;

use coinhound_chains::nem::Network;
use coinhound_chains::nem::http::NisNode;
use coinhound_model::ChainId;
use coinhound_store::storage::Storage;

pub use error::NisLoadError;
pub use follow::follow_nis;
pub use options::{NisOptions, NisOutcome, NisProgress};
pub use report::{Agreement, NisRelation, NisReport, NodeWord, Version};

use crate::options::Control;
use reader::Reader;

/// The name of a network's chain in stores and findings: `nem:104`, `nem:152`.
#[must_use]
pub fn nem_chain(network: Network) -> ChainId {
    ChainId(format!("nem:{}", network.byte()))
}

/// Brings a store up to the chain that all these nodes tell. Running it again adds what is new.
///
/// With one node the result says so: [`Agreement::OneNode`]. Where nodes differ, everything below is stored and nothing
/// from there on: [`Agreement::Disagreed`]. `watch` is told what happens and may ask for a commit or a stop; nothing
/// finished is lost by stopping.
///
/// # Errors
/// [`NisLoadError`]. What was committed before stays, and so does what was proven before the error.
///
/// # Panics
/// When there is no node, or they are not of one network.
pub fn load_nis(
    nodes: &mut [NisNode<'_>],
    storage: Arc<dyn Storage>,
    options: &NisOptions,
    watch: &mut dyn FnMut(NisProgress<'_>) -> Control,
) -> Result<NisOutcome, NisLoadError> {
    let mut reader = Reader::open(nodes, storage, options, watch)?;
    reader.catch_up()?;
    reader.into_outcome()
}
