//! Which transaction has a hash and which coins it made, for the blocks of this session.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use coinhound_model::{MovementId, TxHash};
use foldhash::fast::RandomState;

use crate::slots::Slots;

/// The session's transactions by hash. Where two coinbases share a hash (BIP 30), the later answers.
///
/// Where a row is looked for is seeded afresh by each process, so nobody can grind hashes that crowd together.
#[derive(Default)]
pub(crate) struct TxIndex {
    first: u64,
    next_output: u64,
    rows: Vec<Row>,
    slots: Slots,
    seed: RandomState,
}

/// One transaction: all a look-up needs in one place.
#[derive(Clone, Copy)]
struct Row {
    hash: TxHash,
    first_output: u64,
    outputs: u32,
}

impl TxIndex {
    /// An index whose first transaction will have the id `first` and whose first output `first_output`.
    pub fn starting_at(first: u64, first_output: u64) -> Self {
        Self { first, next_output: first_output, ..Self::default() }
    }

    /// Gives the next id to `hash`, whose tag is [`Self::tag`], and the next `outputs` coins.
    pub fn insert(&mut self, hash: TxHash, tag: u32, outputs: u32) {
        let number = u32::try_from(self.rows.len()).expect("a session holds fewer than 2^32 transactions");
        let rows = &self.rows;
        if !self.slots.replace(tag, |known| rows[known as usize].hash == hash, number) {
            self.slots.insert(tag, number);
        }
        self.rows.push(Row { hash, first_output: self.next_output, outputs });
        self.next_output += u64::from(outputs);
    }

    /// The latest transaction of this session with that hash, and the coins it made.
    pub fn get(&self, hash: &TxHash, tag: u32) -> Option<(MovementId, Range<u64>)> {
        let number = self.slots.find(tag, |known| self.rows[known as usize].hash == *hash)?;
        let row = &self.rows[number as usize];
        let tx = MovementId(self.first + u64::from(number));
        Some((tx, row.first_output..row.first_output + u64::from(row.outputs)))
    }

    /// Brings what [`Self::get`] will read into the cache, first its slot, then its row.
    pub fn touch(&self, tags: impl Iterator<Item = u32> + Clone) {
        let slots = tags.clone().fold(0, |sum, tag| sum ^ self.slots.touch(tag));
        let row = |tag| self.rows.get(self.slots.touch(tag) as usize).map_or(0, |row| row.outputs);
        let rows = tags.fold(0, |sum, tag| sum ^ row(tag));
        std::hint::black_box(slots ^ rows);
    }

    /// Where a hash is looked for in this process.
    pub fn tag(&self, hash: &TxHash) -> u32 {
        let mut hasher = self.seed.build_hasher();
        let (words, _) = hash.0.as_chunks::<8>();
        words[..2].iter().for_each(|word| hasher.write_u64(u64::from_le_bytes(*word)));
        (hasher.finish() >> 32) as u32
    }

    /// How many transactions the session holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(index: &TxIndex, hash: TxHash) -> Option<(MovementId, Range<u64>)> {
        index.get(&hash, index.tag(&hash))
    }

    fn insert(index: &mut TxIndex, hash: TxHash, outputs: u32) {
        index.insert(hash, index.tag(&hash), outputs);
    }

    #[test]
    fn the_later_of_two_equal_hashes_answers() {
        let mut index = TxIndex::starting_at(10, 100);
        let twin = TxHash::default();
        insert(&mut index, twin, 1);
        insert(&mut index, coinhound_model::Hash256([7; 32]), 2);
        insert(&mut index, twin, 3);
        assert_eq!(get(&index, twin), Some((MovementId(12), 103..106)));
        assert_eq!(index.len(), 3);
    }

    #[test]
    fn hashes_that_share_their_first_bytes_stay_apart() {
        let mut index = TxIndex::default();
        let hash = |last| {
            let mut hash = TxHash::default();
            hash.0[31] = last;
            hash
        };
        (0..100).for_each(|last| insert(&mut index, hash(last), 1));
        assert_eq!(get(&index, hash(41)), Some((MovementId(41), 41..42)));
        assert_eq!(get(&index, hash(100)), None);
    }
}
