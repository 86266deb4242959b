//! What is known of the chain below the next block: this session's rows first, then the store.

use std::ops::Range;

use coinhound_analysis::cluster::KeyTable;
use coinhound_model::{AddressId, HoldingId, KeyHash, Lock, LockKind, MovementId, TxHash};
use coinhound_store::view::View;

use crate::addresses::AddressIndex;
use crate::coins::CoinTable;
use crate::keys::KeyIndex;
use crate::prior::Prior;
use crate::txs::TxIndex;

/// Look-ups over everything ingested so far.
pub(crate) struct Known {
    pub prior: Prior,
    pub txs: TxIndex,
    pub coins: CoinTable,
    addresses: AddressIndex,
    keys: KeyIndex,
}

impl Known {
    /// What the stored chain up to `view`'s tip knows, with an empty session on top.
    pub fn from(view: Option<View>) -> Self {
        let prior = Prior::new(view);
        let counts = prior.counts();
        Self {
            txs: TxIndex::starting_at(counts.txs),
            coins: CoinTable::starting_at(counts.txs, counts.outputs),
            addresses: AddressIndex::starting_at(counts.addresses),
            keys: KeyIndex::default(),
            prior,
        }
    }

    /// The coin that output `index` of `txid` made, if a transaction before `spender` did.
    pub fn coin(&self, txid: &TxHash, index: u32, spender: MovementId) -> Option<HoldingId> {
        let maker = self.txs.get(txid).or_else(|| self.prior.tx(txid)).filter(|maker| *maker < spender)?;
        let outputs: Range<u64> = self.coins.outputs(maker).or_else(|| self.prior.outputs(maker))?;
        let coin = outputs.start + u64::from(index);
        outputs.contains(&coin).then_some(HoldingId(coin))
    }

    /// Value and owner of a coin that [`Self::coin`] named.
    pub fn value_and_owner(&self, coin: HoldingId) -> (u64, AddressId) {
        self.coins.get(coin).or_else(|| self.prior.coin(coin)).expect("the coin was resolved against the same rows")
    }

    /// The address of a lock, and whether this call was the first to see it.
    pub fn intern(&mut self, lock: Lock<'_>) -> (AddressId, bool) {
        match self.addresses.get(lock).or_else(|| self.prior.address(lock)) {
            Some(address) => (address, false),
            None => (self.addresses.insert(lock), true),
        }
    }

    /// The shape of an address; `None` for the owner of what nobody can spend.
    pub fn kind(&self, address: AddressId) -> Option<LockKind> {
        address.is_some().then(|| self.addresses.kind(address).or_else(|| self.prior.kind(address))).flatten()
    }

    /// Whether showing `key` tells something new about `address`.
    pub fn is_new_reveal(&mut self, address: AddressId, key: &KeyHash) -> bool {
        self.keys.reveal(address) && !self.prior.key_owners(key).contains(&address)
    }
}

impl KeyTable for Known {
    fn oldest_then_add(&mut self, key: KeyHash, address: AddressId) -> Option<AddressId> {
        let known = self.keys.oldest(&key).or_else(|| self.prior.key_owners(&key).first().copied());
        self.keys.insert(key, known.map_or(address, |oldest| oldest.min(address)));
        known
    }
}
