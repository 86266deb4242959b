//! A table's header and directory, byte by byte.
//!
//! Both are strict: everything in them follows from the schema, the rows and the columns' lengths, so
//! there is one way to write a table and any other is refused.

use super::{Column, Schema, TABLE_MAGIC};
use crate::column::{COLUMN_ALIGN, Codec};
use crate::manifest::FORMAT;

/// Bytes of the header, and of a directory entry.
pub(super) const ENTRY_LEN: usize = 64;

/// Bytes of a name, padded with zeros.
const NAME_LEN: usize = 32;

/// The number of columns, behind the directory.
pub(super) const COUNT_LEN: usize = 8;

/// Where a column lies in the data and how many rows it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Extent {
    pub(super) start: u64,
    pub(super) len: u64,
    pub(super) rows: u64,
}

pub(super) type Entry = [u8; ENTRY_LEN];

/// The header: magic, format, kind; the rest zero.
pub(super) fn header(kind: &str) -> Entry {
    let mut header = [0; ENTRY_LEN];
    header[..8].copy_from_slice(&TABLE_MAGIC);
    header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    header[16..48].copy_from_slice(&name_bytes(kind));
    header
}

/// The format a header names.
pub(super) fn format_of(header: &Entry) -> u32 {
    u32::from_le_bytes(*header[8..].first_chunk().expect("a header has 64 bytes"))
}

/// A directory entry: name, codec, width, zeros, rows, start, length.
pub(super) fn entry(column: &Column, extent: Extent) -> Entry {
    let (codec, width) = match column.codec {
        Codec::Fixed(width) => (1, width),
        Codec::Packed => (2, 0),
        Codec::Bytes => (3, 0),
    };
    let mut entry = [0; ENTRY_LEN];
    entry[..NAME_LEN].copy_from_slice(&name_bytes(column.name));
    entry[32] = codec;
    entry[33] = width;
    entry[40..48].copy_from_slice(&extent.rows.to_le_bytes());
    entry[48..56].copy_from_slice(&extent.start.to_le_bytes());
    entry[56..].copy_from_slice(&extent.len.to_le_bytes());
    entry
}

/// The rows and place that an entry claims.
pub(super) fn extent_of(entry: &Entry) -> Extent {
    let number = |at: usize| u64::from_le_bytes(*entry[at..].first_chunk().expect("an entry has 64 bytes"));
    Extent { rows: number(40), start: number(48), len: number(56) }
}

fn name_bytes(name: &str) -> [u8; NAME_LEN] {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    assert!(!name.is_empty() && name.len() <= NAME_LEN && name.bytes().all(good), "schema name `{name}`");
    let mut bytes = [0; NAME_LEN];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    bytes
}

/// Whether a column of this codec can have this many rows in this many bytes.
pub(super) fn plausible(codec: Codec, extent: Extent) -> bool {
    match codec {
        Codec::Fixed(width) => extent.rows.checked_mul(u64::from(width)) == Some(extent.len),
        Codec::Bytes => extent.rows == extent.len,
        Codec::Packed => {
            let entries_len = crate::column::packed_entries_len(extent.rows);
            entries_len.is_some_and(|least| least <= extent.len) && extent.len.is_multiple_of(16)
        }
    }
}

/// Where the next column starts, or the directory.
pub(super) fn after(extent: Extent) -> Option<u64> {
    extent.start.checked_add(extent.len)?.checked_next_multiple_of(COLUMN_ALIGN)
}

/// Checks a directory against its schema and says where the columns lie.
///
/// `data_len` is the length of the file's data; the entries fill it up to [`COUNT_LEN`] from its end.
pub(super) fn extents(schema: &Schema, entries: &[Entry], data_len: u64) -> Result<Vec<Extent>, &'static str> {
    if entries.len() != schema.columns.len() {
        return Err("another number of columns than this kind of table has");
    }
    let mut next = COLUMN_ALIGN;
    let mut extents = Vec::with_capacity(entries.len());
    for (column, found) in schema.columns.iter().zip(entries) {
        let extent = extent_of(found);
        if *found != entry(column, extent) {
            return Err("a directory entry names another column than this kind of table has there");
        }
        if extent.start != next || !plausible(column.codec, extent) {
            return Err("a directory entry places its column where it cannot lie");
        }
        next = after(extent).ok_or("a column is longer than a file can be")?;
        extents.push(extent);
    }
    let tail = entries.len() * ENTRY_LEN + COUNT_LEN;
    let tail = u64::try_from(tail).map_err(|_| "more columns than a file can hold")?;
    if next.checked_add(tail) == Some(data_len) {
        Ok(extents)
    } else {
        Err("the directory is not where the columns end")
    }
}
