//! Pure computation over a ledger: tracing rules, clusters, patterns.

pub mod cluster;
pub mod contracts;
pub mod deposits;
pub mod flags;
pub mod patterns;
mod rule;
pub mod score;
pub mod taint;
mod touch;
pub mod trace;

pub use rule::RuleId;
