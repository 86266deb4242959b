//! The headers below a store's first block: what judging the targets and times above it takes.
//!
//! A range that begins inside a period of the difficulty rule lacks that period's beginning. The store's own first
//! block names its parent, and so on down: whoever tells these headers can tell no others.

use coinhound_chains::bitcoin::Header;
use coinhound_chains::bitcoin::headers::{CourseError, Refused};
use coinhound_chains::bitcoin::rpc::NodeRpc;
use coinhound_model::{BlockHash, Height, Ledger};
use coinhound_store::view::View;

use crate::error::LoadError;
use crate::node::NodeError;
use crate::node::headers::check_link;

/// Headers that end right below a store's first block, ascending without a hole. They are asked for once.
#[derive(Debug, Default)]
pub(super) struct Ground {
    headers: Vec<[u8; Header::LEN]>,
}

impl Ground {
    /// The headers from this height on, up to the one below the store's first block; none where the store begins there
    /// or below.
    pub fn from(
        &mut self,
        height: Height,
        node: &mut NodeRpc<'_>,
        view: &View,
    ) -> Result<&[[u8; Header::LEN]], LoadError> {
        let first = view.as_of().first;
        let count = first.0.saturating_sub(height.0) as usize;
        if count > self.headers.len() {
            self.headers = fetch(height, node, view)?;
        }
        Ok(&self.headers[self.headers.len() - count..])
    }
}

/// Asks for the headers from this height on, which is below the store's first block: each is the parent of the next and
/// proves its work.
fn fetch(from: Height, node: &mut NodeRpc<'_>, view: &View) -> Result<Vec<[u8; Header::LEN]>, LoadError> {
    let first = view.as_of().first;
    let hashes = node.hashes(from.0..=first.0 - 1).map_err(NodeError::from)?;
    let headers = node.headers(&hashes).map_err(NodeError::from)?;
    let mut prev = None;
    for ((height, hash), header) in (from.0..).zip(&hashes).zip(&headers) {
        check_link(prev, Height(height), *hash, header)?;
        check_work(*hash, Height(height), header, node)?;
        prev = Some(*hash);
    }
    let above = view.block(first)?;
    check_link(prev, first, above.hash, &Header::from_bytes(&above.header))?;
    Ok(headers.iter().map(Header::to_bytes).collect())
}

fn check_work(hash: BlockHash, height: Height, header: &Header, node: &NodeRpc<'_>) -> Result<(), NodeError> {
    let refused = |error: coinhound_chains::bitcoin::header::WorkError| {
        let (height, reason) = (Some(height), error.to_string());
        NodeError::Headers(CourseError::Refused(Refused { hash, height, reason }))
    };
    header.check_work(hash, node.params()).map_err(refused)
}
