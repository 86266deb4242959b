//! Pure computation over a ledger: tracing rules, clusters, patterns.
