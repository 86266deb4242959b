//! Pure computation over a ledger: tracing rules, clusters, patterns.

pub mod cluster;
pub mod patterns;
pub mod taint;
pub mod trace;
