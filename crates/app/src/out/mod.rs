//! How answers leave the program: tables for people, JSON and CSV for programs.

pub mod cell;
pub mod csv;
pub mod facts;
pub mod json;
pub mod sheet;

pub use cell::Cell;
pub use facts::Facts;
pub use sheet::{Align, Sheet};
