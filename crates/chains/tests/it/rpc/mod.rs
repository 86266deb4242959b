//! A running node over JSON-RPC: what an honest one tells is read, what a lying one tells is refused.

mod auth;
mod bounds;
mod lies;
mod noise;
mod real;
mod retries;
mod truth;

use std::ops::ControlFlow;
use std::time::Duration;

use coinhound_chains::bitcoin::headers::HeaderTree;
use coinhound_chains::bitcoin::rpc::{Auth, Endpoint, Limits, NodeRpc};
use coinhound_chains::bitcoin::{Params, RpcError, Standing, parse_block};
use coinhound_model::{BlockHash, Height, TxHash};
use coinhound_testkit::node::{ScriptedNode, made};

use crate::made::regtest;

/// Blocks of the chain that most tests serve, beside the first.
const BLOCKS: u32 = 12;

fn start() -> ScriptedNode {
    ScriptedNode::start(regtest(), &made::chain(BLOCKS))
}

/// Limits under which no lie takes long, save silence, and no honest answer is cut on a busy machine.
fn tight() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        answer: Duration::from_secs(20),
        grace: Duration::from_millis(500),
        slowest_bytes_per_sec: 10_000,
        answer_len: 1_000_000,
        retries: 2,
        ..Limits::default()
    }
}

fn client(node: &ScriptedNode) -> NodeRpc<'static> {
    client_with(node, Auth::None, tight())
}

/// A client that does not wait between repetitions.
fn client_with(node: &ScriptedNode, auth: Auth, limits: Limits) -> NodeRpc<'static> {
    let endpoint = Endpoint::parse(&node.url(), auth).expect("a node's address");
    NodeRpc::new(endpoint, regtest(), limits).with_sleep(Box::new(|_| ControlFlow::Continue(())))
}

fn names(blocks: &[Vec<u8>]) -> Vec<BlockHash> {
    blocks.iter().map(|block| made::name(block)).collect()
}

/// Every block, asked for as often as that takes.
fn all_blocks(rpc: &mut NodeRpc<'_>, hashes: &[BlockHash]) -> Result<Vec<Vec<u8>>, RpcError> {
    let mut blocks = Vec::new();
    while blocks.len() < hashes.len() {
        blocks.extend(rpc.blocks(&hashes[blocks.len()..])?);
    }
    Ok(blocks)
}

/// The name of an error's variant.
fn variant(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}

/// An error with its causes, without what differs from run to run.
fn story(error: &dyn std::error::Error, url: &str) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    text.replace(url, "http://node")
}

/// Reads a node's whole chain as a loader does, every check in its place; what is wrong is told as
/// "where: which error: its text".
fn read_chain(rpc: &mut NodeRpc<'_>) -> Result<Vec<Vec<u8>>, String> {
    let url = rpc.url().trim_end_matches('/').to_owned();
    let asked = |error| format!("{}: {}", variant(&error), story(&error, &url));
    rpc.check_network().map_err(asked)?;
    let status = rpc.status().map_err(asked)?;
    rpc.headers(&[status.best]).map_err(asked)?;
    let hashes = rpc.hashes(0..=status.blocks.0).map_err(asked)?;
    let headers = rpc.headers(&hashes).map_err(asked)?;
    for (height, (header, below)) in headers[1..].iter().zip(&hashes).enumerate() {
        if header.prev != *below {
            return Err(format!("link: the block at height {} does not build on the one below", height + 1));
        }
    }
    let mut tree = HeaderTree::new(rpc.params());
    let named: Vec<_> = hashes.iter().copied().zip(headers).collect();
    tree.add_headers(&named).map_err(|refused| format!("refused: {}", refused.reason))?;
    let tip = *hashes.last().expect("a chain has a first block");
    let course = tree.course(tip, Height(0)).map_err(|error| format!("course: {error}"))?;
    assert_eq!(course.plan.blocks.len(), hashes.len(), "a way to the tip has a block at every height");
    let blocks = all_blocks(rpc, &hashes).map_err(asked)?;
    let txids = check_blocks(&blocks, rpc.params())?;
    match rpc.standing(tip).map_err(asked)? {
        Standing::Active { height } if height == status.blocks => {}
        other => return Err(format!("standing: {other:?}")),
    }
    // To a node, the first block's only transaction is none.
    let found = rpc.transactions(&txids[1..]).map_err(asked)?;
    match found.iter().filter(|tx| tx.is_none()).count() {
        0 => Ok(blocks),
        missing => Err(format!("transactions: {missing} not found")),
    }
}

/// Parses every block with all checks, and names its transactions.
fn check_blocks(blocks: &[Vec<u8>], params: &Params) -> Result<Vec<TxHash>, String> {
    let mut txids = Vec::new();
    for block in blocks {
        let parsed = parse_block(block, params).map_err(|error| format!("block: {}: {error}", variant(&error)))?;
        txids.extend(parsed.txs.iter().map(|tx| tx.txid));
    }
    Ok(txids)
}
