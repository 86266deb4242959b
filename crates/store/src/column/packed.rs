//! Integers in as few bits as the spread of 128 neighbours needs: values, sizes, prefix sums.
//!
//! ```text
//! the bits of chunk 0, of chunk 1, ... | one 16-byte entry a chunk: smallest value, then width and place
//! ```
//! A chunk holds the differences to its smallest value, each in the bits of the largest difference,
//! lowest bit first, padded to 16 bytes. An entry is the smallest value (8 bytes) and a word (8 bytes)
//! with the width in its low byte and the chunk's place, in units of 16 bytes, above. Reading one
//! value touches its entry and its bits.

use std::iter::FusedIterator;
use std::ops::Range;

use super::{Span, index};

/// Values in a chunk; the last chunk of a column may hold fewer.
pub const CHUNK_ROWS: u64 = 128;

const CHUNK: usize = 128;

/// Bytes of an entry, and the unit of a chunk's place.
const UNIT: usize = 16;

/// The most chunk places that an entry can name.
const PLACE_MAX: u64 = (1 << 56) - 1;

/// Turns values into a packed column's bytes; holds one eighth of a byte a value in memory.
#[derive(Debug, Default)]
pub struct PackedEncoder {
    pending: Vec<u64>,
    entries: Vec<u8>,
    place: u64,
    rows: u64,
}

impl PackedEncoder {
    /// Nothing encoded yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many values were pushed.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes a value; appends to `into` what is ready.
    pub fn push(&mut self, value: u64, into: &mut Vec<u8>) {
        self.rows += 1;
        self.pending.push(value);
        if self.pending.len() == CHUNK {
            self.seal(into);
        }
    }

    /// Appends the rest.
    pub fn finish(mut self, into: &mut Vec<u8>) {
        if !self.pending.is_empty() {
            self.seal(into);
        }
        into.append(&mut self.entries);
    }

    fn seal(&mut self, into: &mut Vec<u8>) {
        let least = self.pending.iter().copied().min().unwrap_or(0);
        let spread = self.pending.iter().map(|value| value - least).max().unwrap_or(0);
        let width = u64::BITS - spread.leading_zeros();
        let start = into.len();
        write_bits(self.pending.iter().map(|value| value - least), width, into);
        into.resize(start + (into.len() - start).next_multiple_of(UNIT), 0);
        assert!(self.place <= PLACE_MAX, "a column of 2^60 bytes does not exist");
        self.entries.extend_from_slice(&least.to_le_bytes());
        self.entries.extend_from_slice(&(self.place << 8 | u64::from(width)).to_le_bytes());
        self.place += u64::try_from((into.len() - start) / UNIT).expect("64-bit targets");
        self.pending.clear();
    }
}

