//! Headers first: the highest block in common, and the chain of headers from there to the node's tip.

use std::ops::ControlFlow;

use coinhound_chains::bitcoin::headers::Tip;
use coinhound_chains::bitcoin::rpc::NodeRpc;
use coinhound_chains::bitcoin::{Header, HeaderTree};
use coinhound_model::{BlockHash, Height, Ledger};
use coinhound_store::view::View;

use crate::error::LoadError;
use crate::node::NodeError;

/// Heights asked for between two looks at the watcher.
const CHUNK: u32 = 2_000;

/// The highest stored block, at or below `from`, found to be the node's too: asked at heights that fall
/// ever faster, so it may lie below the highest there is.
pub(super) fn common(node: &mut NodeRpc<'_>, view: &View, from: Height) -> Result<Tip, LoadError> {
    let first = view.as_of().first;
    let (mut at, mut step) = (from, 1);
    loop {
        let ours = view.block(at)?.hash;
        if hash_at(node, at)? == ours {
            return Ok(Tip { height: at, hash: ours });
        }
        if at == first {
            return Err(NodeError::OtherChain { first, ours }.into());
        }
        at = Height(at.0.saturating_sub(step).max(first.0));
        step *= 2;
    }
}

fn hash_at(node: &mut NodeRpc<'_>, height: Height) -> Result<BlockHash, NodeError> {
    let hashes = node.hashes(height.0..=height.0)?;
    Ok(hashes[0])
}

/// Adds the headers above `below`, or from the genesis block on, up to `tip` to the tree, and returns their names:
/// each hashes to its name, proves its work and names the one before as its parent. `watch` is told the newest height
/// and may break it off: then nothing is returned.
pub(super) fn fetch(
    node: &mut NodeRpc<'_>,
    tree: &mut HeaderTree<'_>,
    below: Option<Tip>,
    tip: Tip,
    watch: &mut dyn FnMut(Height) -> ControlFlow<()>,
) -> Result<Option<Vec<BlockHash>>, NodeError> {
    let mut names: Vec<BlockHash> = Vec::new();
    let mut prev = below.map(|below| below.hash);
    // Above the highest height there is, nothing is next.
    let mut next = below.map_or(Some(0), |below| below.height.0.checked_add(1));
    while let Some(from) = next.filter(|from| *from <= tip.height.0) {
        let last = tip.height.0.min(from.saturating_add(CHUNK - 1));
        let hashes = node.hashes(from..=last)?;
        let headers: Vec<(BlockHash, Header)> = hashes.iter().copied().zip(node.headers(&hashes)?).collect();
        for (height, (hash, header)) in (from..=last).zip(&headers) {
            check_link(prev, Height(height), *hash, header)?;
            prev = Some(*hash);
        }
        tree.add_headers(&headers)?;
        names.extend(hashes);
        if watch(Height(last)).is_break() {
            return Ok(None);
        }
        next = last.checked_add(1);
    }
    match prev {
        Some(found) if found != tip.hash => Err(NodeError::OtherTip { told: tip.hash, height: tip.height, found }),
        _ => Ok(Some(names)),
    }
}

/// Checks that a header names the block below it as its parent, where there is one.
pub(super) fn check_link(
    prev: Option<BlockHash>,
    height: Height,
    hash: BlockHash,
    header: &Header,
) -> Result<(), NodeError> {
    match prev {
        Some(expected) if header.prev != expected => {
            Err(NodeError::NotLinked { hash, height, found: header.prev, expected })
        }
        _ => Ok(()),
    }
}
