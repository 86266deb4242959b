//! What the store knew before this session began.

use std::ops::Range;

use coinhound_analysis::cluster::UnionFind;
use coinhound_model::{AddressId, HoldingId, KeyHash, Ledger, LedgerError, Lock, LockKind, MovementId, TxHash};
use coinhound_store::Tier;
use coinhound_store::facts::Counts;
use coinhound_store::view::View;

/// The stored chain up to where the session starts, or nothing for a first load.
pub(crate) struct Prior(Option<View>);

impl Prior {
    /// The view that the session continues.
    pub fn new(view: Option<View>) -> Self {
        Self(view)
    }

    /// Counts at the session's start.
    pub fn counts(&self) -> Counts {
        self.0.as_ref().map(|view| *view.counts()).unwrap_or_default()
    }

    /// The latest stored transaction with that hash, and the coins it made.
    pub fn tx(&self, hash: &TxHash) -> Option<(MovementId, Range<u64>)> {
        let view = self.0.as_ref()?;
        let tx = view.find(hash).last().copied()?;
        Some((tx, view.outputs(tx)))
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
        Some(self.0.as_ref()?.lock(address)?.kind)
    }

    /// The stored addresses that use a key, ascending.
    pub fn key_owners(&self, key: &KeyHash) -> Vec<AddressId> {
        self.0.as_ref().map(|view| view.key_owners(key)).unwrap_or_default()
    }

    /// One tier's clusters at the session's start.
    pub fn clusters(&self, tier: Tier) -> UnionFind {
        let mut clusters = UnionFind::new(self.counts().addresses);
        if let Some(view) = &self.0 {
            for merge in view.merges(tier, 0..view.merge_count(tier)) {
                clusters.union(merge.a, merge.b);
            }
        }
        clusters
    }

    /// What went wrong while answering, if anything.
    pub fn health(&self) -> Result<(), LedgerError> {
        self.0.as_ref().map_or(Ok(()), View::health)
    }
}
