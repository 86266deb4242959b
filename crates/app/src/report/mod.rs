//! The report: one document, written as a page for people (HTML), and as JSON and CSV for programs.
//!
//! [`gather()`] turns trails of dense ids into a [`document::Document`] of hashes, addresses and exact amounts;
//! everything after that only writes it down. Same document, same bytes.

pub mod beside;
pub mod csv;
pub mod document;
pub mod finding;
pub mod flow;
pub mod gather;
pub mod html;
pub mod json;
pub mod parameters;
pub mod words;

pub use document::Document;
pub use gather::{Names, Question, gather};
pub use parameters::Parameters;
