//! NIS1 chains.

mod writer;
