//! How answers leave the program: tables for people, JSON and CSV for programs.

pub mod csv;
pub mod json;
pub mod sheet;

pub use sheet::{Align, Sheet};
