//! What the store knew before this session began.

use coinhound_analysis::cluster::UnionFind;
use coinhound_model::{
    Account, AccountLedger, AddressId, BlockHash, Height, HoldingId, LedgerError, Lock, LockKind, Token,
};
use coinhound_store::facts::Counts;
use coinhound_store::{AccountView, Tier};

/// The stored ledger up to where the session starts, or nothing for a first load.
pub(super) struct Prior(Option<AccountView>);

impl Prior {
    /// The view that the session continues.
    pub fn new(view: Option<AccountView>) -> Self {
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
        let view = self.0.as_ref()?;
        let is_stored = address.0 < view.counts().addresses && asset < view.assets();
        is_stored.then(|| view.holding_of(address, asset)).flatten()
    }

    /// The stored assets, by number.
    pub fn tokens(&self) -> impl Iterator<Item = Token> {
        self.0.iter().flat_map(|view| (0..view.assets()).map(|number| view.token(number)))
    }

    /// A stored asset.
    pub fn token(&self, number: u32) -> Option<Token> {
        self.0.as_ref().map(|view| view.token(number))
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
        self.0.as_ref().map_or(Ok(()), AccountView::health)
    }
}
