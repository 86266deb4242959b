//! Bitcoin and its family.

pub mod encode;
