//! Tier T0: addresses that use one key, joined as they become known.

use coinhound_model::{AddressId, KeyHash, MovementId};
use hashbrown::HashMap;

use crate::cluster::merge::Merge;

/// Where keys are looked up: a map in memory, or a store's index with a session's additions above it.
pub trait KeyTable {
    /// The oldest (smallest) address known so far to use `key`, then remembers that `address` uses it too.
    fn oldest_then_add(&mut self, key: KeyHash, address: AddressId) -> Option<AddressId>;
}

impl<S: std::hash::BuildHasher> KeyTable for HashMap<KeyHash, AddressId, S> {
    fn oldest_then_add(&mut self, key: KeyHash, address: AddressId) -> Option<AddressId> {
        let known = self.get(&key).copied();
        self.insert(key, known.map_or(address, |oldest| oldest.min(address)));
        known
    }
}

/// The T0 edge of an address that `tx` shows to use `key`: to the oldest address known to use it until then.
///
/// `None` when it is the first, or the oldest itself. The oldest is the smallest id among those known, so the edge
/// does not depend on where a session began; a lock that only a spender's key reveals may be older than
/// what was known before.
pub fn same_key_edge<K: KeyTable>(keys: &mut K, tx: MovementId, key: KeyHash, address: AddressId) -> Option<Merge> {
    let oldest = keys.oldest_then_add(key, address).filter(|oldest| *oldest != address)?;
    Some(Merge { tx, input: coinhound_model::InputId(0), a: oldest, b: address })
}
