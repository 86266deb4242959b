//! Bytes as they are.

use std::ops::Range;

use super::{Span, index};

/// A column of bytes.
#[derive(Clone, Debug)]
pub struct Bytes(Span);

impl Bytes {
    pub(crate) fn new(span: Span) -> Self {
        Self(span)
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.rows
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.rows == 0
    }

    /// The bytes of a range; empty when any of it is damaged or not there.
    #[must_use]
    #[inline]
    pub fn slice(&self, range: Range<u64>) -> &[u8] {
        if range.start > range.end || range.end > self.0.rows {
            self.0.no_row(range.end.max(range.start));
            return &[];
        }
        self.0.file.bytes(self.0.start + index(range.start), index(range.end - range.start))
    }
}
