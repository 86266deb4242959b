//! Ids grouped by the first bits of a hash: the index from a transaction's, lock's or key's hash to its id.
//!
//! No key is stored: a bucket holds the one or two ids whose hashes start with its number, in
//! ascending order, and whoever looks something up compares the whole key with the row it names. So
//! folding appends, filtering drops a tail, and neither reads a key. A stored short key would be
//! trusted sooner or later, and short keys can be ground to collide.

use crate::wide::Wide;

/// The first eight bytes of a hash, the first byte highest.
pub(crate) fn prefix(hash: &[u8]) -> u64 {
    u64::from_be_bytes(*hash.first_chunk().expect("hashes are longer than eight bytes"))
}

/// How many bits of the hash name a bucket when there are `count` ids: one to two ids a bucket.
pub(crate) fn bucket_bits(count: u64) -> u32 {
    (u64::BITS - count.saturating_sub(1).leading_zeros()).saturating_sub(1)
}

/// An id and the prefix of its hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hashed {
    pub prefix: Wide,
    pub id: u32,
}

/// A whole index in memory: 4 bytes an id and 4 to 8 for the bucket ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Buckets {
    /// End of each bucket in `ids`; there are two to the power of [`bucket_bits`].
    pub ends: Vec<u64>,
    /// Bucket by bucket, ascending in each.
    pub ids: Vec<u32>,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { ends: vec![0], ids: Vec::new() }
    }
}

impl Buckets {
    /// Groups ids that are given in ascending order.
    pub fn build(hashed: &[Hashed]) -> Self {
        Self::default().extended(hashed, bucket_bits(hashed.len() as u64))
    }

    /// Whether adding ids leaves the bucket of every old one as it is. Otherwise the index must be
    /// built anew from all keys, because the old ones' hashes are not here.
    pub fn has_room_for(&self, more: usize) -> bool {
        self.ids.is_empty() || bucket_bits((self.ids.len() + more) as u64) == self.bits()
    }

    /// Adds ids above all that are there.
    pub fn append(&mut self, hashed: &[Hashed]) {
        assert!(self.has_room_for(hashed.len()), "an index that outgrows its buckets is built anew");
        let bits = bucket_bits((self.ids.len() + hashed.len()) as u64);
        *self = std::mem::take(self).extended(hashed, bits);
    }

    /// Drops the ids from `limit` on.
    pub fn truncate(&mut self, limit: u32) {
        let mut kept = 0;
        let mut start = 0;
        for end in &mut self.ends {
            for position in start..index(*end) {
                let id = self.ids[position];
                self.ids[kept] = id;
                kept += usize::from(id < limit);
            }
            start = index(*end);
            *end = kept as u64;
        }
        self.ids.truncate(kept);
        self.coarsen(bucket_bits(kept as u64));
    }

    fn bits(&self) -> u32 {
        self.ends.len().trailing_zeros()
    }

    /// Joins neighbouring buckets until `bits` name one.
    fn coarsen(&mut self, bits: u32) {
        let neighbours = 1 << (self.bits() - bits);
        self.ends = self.ends.chunks(neighbours).map(|ends| ends[neighbours - 1]).collect();
        let mut start = 0;
        for end in &self.ends {
            self.ids[start..index(*end)].sort_unstable();
            start = index(*end);
        }
    }

    /// Old ids, which are already in the right buckets, and new ones behind them.
    fn extended(self, hashed: &[Hashed], bits: u32) -> Self {
        debug_assert!(hashed.windows(2).all(|pair| pair[0].id < pair[1].id), "ids come ascending");
        let bucket = |row: &Hashed| index(row.prefix.get().checked_shr(u64::BITS - bits).unwrap_or(0));
        let mut counts = vec![0_u32; 1 << bits];
        for row in hashed {
            counts[bucket(row)] += 1;
        }
        let mut merged = Self { ends: Vec::with_capacity(1 << bits), ids: vec![0; self.ids.len() + hashed.len()] };
        let (mut old_start, mut next) = (0, 0);
        for (number, count) in counts.iter_mut().enumerate() {
            let old_end = self.ends.get(number).map_or(old_start, |&end| index(end));
            let old = &self.ids[old_start..old_end];
            merged.ids[next..next + old.len()].copy_from_slice(old);
            let room = next + old.len();
            next = room + *count as usize;
            merged.ends.push(next as u64);
            *count = u32::try_from(room).expect("ids are 32 bits, so are their ranks");
            old_start = old_end;
        }
        for row in hashed {
            let slot = &mut counts[bucket(row)];
            merged.ids[*slot as usize] = row.id;
            *slot += 1;
        }
        merged
    }
}

fn index(position: u64) -> usize {
    usize::try_from(position).expect("positions in memory are indexed by usize")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hashed(prefixes: &[u64]) -> Vec<Hashed> {
        prefixes.iter().zip(0..).map(|(&prefix, id)| Hashed { prefix: prefix.into(), id: id * 3 }).collect()
    }

    proptest! {
        #[test]
        fn every_id_lies_in_the_bucket_of_its_hash(prefixes in prop::collection::vec(any::<u64>(), 0..200)) {
            let rows = hashed(&prefixes);
            let built = Buckets::build(&rows);
            prop_assert!(built.ends.len() <= rows.len().max(1) && rows.len() <= 2 * built.ends.len());
            for row in &rows {
                let bucket = index(row.prefix.get().checked_shr(64 - built.bits()).unwrap_or(0));
                let start = if bucket == 0 { 0 } else { index(built.ends[bucket - 1]) };
                let members = &built.ids[start..index(built.ends[bucket])];
                prop_assert!(members.contains(&row.id) && members.is_sorted());
            }
        }

        #[test]
        fn appending_and_truncating_leave_what_building_leaves(
            prefixes in prop::collection::vec(prop_oneof![any::<u64>(), 0_u64..4], 0..200),
            cut in 0_usize..201,
        ) {
            let rows = hashed(&prefixes);
            let (old, new) = rows.split_at(cut.min(rows.len()));
            let mut grown = Buckets::build(old);
            if grown.has_room_for(new.len()) {
                grown.append(new);
                prop_assert_eq!(&grown, &Buckets::build(&rows));
            }
            let mut shrunk = Buckets::build(&rows);
            shrunk.truncate(u32::try_from(old.len()).expect("small") * 3);
            prop_assert_eq!(shrunk, Buckets::build(old));
        }
    }
}
