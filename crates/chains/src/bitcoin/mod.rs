//! Bitcoin and its family: from a node's block files to checked blocks.
//!
//! In reading order: the networks ([`params`]), bytes ([`decode`], [`hash`]), a header ([`header`]), a
//! lock and its script ([`script`]), and the write side ([`encode`]).

pub mod decode;
pub mod encode;
pub mod hash;
pub mod header;
pub mod params;
pub mod script;

pub use header::Header;
pub use params::{Network, Params};
