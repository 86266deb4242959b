//! Test ledgers, builders and strategies.

pub mod accounts;
pub mod campaign;
pub mod evm;
pub mod floresta;
pub mod litecoind;
pub mod loopback;
pub mod memory;
pub mod nis;
pub mod node;
pub mod oracle;
pub mod random;
pub mod referees;
pub mod tables;
pub mod town;

pub use memory::{MemoryLedger, NewMovement};
pub use town::{NOBODY, Town, town};
