//! Block files into a store, end to end.

mod determinism;
mod forks;
mod partial;
mod real_chain;
mod reorganisation;
mod support;
