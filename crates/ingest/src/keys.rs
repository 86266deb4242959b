//! The oldest address of each key that no lock of this session says, and who was revealed.
//!
//! The key of a P2PKH or P2WPKH address is its payload: those are found through the index of locks.

use coinhound_model::{AddressId, KeyHash};
use hashbrown::{HashMap, HashSet};

/// Keys of P2PK, P2TR and revealed P2SH addresses of this session. Read by look-up only, so the map's order reaches no result.
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
