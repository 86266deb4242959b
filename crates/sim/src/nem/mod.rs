//! NIS1 chains whose truth is known: real signatures, real hashes, made accounts.
//!
//! In reading order: keys from a seed ([`keys`]), what a transaction asks for ([`body`]) and must pay ([`fees`]), signed
//! transactions and blocks ([`writer`]), what a node answers about them ([`json`]), what they do to balances ([`ledger`]);
//! then the story: how the theft at Coincheck could have gone on ([`coincheck`]).

pub mod body;
pub mod coincheck;
pub mod fees;
pub mod json;
pub mod keys;
pub mod ledger;
pub mod writer;

pub use keys::KeyPair;
pub use ledger::{Ledger, LedgerError};
pub use writer::Writer;
