//! Tags: sourced labels on addresses and transactions, in the field's own format (GraphSense TagPack).
//!
//! A label without a source or a confidence is gossip, so such a pack is refused whole, with every
//! error named by its line. What a tag says is quoted and attributed, never believed.

pub mod confidence;
pub mod export;
pub mod fields;
pub mod network;
pub mod pack;
mod reader;
pub mod stops;

pub use confidence::Confidence;
pub use network::TagNetwork;
pub use pack::{Pack, PackError, Problem, Subject, Tag};
