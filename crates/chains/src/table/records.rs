//! Lines and cells of a table, strictly as RFC 4180 has them.
//!
//! A table is evidence: what a lenient reader would make fit (a stray quote, a row that swallows the next ones, a
//! missing cell) is refused here, with the line it begins in. After a refused record reading goes on in the line after
//! the one it began in, so one missing quote costs one row and not the file.

use super::error::Problem;

/// Bytes of one record at most, its line's end not counted.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// Cells of one record at most.
pub const CELLS_MAX: usize = 4_096;

/// A record's place in its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Where its first byte is.
    pub offset: usize,
    /// The line it begins in, from 1.
    pub line: u64,
}

/// The cells of one record, reused from one to the next.
#[derive(Clone, Default, Debug)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A cell as it stands, by its position from 0.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

/// The records of a file.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    next: Place,
}

impl<'a> Records<'a> {
    /// The records of a file from its first byte on, a byte order mark left out.
    #[must_use]
    pub fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        let offset = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Self { bytes, delimiter, next: Place { offset, line: 1 } }
    }

    /// The record that begins at a place that [`Self::read`] named.
    #[must_use]
    pub fn at(bytes: &'a [u8], delimiter: u8, place: Place) -> Self {
        Self { bytes, delimiter, next: place }
    }

    /// Where the next record is looked for.
    #[must_use]
    pub fn place(&self) -> Place {
        self.next
    }

    /// Reads the next record that is not an empty line; none at the end of the file.
    ///
    /// The result says where the record begins and what is wrong with it, if anything.
    pub fn read(&mut self, cells: &mut Cells) -> Option<(Place, Result<(), Problem>)> {
        self.skip_empty_lines();
        let place = self.next;
        let rest = self.bytes.get(place.offset..).filter(|rest| !rest.is_empty())?;
        cells.clear();
        let split = split(rest, self.delimiter, cells);
        match split {
            Ok(length) => self.advance(length),
            Err(_) => self.advance(line_length(rest)),
        }
        Some((place, split.map(|_| ())))
    }

    fn skip_empty_lines(&mut self) {
        while let Some(rest) = self.bytes.get(self.next.offset..) {
            let length = [&b"\n"[..], b"\r\n"].iter().find(|end| rest.starts_with(end)).map_or(0, |end| end.len());
            if length == 0 {
                return;
            }
            self.advance(length);
        }
    }

    fn advance(&mut self, length: usize) {
        let passed = &self.bytes[self.next.offset..self.next.offset + length];
        self.next.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.next.offset += length;
    }
}

/// The length of the line that the bytes begin with, its end included.
fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1)
}

/// Splits the record that the bytes begin with and returns its length, its line's end included.
fn split(rest: &[u8], delimiter: u8, cells: &mut Cells) -> Result<usize, Problem> {
    let mut at = 0;
    loop {
        let cell =
            if rest.get(at) == Some(&b'"') { quoted(rest, at, cells)? } else { plain(rest, at, delimiter, cells)? };
        at = cell;
        if at > RECORD_BYTES_MAX {
            return Err(Problem::TooLong { max: RECORD_BYTES_MAX });
        }
        cells.ends.push(cells.text.len());
        if cells.ends.len() > CELLS_MAX {
            return Err(Problem::TooManyCells { max: CELLS_MAX });
        }
        match &rest[at..] {
            [byte, ..] if *byte == delimiter => at += 1,
            [b'\n', ..] => return Ok(at + 1),
            [b'\r', b'\n', ..] => return Ok(at + 2),
            [] => return Ok(at),
            _ => return Err(Problem::StrayQuote),
        }
    }
}

/// What may belong to a record from a place on, and one byte more: a record that needs it is too long.
fn within(rest: &[u8], start: usize) -> &[u8] {
    &rest[start..rest.len().min(RECORD_BYTES_MAX + 1).max(start)]
}

/// Takes a cell without quotes and returns where it ends.
fn plain(rest: &[u8], start: usize, delimiter: u8, cells: &mut Cells) -> Result<usize, Problem> {
    let ends = |byte: &u8| *byte == delimiter || matches!(*byte, b'\n' | b'\r' | b'"' | 0);
    let within = within(rest, start);
    let end = start + within.iter().position(ends).unwrap_or(within.len());
    match rest.get(end) {
        _ if end > RECORD_BYTES_MAX => return Err(Problem::TooLong { max: RECORD_BYTES_MAX }),
        Some(b'"') => return Err(Problem::StrayQuote),
        Some(0) => return Err(Problem::Nul),
        Some(b'\r') if rest.get(end + 1) != Some(&b'\n') => return Err(Problem::LoneReturn),
        _ => {}
    }
    push_text(&rest[start..end], cells)?;
    Ok(end)
}

