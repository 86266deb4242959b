//! NIS1 chains.

mod coincheck;
mod rules;
mod writer;
