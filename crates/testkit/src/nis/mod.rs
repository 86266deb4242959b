//! A scripted NIS1 node on loopback: it serves a chain truly, to anybody and to local callers, and on demand tells one
//! of many lies.
//!
//! In reading order: blocks to serve ([`made`]) and how a node tells them ([`json`]), what can be told instead
//! ([`NisLie`], [`NisScript`]), and the node itself ([`ScriptedNis`]). Nothing in it judges: it serves any blocks.

pub mod json;
mod lie;
pub mod made;
mod state;
mod twist;

use std::sync::MutexGuard;

use coinhound_chains::nem::Block;

pub use crate::nis::lie::{NisLie, NisScript};

use crate::loopback::{Garble, Loopback};
use crate::nis::state::State;

/// A node that is running, until it is dropped.
#[derive(Debug)]
pub struct ScriptedNis(Loopback<State>);

impl ScriptedNis {
    /// Starts a node on a free port of this machine, with these blocks, ascending without a hole.
    ///
    /// # Panics
    /// When there is no block, or no port is free.
    #[must_use]
    pub fn start(chain: &[Block]) -> Self {
        Self(Loopback::start(State::new(chain.to_vec())))
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Makes these blocks its chain.
    ///
    /// # Panics
    /// When there is no block.
    pub fn set_chain(&self, chain: &[Block]) {
        assert!(!chain.is_empty(), "a node has one block at least");
        self.state().chain = chain.to_vec();
    }

    /// Keeps its chain up to and with a height and puts these blocks on top.
    pub fn reorg_to(&self, height: u64, blocks: &[Block]) {
        self.state().reorg_to(height, blocks.to_vec());
    }

    /// Whether it answers local calls; it does unless told.
    pub fn set_local(&self, local: bool) {
        self.state().local = local;
    }

    /// From now on tells a lie, as scripted; it replaces the lie told so far.
    pub fn tell(&self, script: impl Into<NisScript>) {
        self.state().tell(Some(script.into()));
    }

    /// From now on tells the truth.
    pub fn tell_the_truth(&self) {
        self.state().tell(None);
    }

    /// From now on changes the bytes of every answer, its length in the head with them.
    pub fn garble(&self, change: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.state().garble = Some(Garble::new(change));
    }

    /// How often something was asked for, by its path.
    #[must_use]
    pub fn questions(&self, path: &str) -> u64 {
        self.state().questions.get(path).copied().unwrap_or(0)
    }

    /// How often anything was asked for.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().questions.values().sum()
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
