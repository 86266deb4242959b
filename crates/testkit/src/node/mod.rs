//! A scripted node on loopback: it serves a chain truly, and on demand tells one of many lies.
//!
//! In reading order: a chain to serve ([`made`]), what can be told instead of it ([`Lie`], [`Script`]), and the node itself
//! ([`ScriptedNode`]).
//!
//! Nothing in it judges: it can be made to serve any bytes as blocks.

mod chain;
mod envelope;
mod lie;
pub mod made;
mod state;
pub(crate) mod truth;
mod twist;

use std::sync::MutexGuard;

use coinhound_chains::bitcoin::Params;
use coinhound_model::BlockHash;

pub use crate::node::lie::{Lie, Script};

use crate::loopback::{Garble, Loopback};
use crate::node::state::State;

/// A node that is running, until it is dropped.
#[derive(Debug)]
pub struct ScriptedNode(Loopback<State>);

impl ScriptedNode {
    /// Starts a node of a network on a free port of this machine, with these blocks from the first on.
    ///
    /// # Panics
    /// When there is no block, or no port is free.
    #[must_use]
    pub fn start(params: &'static Params, blocks: &[Vec<u8>]) -> Self {
        Self(Loopback::start(State::new(params, blocks)))
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Makes these blocks its chain, as after a reorganisation; the earlier ones stay known to it.
    ///
    /// # Panics
    /// When there is no block.
    pub fn set_chain(&self, blocks: &[Vec<u8>]) {
        self.state().set_chain(blocks);
    }

    /// Adds a block on top of its chain.
    pub fn push(&self, block: &[u8]) {
        self.state().push(block);
    }

    /// Keeps the chain up to and with `height` and puts these blocks on top; what they displace stays
    /// known to it.
    pub fn reorg_to(&self, height: u32, blocks: &[Vec<u8>]) {
        self.state().reorg_to(height, blocks);
    }

    /// Forgets the blocks that are not on its chain, as a node that was indexed anew.
    pub fn forget_displaced(&self) {
        self.state().forget_displaced();
    }

    /// From now on tells a lie, as scripted; it replaces the lie told so far.
    pub fn tell(&self, script: impl Into<Script>) {
        self.state().tell(Some(script.into()));
    }

    /// From now on tells the truth.
    pub fn tell_the_truth(&self) {
        self.state().tell(None);
    }

    /// Lets in only who knows a name and a password.
    pub fn let_in_only(&self, name: &str, password: &str) {
        self.state().credentials = Some(format!("{name}:{password}"));
    }

    /// Whether it finds transactions by their hash, as with `txindex=1`; it does unless told.
    pub fn set_tx_index(&self, tx_index: bool) {
        self.state().manner.tx_index = tx_index;
    }

    /// Whether it says that it is loading the chain for the first time, and how many headers it has
    /// above its newest block.
    pub fn set_catching_up(&self, initial_download: bool, headers_ahead: u32) {
        let mut state = self.state();
        state.manner.initial_download = initial_download;
        state.manner.headers_ahead = headers_ahead;
    }

    /// Removes the blocks below a height, or none.
    pub fn set_pruned(&self, lowest: Option<u32>) {
        self.state().manner.prune_height = lowest;
    }

    /// What worries it.
    pub fn set_warnings(&self, warnings: &[&str]) {
        self.state().manner.warnings = warnings.iter().map(|&warning| warning.to_owned()).collect();
    }

    /// Answers the calls of each batch in reverse order, which a node may.
    pub fn set_reversed(&self, reversed: bool) {
        self.state().reversed = reversed;
    }

    /// From now on changes the bytes of every answer, its length in the head with them.
    pub fn garble(&self, change: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.state().garble = Some(Garble::new(change));
    }

    /// Its newest block.
    #[must_use]
    pub fn tip(&self) -> BlockHash {
        *self.state().chain.active().last().expect("a node has at least the first block")
    }

    /// How many requests it has had.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// How many connections to it are open.
    #[must_use]
    pub fn open_connections(&self) -> u64 {
        self.0.open_connections()
    }

    /// How many calls of a method it has had.
    #[must_use]
    pub fn calls(&self, method: &str) -> u64 {
        self.state().calls.get(method).copied().unwrap_or(0)
    }

    /// The most calls it has had in one request.
    #[must_use]
    pub fn largest_batch(&self) -> usize {
        self.state().largest_batch
    }

    /// Bytes it has handed over for sending.
    #[must_use]
    pub fn bytes_sent(&self) -> u64 {
        self.0.bytes_sent()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }
}
