//! NEM's first chain (NIS1, XEM): its addresses, transactions and blocks, from bytes and from JSON.
//!
//! In reading order: the networks and their clock ([`network`]), names in hexadecimal ([`bytes`]), hashes
//! ([`hash`]), accounts as text ([`address`]), signatures ([`sign`]), what a block holds ([`tx`], [`block`]),
//! the ways in and out: [`decode`] for the binary form, [`json`] for what a node answers over HTTP, and
//! [`encode`], since a hash is taken over the binary form and a public node tells none. A running node is asked by
//! [`http`]. Whether a block can stand on its parent says [`check`], and what it moves [`ledger`].

pub mod address;
pub mod block;
pub mod bytes;
pub mod check;
pub mod decode;
pub mod encode;
mod fork;
pub mod hash;
pub mod http;
pub mod json;
pub mod ledger;
pub mod network;
pub mod sign;
pub mod tx;

pub use address::{Address, AddressError};
pub use block::Block;
pub use bytes::{Hash, PublicKey, Signature};
pub use check::{BlockFault, Parent, check_block};
pub use decode::{DecodeError, decode_block, decode_transaction, decode_unsigned};
pub use json::{JsonError, parse_block, parse_explorer_block, parse_pair, parse_pairs, parse_transaction};
pub use ledger::{LedgerError, NemLedger};
pub use network::Network;
pub use sign::VerifyError;
pub use tx::{Body, SignedTransaction, Transaction};
