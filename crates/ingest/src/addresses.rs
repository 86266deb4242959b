//! Which address a locking script is, for the addresses first seen in this session.

use std::hash::{BuildHasher, Hasher};

use coinhound_model::{KeyHash, Lock, LockKind};
use coinhound_store::facts::Facts;
use foldhash::fast::RandomState;

use crate::keys::KeyTable;
use crate::slots::{Ahead, Place, Slots, Vacancy};

/// The session's addresses by lock, as rows of its facts. Where a lock is looked for is seeded afresh by each
/// process, so nobody can grind locks that crowd together; it never decides what is answered.
#[derive(Default)]
pub(crate) struct AddressIndex {
    /// Rows of addresses, and, marked by [`KEY`], of keys.
    slots: Slots,
    seed: RandomState,
}

/// Set in the number of a key: keys lie among the locks that say them, so that all who use a key are found in
/// one place.
const KEY: u32 = 1 << 31;

impl AddressIndex {
    /// Makes room for so many addresses and keys, if there are none yet.
    pub fn make_room(&mut self, count: usize) {
        self.slots.make_room(count);
    }

    /// The row of the address with that lock, whose tag is [`Self::tag`], or where it would go; the guessed row decides
    /// nothing.
    pub fn seek(&self, facts: &Facts, lock: Lock<'_>, place: Place) -> Result<u32, Vacancy> {
        let is_it = |row| row < KEY && is_at(facts, row, lock);
        if is_it(place.row) { Ok(place.row) } else { self.slots.seek(place.tag, is_it) }
    }

    /// Notes the row of a lock that [`Self::seek`] did not know.
    pub fn insert(&mut self, vacancy: Vacancy, row: u32) {
        assert!(row < KEY, "a session holds fewer than 2^31 addresses");
        self.slots.insert(vacancy, row);
    }

    /// Who uses a key, `own` not counted. `tag` is that of any lock whose payload is the key.
    pub fn users(&self, facts: &Facts, keys: &KeyTable, key: &KeyHash, tag: u32, own: LockKind) -> Users {
        let mut users = Users::default();
        for row in self.slots.all(tag) {
            if row >= KEY {
                users.key = users.key.or_else(|| (keys.key(row - KEY) == *key).then_some(row - KEY));
            } else if says_its_key(facts.addresses[row as usize].kind()) {
                let kind = facts.addresses[row as usize].kind();
                if kind != own && is_at(facts, row, Lock { kind, payload: &key.0 }) {
                    users.oldest_lock = Some(users.oldest_lock.map_or(row, |other| other.min(row)));
                }
            }
        }
        users
    }

    /// Notes the row of a key that [`Self::users`] did not know.
    pub fn insert_key(&mut self, tag: u32, row: u32) {
        assert!(row < KEY - 1, "a session holds fewer than 2^31 - 1 keys");
        self.slots.set(tag, |_| false, row + KEY);
    }

    /// Brings what [`Self::seek`] will read into the cache: the slots, then the rows, then the payloads.
    pub fn look_ahead(&self, facts: &Facts, ahead: &mut Ahead) {
        self.slots.look_ahead(ahead);
        let end = |row: &u32| facts.addresses.get(*row as usize).map_or(0, |row| row.payload_end());
        std::hint::black_box(ahead.rows.iter().fold(0, |sum, row| sum ^ end(row)));
        let byte = |at: u64| {
            let at = usize::try_from(at.checked_sub(facts.base.address_bytes)?).ok()?;
            facts.address_bytes.get(at).copied()
        };
        // The first and the last of a payload.
        let ends =
            |row: &u32| byte(end(&row.wrapping_sub(1))).unwrap_or(0) ^ byte(end(row).wrapping_sub(1)).unwrap_or(0);
        std::hint::black_box(ahead.rows.iter().fold(0, |sum, row| sum ^ ends(row)));
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
}

/// Who uses a key, among this session's rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Users {
    /// The oldest address whose lock says the key.
    pub oldest_lock: Option<u32>,
    /// The key's own row.
    pub key: Option<u32>,
}

