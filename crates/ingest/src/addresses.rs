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
    /// Where each address's bytes end.
    ends: Vec<u32>,
    /// Of each address: the number of its kind, then its payload.
    bytes: Vec<u8>,
    table: HashTable<Place>,
    seed: RandomState,
}

/// Where an address lies: all that a look-up needs before it compares bytes, and growing the table needs at all.
#[derive(Clone, Copy)]
struct Place {
    hash: u64,
    row: u32,
    /// Where its bytes begin.
    start: u32,
}

impl AddressIndex {
    /// An index whose first address will have the id `first`.
    pub fn starting_at(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// The address of this session with that lock, whose hash is [`Self::hash`].
    pub fn get_hashed(&self, lock: Lock<'_>, hash: u64) -> Option<AddressId> {
        let place = self.table.find(hash, |place| place.hash == hash && self.is_at(*place, lock))?;
        Some(AddressId(self.first + u64::from(place.row)))
    }

    /// Gives the next id to a lock that [`Self::get_hashed`] did not know.
    pub fn insert(&mut self, lock: Lock<'_>, hash: u64) -> AddressId {
        let row = u32::try_from(self.ends.len()).expect("a session holds fewer than 2^32 addresses");
        let start = self.ends.last().copied().unwrap_or(0);
        self.bytes.push(lock.kind as u8);
        self.bytes.extend_from_slice(lock.payload);
        self.ends.push(u32::try_from(self.bytes.len()).expect("a session's address payloads stay below 4 GiB"));
        self.table.insert_unique(hash, Place { hash, row, start }, |place| place.hash);
        AddressId(self.first + u64::from(row))
    }

    /// The shape of an address of this session.
    pub fn kind(&self, address: AddressId) -> Option<LockKind> {
        let row = usize::try_from(address.0.checked_sub(self.first)?).ok()?;
        let end = *self.ends.get(row)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        debug_assert!(start < end, "an address has a kind");
        LockKind::from_number(self.bytes[start as usize])
    }

    /// Whether the address at `place` is `lock`. Where the kind fixes the length, the bytes alone decide.
    fn is_at(&self, place: Place, lock: Lock<'_>) -> bool {
        let bytes = &self.bytes[place.start as usize..];
        let alike = bytes[0] == lock.kind as u8 && bytes[1..].starts_with(lock.payload);
        let end = place.start as usize + 1 + lock.payload.len();
        alike && (lock.kind.fixed_len().is_some() || self.ends[place.row as usize] as usize == end)
    }

    /// Where a lock is looked for in this process. Locks of one payload and different kinds share their hash, so
    /// that the two forms of one key lie side by side.
    pub fn hash(&self, lock: Lock<'_>) -> u64 {
        let mut hasher = self.seed.build_hasher();
        // Word by word: most payloads are 20 or 32 bytes.
        let (words, rest) = lock.payload.as_chunks::<8>();
        words.iter().for_each(|word| hasher.write_u64(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hasher.write_u64(u64::from_le_bytes(last));
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(index: &AddressIndex, lock: Lock<'_>) -> Option<AddressId> {
        index.get_hashed(lock, index.hash(lock))
    }

    #[test]
    fn a_lock_is_its_kind_and_its_payload() {
        let mut index = AddressIndex::starting_at(100);
        let payload = [1; 20];
        let by_key = Lock { kind: LockKind::PubKeyHash, payload: &payload };
        let by_script = Lock { kind: LockKind::ScriptHash, payload: &payload };
        assert_eq!(get(&index, by_key), None);
        assert_eq!(index.insert(by_key, index.hash(by_key)), AddressId(100));
        assert_eq!(get(&index, by_script), None);
        assert_eq!(index.insert(by_script, index.hash(by_script)), AddressId(101));
        let empty = Lock { kind: LockKind::NonStandard, payload: &[] };
        assert_eq!(index.insert(empty, index.hash(empty)), AddressId(102));
        let longer = Lock { kind: LockKind::NonStandard, payload: &[0x51] };
        assert_eq!(get(&index, longer), None, "a prefix is another lock");
        assert_eq!(index.insert(longer, index.hash(longer)), AddressId(103));
        assert_eq!(get(&index, longer), Some(AddressId(103)));
        assert_eq!(get(&index, by_key), Some(AddressId(100)));
        assert_eq!(get(&index, empty), Some(AddressId(102)));
        assert_eq!(index.kind(AddressId(101)), Some(LockKind::ScriptHash));
        assert_eq!(index.kind(AddressId(99)), None);
    }
}
