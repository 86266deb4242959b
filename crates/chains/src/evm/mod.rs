//! Ethereum: blocks and receipts, everything their headers commit to recomputed, and the movements they show.
//!
//! In reading order: the encoding that is hashed ([`rlp`]) and the trees over it ([`trie`]), hashes, addresses and
//! signatures ([`hash`]), what a block holds ([`header`], [`tx`], [`receipt`], [`block`]), the ways in: RLP as it is,
//! and what nodes answer in JSON ([`json`]), which is encoded and then read the same way; and what moved ([`rows`], with
//! [`fee`], [`token`], [`trace`], [`contract`] and [`dao`]); blocks in files ([`files`]) and a running node ([`rpc`]).
//!
//! Mainnet alone so far: another chain is refused by its number, but for what tests ask for ([`ChainRules`]).

pub mod block;
pub mod contract;
pub mod dao;
pub mod fee;
pub mod files;
pub mod hash;
pub mod header;
pub mod json;
pub mod receipt;
pub mod rlp;
pub mod rows;
pub mod rpc;
mod rules;
mod sign;
pub mod token;
pub mod trace;
pub mod trie;
pub mod tx;

pub use block::{Block, BlockFault, Parts};
pub use hash::{Address, Hash};
pub use header::Header;
pub use receipt::{Ending, Log, Receipt};
pub use rules::{ChainRules, UnknownRules};
pub use sign::RecoverError;
pub use trie::list_root;
pub use tx::{Transaction, TxError, TxType};

/// The number of Ethereum's own chain.
pub const MAINNET: u64 = 1;
