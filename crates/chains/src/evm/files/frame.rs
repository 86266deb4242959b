//! A file as one value after the other, however long the file is.

use std::io::{self, BufRead};

use crate::evm::files::error::ReadFault;

/// The most bytes of one JSON value: far above what a block's traces have, and what memory bears.
const JSON_BYTES_MAX: usize = 1 << 30;

/// The most bytes of one RLP item: a block has a few mebibytes.
const RLP_BYTES_MAX: usize = 1 << 28;

/// How a file's values stand in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// JSON values, one after the other.
    Json,
    /// One JSON value a line.
    Lines,
    /// RLP items, one after the other.
    Rlp,
}

/// Takes a value with its place, or what is wrong there.
pub(super) type Each<'e> = dyn FnMut(u64, Result<&[u8], ReadFault>) -> io::Result<()> + 'e;

/// Hands on each value with its place; what cannot be told apart any more ends the file.
pub(super) fn frames(form: Form, file: &mut dyn BufRead, each: &mut Each<'_>) -> io::Result<()> {
    let mut at = 0;
    let mut value = Vec::new();
    loop {
        value.clear();
        let taken = match form {
            Form::Json => json(file, &mut value)?,
            Form::Lines => line(file, &mut value)?,
            Form::Rlp => rlp(file, &mut value)?,
        };
        match taken {
            Taken::Value { skipped, length } => {
                each(at + skipped, Ok(&value))?;
                at += skipped + length;
            }
            Taken::Nothing { skipped, length } => at += skipped + length,
            Taken::Fault { skipped, fault } => return each(at + skipped, Err(fault)),
            Taken::End => return Ok(()),
        }
    }
}

/// What was taken from a file: behind so many bytes of white space, so many bytes.
enum Taken {
    Value { skipped: u64, length: u64 },
    Nothing { skipped: u64, length: u64 },
    Fault { skipped: u64, fault: ReadFault },
    End,
}

/// One line without its end.
fn line(file: &mut dyn BufRead, value: &mut Vec<u8>) -> io::Result<Taken> {
    let limit = JSON_BYTES_MAX as u64 + 1;
    let length = io::Read::take(&mut *file, limit).read_until(b'\n', value)? as u64;
    if length == 0 {
        return Ok(Taken::End);
    }
    if length == limit {
        return Ok(Taken::Fault { skipped: 0, fault: ReadFault::TooLong { max: JSON_BYTES_MAX } });
    }
    let is_blank = value.iter().all(u8::is_ascii_whitespace);
    Ok(if is_blank { Taken::Nothing { skipped: 0, length } } else { Taken::Value { skipped: 0, length } })
}

/// Where within a JSON object or array the reader is.
#[derive(Default)]
struct Nesting {
    depth: u64,
    is_string: bool,
    is_escaped: bool,
}

impl Nesting {
    /// Whether the value ends with this byte.
    fn closes(&mut self, byte: u8) -> bool {
        if self.is_string {
            (self.is_escaped, self.is_string) = (!self.is_escaped && byte == b'\\', self.is_escaped || byte != b'"');
            return false;
        }
        match byte {
            b'"' => self.is_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.depth == 0
    }
}

/// One object or array.
fn json(file: &mut dyn BufRead, value: &mut Vec<u8>) -> io::Result<Taken> {
    let skipped = skip_space(file)?;
    let mut nesting = Nesting::default();
    loop {
        let buffer = file.fill_buf()?;
        match (buffer.first(), value.is_empty()) {
            (None, true) => return Ok(Taken::End),
            (None, false) => return Ok(Taken::Fault { skipped, fault: ReadFault::Truncated }),
            (Some(b'{' | b'['), true) | (Some(_), false) => {}
            (Some(_), true) => return Ok(Taken::Fault { skipped, fault: ReadFault::NoValue }),
        }
        let end = buffer.iter().position(|&byte| nesting.closes(byte));
        let length = end.map_or(buffer.len(), |end| end + 1);
        value.extend_from_slice(&buffer[..length]);
        file.consume(length);
        if value.len() > JSON_BYTES_MAX {
            return Ok(Taken::Fault { skipped, fault: ReadFault::TooLong { max: JSON_BYTES_MAX } });
        }
        if end.is_some() {
            return Ok(Taken::Value { skipped, length: value.len() as u64 });
        }
    }
}

fn skip_space(file: &mut dyn BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = file.fill_buf()?;
        let space = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let is_over = space < buffer.len() || buffer.is_empty();
        file.consume(space);
        skipped += space as u64;
        if is_over {
            return Ok(skipped);
        }
    }
}