/// Appends each value's low `width` bits, lowest first.
fn write_bits(values: impl Iterator<Item = u64>, width: u32, into: &mut Vec<u8>) {
    let mut held: u128 = 0;
    let mut bits = 0;
    for value in values {
        held |= u128::from(value) << bits;
        bits += width;
        if bits >= u64::BITS {
            into.extend_from_slice(&held.to_le_bytes()[..8]);
            held >>= u64::BITS;
            bits -= u64::BITS;
        }
    }
    into.extend_from_slice(&held.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

/// How many bytes the entries of a column take.
pub(crate) fn entries_len(rows: u64) -> Option<u64> {
    rows.div_ceil(CHUNK_ROWS).checked_mul(16)
}

/// A column of packed integers.
#[derive(Clone, Debug)]
pub struct Packed {
    pub(super) span: Span,
    entries: usize,
}

/// Where a chunk's bits are and how to read them.
#[derive(Clone, Copy)]
struct Chunk {
    least: u64,
    width: usize,
    mask: u64,
    start: usize,
}

impl Chunk {
    /// The value whose bits are the lowest of `held`, from bit `shift` on.
    #[inline]
    fn value(&self, held: [u8; UNIT], shift: usize) -> u64 {
        let bits = (u128::from_le_bytes(held) >> shift) & u128::from(self.mask);
        self.least.wrapping_add(u64::try_from(bits).expect("masked to 64 bits"))
    }
}

impl Packed {
    /// `span` holds at least the entries of its rows.
    pub(crate) fn new(span: Span) -> Self {
        let entries_len = entries_len(span.rows).map_or(0, index);
        Self { entries: span.start + span.len - entries_len, span }
    }

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
    pub fn get(&self, row: u64) -> u64 {
        if row >= self.span.rows {
            self.span.no_row(row);
            return 0;
        }
        self.chunk(row / CHUNK_ROWS).map_or(0, |chunk| self.value(chunk, index(row % CHUNK_ROWS)))
    }

    #[inline]
    fn chunk(&self, chunk: u64) -> Option<Chunk> {
        let at = self.entries + index(chunk) * UNIT;
        let entry = self.span.file.in_one_page(at, UNIT)?;
        let (least, word) = entry.split_first_chunk()?;
        let word = u64::from_le_bytes(*word.first_chunk()?);
        let (width, place) = (index(word & 0xff), word >> 8);
        let start = self.span.start + index(place) * UNIT;
        if width > 64 || start > self.entries {
            self.span.malformed(at, "a packed chunk's entry names no place in its column");
            return None;
        }
        let mask = u32::try_from(64 - width).ok().and_then(|unused| u64::MAX.checked_shr(unused)).unwrap_or(0);
        Some(Chunk { least: u64::from_le_bytes(*least), width, mask, start })
    }

    #[inline]
    fn value(&self, chunk: Chunk, row: usize) -> u64 {
        if chunk.width == 0 {
            return chunk.least;
        }
        let bit = row * chunk.width;
        // Sixteen bytes can be read from anywhere in a chunk: at least one entry follows the chunks.
        chunk.value(self.span.file.array(chunk.start + bit / 8), bit % 8)
    }

    /// Appends some values in order; zeros where they are damaged. Rows that are not there are left out.
    pub fn decode(&self, rows: Range<u64>, into: &mut Vec<u64>) {
        let Range { mut start, end } = self.span.clamp(rows);
        into.reserve(index(end - start).min(1 << 20));
        while start < end {
            let stop = end.min((start / CHUNK_ROWS + 1) * CHUNK_ROWS);
            self.decode_chunk(start..stop, into);
            start = stop;
        }
    }

    /// Appends values of one chunk.
    fn decode_chunk(&self, rows: Range<u64>, into: &mut Vec<u64>) {
        let (first, count) = (index(rows.start % CHUNK_ROWS), index(rows.end - rows.start));
        let Some(chunk) = self.chunk(rows.start / CHUNK_ROWS) else {
            return into.extend(std::iter::repeat_n(0, count));
        };
        let (from, to) = (first * chunk.width, (first + count) * chunk.width);
        let len = to.div_ceil(8) - from / 8 + UNIT; // the entries that follow make room for whole reads
        let available = (self.span.start + self.span.len).saturating_sub(chunk.start + from / 8);
        let bytes = self.span.file.bytes(chunk.start + from / 8, len.min(available));
        into.extend((0..count).map(|i| {
            let bit = from % 8 + i * chunk.width;
            let held = bytes.get(bit / 8..).and_then(|bytes| bytes.first_chunk());
            chunk.value(held.copied().unwrap_or([0; UNIT]), bit % 8)
        }));
    }

    /// Some values in order; zeros where they are damaged. Rows that are not there are left out.
    #[must_use]
    pub fn iter(&self, rows: Range<u64>) -> PackedIter<'_> {
        PackedIter { column: self, rows: self.span.clamp(rows), held: Vec::new(), next: 0 }
    }

    /// The first row of an ascending column with a value above `value`: with prefix sums, which row
    /// the thing number `value` belongs to.
    #[must_use]
    pub fn upper_bound(&self, value: u64) -> u64 {
        let least = |chunk| self.chunk(chunk).map_or(0, |chunk| chunk.least);
        let chunks = 0..self.span.rows.div_ceil(CHUNK_ROWS);
        let past = partition_point(chunks, |chunk| least(chunk) <= value);
        let rows = (past.saturating_sub(1) * CHUNK_ROWS)..(past * CHUNK_ROWS).min(self.span.rows);
        partition_point(rows, |row| self.get(row) <= value)
    }
}

fn partition_point(range: Range<u64>, below: impl Fn(u64) -> bool) -> u64 {
    let Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if below(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}

/// The values of a range, in order.
#[derive(Debug)]
pub struct PackedIter<'a> {
    column: &'a Packed,
    rows: Range<u64>,
    held: Vec<u64>,
    next: usize,
}

impl Iterator for PackedIter<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        if self.next == self.held.len() {
            if self.rows.is_empty() {
                return None;
            }
            let stop = self.rows.end.min((self.rows.start / CHUNK_ROWS + 1) * CHUNK_ROWS);
            self.held.clear();
            self.next = 0;
            self.column.decode_chunk(self.rows.start..stop, &mut self.held);
            self.rows.start = stop;
        }
        let value = self.held[self.next];
        self.next += 1;
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.held.len() - self.next + index(self.rows.end - self.rows.start);
        (left, Some(left))
    }
}

impl ExactSizeIterator for PackedIter<'_> {}
impl FusedIterator for PackedIter<'_> {}
