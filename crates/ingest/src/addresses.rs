//! Which address a locking script is, for the addresses first seen in this session.

use std::hash::{BuildHasher, Hasher};

use coinhound_model::{AddressId, KeyHash, Lock, LockKind};
use foldhash::fast::RandomState;

use crate::slots::Slots;

/// The session's addresses by lock. Where a lock is looked for is seeded afresh by each process, so nobody can
/// grind locks that crowd together; it never decides what is answered.
#[derive(Default)]
pub(crate) struct AddressIndex {
    first: u64,
    /// Where each address's record begins.
    starts: Vec<u32>,
    /// Of each address a record: its row, the number of its kind, its payload's length, its payload.
    records: Vec<u8>,
    /// Starts of records.
    slots: Slots,
    seed: RandomState,
}

/// Bytes of a record before the payload: row (4), kind (1), length (2), little-endian.
const HEAD_LEN: usize = 7;

/// The kind of a record that is no address: its payload is a key, its row the session's entry for the key.
const KEY: u8 = 0xff;

impl AddressIndex {
    /// An index whose first address will have the id `first`.
    pub fn starting_at(first: u64) -> Self {
        Self { first, ..Self::default() }
    }

    /// The address of this session with that lock, whose tag is [`Self::tag`].
    pub fn get(&self, lock: Lock<'_>, tag: u32) -> Option<AddressId> {
        let start = self.slots.find(tag, |start| self.is_at(start, lock.kind as u8, lock.payload))?;
        Some(AddressId(self.first + u64::from(self.row_at(start))))
    }

    /// The number that [`Self::insert_key`] noted for a key. `tag` is that of any lock whose payload is the key.
    ///
    /// Keys lie among the locks that say them, so that all who use a key are found in one place.
    pub fn key(&self, key: &KeyHash, tag: u32) -> Option<u32> {
        let start = self.slots.find(tag, |start| self.is_at(start, KEY, &key.0))?;
        Some(self.row_at(start))
    }

    /// Notes a number for a key that [`Self::key`] did not know.
    pub fn insert_key(&mut self, key: &KeyHash, tag: u32, number: u32) {
        self.put(number, KEY, &key.0, tag);
    }

    /// Gives the next id to a lock that [`Self::get`] did not know.
    pub fn insert(&mut self, lock: Lock<'_>, tag: u32) -> AddressId {
        let row = u32::try_from(self.starts.len()).expect("a session holds fewer than 2^32 addresses");
        let start = self.put(row, lock.kind as u8, lock.payload, tag);
        self.starts.push(start);
        AddressId(self.first + u64::from(row))
    }

    /// The shape of an address of this session.
    pub fn kind(&self, address: AddressId) -> Option<LockKind> {
        let row = usize::try_from(address.0.checked_sub(self.first)?).ok()?;
        LockKind::from_number(self.records[*self.starts.get(row)? as usize + 4])
    }

    /// Brings what [`Self::get`] will read into the cache, first its slot, then its record.
    pub fn touch(&self, tags: impl Iterator<Item = u32> + Clone) {
        let slots = tags.clone().fold(0, |sum, tag| sum ^ self.slots.touch(tag));
        let record = |tag| self.records.get(self.slots.touch(tag) as usize).copied().unwrap_or(0);
        let records = tags.fold(0, |sum, tag| sum ^ record(tag));
        std::hint::black_box((slots, records));
    }

    /// Where a lock is looked for in this process. Locks of one payload and different kinds share their tag, so
    /// that the two forms of one key lie side by side.
    pub fn tag(&self, lock: Lock<'_>) -> u32 {
        let mut hasher = self.seed.build_hasher();
        // Word by word: most payloads are 20 or 32 bytes.
        let (words, rest) = lock.payload.as_chunks::<8>();
        words.iter().for_each(|word| hasher.write_u64(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hasher.write_u64(u64::from_le_bytes(last));
        (hasher.finish() >> 32) as u32
    }

    fn put(&mut self, row: u32, kind: u8, payload: &[u8], tag: u32) -> u32 {
        let start = u32::try_from(self.records.len()).expect("a session's addresses stay below 4 GiB");
        self.records.extend_from_slice(&row.to_le_bytes());
        self.records.push(kind);
        self.records.extend_from_slice(&length(payload).to_le_bytes());
        self.records.extend_from_slice(payload);
        self.slots.insert(tag, start);
        start
    }

    fn row_at(&self, start: u32) -> u32 {
        u32::from_le_bytes(*self.records[start as usize..].first_chunk().expect("a record has a head"))
    }

    fn is_at(&self, start: u32, kind: u8, payload: &[u8]) -> bool {
        let (head, rest) = self.records[start as usize..].split_at(HEAD_LEN);
        head[4] == kind && head[5..] == length(payload).to_le_bytes() && rest.starts_with(payload)
    }
}

fn length(payload: &[u8]) -> u16 {
    u16::try_from(payload.len()).expect("what can be spent is at most 10,000 bytes long")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(index: &AddressIndex, lock: Lock<'_>) -> Option<AddressId> {
        index.get(lock, index.tag(lock))
    }

    fn insert(index: &mut AddressIndex, lock: Lock<'_>) -> AddressId {
        index.insert(lock, index.tag(lock))
    }

    #[test]
    fn a_lock_is_its_kind_and_its_payload() {
        let mut index = AddressIndex::starting_at(100);
        let payload = [1; 20];
        let by_key = Lock { kind: LockKind::PubKeyHash, payload: &payload };
        let by_script = Lock { kind: LockKind::ScriptHash, payload: &payload };
        assert_eq!(get(&index, by_key), None);
        assert_eq!(insert(&mut index, by_key), AddressId(100));
        assert_eq!(get(&index, by_script), None);
        assert_eq!(insert(&mut index, by_script), AddressId(101));
        let empty = Lock { kind: LockKind::NonStandard, payload: &[] };
        assert_eq!(insert(&mut index, empty), AddressId(102));
        let longer = Lock { kind: LockKind::NonStandard, payload: &[0x51] };
        assert_eq!(get(&index, longer), None, "a prefix is another lock");
        assert_eq!(insert(&mut index, longer), AddressId(103));
        assert_eq!(get(&index, longer), Some(AddressId(103)));
        assert_eq!(get(&index, by_key), Some(AddressId(100)));
        assert_eq!(get(&index, empty), Some(AddressId(102)));
        assert_eq!(index.kind(AddressId(101)), Some(LockKind::ScriptHash));
        assert_eq!(index.kind(AddressId(99)), None);
        assert_eq!(index.kind(AddressId(104)), None);
    }

    #[test]
    fn a_key_lies_beside_its_locks_and_is_none_of_them() {
        let mut index = AddressIndex::starting_at(0);
        let key = KeyHash([7; 20]);
        let lock = Lock { kind: LockKind::PubKeyHash, payload: &key.0 };
        let tag = index.tag(lock);
        assert_eq!(index.key(&key, tag), None);
        index.insert_key(&key, tag, 41);
        assert_eq!((index.key(&key, tag), index.get(lock, tag)), (Some(41), None));
        assert_eq!(insert(&mut index, lock), AddressId(0));
        assert_eq!((index.key(&key, tag), index.get(lock, tag)), (Some(41), Some(AddressId(0))));
    }
}
