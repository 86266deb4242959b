//! NIS1 nodes into a store: what is agreed and signed is stored, whatever happens on the way.

mod catch_up;
mod determinism;
mod following;
mod lies;
mod panel;
mod reorganisation;
mod sdks;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::nem::http::{Auth, Endpoint, Limits, NisNode};
use coinhound_chains::nem::{Block, NemLedger, Network, check_block};
use coinhound_ingest::accounts::{AccountOptions, AccountSession};
use coinhound_ingest::nis::nem_chain;
use coinhound_ingest::{Control, NisLoadError, NisOptions, NisOutcome, NisProgress, load_nis};
use coinhound_model::Height;
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::SimDisk;
use coinhound_testkit::nis::{ScriptedNis, made};

use crate::support::{Content, content};

/// The first height of the chains that most tests serve.
pub const FIRST: u64 = 1_475_000;

/// A chain of so many blocks that begins in the middle of a longer one.
pub fn chain(count: usize) -> Vec<Block> {
    made::chain(Network::Main, FIRST, count)
}

/// Another chain that leaves the first behind its first `keep` blocks.
pub fn fork(chain: &[Block], keep: usize, count: usize, way: u64) -> Vec<Block> {
    made::fork(chain, keep, count, way)
}

fn accounts(batch_rows: usize) -> AccountOptions {
    AccountOptions { layout: LayoutParams::tiny(), threads: 1, batch_rows, ..AccountOptions::new(0) }
}

/// The store that exactly these blocks leave, without any node.
pub fn fresh(blocks: &[Block]) -> Content {
    let disk = SimDisk::new();
    put(&disk, blocks);
    content(&disk)
}

/// Takes blocks into an empty store, without any node.
pub fn put(disk: &SimDisk, blocks: &[Block]) {
    let mut session =
        AccountSession::open(Arc::new(disk.clone()), nem_chain(blocks[0].network), accounts(1_000)).expect("opens");
    let mut ledger = NemLedger::partial(blocks[0].network, blocks[0].height);
    for block in blocks {
        check_block(block, &ledger.parent()).expect("a made block stands on the one below");
        session.push(&ledger.take(block).expect("a made block does what it may")).expect("rows are taken");
    }
    session.finish().expect("commits");
}

/// Nodes, and the store on a simulated disk that is loaded from them.
pub struct Rig {
    pub nodes: Vec<ScriptedNis>,
    pub disk: SimDisk,
    pub options: NisOptions,
    pub network: Network,
    /// How long an answer may take.
    pub answer: Duration,
}

impl Rig {
    /// Nodes with these chains, and nothing loaded.
    pub fn of(chains: &[&[Block]]) -> Self {
        let first = chains[0][0].height;
        let start = (first > 1).then(|| Height(u32::try_from(first).expect("small")));
        let options = NisOptions { start, accounts: accounts(1_000), ..NisOptions::new(0) };
        let nodes = chains.iter().map(|chain| ScriptedNis::start(chain)).collect();
        let answer = Duration::from_secs(2);
        Self { nodes, disk: SimDisk::new(), options, network: chains[0][0].network, answer }
    }

    /// One node with this chain, and nothing loaded.
    pub fn new(chain: &[Block]) -> Self {
        Self::of(&[chain])
    }

    /// One node with this chain, all of it loaded.
    pub fn loaded(chain: &[Block]) -> Self {
        let mut rig = Self::new(chain);
        rig.load();
        rig
    }

    pub fn node(&self) -> &ScriptedNis {
        &self.nodes[0]
    }

    /// Clients under whose limits no lie takes long, and that do not wait between repetitions.
    pub fn clients(&self) -> Vec<NisNode<'static>> {
        let limits = Limits {
            connect: Duration::from_secs(2),
            answer: self.answer,
            grace: Duration::from_millis(200),
            slowest_bytes_per_sec: 10_000,
            retries: 2,
            ..Limits::default()
        };
        let client = |node: &ScriptedNis| {
            let endpoint = Endpoint::parse(&node.url(), Auth::None).expect("a node's address");
            let go_on = |_| ControlFlow::Continue(());
            NisNode::new(endpoint, self.network, limits).with_sleep(Box::new(go_on))
        };
        self.nodes.iter().map(client).collect()
    }

    pub fn try_load(&mut self) -> Result<NisOutcome, NisLoadError> {
        self.try_load_watched(&mut |_| Control::Go)
    }

    pub fn try_load_watched(
        &mut self,
        watch: &mut dyn FnMut(NisProgress<'_>) -> Control,
    ) -> Result<NisOutcome, NisLoadError> {
        let mut clients = self.clients();
        load_nis(&mut clients, Arc::new(self.disk.clone()), &self.options, watch)
    }

    /// Loads what the nodes have, which succeeds.
    pub fn load(&mut self) -> NisOutcome {
        self.try_load().unwrap_or_else(|error| panic!("honest nodes are read: {}", story(&error, "")))
    }

    pub fn content(&self) -> Content {
        content(&self.disk)
    }
}

/// An error with its causes, without what differs from run to run.
pub fn story(error: &dyn std::error::Error, url: &str) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    if url.is_empty() { text } else { text.replace(url, "http://node") }
}

/// A height above the first.
pub fn height(above: u64) -> Height {
    Height(u32::try_from(FIRST + above).expect("small"))
}
