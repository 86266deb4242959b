//! Loads blocks into the store: the only writer.
//!
//! In reading order: what a session remembers so that no look-up leaves memory (`known` over `txs`, `coins`,
//! `addresses`, `keys` and the stored `prior` chain), how a checked block becomes facts (`derive`, `purse`),
//! and the driver that reads a node's block files (`load`, `feed`).

mod addresses;
mod coins;
mod derive;
mod error;
mod feed;
mod huge_pages;
mod keys;
mod known;
mod load;
mod options;
mod outcome;
mod prior;
mod purse;
mod scan_index;
mod slots;
mod txs;

pub use derive::Deriver;
pub use error::{DeriveError, LoadError};
pub use huge_pages::restart_with_huge_pages;
pub use load::load_blocks;
pub use options::{Control, Options, Progress};
pub use outcome::{Outcome, Unusable};
