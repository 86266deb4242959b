//! Account ledgers into the store: one session for every feed of account blocks, a node's or a table's.
//!
//! In reading order: what a block may hold (`limits`), what is known of the ledger below it (`known` over what is
//! stored, `prior`), how it becomes facts (`derive`), and who takes blocks, gives them up and commits (`session`).

mod derive;
mod error;
mod known;
mod limits;
mod prior;
mod session;

pub use error::AccountError;
pub use limits::{ACCOUNT_BYTES_MAX, BLOCK_ROWS_MAX, BLOCK_TEXT_BYTES_MAX, TOKEN_BYTES_MAX};
pub use session::{AccountOptions, AccountOutcome, AccountSession, Stored};
