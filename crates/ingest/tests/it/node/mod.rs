//! A running node into a store: what block files leave, through reorganisations and against every lie.

mod below;
mod catch_up;
mod following;
mod lies;
mod reorganisation;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::rpc::{Auth, Endpoint, Limits, NodeRpc};
use coinhound_chains::bitcoin::{Network, Params};
use coinhound_ingest::{Control, LoadError, NodeError, Options, Outcome, Progress, load_node};
use coinhound_model::{Height, Ledger};
use coinhound_sim::Sealed;
use coinhound_store::storage::SimDisk;
use coinhound_store::view::View;
use coinhound_store::writer::Tally;
use coinhound_testkit::node::ScriptedNode;

use crate::support::{Content, Site, content, tiny};

/// Blocks as a node serves them.
pub fn raw(blocks: &[Sealed]) -> Vec<Vec<u8>> {
    blocks.iter().map(|block| block.bytes.clone()).collect()
}

/// The store that a fresh load of exactly these blocks, from files, leaves.
pub fn fresh_raw(blocks: &[Vec<u8>]) -> Content {
    let mut bytes = Vec::new();
    blocks.iter().for_each(|block| put_frame(&mut bytes, Network::Regtest.params().magic, block));
    let mut site = Site::new();
    site.put_bytes("blk00000.dat", &bytes);
    assert_eq!(site.load_clean().added, blocks.len() as u64, "a fresh load takes every block");
    site.content()
}

/// A node and the store on a simulated disk that is loaded from it.
pub struct Rig {
    params: &'static Params,
    pub node: ScriptedNode,
    pub disk: SimDisk,
    pub options: Options,
    /// What all commits did.
    pub total: Tally,
    /// How many commits there were.
    pub commits: u64,
}

impl Rig {
    /// A node with these blocks, and nothing loaded.
    pub fn new(blocks: &[Vec<u8>]) -> Self {
        Self::of(Network::Regtest.params(), blocks)
    }

    /// The same on a network with these constants.
    pub fn of(params: &'static Params, blocks: &[Vec<u8>]) -> Self {
        let node = ScriptedNode::start(params, blocks);
        Self { params, node, disk: SimDisk::new(), options: tiny(), total: Tally::default(), commits: 0 }
    }

    /// A node with these blocks, all of them loaded.
    pub fn loaded(blocks: &[Vec<u8>]) -> Self {
        let mut rig = Self::new(blocks);
        rig.load();
        rig
    }

    /// A client under whose limits no lie takes long, and that does not wait between repetitions.
    pub fn client(&self) -> NodeRpc<'static> {
        let limits = Limits {
            connect: Duration::from_secs(2),
            answer: Duration::from_millis(1_500),
            grace: Duration::from_millis(200),
            slowest_bytes_per_sec: 10_000,
            answer_len: 1_000_000,
            retries: 2,
            ..Limits::default()
        };
        let endpoint = Endpoint::parse(&self.node.url(), Auth::None).expect("a node's address");
        let go_on = |_| ControlFlow::Continue(());
        NodeRpc::new(endpoint, self.params, limits).with_sleep(Box::new(go_on))
    }

    pub fn try_load(&mut self) -> Result<Outcome, LoadError> {
        self.try_load_watched(&mut |_| Control::Go)
    }

    pub fn try_load_watched(&mut self, watch: &mut dyn FnMut(&Progress) -> Control) -> Result<Outcome, LoadError> {
        let mut client = self.client();
        let (total, commits) = (&mut self.total, &mut self.commits);
        load_node(&mut client, Arc::new(self.disk.clone()), &self.options, &mut |progress| {
            if let Progress::Committed(committed) = &progress {
                *total += committed.tally;
                *commits += 1;
            }
            watch(&progress)
        })
    }

    /// Loads what the node has, which succeeds.
    pub fn load(&mut self) -> Outcome {
        self.try_load().expect("an honest node is read")
    }

    /// Loads what the node says, which fails by the node's fault.
    pub fn load_badly(&mut self) -> NodeError {
        match self.try_load() {
            Err(LoadError::Node(error)) => error,
            other => panic!("a node's error was expected: {other:?}"),
        }
    }

    pub fn content(&self) -> Content {
        content(&self.disk)
    }

    pub fn view(&self) -> View {
        View::open(&self.disk).expect("a healthy store opens")
    }

    /// The height of the store's tip.
    pub fn height(&self) -> Height {
        self.view().as_of().height
    }
}
