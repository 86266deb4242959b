//! Reading fields off bytes that a stranger wrote, with the byte offset in every error.
//!
//! A count is refused as soon as the bytes that are left could not hold that many elements; no other
//! limit is put on counts, since consensus limits sizes in bytes alone.

use std::fmt;

/// A field that a decoder looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Field {
    /// The 80 bytes of a block header.
    Header,
    /// How many transactions follow.
    TxCount,
    /// A transaction's version.
    Version,
    /// The byte after the segwit marker.
    SegwitFlag,
    /// How many inputs follow.
    InputCount,
    /// The coin an input spends.
    Prevout,
    /// Length of a signature script.
    SignatureScriptLen,
    /// A signature script.
    SignatureScript,
    /// An input's sequence number.
    Sequence,
    /// How many outputs follow.
    OutputCount,
    /// An output's value.
    Value,
    /// Length of a locking script.
    LockScriptLen,
    /// A locking script.
    LockScript,
    /// How many items an input's witness has.
    WitnessCount,
    /// Length of a witness item.
    WitnessItemLen,
    /// A witness item.
    WitnessItem,
    /// A transaction's lock time.
    LockTime,
    /// What Litecoin adds to a transaction.
    MwebTx,
    /// The byte that says whether an extension block follows.
    Extension,
    /// The header of an extension block.
    ExtensionHeader,
    /// An input inside an extension block.
    ExtensionInput,
    /// An output inside an extension block.
    ExtensionOutput,
    /// A kernel of an extension block.
    ExtensionKernel,
    /// The end of the block or transaction.
    End,
    /// How many transactions an undo record covers.
    UndoTxCount,
    /// How many coins a transaction spent.
    UndoCoinCount,
    /// Height and kind of a spent coin.
    UndoCode,
    /// The field that once held a transaction's version.
    UndoVersion,
    /// A spent coin's value.
    UndoValue,
    /// Size or kind of a spent coin's script.
    UndoScriptLen,
    /// A spent coin's script.
    UndoScript,
    /// The x coordinate of a key.
    UndoKey,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "block header",
            Self::TxCount => "transaction count",
            Self::Version => "transaction version",
            Self::SegwitFlag => "segwit flag",
            Self::InputCount => "input count",
            Self::Prevout => "previous output",
            Self::SignatureScriptLen => "signature script length",
            Self::SignatureScript => "signature script",
            Self::Sequence => "sequence",
            Self::OutputCount => "output count",
            Self::Value => "output value",
            Self::LockScriptLen => "locking script length",
            Self::LockScript => "locking script",
            Self::WitnessCount => "witness item count",
            Self::WitnessItemLen => "witness item length",
            Self::WitnessItem => "witness item",
            Self::LockTime => "lock time",
            Self::MwebTx => "MWEB part of the transaction",
            Self::Extension => "extension block",
            Self::ExtensionHeader => "extension block header",
            Self::ExtensionInput => "extension block input",
            Self::ExtensionOutput => "extension block output",
            Self::ExtensionKernel => "extension block kernel",
            Self::End => "end",
            Self::UndoTxCount => "undo transaction count",
            Self::UndoCoinCount => "spent coin count",
            Self::UndoCode => "spent coin height",
            Self::UndoVersion => "spent coin version",
            Self::UndoValue => "spent coin value",
            Self::UndoScriptLen => "spent coin script size",
            Self::UndoScript => "spent coin script",
            Self::UndoKey => "spent coin key",
        })
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end inside it.
    Ends,
    /// A number is not in its shortest form.
    NotShortest,
    /// More elements are announced than the bytes left could hold.
    TooMany,
    /// There must be at least one.
    Zero,
    /// The value is not one that exists.
    NotAllowed,
    /// Bytes follow where nothing should.
    Trailing,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ends => "the bytes end before it does",
            Self::NotShortest => "the number is not in its shortest form",
            Self::TooMany => "it announces more than the bytes left can hold",
            Self::Zero => "it is zero",
            Self::NotAllowed => "its value is not allowed",
            Self::Trailing => "bytes follow it",
        })
    }
}

/// Bytes that are not what they should be, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("byte {offset}: expected {field}, but {fault}")]
pub struct DecodeError {
    /// Where the field begins, from the first byte given.
    pub offset: u32,
    /// What was expected there.
    pub field: Field,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A reading position in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The byte that comes next, if any.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[cold]
    pub(crate) fn error(&self, field: Field, fault: Fault) -> DecodeError {
        self.error_at(self.at, field, fault)
    }

