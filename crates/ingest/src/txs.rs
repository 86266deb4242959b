//! Which transaction has a hash, for the blocks of this session.

use std::hash::{BuildHasher, Hasher};

use coinhound_model::TxHash;
use coinhound_store::facts::TxRow;
use foldhash::fast::RandomState;

use crate::slots::{Ahead, Place, Slots};

/// The session's transactions by hash, as rows of its facts. Where two coinbases share a hash (BIP 30), the
/// later answers.
///
/// Where a row is looked for is seeded afresh by each process, so nobody can grind hashes that crowd together.
#[derive(Default)]
pub(crate) struct TxIndex {
    slots: Slots,
    seed: RandomState,
}

impl TxIndex {
    /// Makes room for so many transactions, if there are none yet.
    pub fn make_room(&mut self, count: usize) {
        self.slots.make_room(count);
    }

    /// Notes the row of a transaction, whose tag is [`Self::tag`].
    pub fn insert(&mut self, rows: &[TxRow], tag: u32, row: u32) {
        let hash = rows[row as usize].txid;
        self.slots.set(tag, |known| rows[known as usize].txid == hash, row);
    }

    /// The row of the latest transaction of this session with that hash.
    pub fn get(&self, rows: &[TxRow], hash: &TxHash, place: Place) -> Option<u32> {
        let is_it = |row: u32| rows.get(row as usize).is_some_and(|row| row.txid == *hash);
        if is_it(place.row) { Some(place.row) } else { self.slots.find(place.tag, is_it) }
    }

    /// Brings what [`Self::get`] will read into the cache.
    pub fn look_ahead(&self, rows: &[TxRow], ahead: &mut Ahead) {
        self.slots.look_ahead(ahead);
        // A row, and the end of the one before, may lie in three lines of the cache.
        let before = |row: u32| rows.get((row as usize).wrapping_sub(1)).map_or(0, |row| row.output_end);
        let row = |row: u32| rows.get(row as usize).map_or(0, |row| row.output_end ^ u64::from(row.txid.0[31]));
        std::hint::black_box(ahead.rows.iter().fold(0, |sum, at| sum ^ row(*at) ^ before(*at)));
    }

    /// Where a hash is looked for in this process.
    pub fn tag(&self, hash: &TxHash) -> u32 {
        let mut hasher = self.seed.build_hasher();
        let (words, _) = hash.0.as_chunks::<8>();
        words[..2].iter().for_each(|word| hasher.write_u64(u64::from_le_bytes(*word)));
        (hasher.finish() >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coinhound_model::Hash256;
    use coinhound_model::print::{CollabPrint, TxPrint};

    fn index(hashes: &[TxHash]) -> (TxIndex, Vec<TxRow>) {
        let row = |txid: &TxHash| TxRow {
            txid: *txid,
            input_end: 0,
            output_end: 0,
            weight: 0,
            print: TxPrint::empty(),
            collab: CollabPrint::empty(),
        };
        let rows: Vec<TxRow> = hashes.iter().map(row).collect();
        let mut index = TxIndex::default();
        for (at, hash) in (0..).zip(hashes) {
            index.insert(&rows, index.tag(hash), at);
        }
        (index, rows)
    }

    fn get(index: &TxIndex, rows: &[TxRow], hash: &TxHash) -> Option<u32> {
        let mut ahead = Ahead::default();
        ahead.ask(0, std::iter::once(index.tag(hash)));
        index.look_ahead(rows, &mut ahead);
        let found = index.get(rows, hash, ahead.at(0));
        assert_eq!(found, index.get(rows, hash, Place { row: u32::MAX, ..ahead.at(0) }), "it is found without a guess");
        found
    }

    #[test]
    fn the_later_of_two_equal_hashes_answers() {
        let twin = TxHash::default();
        let (index, rows) = index(&[twin, Hash256([7; 32]), twin]);
        assert_eq!(get(&index, &rows, &twin), Some(2));
    }

    #[test]
    fn hashes_that_share_their_first_bytes_stay_apart() {
        let hash = |last| {
            let mut hash = TxHash::default();
            hash.0[31] = last;
            hash
        };
        let hashes: Vec<TxHash> = (0..100).map(hash).collect();
        let (index, rows) = index(&hashes);
        assert_eq!(get(&index, &rows, &hash(41)), Some(41));
        assert_eq!(get(&index, &rows, &hash(100)), None);
    }
}
