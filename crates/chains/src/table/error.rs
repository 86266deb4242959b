//! What is wrong with a map, a table, or one row of it.

use std::fmt;

use super::moment::MomentError;
use super::number::AmountError;

/// How many bad rows are named; all are counted.
pub const BAD_ROWS_NAMED_MAX: usize = 20;

/// Characters of a cell that an error repeats at most.
const FOUND_CHARS_MAX: usize = 60;

/// Why a map cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// Not TOML, or not the keys that a map has.
    #[error("the map is malformed")]
    Malformed {
        /// Where, and what was expected.
        #[from]
        source: toml::de::Error,
    },
    /// A map of another release.
    #[error("the map has format {found}, this build reads format {known}")]
    OtherFormat {
        /// Of the map.
        found: u32,
        /// Of this build.
        known: u32,
    },
    /// Keys that contradict each other, or a value out of range.
    #[error("the map's `{key}` cannot be used: {why}")]
    Unusable {
        /// Which key.
        key: String,
        /// What was expected.
        why: String,
    },
}

/// Why a table cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// No table was given.
    #[error("no table was given")]
    NoTable,
    /// Nothing is in it.
    #[error("`{file}` holds no {}", if *has_header { "row below its header" } else { "row" })]
    Empty {
        /// Its name.
        file: String,
        /// Whether it has a header.
        has_header: bool,
    },
    /// No row is left.
    #[error("none of the {rows} rows is taken: {filtered} are left out by the map's filters, {bad} cannot be read")]
    NothingTaken {
        /// Rows of all tables.
        rows: u64,
        /// Left out by filters.
        filtered: u64,
        /// Left out because they cannot be read.
        bad: u64,
    },
    /// One file given as two tables.
    #[error("`{file}` and `{other}` are the same file: its rows would count twice")]
    Twice {
        /// The one.
        file: String,
        /// The other.
        other: String,
    },
    /// A text in another encoding.
    #[error("`{file}` is UTF-16: expected UTF-8")]
    Utf16 {
        /// Its name.
        file: String,
    },
    /// More bytes than a table may have.
    #[error("`{file}` has {got} bytes, at most {max} are taken")]
    TooLarge {
        /// Its name.
        file: String,
        /// How many it has.
        got: u64,
        /// How many it may have.
        max: u64,
    },
    /// More rows than can be taken at once.
    #[error("the tables have more than {max} rows")]
    TooManyRows {
        /// How many they may have together.
        max: usize,
    },
    /// The header cannot be read.
    #[error("`{file}` line {line}: the header cannot be read")]
    Header {
        /// The file.
        file: String,
        /// Its header's line.
        line: u64,
        /// What is wrong with it.
        source: Problem,
    },
    /// A column that the map names is not in the header.
    #[error("`{file}` line {line} has no column `{wanted}`{}", nearest_to(nearest.as_deref()))]
    NoColumn {
        /// The file.
        file: String,
        /// Its header's line.
        line: u64,
        /// What the map names.
        wanted: String,
        /// The column whose name is nearest.
        nearest: Option<String>,
    },
    /// A column that the map names is there twice.
    #[error("`{file}` line {line} has column `{wanted}` more than once: name it by its position")]
    TwoColumns {
        /// The file.
        file: String,
        /// Its header's line.
        line: u64,
        /// What the map names.
        wanted: String,
    },
    /// A position beyond the last column.
    #[error("`{file}` line {line} has {columns} columns, the map asks for number {wanted}")]
    NoPosition {
        /// The file.
        file: String,
        /// Its header's line, or its first row's.
        line: u64,
        /// What the map asks for, from 1.
        wanted: usize,
        /// How many there are.
        columns: usize,
    },
    /// More tables than can be taken at once.
    #[error("{got} tables are given, at most {max} are taken at once")]
    TooManyTables {
        /// How many there are.
        got: usize,
        /// How many there may be.
        max: usize,
    },
    /// A name that no ledger may have.
    #[error("`{name}` cannot name a ledger: expected up to 64 of a-z, 0-9, `-`, `_` and `.`")]
    LedgerName {
        /// The name.
        name: String,
    },
    /// Maps that name different ledgers.
    #[error("the maps name different ledgers, `{first}` and `{other}`: name one")]
    TwoLedgers {
        /// Of the first table.
        first: String,
        /// Of another.
        other: String,
    },
    /// Maps that say different things of how the ledger begins.
    #[error("the maps contradict each other: one says that every balance was zero, another that some were not")]
    TwoBeginnings,
    /// A row that cannot be read; nothing is stored.
    #[error("{bad}")]
    BadRows {
        /// How many, and the first of them.
        bad: BadRows,
    },
}

fn nearest_to(name: Option<&str>) -> String {
    name.map(|name| format!("; the nearest is `{name}`")).unwrap_or_default()
}

