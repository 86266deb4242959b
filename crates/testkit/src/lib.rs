//! Test ledgers, builders and strategies.
