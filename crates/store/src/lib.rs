//! The on-disk tables: format, commits, checksums, queries.

pub mod storage;
pub mod digest;
pub mod error;
pub mod page;
pub mod column;
pub mod table;
pub mod manifest;
pub mod commit;
pub mod local;

pub mod facts;
pub mod layout;
mod audit;
mod buckets;
mod cut;
mod derive;
mod forest;
pub mod keys;
mod radix;
pub mod base;
pub mod failure;
mod joined;
mod lookup;
pub mod overlay;
pub mod segment;
#[cfg(feature = "campaign")]
pub mod campaign;
mod opened;
pub mod writer;
pub mod view;

pub use derive::Tier;
pub mod check;
mod nowhere;