    #[cold]
    #[expect(clippy::unused_self, reason = "reads as: an error of this cursor")]
    pub(crate) fn error_at(&self, offset: usize, field: Field, fault: Fault) -> DecodeError {
        DecodeError { offset: u32::try_from(offset).unwrap_or(u32::MAX), field, fault }
    }

    #[inline]
    pub(crate) fn take(&mut self, len: usize, field: Field) -> Result<&'a [u8], DecodeError> {
        let Some(taken) = self.bytes[self.at..].get(..len) else {
            return Err(self.error(field, Fault::Ends));
        };
        self.at += len;
        Ok(taken)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self, field: Field) -> Result<&'a [u8; N], DecodeError> {
        let Some(taken) = self.bytes[self.at..].first_chunk::<N>() else {
            return Err(self.error(field, Fault::Ends));
        };
        self.at += N;
        Ok(taken)
    }

    #[inline]
    pub(crate) fn byte(&mut self, field: Field) -> Result<u8, DecodeError> {
        self.array::<1>(field).map(|&[byte]| byte)
    }

    #[inline]
    pub(crate) fn u32(&mut self, field: Field) -> Result<u32, DecodeError> {
        self.array(field).map(|bytes| u32::from_le_bytes(*bytes))
    }

    #[inline]
    pub(crate) fn u64(&mut self, field: Field) -> Result<u64, DecodeError> {
        self.array(field).map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// A number in Core's `CompactSize` form, which must be the shortest.
    #[inline]
    pub(crate) fn compact(&mut self, field: Field) -> Result<u64, DecodeError> {
        match self.byte(field)? {
            first @ 0..=0xfc => Ok(u64::from(first)),
            first => self.compact_wide(first, field),
        }
    }

    fn compact_wide(&mut self, first: u8, field: Field) -> Result<u64, DecodeError> {
        let start = self.at - 1;
        let (value, least) = match first {
            0xfd => (self.array(field).map(|b| u64::from(u16::from_le_bytes(*b)))?, 0xfd),
            0xfe => (self.u32(field).map(u64::from)?, 0x1_0000),
            _ => (self.u64(field)?, 0x1_0000_0000),
        };
        if value < least { Err(self.error_at(start, field, Fault::NotShortest)) } else { Ok(value) }
    }

    /// A count of elements of at least `least_len` bytes each: refused when they cannot all follow.
    #[inline]
    pub(crate) fn count(&mut self, least_len: usize, field: Field) -> Result<usize, DecodeError> {
        let start = self.at;
        let count = self.compact(field)?;
        match usize::try_from(count) {
            Ok(count) if count <= self.left() / least_len => Ok(count),
            _ => Err(self.error_at(start, field, Fault::TooMany)),
        }
    }

    /// Bytes behind their length.
    #[inline]
    pub(crate) fn sized(&mut self, len_field: Field, field: Field) -> Result<&'a [u8], DecodeError> {
        let len = self.count(1, len_field)?;
        self.take(len, field)
    }

    /// Refuses whatever follows.
    pub(crate) fn end(&self) -> Result<(), DecodeError> {
        if self.left() == 0 { Ok(()) } else { Err(self.error(Field::End, Fault::Trailing)) }
    }

    /// What lies between two offsets already passed.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_numbers_must_be_shortest() {
        let read = |bytes: &[u8]| Cursor::new(bytes).compact(Field::TxCount);
        assert_eq!(read(&[0xfc]), Ok(0xfc));
        assert_eq!(read(&[0xfd, 0xfd, 0]), Ok(0xfd));
        assert_eq!(read(&[0xfe, 0, 0, 1, 0]), Ok(0x1_0000));
        assert_eq!(read(&[0xff, 0, 0, 0, 0, 1, 0, 0, 0]), Ok(0x1_0000_0000));
        for long in [&[0xfd, 0xfc, 0][..], &[0xfe, 0xff, 0xff, 0, 0], &[0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]] {
            assert_eq!(read(long).map_err(|e| e.fault), Err(Fault::NotShortest));
        }
        assert_eq!(read(&[0xfe, 0, 0]).map_err(|e| (e.offset, e.fault)), Err((1, Fault::Ends)));
    }

    #[test]
    fn a_count_that_cannot_follow_is_refused_before_anything_is_allocated() {
        let bytes = [0xfe, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3];
        let refused = Cursor::new(&bytes).count(1, Field::InputCount);
        assert_eq!(
            refused.map_err(|e| e.to_string()),
            Err("byte 0: expected input count, but it announces more than the bytes left can hold".into())
        );
    }
}
