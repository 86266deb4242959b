//! Pure computation over a ledger: tracing rules, clusters, patterns.

pub mod taint;
pub mod trace;
