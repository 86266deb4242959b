//! What simulated chains promise, with the `bitcoin` crate as referee.

mod evm;
mod mainnet;
mod nem;
mod referee;
mod theft;
mod world;
mod writer;
