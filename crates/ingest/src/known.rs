//! What is known of the chain below the next block: this session's rows first, then the store.

use std::ops::Range;

use coinhound_analysis::cluster::KeyTable;
use coinhound_model::block::CoinBlock;
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
        self.intern_hashed(lock, self.addresses.hash(lock))
    }

    /// [`Self::intern`] for a lock that [`Self::look_ahead`] hashed.
    pub fn intern_hashed(&mut self, lock: Lock<'_>, hash: u64) -> (AddressId, bool) {
        match self.addresses.get_hashed(lock, hash).or_else(|| self.prior.address(lock)) {
            Some(address) => (address, false),
            None => (self.addresses.insert(lock, hash), true),
        }
    }

    /// Replaces `into` with the hash of each output's lock, and this session's address of it where there is one
    /// already.
    ///
    /// The look-ups of a whole block do not wait for each other; asking one by one would, and most of the time
    /// of a load is waiting for memory.
    pub fn look_ahead(&self, block: &CoinBlock, into: &mut Vec<(u64, Option<AddressId>)>) {
        into.clear();
        into.extend((0..block.outputs.len()).map(|at| (self.addresses.hash(block.lock(at)), None)));
        for (at, (hash, seen)) in into.iter_mut().enumerate() {
            *seen = self.addresses.get_hashed(block.lock(at), *hash);
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

impl Known {
    /// The oldest address of this session that says `key` in its lock or was revealed to use it, but for an
    /// address of kind `own`: that is the one that asks.
    fn oldest_of_session(&self, key: &KeyHash, own: Option<LockKind>) -> Option<AddressId> {
        let hash = self.addresses.hash(Lock { kind: LockKind::PubKeyHash, payload: &key.0 });
        let get = |kind| self.addresses.get_hashed(Lock { kind, payload: &key.0 }, hash);
        let says = |kind| (own != Some(kind)).then(|| get(kind)).flatten();
        let by_lock = [says(LockKind::PubKeyHash), says(LockKind::WitnessPubKeyHash)];
        by_lock.into_iter().chain([self.keys.oldest(key)]).flatten().min()
    }
}

/// What [`same_key_edge`] asks; `address` itself may already be among the session's locks.
///
/// [`same_key_edge`]: coinhound_analysis::cluster::same_key_edge
impl KeyTable for Known {
    fn oldest_then_add(&mut self, key: KeyHash, address: AddressId) -> Option<AddressId> {
        let stored = self.prior.key_owners(&key).first().copied();
        let own = self.kind(address);
        let known = [stored, self.oldest_of_session(&key, own)].into_iter().flatten().min();
        if !matches!(own, Some(LockKind::PubKeyHash | LockKind::WitnessPubKeyHash)) {
            self.keys.insert(key, known.map_or(address, |oldest| oldest.min(address)));
        }
        known
    }
}
