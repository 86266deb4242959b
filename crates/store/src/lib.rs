//! The on-disk tables: format, commits, checksums, queries.

pub mod facts;
pub mod layout;
