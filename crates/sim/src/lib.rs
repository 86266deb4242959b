//! Writes chains whose truth is known: real block files for parsers, stores, clustering and tracing.
//!
//! Headers, hashes, merkle roots, witness commitments, values and maturity follow Bitcoin's rules on
//! regtest; **signatures do not**: they have the form of real ones and prove nothing (see [`keys`]).
//!
//! In reading order: numbers from a seed ([`rng`]), keys and locks ([`keys`]), the network's rules
//! ([`regtest`]), a block ([`block`]) and a folder of them ([`writer`]); then the chains: an
//! endless one of mainnet's shape ([`mainnet`]), the scripted theft ([`theft`]), and worlds of agents with the
//! truth about all of them ([`world`]). Chains of NIS1 and Ethereum stand apart: there signatures are real
//! ([`nem`], [`evm`]).

pub mod block;
pub mod evm;
pub mod keys;
pub mod mainnet;
pub mod nem;
pub mod regtest;
pub mod rng;
mod software;
pub mod theft;
pub mod world;
pub mod writer;

pub use block::{Draft, Miner, Sealed};
pub use keys::{Keys, Slot, Style};
pub use rng::Rng;
pub use writer::{BlockWriter, Layout, WriteError, Written};
