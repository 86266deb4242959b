//! A scripted Ethereum node into a store: what was recomputed is stored, and nothing else, whatever the node says.

mod lies;
mod reorganisation;
mod truth;

use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::evm::json::parse_receipts;
use coinhound_chains::evm::rows::rows;
use coinhound_chains::evm::rpc::Place;
use coinhound_chains::evm::trace::parse_call_tracer;
use coinhound_chains::evm::{Block, ChainRules};
use coinhound_ingest::Control;
use coinhound_ingest::accounts::{AccountOptions, AccountSession};
use coinhound_ingest::evm::{EvmLoadError, EvmOptions, EvmOutcome, evm_chain, load_evm};
use coinhound_model::{AccountBlock, Height};
use coinhound_sim::evm::traffic::FIRST;
use coinhound_sim::evm::{EvmBlock, Traffic, json};
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::SimDisk;
use coinhound_testkit::evm::{ScriptedEvm, Served};

use crate::support::{Content, content};

/// A story on mainnet across four forks; the first block is below the stores' first.
pub fn chain(seed: u64, blocks: usize) -> Served {
    Traffic::mainnet(seed).blocks(blocks)
}

/// The same story up to and with its first `keep` blocks, and then another.
pub fn fork(seed: u64, keep: usize, blocks: usize, way: u64) -> Served {
    let mut story = Traffic::mainnet(seed);
    let mut chain = story.blocks(keep);
    story.reseed(1_000 + way);
    chain.extend(story.blocks(blocks));
    chain
}

fn accounts() -> AccountOptions {
    AccountOptions { layout: LayoutParams::tiny(), threads: 1, batch_rows: 200, ..AccountOptions::new(0) }
}

/// Where stores of mainnet stories begin.
pub fn options() -> EvmOptions {
    let start = Some(Height(u32::try_from(FIRST + 1).expect("small")));
    EvmOptions { start, until: Place::Latest, accounts: accounts(), ..EvmOptions::new(0) }
}

/// A written block as rows, by no node.
pub fn as_rows(block: &EvmBlock) -> AccountBlock {
    let checked = Block::check(&block.parts, block.chain).expect("a written block");
    let receipts = parse_receipts(&json::receipts(block).to_string()).expect("receipts");
    let traces = parse_call_tracer(&json::call_tracer(block).to_string()).expect("traces");
    rows(&checked, &receipts, Some(&traces)).expect("rows").block
}

/// The store that exactly these blocks leave, without any node.
pub fn fresh(blocks: &[AccountBlock]) -> Content {
    let disk = SimDisk::new();
    put(&disk, blocks);
    content(&disk)
}

/// Takes blocks into an empty store, without any node.
pub fn put(disk: &SimDisk, blocks: &[AccountBlock]) {
    let chain = evm_chain(ChainRules::default());
    let mut session = AccountSession::open(Arc::new(disk.clone()), chain, accounts()).expect("opens");
    for block in blocks {
        session.push(block).expect("rows are taken");
    }
    session.finish().expect("commits");
}

/// A node, and the store on a simulated disk that is loaded from it.
pub struct Rig {
    pub node: ScriptedEvm,
    pub disk: SimDisk,
    pub options: EvmOptions,
    /// How long an answer may take.
    pub answer: Duration,
}

impl Rig {
    /// A node with this chain, and nothing loaded.
    pub fn new(chain: &[Arc<EvmBlock>]) -> Self {
        let node = ScriptedEvm::start(chain);
        Self { node, disk: SimDisk::new(), options: options(), answer: Duration::from_secs(2) }
    }

    pub fn try_load(&self) -> Result<EvmOutcome, EvmLoadError> {
        let storage = Arc::new(self.disk.clone());
        load_evm(&mut self.node.client(self.answer), storage, &self.options, &mut |_| Control::Go)
    }

    /// Loads what the node has, which succeeds.
    pub fn load(&self) -> EvmOutcome {
        self.try_load().unwrap_or_else(|error| panic!("an honest node is read: {}", story(&error)))
    }

    pub fn content(&self) -> Content {
        content(&self.disk)
    }
}

/// An error with its causes.
pub fn story(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    text
}
