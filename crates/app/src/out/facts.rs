//! The facts above the tables of an answer: one line each to people, one field each to programs.

use serde_json::{Map, Value};

use super::cell::Cell;
use super::sheet::split;
use crate::text;

/// Facts in the order they are told.
///
/// A name stands for itself, spaces as `_` in JSON; `as of/at` names the field `at`; `/asset` is told to programs alone.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Facts(Vec<(String, String, Cell)>);

impl Facts {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, name: &str, cell: impl Into<Cell>) -> Self {
        self.add(name, cell);
        self
    }

    /// The same with all of these behind.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// Adds one.
    pub fn add(&mut self, name: &str, cell: impl Into<Cell>) {
        let (heading, key) = split(name);
        self.0.push((heading, key, cell.into()));
    }

    /// The facts as aligned lines, hidden characters escaped.
    #[must_use]
    pub fn lines(&self) -> String {
        let told = || self.0.iter().filter(|(heading, _, _)| !heading.is_empty());
        let width = told().map(|(heading, _, _)| heading.chars().count()).max().unwrap_or(0);
        told().map(|(heading, _, cell)| format!("{heading:<width$}  {}\n", text::clean(cell.shown()))).collect()
    }

    /// The facts as the fields of an object.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        self.0.iter().map(|(_, key, cell)| (key.clone(), cell.value().clone())).collect()
    }
}
