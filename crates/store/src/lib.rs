//! The on-disk tables: format, commits, checksums, queries.

pub mod facts;
pub mod layout;
mod audit;
mod buckets;
mod cut;
mod derive;
mod forest;
pub mod keys;
mod radix;
