//! One table of an answer, printed as aligned text, CSV or JSON.

use serde_json::{Map, Value};

use super::cell::Cell;
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

/// A column: its heading, its field in JSON, and where its text stands. Without a heading it is for programs alone.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Column {
    heading: String,
    key: String,
    align: Align,
}

impl Column {
    fn named(name: &str) -> Self {
        let (align, name) = match name.strip_prefix('>') {
            Some(number) => (Align::Right, number),
            None => (Align::Left, name),
        };
        let (heading, key) = split(name);
        Self { heading, key, align }
    }
}

/// Heading and JSON field of a name: `spent by` gives the field `spent_by`, `BTC/units` the field `units`, and `/chain`
/// a field without a heading.
pub(super) fn split(name: &str) -> (String, String) {
    let (heading, key) = name.split_once('/').unwrap_or((name, name));
    (heading.to_owned(), key.replace(' ', "_"))
}

/// A table: columns with names, rows of values in both forms. Amounts are exact decimals to people.
#[derive(Clone, PartialEq, Debug)]
pub struct Sheet {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// An empty table. A name that starts with `>` makes a column of numbers; after `/` stands the field's name in JSON
    /// where it is not the heading's (`>BTC/units`), and a name that starts with `/` is told to programs alone.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|name| Column::named(name)).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When it has not as many cells as there are columns.
    pub fn push<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let row: Vec<Cell> = cells.into_iter().map(Into::into).collect();
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

    /// The columns with a heading, by position.
    fn shown(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| !column.heading.is_empty())
    }

    /// The rows as aligned text under their headings.
    #[must_use]
    pub fn table(&self) -> String {
        let cells = |row: &Vec<Cell>| self.shown().map(|(at, _)| text::clean(row[at].shown())).collect::<Vec<_>>();
        let shown: Vec<Vec<String>> = self.rows.iter().map(cells).collect();
        let headings: Vec<String> = self.shown().map(|(_, column)| column.heading.to_uppercase()).collect();
        let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
        for row in &shown {
            row.iter().zip(&mut widths).for_each(|(cell, width)| *width = (*width).max(cell.chars().count()));
        }
        let mut out = self.line(&headings, &widths);
        for row in &shown {
            out.push_str(&self.line(row, &widths));
        }
        out
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut out = String::new();
        let last = cells.len().saturating_sub(1);
        for (at, ((cell, (_, column)), &width)) in cells.iter().zip(self.shown()).zip(widths).enumerate() {
            // By hand: the width of a format ends at 65,535, and a cell may be longer.
            let padding = std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()));
            match column.align {
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
        csv::row(self.shown().map(|(_, column)| column.heading.replace(' ', "_")), &mut out);
        self.rows.iter().for_each(|row| csv::row(self.shown().map(|(at, _)| row[at].shown()), &mut out));
        out
    }

    /// The rows as a JSON array of objects, every value in its own type.
    #[must_use]
    pub fn json(&self) -> Value {
        let object = |row: &Vec<Cell>| {
            let pairs = self.columns.iter().zip(row).map(|(column, cell)| (column.key.clone(), cell.value().clone()));
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
    fn a_column_has_a_heading_for_people_and_a_field_for_programs() {
        let mut sheet = Sheet::new(&["coin", ">BTC/units", "/chain"]);
        sheet.push([Cell::from("a:0"), Cell::new("1.50000000", "150000000"), Cell::from("bip122:00")]);
        assert_eq!(sheet.table(), "COIN         BTC\na:0   1.50000000\n");
        assert_eq!(sheet.csv(), "coin,BTC\r\na:0,1.50000000\r\n");
        let row = serde_json::json!({ "coin": "a:0", "units": "150000000", "chain": "bip122:00" });
        assert_eq!(sheet.json(), Value::Array(vec![row]));
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
