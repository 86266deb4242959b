//! Loads blocks into the store: the only writer.

mod addresses;
mod coins;
mod error;
mod keys;
mod purse;
mod txs;

pub use error::DeriveError;
