//! Columns: how the values of one kind lie in a file, and how they are read back.
//!
//! Three codecs, each a pure function of the values, so that equal values are equal bytes:
//! [`Fixed`] (little-endian integers and byte strings of one length), [`Packed`] (128 integers in the
//! bits their spread needs) and [`Bytes`] (as they are). Readers never fail and never panic, whatever
//! the bytes: what is damaged or not there reads as zeros or empty, and the file's
//! [`Health`](crate::error::Health) knows.

mod bytes;
mod fixed;
mod packed;

use std::sync::Arc;

pub use bytes::Bytes;
pub use fixed::{Element, Fixed, FixedIter, U40, Zero};
pub(crate) use packed::entries_len as packed_entries_len;
pub use packed::{CHUNK_ROWS, Packed, PackedEncoder, PackedIter};

use crate::error::DamageError;
use crate::page::PageFile;

/// Columns start at a multiple of this many bytes: a cache line, and no power-of-two value of up to
/// 64 bytes lies across a page border.
pub const COLUMN_ALIGN: u64 = 64;

/// How a column's values lie in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Codec {
    /// This many bytes a value, 1 to 255; integers little-endian.
    Fixed(u8),
    /// Chunks of 128 integers of up to 64 bits.
    Packed,
    /// Bytes as they are; rows are bytes.
    Bytes,
}

impl Codec {
    /// The codec of a column of `T`.
    #[must_use]
    pub const fn of<T: Element>() -> Self {
        Self::Fixed(T::WIDTH)
    }
}

/// One column of an open file.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) file: Arc<PageFile>,
    pub(crate) name: &'static str,
    pub(crate) start: usize,
    pub(crate) len: usize,
    pub(crate) rows: u64,
}

impl Span {
    #[cold]
    pub(crate) fn no_row(&self, row: u64) {
        let file = self.file.name().to_owned();
        self.file.health().record(DamageError::Row { file, column: self.name, row, rows: self.rows });
    }

    #[cold]
    pub(crate) fn malformed(&self, at: usize, what: &'static str) {
        let offset = u64::try_from(at).expect("64-bit targets");
        let file = self.file.name().to_owned();
        self.file.health().record(DamageError::Shape { file, offset, what });
    }

    /// The part of `rows` that exists; records damage when that is not all of it.
    pub(crate) fn clamp(&self, rows: std::ops::Range<u64>) -> std::ops::Range<u64> {
        if rows.start > rows.end || rows.end > self.rows {
            self.no_row(rows.end.max(rows.start));
        }
        let end = rows.end.min(self.rows);
        rows.start.min(end)..end
    }
}

/// A row number or a byte count that is known to lie inside a file.
#[inline]
pub(crate) fn index(row: u64) -> usize {
    usize::try_from(row).expect("64-bit targets")
}

#[cfg(test)]
mod tests;
