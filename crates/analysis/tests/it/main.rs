//! Computation over ledgers, tested from outside.

#![expect(
    clippy::disallowed_types,
    reason = "references are written another way on purpose, floats and hash maps included"
)]

mod clusters;
mod clusters_real;
mod contracts;
mod cospends;
mod deposits;
mod deposits_slowly;
mod flags;
mod memos;
mod patterns;
mod patterns_reference;
mod trace;
mod why;
