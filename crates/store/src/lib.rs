//! The on-disk tables: format, commits, checksums, queries.
//!
//! Written by one [`writer::Writer`], read through any number of [`view::View`]s, verified by
//! [`check::check`]. In reading order: bytes on a disk ([`storage`], [`page`], [`mod@column`], [`table`]), what makes
//! them a store ([`manifest`], [`commit`], [`local`]), what is stored ([`facts`], [`layout`], [`segment`]), what
//! is derived from it ([`overlay`], [`base`]), and who writes, reads and verifies.

pub mod digest;
pub mod error;
pub mod storage;

pub mod column;
pub mod page;
pub mod table;

pub mod commit;
pub mod local;
pub mod manifest;

mod audit;
mod cut;
pub mod facts;
pub mod layout;
pub mod segment;

pub mod base;
mod buckets;
mod derive;
mod forest;
mod joined;
pub mod keys;
mod lookup;
pub mod overlay;
mod radix;
mod sip;

pub mod check;
pub mod failure;
mod nowhere;
mod opened;
pub mod view;
mod wide;
pub mod writer;

#[cfg(feature = "campaign")]
pub mod campaign;

pub use audit::FactsError;
pub use cut::FactsSlice;
pub use derive::Tier;
pub use failure::StoreError;
pub use manifest::Family;
pub use view::{AccountView, View};
pub use writer::{Committed, Note, Tally, Writer};
