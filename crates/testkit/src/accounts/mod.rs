//! Account ledgers for tests: in memory, by names, at random, and a slow tracer to compare with.

pub mod bank;
pub mod barter;
pub mod campaign;
pub mod memory;
pub mod oracle;
pub mod random;
mod trades;
mod tray;

pub use bank::{Bank, bank};
pub use memory::MemoryAccounts;
