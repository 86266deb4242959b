//! NIS1 chains.

mod coincheck;
mod writer;
