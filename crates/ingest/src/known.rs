//! What is known of the chain below the next block: this session's rows first, then the store.

use coinhound_analysis::cluster::KeyTable;
use coinhound_model::block::{CoinBlock, CoinInput};
use coinhound_model::{AddressId, HoldingId, KeyHash, Lock, LockKind, MovementId};
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
            txs: TxIndex::starting_at(counts.txs, counts.outputs),
            coins: CoinTable::starting_at(counts.outputs),
            addresses: AddressIndex::starting_at(counts.addresses),
            keys: KeyIndex::default(),
            prior,
        }
    }

    /// Replaces `into` with the tag of each input's previous transaction, and brings what they lead to into the cache.
    ///
    /// The look-ups of a whole block do not wait for each other; asked one by one they would.
    pub fn look_ahead_inputs(&self, block: &CoinBlock, into: &mut Vec<u32>) {
        into.clear();
        into.extend(block.inputs.iter().map(|input| self.txs.tag(&input.prev_txid)));
        self.txs.touch(into.iter().copied());
    }

    /// The coin that an input spends, if a transaction before `spender` made it.
    pub fn coin(&self, input: &CoinInput, tag: u32, spender: MovementId) -> Option<HoldingId> {
        let hash = &input.prev_txid;
        let session = self.txs.get(hash, tag);
        let (_, outputs) = session.or_else(|| self.prior.tx(hash)).filter(|(maker, _)| *maker < spender)?;
        let coin = outputs.start + u64::from(input.prev_index);
        outputs.contains(&coin).then_some(HoldingId(coin))
    }

    /// Value and owner of a coin that [`Self::coin`] named.
    pub fn value_and_owner(&self, coin: HoldingId) -> (u64, AddressId) {
        self.coins.get(coin).or_else(|| self.prior.coin(coin)).expect("the coin was resolved against the same rows")
    }

    /// The address of a lock, and whether this call was the first to see it.
    pub fn intern(&mut self, lock: Lock<'_>) -> (AddressId, bool) {
        self.intern_tagged(lock, self.addresses.tag(lock))
    }

    /// [`Self::intern`] for a lock that [`Self::look_ahead_outputs`] tagged.
    pub fn intern_tagged(&mut self, lock: Lock<'_>, tag: u32) -> (AddressId, bool) {
        match self.addresses.get(lock, tag).or_else(|| self.prior.address(lock)) {
            Some(address) => (address, false),
            None => (self.addresses.insert(lock, tag), true),
        }
    }

    /// Replaces `into` with the tag of each output's lock, and brings what they lead to into the cache.
    pub fn look_ahead_outputs(&self, block: &CoinBlock, into: &mut Vec<u32>) {
        into.clear();
        into.extend((0..block.outputs.len()).map(|at| self.addresses.tag(block.lock(at))));
        self.addresses.touch(into.iter().copied());
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
        let tag = self.addresses.tag(Lock { kind: LockKind::PubKeyHash, payload: &key.0 });
        let get = |kind| self.addresses.get(Lock { kind, payload: &key.0 }, tag);
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
