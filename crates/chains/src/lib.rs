//! Turns a node, its files or a table into the blocks of `model`.
//!
//! One module per family of chains; everything here decodes bytes that strangers wrote, so nothing
//! panics and nothing allocates more than its input's length justifies.

pub mod bitcoin;
pub mod nem;
