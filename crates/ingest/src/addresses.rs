//! Which address a locking script is, for the addresses first seen in this session.

use std::hash::{BuildHasher, Hasher};

use coinhound_model::{AddressId, Lock, LockKind};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// The session's addresses by lock. The hash is seeded afresh by each process, so nobody can grind
/// locks that collide; it only decides where a row is looked for, never what is answered.
#[derive(Default)]
pub(crate) struct AddressIndex {
    first: u64,
    kinds: Vec<LockKind>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
    table: HashTable<u32>,
    seed: RandomState,
}

impl AddressIndex {
    /// An index whose first address will have the id `first`.
    pub fn starting_at(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// The address of this session with that lock.
    pub fn get(&self, lock: Lock<'_>) -> Option<AddressId> {
        let hash = hash(&self.seed, lock);
        let row = self.table.find(hash, |&row| self.lock_at(row as usize) == lock)?;
        Some(AddressId(self.first + u64::from(*row)))
    }

    /// Gives the next id to a lock that [`Self::get`] did not know.
    pub fn insert(&mut self, lock: Lock<'_>) -> AddressId {
        let row = u32::try_from(self.kinds.len()).expect("a session holds fewer than 2^32 addresses");
        self.kinds.push(lock.kind);
        self.bytes.extend_from_slice(lock.payload);
        self.ends.push(u32::try_from(self.bytes.len()).expect("a session's address payloads stay below 4 GiB"));
        let (kinds, ends, bytes, seed) = (&self.kinds, &self.ends, &self.bytes, &self.seed);
        let rehash = |&row: &u32| hash(seed, lock_at(kinds, ends, bytes, row as usize));
        self.table.insert_unique(hash(seed, lock), row, rehash);
        AddressId(self.first + u64::from(row))
    }

    /// The shape of an address of this session.
    pub fn kind(&self, address: AddressId) -> Option<LockKind> {
        let row = usize::try_from(address.0.checked_sub(self.first)?).ok()?;
        self.kinds.get(row).copied()
    }

    fn lock_at(&self, row: usize) -> Lock<'_> {
        lock_at(&self.kinds, &self.ends, &self.bytes, row)
    }
}

fn lock_at<'a>(kinds: &[LockKind], ends: &[u32], bytes: &'a [u8], row: usize) -> Lock<'a> {
    let start = row.checked_sub(1).map_or(0, |before| ends[before] as usize);
    Lock { kind: kinds[row], payload: &bytes[start..ends[row] as usize] }
}

fn hash(seed: &RandomState, lock: Lock<'_>) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write_u8(lock.kind as u8);
    hasher.write(lock.payload);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_its_kind_and_its_payload() {
        let mut index = AddressIndex::starting_at(100);
        let payload = [1; 20];
        let by_key = Lock { kind: LockKind::PubKeyHash, payload: &payload };
        let by_script = Lock { kind: LockKind::ScriptHash, payload: &payload };
        assert_eq!(index.get(by_key), None);
        assert_eq!(index.insert(by_key), AddressId(100));
        assert_eq!(index.get(by_script), None);
        assert_eq!(index.insert(by_script), AddressId(101));
        let empty = Lock { kind: LockKind::NonStandard, payload: &[] };
        assert_eq!(index.insert(empty), AddressId(102));
        assert_eq!(index.get(by_key), Some(AddressId(100)));
        assert_eq!(index.get(empty), Some(AddressId(102)));
        assert_eq!(index.kind(AddressId(101)), Some(LockKind::ScriptHash));
        assert_eq!(index.kind(AddressId(99)), None);
    }
}
