//! Computation over ledgers, tested from outside.

mod clusters_real;
mod patterns;
mod patterns_reference;
mod trace;
