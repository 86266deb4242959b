//! What stands beside a trace in its report: what supplied rows are, and tables that are no result of it.

use crate::text::Said;

/// A table that is no result of the trace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AnnexPart {
    /// Its heading.
    pub title: Said,
    /// What it is and what it rests on.
    pub intro: Said,
    /// Its columns.
    pub columns: Vec<Said>,
    /// Its rows, as many cells as columns.
    pub rows: Vec<Vec<Said>>,
}

/// What is said of rows that somebody supplied.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SuppliedPart {
    /// The files the rows stand in, by digest, each with how it was described.
    pub files: Vec<SuppliedFile>,
    /// How many rows could not be read and were left out.
    pub left_out: u64,
    /// The first of them in each load, in the order of the files.
    pub skipped: Vec<SkippedLine>,
}

/// A supplied file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SuppliedFile {
    /// Its name as given.
    pub name: Said,
    /// Its digest.
    pub digest: String,
    /// How many rows of it were taken.
    pub rows: u64,
}

/// A row that was left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkippedLine {
    /// Which file, by name.
    pub file: Said,
    /// Its line, from one.
    pub line: u64,
    /// What is wrong with it, and in which column.
    pub reason: Said,
}
