//! Computation over ledgers, tested from outside.

mod clusters_real;
mod trace;