/// One list.
fn rlp(file: &mut dyn BufRead, value: &mut Vec<u8>) -> io::Result<Taken> {
    let fault = |fault| Ok(Taken::Fault { skipped: 0, fault });
    if !take(file, 1, value)? {
        return Ok(Taken::End);
    }
    let payload = match value[0] {
        short @ 0xc0..=0xf7 => usize::from(short - 0xc0),
        long @ 0xf8.. => {
            if !take(file, usize::from(long - 0xf7), value)? {
                return fault(ReadFault::Truncated);
            }
            let length = value[1..].iter().try_fold(0_usize, |all, &one| all.checked_mul(256)?.checked_add(one.into()));
            length.unwrap_or(usize::MAX)
        }
        _ => return fault(ReadFault::NoValue),
    };
    if payload > RLP_BYTES_MAX {
        return fault(ReadFault::TooLong { max: RLP_BYTES_MAX });
    }
    if !take(file, payload, value)? {
        return fault(ReadFault::Truncated);
    }
    Ok(Taken::Value { skipped: 0, length: value.len() as u64 })
}

/// Appends so many bytes; false where the file ends before. Memory grows with what is read, not with what is said.
fn take(file: &mut dyn BufRead, count: usize, value: &mut Vec<u8>) -> io::Result<bool> {
    let got = io::Read::read_to_end(&mut io::Read::take(&mut *file, count as u64), value)?;
    Ok(got == count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(form: Form, bytes: &[u8]) -> Vec<(u64, String)> {
        let mut told = Vec::new();
        // A small buffer, so that values lie across its edges.
        let mut file = io::BufReader::with_capacity(5, bytes);
        let mut each = |at: u64, value: Result<&[u8], ReadFault>| {
            told.push((at, value.map_or_else(|fault| format!("{fault}"), |value| format!("{}", value.escape_ascii()))));
            Ok(())
        };
        frames(form, &mut file, &mut each).expect("memory is readable");
        told
    }

    #[test]
    fn json_values_are_told_apart() {
        let text = br#" {"a":"}\"]{\\"}
            [{}, [1]]{} "#;
        let want = [(1, r#"{\"a\":\"}\\\"]{\\\\\"}"#.to_owned()), (29, "[{}, [1]]".to_owned()), (38, "{}".to_owned())];
        assert_eq!(told(Form::Json, text), want);
        assert_eq!(told(Form::Json, b""), []);
        assert_eq!(told(Form::Json, b"{}{\"a\":[1}"), [(0, "{}".into()), (2, ReadFault::Truncated.to_string())]);
        assert_eq!(told(Form::Json, b"{} null {}"), [(0, "{}".into()), (3, ReadFault::NoValue.to_string())]);
    }

    #[test]
    fn lines_are_told_apart_whatever_they_hold() {
        assert_eq!(told(Form::Lines, b"{\n\n ]\n{}"), [(0, "{\\n".into()), (3, " ]\\n".into()), (6, "{}".into())]);
    }

    #[test]
    fn rlp_lists_are_told_apart() {
        assert_eq!(told(Form::Rlp, &[0xc1, 1, 0xc0]), [(0, "\\xc1\\x01".into()), (2, "\\xc0".into())]);
        assert_eq!(told(Form::Rlp, &[0xc0, 0x80]), [(0, "\\xc0".into()), (1, ReadFault::NoValue.to_string())]);
        assert_eq!(told(Form::Rlp, &[0xc3, 0x80]), [(0, ReadFault::Truncated.to_string())]);
        assert_eq!(told(Form::Rlp, &[0xf9, 0x80]), [(0, ReadFault::Truncated.to_string())]);
        let huge = [[0xff].as_slice(), &[0xff; 8]].concat();
        assert_eq!(told(Form::Rlp, &huge), [(0, ReadFault::TooLong { max: RLP_BYTES_MAX }.to_string())]);
    }
}