/// Whether the payload of such a lock is its key: it is found through the index of locks.
pub(crate) fn says_its_key(kind: LockKind) -> bool {
    matches!(kind, LockKind::PubKeyHash | LockKind::WitnessPubKeyHash)
}

/// Whether there is an address in that row and it has that lock.
fn is_at(facts: &Facts, row: u32, lock: Lock<'_>) -> bool {
    let row = row as usize;
    let origin = facts.base.address_bytes;
    let Some(address) = facts.addresses.get(row) else { return false };
    let start = row.checked_sub(1).map_or(origin, |before| facts.addresses[before].payload_end());
    let at = |end: u64| usize::try_from(end - origin).expect("bytes in memory are indexed by usize");
    address.kind() == lock.kind && facts.address_bytes[at(start)..at(address.payload_end())] == *lock.payload
}

#[cfg(test)]
mod tests {
    use super::*;
    use coinhound_store::facts::{AddressRow, Counts};

    /// An index over facts, filled as a session fills them.
    #[derive(Default)]
    struct Session {
        facts: Facts,
        index: AddressIndex,
    }

    impl Session {
        fn get(&self, lock: Lock<'_>) -> Option<u32> {
            self.seek(lock).ok()
        }

        fn seek(&self, lock: Lock<'_>) -> Result<u32, Vacancy> {
            let mut ahead = Ahead::default();
            ahead.ask(0, std::iter::once(self.index.tag(lock)));
            self.index.look_ahead(&self.facts, &mut ahead);
            self.index.seek(&self.facts, lock, ahead.at(0))
        }

        fn insert(&mut self, lock: Lock<'_>) -> u32 {
            let vacancy = self.seek(lock).expect_err("it is new");
            let row = u32::try_from(self.facts.addresses.len()).expect("few");
            self.facts.address_bytes.extend_from_slice(lock.payload);
            let payload_end = self.facts.base.address_bytes + self.facts.address_bytes.len() as u64;
            self.facts.addresses.push(AddressRow::new(lock.kind, payload_end));
            self.index.insert(vacancy, row);
            row
        }
    }

    #[test]
    fn a_lock_is_its_kind_and_its_payload() {
        let base = Counts { addresses: 100, address_bytes: 2_000, ..Counts::default() };
        let mut session = Session { facts: Facts { base, ..Facts::default() }, ..Session::default() };
        let payload = [1; 20];
        let by_key = Lock { kind: LockKind::PubKeyHash, payload: &payload };
        let by_script = Lock { kind: LockKind::ScriptHash, payload: &payload };
        assert_eq!(session.get(by_key), None);
        assert_eq!(session.insert(by_key), 0);
        assert_eq!(session.get(by_script), None);
        assert_eq!(session.insert(by_script), 1);
        let empty = Lock { kind: LockKind::NonStandard, payload: &[] };
        assert_eq!(session.insert(empty), 2);
        let longer = Lock { kind: LockKind::NonStandard, payload: &[0x51] };
        assert_eq!(session.get(longer), None, "a prefix is another lock");
        assert_eq!(session.insert(longer), 3);
        assert_eq!((session.get(longer), session.get(by_key), session.get(empty)), (Some(3), Some(0), Some(2)));
    }

    #[test]
    fn a_key_lies_beside_its_locks_and_is_none_of_them() {
        let (mut session, mut keys) = (Session::default(), KeyTable::default());
        let key = KeyHash([7; 20]);
        let lock = Lock { kind: LockKind::PubKeyHash, payload: &key.0 };
        let tag = session.index.tag(lock);
        let own = LockKind::ScriptHash;
        let users = |session: &Session, keys: &KeyTable, own| session.index.users(&session.facts, keys, &key, tag, own);
        assert_eq!(users(&session, &keys, own), Users::default());
        let row = keys.add(key, coinhound_model::AddressId(9));
        session.index.insert_key(tag, row);
        assert_eq!(users(&session, &keys, own), Users { oldest_lock: None, key: Some(row) });
        assert_eq!((session.get(lock), session.insert(lock)), (None, 0));
        assert_eq!(users(&session, &keys, own), Users { oldest_lock: Some(0), key: Some(row) });
        assert_eq!(users(&session, &keys, lock.kind).oldest_lock, None, "nobody else of its kind has the key");
    }
}
