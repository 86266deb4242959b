//! The store's test suites as functions: the everyday tests call them with small counts, `cargo xtask`
//! with large ones. Compiled only with the feature `campaign`.

pub mod account_answers;
mod account_scribe;
pub mod accounts;
pub mod answers;
pub mod bit_flip;
pub mod crash;
pub mod damage;
pub mod forged;
pub mod ledger;
pub mod power_loss;
pub mod reorg;
pub mod rig;
mod scribe;
pub mod story;
pub mod tally;
pub mod toy;