/// Takes a cell in quotes and returns where it ends, its last quote included.
fn quoted(rest: &[u8], start: usize, cells: &mut Cells) -> Result<usize, Problem> {
    let mut at = start + 1;
    loop {
        let within = within(rest, at);
        let Some(length) = within.iter().position(|byte| matches!(*byte, b'"' | 0)) else {
            let cut = rest.len() > RECORD_BYTES_MAX;
            return Err(if cut { Problem::TooLong { max: RECORD_BYTES_MAX } } else { Problem::OpenQuote });
        };
        push_text(&within[..length], cells)?;
        at += length + 1;
        match (within[length], rest.get(at)) {
            (0, _) => return Err(Problem::Nul),
            (_, Some(b'"')) => cells.text.push('"'),
            _ => return Ok(at),
        }
        at += 1;
    }
}

fn push_text(bytes: &[u8], cells: &mut Cells) -> Result<(), Problem> {
    cells.text.push_str(std::str::from_utf8(bytes).map_err(|_| Problem::NotUtf8)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<(u64, Result<Vec<String>, Problem>)> {
        let (mut records, mut cells, mut found) = (Records::new(bytes, b','), Cells::default(), Vec::new());
        while let Some((place, read)) = records.read(&mut cells) {
            let row = |()| (0..cells.len()).map(|at| cells.get(at).expect("counted").to_owned()).collect();
            found.push((place.line, read.map(row)));
        }
        found
    }

    fn row(cells: &[&str]) -> Result<Vec<String>, Problem> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_may_hold_anything_in_quotes() {
        let text = "\u{feff}a,b\r\n\r\n\"x\ny\",\"say \"\"no\"\"\"\n,\n\"\",é";
        let want =
            [(1, row(&["a", "b"])), (3, row(&["x\ny", "say \"no\""])), (5, row(&["", ""])), (6, row(&["", "é"]))];
        assert_eq!(all(text.as_bytes()), want);
        assert_eq!((all(b""), all(b"\n\r\n\n")), (vec![], vec![]));
    }

    #[test]
    fn one_damaged_record_costs_one_row() {
        for (damaged, problem) in [
            (&b"\"open,1\nz,2"[..], Problem::OpenQuote),
            (b"a\"b,1\nz,2", Problem::StrayQuote),
            (b"\"a\"b,1\nz,2", Problem::StrayQuote),
            (b"a\0b,1\nz,2", Problem::Nul),
            (b"\"a\0b\",1\nz,2", Problem::Nul),
            (b"a\rb,1\nz,2", Problem::LoneReturn),
            (b"\xff,1\nz,2", Problem::NotUtf8),
            (b"\"\xc3\",1\nz,2", Problem::NotUtf8),
        ] {
            assert_eq!(all(damaged), [(1, Err(problem)), (2, row(&["z", "2"]))], "{damaged:?}");
        }
    }

    #[test]
    fn a_record_without_end_is_refused_unread() {
        let long = vec![b'x'; 3 * RECORD_BYTES_MAX];
        let too_long = || Err(Problem::TooLong { max: RECORD_BYTES_MAX });
        assert_eq!(all(&long), [(1, too_long())]);
        let quoted = [b"\"".as_slice(), &long, b"\"\nz\n"].concat();
        assert_eq!(all(&quoted), [(1, too_long()), (2, row(&["z"]))]);
        let cells = vec![b','; 2 * CELLS_MAX];
        assert_eq!(all(&cells), [(1, Err(Problem::TooManyCells { max: CELLS_MAX }))]);
        let fits = vec![b'x'; RECORD_BYTES_MAX];
        assert_eq!(all(&fits), [(1, row(&[std::str::from_utf8(&fits).expect("ascii")]))]);
    }

    #[test]
    fn a_record_may_have_its_bytes_and_not_one_more() {
        let shapes =
            [("", ""), ("\"", "\""), ("\"", "\",x"), ("\"", "\","), ("\"", "\"\"\""), ("x,\"", "\",\"\""), ("", ",")];
        for (before, behind) in shapes {
            for length in RECORD_BYTES_MAX - 2..=RECORD_BYTES_MAX + 4 {
                let text = format!("{before}{}{behind}", "a".repeat(length - before.len() - behind.len()));
                for end in ["\n", "\r\n"] {
                    let read = all(format!("{text}{end}z{end}").as_bytes());
                    let too_long = (length > RECORD_BYTES_MAX).then_some(Problem::TooLong { max: RECORD_BYTES_MAX });
                    assert_eq!(read[0].1.as_ref().err(), too_long.as_ref(), "{length} bytes, {before}..{behind}");
                    assert_eq!(read[1..], [(2, row(&["z"]))], "{length} bytes, {before}..{behind}");
                    assert_eq!(all(text.as_bytes())[0], read[0], "at the file's end");
                }
            }
        }
    }
}
