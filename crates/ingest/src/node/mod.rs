//! Loading from a running node, and following it: its active chain, of which nothing is believed unproven.
//!
//! One pass: ask for the node's newest block, find the highest block in common, fetch the headers from there
//! (`headers`), check links, work and targets and lay the way to the node's tip (`chains`), fetch the blocks
//! (`larder`) and, where the range begins above the genesis block, what they spend (`coins`). Everything
//! else is shared with block files: parser, deriver, writer.

mod coins;
mod error;
mod follow;
mod ground;
mod headers;
mod larder;
mod reader;
mod report;

use std::sync::Arc;

use coinhound_chains::bitcoin::rpc::NodeRpc;
use coinhound_store::storage::Storage;

pub use error::NodeError;
pub use follow::follow_node;
pub use report::{NodeReport, Relation};

use crate::error::LoadError;
use crate::options::{Control, Options, Progress};
use crate::outcome::Outcome;
use crate::session::Session;
use reader::Reader;

/// Brings a store up to a node's active chain. Running it again adds what is new.
///
/// What the node says of itself, and how the store stands to it, is [`Outcome::node`]. `watch` is told what happens
/// and may ask for a commit or a stop; nothing finished is lost by stopping.
///
/// # Errors
/// [`LoadError`]; [`LoadError::Node`] where the node failed or lied. What was committed before stays.
pub fn load_node(
    node: &mut NodeRpc<'_>,
    storage: Arc<dyn Storage>,
    options: &Options,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<Outcome, LoadError> {
    let session = Session::open(node.params(), storage, options, watch)?;
    let mut reader = Reader::new(node, session);
    reader.catch_up()?;
    Ok(reader.into_outcome())
}
