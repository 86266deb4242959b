//! A scripted Ethereum node on loopback: it serves a written chain truly, and on demand tells one of many lies.
//!
//! In reading order: what can be told instead of the truth ([`EvmLie`], [`EvmScript`]) and how (`tell`); what the node
//! knows and says, and the node itself ([`ScriptedEvm`]); and one that stands before a real node and hides what it offers
//! ([`Curtain`]). The blocks come from `coinhound_sim::evm`; nothing in here judges them.

mod curtain;
mod lie;
mod questions;
mod state;
mod tell;
mod twist;

use std::ops::ControlFlow;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::rpc::{Auth, Endpoint, EvmNode, Limits};
use coinhound_sim::evm::EvmBlock;

pub use crate::evm::curtain::{Curtain, forward};
pub use crate::evm::lie::{EvmLie, EvmScript};

use crate::evm::state::State;
use crate::loopback::{Garble, Loopback};

/// A chain as a node serves it: ascending without a hole; the first block has any height.
pub type Served = Vec<Arc<EvmBlock>>;

/// A node that is running, until it is dropped.
#[derive(Debug)]
pub struct ScriptedEvm(Loopback<State>);

impl ScriptedEvm {
    /// Starts a node on a free port of this machine, with these blocks.
    ///
    /// # Panics
    /// When there is no block, or no port is free.
    #[must_use]
    pub fn start(chain: &[Arc<EvmBlock>]) -> Self {
        Self(Loopback::start(State::new(chain.to_vec())))
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// A client of its chain under whose limits no lie takes long, and that does not wait between repetitions; `answer`
    /// is how long an answer may take.
    ///
    /// # Panics
    /// Never: its address is one.
    #[must_use]
    pub fn client(&self, answer: Duration) -> EvmNode<'static> {
        let limits = Limits {
            connect: Duration::from_secs(2),
            answer,
            grace: Duration::from_millis(200),
            slowest_bytes_per_sec: 10_000,
            retries: 2,
            ..Limits::default()
        };
        let endpoint = Endpoint::parse(&self.url(), Auth::None).expect("a node's address");
        let rules = ChainRules { chain_id: self.state().chain_id() };
        EvmNode::new(endpoint, rules, limits).with_sleep(Box::new(|_| ControlFlow::Continue(())))
    }

    /// Makes these blocks its chain.
    ///
    /// # Panics
    /// When there is no block.
    pub fn set_chain(&self, chain: &[Arc<EvmBlock>]) {
        self.state().set_chain(chain.to_vec());
    }

    /// What lies about other branches and other chains are made of: a sound branch beside the chain, and blocks of a
    /// chain with another number at the same heights.
    pub fn set_others(&self, aside: &[Arc<EvmBlock>], foreign: &[Arc<EvmBlock>]) {
        let mut state = self.state();
        (state.aside, state.foreign) = (aside.to_vec(), foreign.to_vec());
    }

    /// How many blocks below its newest the finalized and the safe one are; both are the newest unless told.
    pub fn set_depths(&self, finalized: u64, safe: u64) {
        self.state().depths = (finalized, safe);
    }

    /// From now on does not know these methods.
    pub fn hide(&self, methods: &[&'static str]) {
        self.state().hidden = methods.to_vec();
    }

    /// From now on tells a lie, as scripted; it replaces the lie told so far.
    pub fn tell(&self, script: impl Into<EvmScript>) {
        self.state().tell(Some(script.into()));
    }

    /// From now on tells the truth.
    pub fn tell_the_truth(&self) {
        self.state().tell(None);
    }

    /// How often the lie was told since it was asked for.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.state().told
    }

    /// From now on changes the bytes of every answer, its length in the head with them.
    pub fn garble(&self, change: impl FnMut(Vec<u8>) -> Vec<u8> + Send + 'static) {
        self.state().garble = Some(Garble::new(change));
    }

    /// How often a method was asked for.
    #[must_use]
    pub fn questions(&self, method: &str) -> u64 {
        self.state().questions.get(method).copied().unwrap_or(0)
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
