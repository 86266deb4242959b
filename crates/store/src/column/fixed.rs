//! Values of one width, side by side.

use std::fmt::Debug;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Range;

use super::{COLUMN_ALIGN, Span, index};

/// A value of fixed width.
pub trait Element: Copy + Send + Sync + 'static {
    /// What is read and written.
    type Value: Copy + Zero + PartialOrd + PartialEq + Debug + Send + Sync;

    /// Bytes on disk.
    const WIDTH: u8;

    /// The value that stands in `bytes`, which are [`Element::WIDTH`] long.
    fn read(bytes: &[u8]) -> Self::Value;

    /// Appends a value's bytes; `false` when it does not fit the width.
    #[must_use]
    fn write(value: Self::Value, into: &mut Vec<u8>) -> bool;
}

/// What damage reads as.
pub trait Zero {
    /// Zero, or zeros.
    const ZERO: Self;
}

/// An unsigned integer of 40 bits: five bytes on disk.
#[derive(Clone, Copy, Debug)]
pub enum U40 {}

macro_rules! integer_element {
    ($($int:ty: $width:literal),*) => {$(
        impl Zero for $int {
            const ZERO: Self = 0;
        }

        impl Element for $int {
            type Value = $int;

            const WIDTH: u8 = $width;

            #[inline]
            fn read(bytes: &[u8]) -> $int {
                bytes.first_chunk().map_or(0, |bytes| <$int>::from_le_bytes(*bytes))
            }

            fn write(value: $int, into: &mut Vec<u8>) -> bool {
                into.extend_from_slice(&value.to_le_bytes());
                true
            }
        }
    )*};
}

integer_element!(u8: 1, u16: 2, u32: 4, u64: 8);

impl Element for U40 {
    type Value = u64;

    const WIDTH: u8 = 5;

    #[inline]
    fn read(bytes: &[u8]) -> u64 {
        bytes.first_chunk().map_or(0, |&[a, b, c, d, e]| u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]))
    }

    fn write(value: u64, into: &mut Vec<u8>) -> bool {
        into.extend_from_slice(&value.to_le_bytes()[..5]);
        value < 1 << 40
    }
}

impl<const N: usize> Zero for [u8; N] {
    const ZERO: Self = [0; N];
}

impl<const N: usize> Element for [u8; N] {
    type Value = [u8; N];

    const WIDTH: u8 = {
        assert!(N > 0 && N < 256, "a fixed value has 1 to 255 bytes");
        #[expect(clippy::cast_possible_truncation, reason = "asserted above, at compile time")]
        let width = N as u8;
        width
    };

    #[inline]
    fn read(bytes: &[u8]) -> [u8; N] {
        bytes.first_chunk().copied().unwrap_or([0; N])
    }

    fn write(value: [u8; N], into: &mut Vec<u8>) -> bool {
        into.extend_from_slice(&value);
        true
    }
}

/// A column of values of one width.
#[derive(Clone, Debug)]
pub struct Fixed<T: Element> {
    pub(super) span: Span,
    element: PhantomData<T>,
}

impl<T: Element> Fixed<T> {
    pub(crate) fn new(span: Span) -> Self {
        Self { span, element: PhantomData }
    }

    const WIDTH: usize = T::WIDTH as usize;

    /// Whether no value lies across a page border, given where columns start.
    const IN_ONE_PAGE: bool = COLUMN_ALIGN.is_multiple_of(T::WIDTH as u64);

    /// How many values there are.
    #[must_use]
    #[inline]
    pub fn len(&self) -> u64 {
        self.span.rows
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.span.rows == 0
    }

    /// One value; zero when it is damaged or not there.
    #[must_use]
    #[inline]
    pub fn get(&self, row: u64) -> T::Value {
        if row >= self.span.rows {
            self.span.no_row(row);
            return T::Value::ZERO;
        }
        let at = self.span.start + index(row) * Self::WIDTH;
        let file = &self.span.file;
        let bytes = if Self::IN_ONE_PAGE { file.in_one_page(at, Self::WIDTH) } else { file.try_bytes(at, Self::WIDTH) };
        bytes.map_or(T::Value::ZERO, T::read)
    }

    /// The bytes of some values; empty when any of them is damaged or not there.
    #[must_use]
    #[inline]
    pub fn slice(&self, rows: Range<u64>) -> &[u8] {
        if rows.start > rows.end || rows.end > self.span.rows {
            self.span.no_row(rows.end.max(rows.start));
            return &[];
        }
        let len = index(rows.end - rows.start) * Self::WIDTH;
        self.span.file.bytes(self.span.start + index(rows.start) * Self::WIDTH, len)
    }

    /// Some values in order; zeros where they are damaged. Rows that are not there are left out.
    #[must_use]
    pub fn iter(&self, rows: Range<u64>) -> FixedIter<'_, T> {
        FixedIter { column: self, rows: self.span.clamp(rows), slice: &[], damaged: 0 }
    }

    /// The first row of an ascending column whose value is not `below` any more.
    #[must_use]
    pub fn partition_point(&self, rows: Range<u64>, mut below: impl FnMut(T::Value) -> bool) -> u64 {
        let Range { mut start, mut end } = rows;
        while start < end {
            let middle = start + (end - start) / 2;
            if below(self.get(middle)) {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }
}

impl<const N: usize> Fixed<[u8; N]> {
    /// Some byte strings side by side; empty when any of them is damaged or not there.
    #[must_use]
    #[inline]
    pub fn arrays(&self, rows: Range<u64>) -> &[[u8; N]] {
        self.slice(rows).as_chunks().0
    }
}

/// How many values are verified and read at a time.
const STRIDE: u64 = 1024;

/// The values of a range, in order.
#[derive(Debug)]
pub struct FixedIter<'a, T: Element> {
    column: &'a Fixed<T>,
    rows: Range<u64>,
    slice: &'a [u8],
    damaged: u64,
}

impl<T: Element> FixedIter<'_, T> {
    /// Opens the next stretch of values; a damaged one is passed over as zeros.
    #[cold]
    fn refill(&mut self) -> Option<()> {
        let take = STRIDE.min(self.rows.end - self.rows.start);
        if take == 0 {
            return None;
        }
        let stretch = self.rows.start..self.rows.start + take;
        self.rows.start = stretch.end;
        self.slice = self.column.slice(stretch);
        if self.slice.is_empty() {
            self.damaged = take;
        }
        Some(())
    }
}

impl<T: Element> Iterator for FixedIter<'_, T> {
    type Item = T::Value;

    #[inline]
    fn next(&mut self) -> Option<T::Value> {
        loop {
            if let Some((value, rest)) = self.slice.split_at_checked(Fixed::<T>::WIDTH)
                && !value.is_empty()
            {
                self.slice = rest;
                return Some(T::read(value));
            }
            if self.damaged > 0 {
                self.damaged -= 1;
                return Some(T::Value::ZERO);
            }
            self.refill()?;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let held = self.slice.len() / Fixed::<T>::WIDTH;
        let left = held + index(self.rows.end - self.rows.start) + index(self.damaged);
        (left, Some(left))
    }
}

impl<T: Element> ExactSizeIterator for FixedIter<'_, T> {}
impl<T: Element> FusedIterator for FixedIter<'_, T> {}
