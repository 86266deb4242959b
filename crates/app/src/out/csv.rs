//! CSV that a court's spreadsheet opens without running anything: RFC 4180, no cell a formula.

use crate::text;

/// One row, ended by CR LF as RFC 4180 says.
pub fn row<S: AsRef<str>>(cells: impl IntoIterator<Item = S>, into: &mut String) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            into.push(',');
        }
        into.push_str(&self::cell(cell.as_ref()));
    }
    into.push_str("\r\n");
}

/// One cell: hidden characters escaped, a leading character that starts a formula disarmed with a single
/// quote (OWASP ASVS 1.2.10), quoted where needed.
#[must_use]
pub fn cell(content: &str) -> String {
    let mut shown = text::clean(content);
    if starts_formula(&shown) {
        shown.insert(0, '\'');
    }
    let quoted = shown.contains([',', ';', '"', '|']) || shown.starts_with(' ') || shown.ends_with(' ');
    if quoted { format!("\"{}\"", shown.replace('"', "\"\"")) } else { shown }
}

/// Spreadsheets skip leading spaces before they look for a formula, and take full-width signs for signs.
fn starts_formula(shown: &str) -> bool {
    shown.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for hostile in
            ["=1+1", "+1", "-1", "@SUM(A1)", " =cmd|' /C calc'!A0", "\t=1", "\r=1", "\u{0}=1", "＝1", "\u{a0}=1"]
        {
            let shown = cell(hostile);
            let first = shown.trim_start_matches('"').trim_start();
            assert!(!first.starts_with(['=', '+', '-', '@', '＝']), "{hostile:?} became {shown:?}");
        }
        assert_eq!(cell("=1+1"), "'=1+1");
    }

    #[test]
    fn quotes_and_separators_follow_rfc_4180() {
        let mut line = String::new();
        row(["a,b", "say \"so\"", "plain", "", "two\nlines"], &mut line);
        assert_eq!(line, "\"a,b\",\"say \"\"so\"\"\",plain,,two\\u{a}lines\r\n");
    }
}