/// What is wrong with a row.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Bytes that are no text.
    #[error("expected UTF-8")]
    NotUtf8,
    /// A zero byte.
    #[error("expected text without a zero byte")]
    Nul,
    /// A quote that is never closed.
    #[error("expected a closing quote")]
    OpenQuote,
    /// A quote within a cell that is not in quotes, or text behind a closing quote.
    #[error("expected a quote only around a whole cell, doubled inside it")]
    StrayQuote,
    /// A carriage return without a line feed.
    #[error("expected lines that end with a line feed")]
    LoneReturn,
    /// Longer than a record may be.
    #[error("expected at most {max} bytes: a closing quote may be missing")]
    TooLong {
        /// How long it may be.
        max: usize,
    },
    /// More cells than a record may have.
    #[error("expected at most {max} cells")]
    TooManyCells {
        /// How many it may have.
        max: usize,
    },
    /// More or fewer cells than the header has.
    #[error("expected {want} cells, found {got}")]
    Cells {
        /// As many as the header.
        want: usize,
        /// As many as there are.
        got: usize,
    },
    /// An amount.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Both columns of a pair have an amount.
    #[error("expected an amount in only one of the columns")]
    TwoAmounts,
    /// A time.
    #[error(transparent)]
    Moment(#[from] MomentError),
    /// Nothing where something must be.
    #[error("expected {what}, found nothing")]
    Missing {
        /// What must be there.
        what: &'static str,
    },
    /// A name with control characters, or longer than names are.
    #[error("expected {what} of at most {max} bytes without control characters")]
    Name {
        /// What it names.
        what: &'static str,
        /// How long it may be.
        max: usize,
    },
    /// Not the hash of a transaction.
    #[error("expected a transaction's hash, 64 hexadecimal digits")]
    Hash,
    /// An asset whose decimals nobody told.
    #[error("expected an asset whose decimals the map gives")]
    NoDecimals,
    /// Neither side is somebody.
    #[error("expected somebody on one side: both are accounts that stand for nobody")]
    NobodyTwice,
    /// Rows of one transaction at different moments.
    #[error("expected the time of line {line}, which has the same transaction{}", of(file.as_deref()))]
    OtherTime {
        /// Its file, where it is another one.
        file: Option<String>,
        /// Its line.
        line: u64,
    },
    /// Rows of one transaction with different fees.
    #[error("expected the fee of line {line}, which has the same transaction{}", of(file.as_deref()))]
    OtherFee {
        /// Its file, where it is another one.
        file: Option<String>,
        /// Its line.
        line: u64,
    },
    /// An asset whose decimals differ from those of an earlier row.
    #[error("expected {} as in an earlier row of this asset", decimals(*want))]
    OtherDecimals {
        /// Of the earlier row.
        want: Option<u8>,
    },
}

fn of(file: Option<&str>) -> String {
    file.map(|file| format!(" in `{file}`")).unwrap_or_default()
}

fn decimals(want: Option<u8>) -> String {
    want.map_or_else(|| "no number of decimals".to_owned(), |want| format!("{want} decimals"))
}

/// A row that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadRow {
    /// Name of its file.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: u64,
    /// The column at fault, as the header or the map calls it; none where it is the row itself.
    pub column: Option<String>,
    /// What stands there, cut.
    pub found: Option<String>,
    /// What is wrong with it.
    pub problem: Problem,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file.escape_debug(), self.line)?;
        if let Some(column) = &self.column {
            write!(f, "column `{}`: ", column.escape_debug())?;
        }
        match &self.found {
            Some(found) if !found.is_empty() => write!(f, "{}, found `{}`", self.problem, found.escape_debug()),
            _ => self.problem.fmt(f),
        }
    }
}

/// The rows that cannot be read: all are counted, the first are named.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BadRows {
    /// How many there are.
    pub total: u64,
    /// The first of them, at most [`BAD_ROWS_NAMED_MAX`].
    pub first: Vec<BadRow>,
}

impl BadRows {
    pub(super) fn push(&mut self, row: BadRow) {
        self.total += 1;
        if self.first.len() < BAD_ROWS_NAMED_MAX {
            self.first.push(row);
        }
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.total == 1 { "row" } else { "rows" };
        write!(f, "{} {rows} cannot be read", self.total)?;
        self.first.iter().try_for_each(|row| write!(f, "\n  {row}"))?;
        match self.total - self.first.len() as u64 {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// What an error repeats of a cell.
pub(super) fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(FOUND_CHARS_MAX).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_rows_are_counted_and_the_first_are_named() {
        let mut bad = BadRows::default();
        for line in 2..27 {
            let found = Some(cut(&"\u{1b}[31m".repeat(40)));
            let problem = Problem::Hash;
            bad.push(BadRow { file: "a.csv".to_owned(), line, column: Some("Txhash".to_owned()), found, problem });
        }
        let text = bad.to_string();
        assert!(text.starts_with("25 rows cannot be read\n  a.csv:2: column `Txhash`: expected a transaction's hash"));
        assert!(text.ends_with("\n  and 5 more") && text.lines().count() == 22);
        assert!(!text.contains('\u{1b}'), "what strangers wrote does not reach a terminal as it stands");
    }
}
