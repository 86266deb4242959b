//! A NIS1 node over HTTP: what an honest one tells is read, what a lying one tells is refused.

mod lies;
mod polite;
mod truth;

use std::ops::ControlFlow;
use std::time::Duration;

use coinhound_chains::nem::http::{Auth, Endpoint, Limits, NisError, NisNode, ToldBlock};
use coinhound_chains::nem::{Block, Network};
use coinhound_testkit::nis::{ScriptedNis, made};

/// The first height of the chain that most tests serve.
const FIRST: u64 = 1_475_000;
/// How many blocks it has.
const BLOCKS: usize = 24;

fn chain() -> Vec<Block> {
    made::chain(Network::Main, FIRST, BLOCKS)
}

/// Limits under which no lie takes long, save silence, and no honest answer is cut on a busy machine.
fn tight() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        answer: Duration::from_secs(2),
        grace: Duration::from_millis(300),
        slowest_bytes_per_sec: 10_000,
        retries: 2,
        ..Limits::default()
    }
}

/// A client that does not wait between repetitions.
fn client(node: &ScriptedNis) -> NisNode<'static> {
    let endpoint = Endpoint::parse(&node.url(), Auth::None).expect("a node's address");
    NisNode::new(endpoint, Network::Main, tight()).with_sleep(Box::new(|_| ControlFlow::Continue(())))
}

/// Every block, asked for as often as that takes.
fn read(node: &mut NisNode<'_>, most: usize) -> Result<Vec<ToldBlock>, NisError> {
    node.check_network()?;
    let tip = node.height()?;
    let mut told: Vec<ToldBlock> = Vec::new();
    while let Some(next) = Some(FIRST + told.len() as u64).filter(|next| *next <= tip) {
        told.extend(node.blocks(next, most)?);
    }
    Ok(told)
}

/// An error with its causes, without what differs from run to run.
fn story(error: &dyn std::error::Error, url: &str) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    if url.is_empty() { text } else { text.replace(url, "http://node") }
}
