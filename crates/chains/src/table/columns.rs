//! Which of a file's columns a map means.

use super::error::TableError;
use super::records::Cells;
use super::schema::{Column, Pick};

/// The header of a file: the names of its columns, or only how many there are.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub file: String,
    pub line: u64,
    /// Trimmed; empty names where there is no header.
    pub names: Vec<String>,
}

/// Where a value of each row stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// In every row the same.
    Constant(String),
    /// In the first of these columns that is not empty.
    Cells(Vec<usize>),
}

/// A value of one row, and the column it stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Value<'a> {
    pub text: &'a str,
    pub column: Option<usize>,
}

impl Source {
    /// The value of a row, without the spaces around it; empty where no column has one.
    pub fn get<'a>(&'a self, cells: &'a Cells) -> Value<'a> {
        match self {
            Self::Constant(text) => Value { text, column: None },
            Self::Cells(columns) => {
                let value = |column: &usize| Value { text: trimmed(cells, *column), column: Some(*column) };
                let first = columns.iter().map(value).find(|value| !value.text.is_empty());
                first.unwrap_or(Value { text: "", column: columns.first().copied() })
            }
        }
    }

    /// Every column, for values that stand in only one of them.
    pub fn columns(&self) -> &[usize] {
        match self {
            Self::Constant(_) => &[],
            Self::Cells(columns) => columns,
        }
    }
}

/// A cell without the spaces around it.
pub(super) fn trimmed(cells: &Cells, column: usize) -> &str {
    cells.get(column).unwrap_or_default().trim_matches([' ', '\t'])
}

impl Header {
    /// The name of a column, for errors.
    pub fn name(&self, column: usize) -> String {
        let name = self.names.get(column).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| format!("{} (by position)", column + 1))
    }

    /// Finds what a map picks.
    pub fn find(&self, pick: &Pick) -> Result<Source, TableError> {
        match pick {
            Pick::Constant(constant) => Ok(Source::Constant(constant.constant.trim().to_owned())),
            Pick::One(column) => Ok(Source::Cells(vec![self.column(column)?])),
            Pick::Optional(optional) => Ok(Source::Cells(self.those_of(optional.optional.as_slice())?.0)),
            Pick::First(columns) => match self.those_of(columns)? {
                (there, Some(missing)) if there.is_empty() => Err(missing),
                (there, _) => Ok(Source::Cells(there)),
            },
        }
    }

    /// Exporters rename columns: those of a list that are there, and the first that is not.
    fn those_of(&self, columns: &[Column]) -> Result<(Vec<usize>, Option<TableError>), TableError> {
        let (mut there, mut missing) = (Vec::new(), None);
        for column in columns {
            match self.column(column) {
                Ok(column) => there.push(column),
                Err(error @ TableError::NoColumn { .. }) => missing = missing.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Ok((there, missing))
    }

    /// Finds what a map may pick.
    pub fn find_any(&self, pick: Option<&Pick>) -> Result<Option<Source>, TableError> {
        pick.map(|pick| self.find(pick)).transpose()
    }

    /// Finds one column.
    pub fn column(&self, column: &Column) -> Result<usize, TableError> {
        match column {
            Column::Position(position) => self.position(*position),
            Column::Name(name) => self.named(name.trim()),
        }
    }

    fn position(&self, wanted: usize) -> Result<usize, TableError> {
        let (file, line, columns) = (self.file.clone(), self.line, self.names.len());
        let at = wanted.checked_sub(1).filter(|at| *at < columns);
        at.ok_or(TableError::NoPosition { file, line, wanted, columns })
    }

    fn named(&self, wanted: &str) -> Result<usize, TableError> {
        let mut found = self.names.iter().enumerate().filter(|(_, name)| *name == wanted);
        let (file, line, wanted) = (self.file.clone(), self.line, wanted.to_owned());
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some(_), Some(_)) => Err(TableError::TwoColumns { file, line, wanted }),
            (None, _) => {
                let nearest = self.nearest(&wanted);
                Err(TableError::NoColumn { file, line, wanted, nearest })
            }
        }
    }

    /// The name that differs least, unless it differs by more than half.
    fn nearest(&self, wanted: &str) -> Option<String> {
        let names = self.names.iter().filter(|name| !name.is_empty() && name.len() <= 100);
        let near = names.map(|name| (distance(wanted, name), name)).min()?;
        (near.0 * 2 <= wanted.chars().count().max(2)).then(|| near.1.clone())
    }
}

/// How many characters have to be changed, added or removed, case not counted.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.to_lowercase().chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let change = before + usize::from(left != *right);
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Header {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Header { file: "a.csv".to_owned(), line: 1, names }
    }

    fn name(name: &str) -> Column {
        Column::Name(name.to_owned())
    }

    #[test]
    fn a_missing_column_is_named_with_the_nearest() {
        let header = header(&["Transaction Hash", "DateTime (UTC)", "Value_IN(BNB)"]);
        let text = |wanted| header.column(&name(wanted)).map_err(|error| error.to_string());
        assert_eq!(text("DateTime (UTC)"), Ok(1));
        let near = "`a.csv` line 1 has no column `Value_IN(ETH)`; the nearest is `Value_IN(BNB)`";
        assert_eq!(text("Value_IN(ETH)"), Err(near.to_owned()));
        assert_eq!(text("Amount"), Err("`a.csv` line 1 has no column `Amount`".to_owned()));
    }

    #[test]
    fn a_column_that_is_there_twice_has_to_be_named_by_position() {
        let header = header(&["From", "To", "From"]);
        assert!(matches!(header.column(&name("From")), Err(TableError::TwoColumns { .. })));
        assert!(matches!(header.column(&Column::Position(3)), Ok(2)));
        assert!(matches!(header.column(&Column::Position(4)), Err(TableError::NoPosition { columns: 3, .. })));
        assert!(matches!(header.find(&Pick::First(vec![name("From")])), Err(TableError::TwoColumns { .. })));
    }

    #[test]
    fn of_a_list_those_columns_count_that_are_there() {
        let header = header(&["Txhash", "To"]);
        let pick = Pick::First(vec![name("Transaction Hash"), name("Txhash")]);
        assert_eq!(header.find(&pick).ok(), Some(Source::Cells(vec![0])));
        assert!(matches!(header.find(&Pick::First(vec![name("x"), name("y")])), Err(TableError::NoColumn { .. })));
    }
}
