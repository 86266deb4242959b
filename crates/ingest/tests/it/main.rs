//! Block files into a store, end to end.

mod accounts;
mod damage;
mod determinism;
mod evm;
mod evm_files;
mod field_failures;
mod files_under_us;
mod forks;
mod litecoind;
mod nis;
mod node;
mod partial;
mod real_chain;
mod reorganisation;
mod scripted_evm;
mod support;
mod tables;
