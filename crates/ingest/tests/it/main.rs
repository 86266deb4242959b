//! Block files into a store, end to end.

mod real_chain;
mod support;
