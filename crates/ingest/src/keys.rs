//! The oldest address of each key, for keys first seen in this session, and who was revealed.

use coinhound_model::{AddressId, KeyHash};
use hashbrown::{HashMap, HashSet};

/// Keys of this session. Read by look-up only, so the map's order reaches no result.
#[derive(Default)]
pub(crate) struct KeyIndex {
    oldest: HashMap<KeyHash, AddressId, foldhash::fast::RandomState>,
    revealed: HashSet<AddressId, foldhash::fast::RandomState>,
}

impl KeyIndex {
    /// The oldest address that this session knows to use the key.
    pub fn oldest(&self, key: &KeyHash) -> Option<AddressId> {
        self.oldest.get(key).copied()
    }

    /// Remembers the oldest address of a key.
    pub fn insert(&mut self, key: KeyHash, oldest: AddressId) {
        self.oldest.insert(key, oldest);
    }

    /// Marks an address whose key was shown by a spend; `false` when it was marked before.
    pub fn reveal(&mut self, address: AddressId) -> bool {
        self.revealed.insert(address)
    }
}
