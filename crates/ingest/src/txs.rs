//! Which transaction has a hash, for the blocks of this session.

use coinhound_model::{MovementId, TxHash};
use hashbrown::HashTable;

/// The session's transactions by hash. Where two coinbases share a hash (BIP 30), the later answers.
#[derive(Default)]
pub(crate) struct TxIndex {
    first: u64,
    hashes: Vec<TxHash>,
    table: HashTable<u32>,
}

impl TxIndex {
    /// An index whose first transaction will have the id `first`.
    pub fn starting_at(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// Gives the next id to `hash`.
    pub fn insert(&mut self, hash: TxHash) -> MovementId {
        let row = u32::try_from(self.hashes.len()).expect("a session holds fewer than 2^32 transactions");
        let hashes = &self.hashes;
        match self.table.find_entry(bucket(&hash), |&known| hashes[known as usize] == hash) {
            Ok(mut known) => *known.get_mut() = row,
            Err(_) => {
                self.table.insert_unique(bucket(&hash), row, |&known| bucket(&hashes[known as usize]));
            }
        }
        self.hashes.push(hash);
        MovementId(self.first + u64::from(row))
    }

    /// The latest transaction of this session with that hash.
    pub fn get(&self, hash: &TxHash) -> Option<MovementId> {
        let row = self.table.find(bucket(hash), |&known| self.hashes[known as usize] == *hash)?;
        Some(MovementId(self.first + u64::from(*row)))
    }

    /// How many transactions the session holds.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }
}

/// A transaction hash is uniform, so its first bytes serve; equality is always on all 32.
fn bucket(hash: &TxHash) -> u64 {
    u64::from_le_bytes(hash.0[..8].try_into().expect("8 of 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_equal_hashes_answers() {
        let mut index = TxIndex::starting_at(10);
        let twin = TxHash::default();
        assert_eq!(index.insert(twin), MovementId(10));
        assert_eq!(index.insert(coinhound_model::Hash256([7; 32])), MovementId(11));
        assert_eq!(index.insert(twin), MovementId(12));
        assert_eq!(index.get(&twin), Some(MovementId(12)));
        assert_eq!(index.len(), 3);
    }

    #[test]
    fn hashes_that_share_their_first_bytes_stay_apart() {
        let mut index = TxIndex::default();
        for last in 0..100 {
            let mut hash = TxHash::default();
            hash.0[31] = last;
            index.insert(hash);
        }
        let mut hash = TxHash::default();
        hash.0[31] = 41;
        assert_eq!(index.get(&hash), Some(MovementId(41)));
    }
}
