//! One table of an answer, printed as aligned text, CSV or JSON.

use serde_json::{Map, Value};

use super::csv;
use crate::text;

/// Where a column's text stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table: columns with names, rows of text. Numbers are exact decimals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// An empty table; a name that starts with `>` makes a column of numbers.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        let column = |name: &&str| match name.strip_prefix('>') {
            Some(number) => (number.to_owned(), Align::Right),
            None => ((*name).to_owned(), Align::Left),
        };
        Self { columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When it has not as many cells as there are columns.
    pub fn push<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let row: Vec<String> = cells.into_iter().map(Into::into).collect();
        assert_eq!(row.len(), self.columns.len(), "a row has one cell for each column");
        self.rows.push(row);
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows as aligned text under their headings.
    #[must_use]
    pub fn table(&self) -> String {
        let shown: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|cell| text::clean(cell)).collect()).collect();
        let widths = self.widths(&shown);
        let headings: Vec<String> = self.columns.iter().map(|(name, _)| name.to_uppercase()).collect();
        let mut out = self.line(&headings, &widths);
        for row in &shown {
            out.push_str(&self.line(row, &widths));
        }
        out
    }

    fn widths(&self, shown: &[Vec<String>]) -> Vec<usize> {
        let width = |at: usize| {
            let cells = shown.iter().map(|row| row[at].chars().count());
            cells.chain([self.columns[at].0.chars().count()]).max().unwrap_or(0)
        };
        (0..self.columns.len()).map(width).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut out = String::new();
        let last = self.columns.len().saturating_sub(1);
        for (at, ((cell, (_, align)), &width)) in cells.iter().zip(&self.columns).zip(widths).enumerate() {
            // By hand: the width of a format ends at 65,535, and a cell may be longer.
            let padding = std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()));
            match align {
                Align::Left if at == last => out.push_str(cell),
                Align::Left => out.extend(cell.chars().chain(padding)),
                Align::Right => out.extend(padding.chain(cell.chars())),
            }
            out.push_str("  ");
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    }

    /// The rows as CSV with a heading row.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::new();
        csv::row(self.columns.iter().map(|(name, _)| name.replace(' ', "_")), &mut out);
        self.rows.iter().for_each(|row| csv::row(row, &mut out));
        out
    }

    /// The rows as a JSON array of objects, every value text.
    #[must_use]
    pub fn json(&self) -> Value {
        let object = |row: &Vec<String>| {
            let pairs = self
                .columns
                .iter()
                .zip(row)
                .map(|((name, _), cell)| (name.replace(' ', "_"), Value::from(cell.as_str())));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        Value::Array(self.rows.iter().map(object).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn sample() -> Sheet {
        let mut sheet = Sheet::new(&["place", ">amount btc", "who says so"]);
        sheet.push(["at rest", "1.50000000", "-"]);
        sheet.push(["at service: \u{1b}[31mevil", "120.00000000", "=HYPERLINK(1)"]);
        sheet
    }

    #[test]
    fn columns_line_up_and_hostile_text_is_shown() {
        expect![[r"
            PLACE                         AMOUNT BTC  WHO SAYS SO
            at rest                       1.50000000  -
            at service: \u{1b}[31mevil  120.00000000  =HYPERLINK(1)
        "]]
        .assert_eq(&sample().table());
    }

    #[test]
    fn csv_and_json_hold_the_same_rows() {
        assert_eq!(sample().csv().lines().nth(2), Some("at service: \\u{1b}[31mevil,120.00000000,'=HYPERLINK(1)"));
        assert_eq!(sample().json()[0]["amount_btc"], "1.50000000");
    }

    #[test]
    fn a_cell_of_any_length_is_a_cell() {
        let long = "x".repeat(70_000);
        let mut sheet = Sheet::new(&["name", ">number", "detail"]);
        sheet.push(["a", long.as_str(), "first"]);
        sheet.push([long.as_str(), "7", long.as_str()]);
        let lengths: Vec<usize> = sheet.table().lines().map(str::len).collect();
        assert_eq!(lengths, [140_004 + "detail".len(), 140_004 + "first".len(), 210_004]);
    }
}
