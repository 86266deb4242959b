//! Reading the sorted tables that overlays and base share.

use std::ops::Range;

use crate::buckets::{Buckets, bucket_bits};
use crate::column::{Fixed, Packed, U40, index};
use crate::table::{TableFile, TableWriter, WriteTableError};

/// From a hash to the few ids it may belong to.
#[derive(Debug)]
pub(crate) struct BucketIndex {
    ends: Packed,
    ids: Fixed<u32>,
    bits: u32,
}

impl BucketIndex {
    /// The index in these two columns; `None` when they do not fit each other.
    pub fn new(table: &TableFile, ends: &str, ids: &str) -> Option<Self> {
        let (ends, ids) = (table.packed(ends), table.fixed(ids));
        let bits = bucket_bits(ids.len());
        (ends.len() == 1 << bits).then_some(Self { ends, ids, bits })
    }

    /// How many ids there are.
    pub fn len(&self) -> u64 {
        self.ids.len()
    }

    /// Ids in the bucket of a hash, ascending. Whoever asks compares the whole key.
    pub fn candidates(&self, prefix: u64) -> impl Iterator<Item = u32> {
        let bucket = prefix.checked_shr(u64::BITS - self.bits).unwrap_or(0);
        let start = bucket.checked_sub(1).map_or(0, |before| self.ends.get(before));
        self.ids.iter(start..self.ends.get(bucket))
    }

    /// The whole index; empty when it is damaged, which the store's health then knows.
    pub fn load(&self) -> Buckets {
        let ends: Vec<u64> = self.ends.iter(0..self.ends.len()).collect();
        let ids: Vec<u32> = self.ids.iter(0..self.ids.len()).collect();
        if ends.is_sorted() && ends.last() == Some(&self.ids.len()) {
            return Buckets { ends, ids };
        }
        let _ = self.ids.get(u64::MAX); // no such row: damage, recorded under this column's name
        Buckets::default()
    }
}

/// Writes an index into the next two columns.
pub(crate) fn write_buckets(
    table: &mut TableWriter<'_>,
    [ends, ids]: [&str; 2],
    index: &Buckets,
) -> Result<(), WriteTableError> {
    table.packed(ends).all(index.ends.iter().copied())?;
    table.fixed::<u32>(ids).all(index.ids.iter().copied())
}

/// Lists side by side: the coins or holdings of addresses, the movements of holdings.
#[derive(Debug)]
pub(crate) struct Lists {
    ends: Packed,
    members: Fixed<U40>,
}

impl Lists {
    /// The lists in these two columns.
    pub fn new(table: &TableFile, ends: &str, members: &str) -> Self {
        Self { ends: table.packed(ends), members: table.fixed(members) }
    }

    /// How many lists there are.
    pub fn len(&self) -> u64 {
        self.ends.len()
    }

    /// Where one list lies.
    pub fn list(&self, number: u64) -> Range<u64> {
        let start = number.checked_sub(1).map_or(0, |before| self.ends.get(before));
        start..self.ends.get(number)
    }

    /// The members of a list, ascending.
    pub fn members(&self, list: Range<u64>) -> impl Iterator<Item = u64> {
        self.members.iter(list)
    }

    /// The first member of a list that is not below `from`.
    pub fn first_from(&self, list: Range<u64>, from: u64) -> Option<u64> {
        let at = self.members.partition_point(list.clone(), |member| member < from);
        (at < list.end).then(|| self.members.get(at))
    }

    /// The first `count` lists.
    pub fn lists(&self, count: u64) -> impl Iterator<Item = (u32, Range<u64>)> {
        let mut start = 0;
        (0..).zip(self.ends.iter(0..count)).map(move |(number, end)| {
            let list = start..end;
            start = end;
            (number, list)
        })
    }
}

/// A dense array of ids read whole.
pub(crate) fn load(column: &Fixed<u32>) -> Vec<u32> {
    let mut values = Vec::with_capacity(index(column.len()));
    values.extend(column.iter(0..column.len()));
    values
}
