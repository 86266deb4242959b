//! Test ledgers, builders and strategies.

pub mod memory;
pub mod tables;
pub mod town;

pub use memory::{MemoryLedger, NewMovement};
pub use town::{NOBODY, Town, town};
