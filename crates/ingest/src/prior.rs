//! What the store knew before this session began.

use coinhound_model::{AddressId, HoldingId, KeyHash, Ledger, Lock, LockKind, MovementId, TxHash};
use coinhound_store::facts::Counts;
use coinhound_store::view::{Tier, View};

/// The stored chain up to where the session starts, or nothing for a first load.
pub(crate) struct Prior(Option<View>);

impl Prior {
    /// The view that the session continues.
    pub fn new(view: Option<View>) -> Self {
        Self(view)
    }

    /// Counts at the session's start.
    pub fn counts(&self) -> Counts {
        self.0.as_ref().map(View::counts).unwrap_or_default()
    }

    /// The latest stored transaction with that hash.
    pub fn tx(&self, hash: &TxHash) -> Option<MovementId> {
        self.0.as_ref()?.find(hash).last().copied()
    }

    /// The outputs of a stored transaction, as holding ids.
    pub fn outputs(&self, tx: MovementId) -> Option<std::ops::Range<u64>> {
        self.0.as_ref().map(|view| view.outputs(tx))
    }

    /// Value and owner of a stored coin.
    pub fn coin(&self, coin: HoldingId) -> Option<(u64, AddressId)> {
        self.0.as_ref().map(|view| view.entry(coin)).map(|entry| (entry.units, entry.owner))
    }

    /// The stored address with that lock.
    pub fn address(&self, lock: Lock<'_>) -> Option<AddressId> {
        self.0.as_ref()?.address_of(lock)
    }

    /// The shape of a stored address.
    pub fn kind(&self, address: AddressId) -> Option<LockKind> {
        self.0.as_ref().map(|view| view.lock(address).0)
    }

    /// The stored addresses that use a key, ascending.
    pub fn key_owners(&self, key: &KeyHash) -> Vec<AddressId> {
        self.0.as_ref().map(|view| view.key_owners(key)).unwrap_or_default()
    }

    /// The cluster of every stored address in one tier, as the smallest address of each.
    pub fn roots(&self, tier: Tier) -> Vec<u32> {
        self.0.as_ref().map(|view| view.roots(tier)).unwrap_or_default()
    }

    /// What went wrong while answering, if anything.
    pub fn health(&self) -> Result<(), coinhound_model::LedgerError> {
        self.0.as_ref().map_or(Ok(()), View::health)
    }
}
