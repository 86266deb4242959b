//! What the store knew before this session began.

use coinhound_analysis::cluster::UnionFind;
use coinhound_model::{Account, AddressId, BlockHash, Height, HoldingId, Ledger, LedgerError, Lock, LockKind, Token};
use coinhound_store::Tier;
use coinhound_store::facts::Counts;
use coinhound_store::view::View;

/// The stored ledger up to where the session starts, or nothing for a first load.
pub(super) struct Prior(Option<View>);

impl Prior {
    /// The view that the session continues.
    pub fn new(view: Option<View>) -> Self {
        Self(view)
    }

    /// The stored tip.
    pub fn tip(&self) -> Option<(Height, BlockHash)> {
        self.0.as_ref().map(|view| (view.as_of().height, view.as_of().block))
    }

    /// Counts at the session's start.
    pub fn counts(&self) -> Counts {
        self.0.as_ref().map(|view| *view.counts()).unwrap_or_default()
    }

    /// The stored address of an account.
    pub fn address(&self, account: &Account) -> Option<AddressId> {
        self.0.as_ref()?.address_of(Lock { kind: LockKind::Account, payload: &account.0 })
    }

    /// The stored holding of an address in an asset.
    pub fn holding(&self, address: AddressId, asset: u32) -> Option<HoldingId> {
        let _ = (address, asset);
        None
    }

    /// The stored assets, by number.
    pub fn tokens(&self) -> Vec<Token> {
        Vec::new()
    }

    /// A stored asset.
    pub fn token(&self, number: u32) -> Option<Token> {
        let _ = number;
        None
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
