//! The verbs over account ledgers: what a store of accounts shows, traces and clusters.

pub mod balance;
pub mod chain;
pub mod cluster;
mod contract;
pub mod customers;
mod deposits;
pub mod marks;
mod nodes;
pub mod seed;
pub mod show;
pub mod status;
pub mod stops;
pub mod tracing;
mod warnings;

pub use chain::Accounts;
