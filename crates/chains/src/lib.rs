//! Turns a node, its files or a table into the blocks of `model`.
//!
//! One module per family of chains, beside what they share of HTTP ([`http`]); everything here decodes bytes that strangers wrote, so nothing
//! panics and nothing allocates more than its input's length justifies.

pub mod bitcoin;
pub mod evm;
pub mod http;
pub mod nem;
pub mod table;
