//! A place in bytes that a stranger wrote.

use crate::nem::address::{Address, TEXT_LEN};
use crate::nem::encode::ABSENT;
use crate::nem::network::Network;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("byte {offset}: {field}: {fault}")]
pub struct DecodeError {
    /// Counted from the start of what was given.
    pub offset: usize,
    /// What was looked for.
    pub field: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It would end behind the bytes.
    #[error("needs {want} bytes, {got} are left")]
    Ends {
        /// How many it needs.
        want: u64,
        /// How many there are.
        got: u64,
    },
    /// It has one length only, and announces another.
    #[error("is {got} bytes long, should be {want}")]
    Length {
        /// The only length it has.
        want: u64,
        /// What is announced.
        got: u64,
    },
    /// More elements than the bytes left can hold.
    #[error("announces {got} elements, more than the bytes left can hold")]
    TooMany {
        /// What is announced.
        got: u64,
    },
    /// A value that does not occur.
    #[error("has the value {got}, which does not occur")]
    Value {
        /// The value.
        got: u64,
    },
    /// Not UTF-8.
    #[error("is not UTF-8")]
    Text,
    /// Not 40 characters of base32.
    #[error("is not an address")]
    Address,
    /// Bytes follow where the object should end.
    #[error("is followed by {got} bytes too many")]
    Trailing {
        /// How many.
        got: u64,
    },
}

/// Where something began, for errors told later.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl Mark {
    pub(super) fn error(self, field: &'static str, fault: Fault) -> DecodeError {
        DecodeError { offset: self.0, field, fault }
    }
}

/// Each element of a list has a size of its own in front.
const ELEMENT_LEN_MIN: usize = 4;

/// A place in bytes, within one object.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    /// Where `bytes` begins within what was given.
    base: usize,
    field: &'static str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, base: 0, field: "end" }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.base)
    }

    /// An error about the field that was just read.
    pub(super) fn refuse(&self, field: &'static str, fault: Fault) -> DecodeError {
        self.mark().error(field, fault)
    }

    pub(super) fn end(&self) -> Result<(), DecodeError> {
        match self.bytes.len() {
            0 => Ok(()),
            left => Err(self.refuse(self.field, Fault::Trailing { got: wide(left) })),
        }
    }

    fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(len) else {
            return Err(self.refuse(field, Fault::Ends { want: wide(len), got: wide(self.bytes.len()) }));
        };
        self.bytes = rest;
        self.base += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let taken = self.take(N, field)?;
        Ok(taken.try_into().expect("as many bytes as were asked for"))
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self, field: &'static str) -> Result<i32, DecodeError> {
        self.array(field).map(i32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// A number out of a few.
    pub(super) fn code<T>(
        &mut self,
        field: &'static str,
        of_code: impl Fn(u32) -> Option<T>,
    ) -> Result<T, DecodeError> {
        let start = self.mark();
        let code = self.u32(field)?;
        of_code(code).ok_or_else(|| start.error(field, Fault::Value { got: code.into() }))
    }

    /// A version: one byte, two that are zero, and the network.
    pub(super) fn version(&mut self) -> Result<(u8, Network), DecodeError> {
        let start = self.mark();
        let bytes: [u8; 4] = self.array("version")?;
        let refused = || start.error("version", Fault::Value { got: u32::from_le_bytes(bytes).into() });
        match (bytes, Network::of_byte(bytes[3])) {
            ([version, 0, 0, _], Some(network)) => Ok((version, network)),
            _ => Err(refused()),
        }
    }

    fn len(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        self.u32(field).map(|len| usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// Bytes behind their length.
    pub(super) fn sized(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let len = self.len(field)?;
        self.take(len, field)
    }

    /// Bytes behind their length, which is always the same.
    pub(super) fn fixed<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let start = self.mark();
        match self.len(field)? {
            len if len == N => self.array(field),
            len => Err(start.error(field, Fault::Length { want: wide(N), got: wide(len) })),
        }
    }

    pub(super) fn address(&mut self, field: &'static str) -> Result<Address, DecodeError> {
        let start = self.mark();
        let text: [u8; TEXT_LEN] = self.fixed(field)?;
        Address::of_ascii(&text).ok_or_else(|| start.error(field, Fault::Address))
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let start = self.mark();
        let bytes = self.sized(field)?;
        let text = str::from_utf8(bytes).map_err(|_| start.error(field, Fault::Text))?;
        Ok(text.to_owned())
    }

    /// Text, or the mark that there is none.
    pub(super) fn optional_text(&mut self, field: &'static str) -> Result<Option<String>, DecodeError> {
        if self.bytes.starts_with(&ABSENT.to_le_bytes()) {
            return self.u32(field).map(|_| None);
        }
        self.text(field).map(Some)
    }

    /// What `read` makes of the object here, which it must use up.
    pub(super) fn object<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Cursor<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let len = self.len(field)?;
        let base = self.base;
        let mut inside = Cursor { bytes: self.take(len, field)?, base, field };
        let value = read(&mut inside)?;
        inside.end().map(|()| value)
    }

    /// The same, or none for the size 0.
    pub(super) fn optional_object<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Cursor<'a>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.bytes.starts_with(&[0; 4]) {
            return self.u32(field).map(|_| None);
        }
        self.object(field, read).map(Some)
    }

    /// Objects behind their count. Memory grows with what was read, not with what was announced.
    pub(super) fn list<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&mut Cursor<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let start = self.mark();
        let count = self.len(field)?;
        if count > self.bytes.len() / ELEMENT_LEN_MIN {
            return Err(start.error(field, Fault::TooMany { got: wide(count) }));
        }
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.object(field, &read)?);
        }
        Ok(items)
    }
}

fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
