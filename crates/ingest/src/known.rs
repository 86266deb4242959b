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

    /// Replaces `into` with the tag of each of the block's own transactions, and brings their places into the cache.
    pub fn look_ahead_txs(&self, block: &CoinBlock, into: &mut Vec<u32>) {
        into.clear();
        into.extend(block.txs.iter().map(|tx| self.txs.tag(&tx.txid)));
        self.txs.touch(into.iter().copied());
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

    /// Where a lock is looked for.
    pub fn tag(&self, lock: Lock<'_>) -> u32 {
        self.addresses.tag(lock)
    }

    /// The address of a lock, and whether this call was the first to see it; [`Self::tag`] or
    /// [`Self::look_ahead_outputs`] told the tag.
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

/// Who uses a key, asked for an address of kind `own`, which may already be among the session's locks.
pub(crate) struct KeyUse<'a> {
    known: &'a mut Known,
    own: LockKind,
    /// Where locks that say the key are looked for.
    tag: u32,
}

impl Known {
    /// Who uses `key`, asked for an address of kind `own`.
    pub fn key_use(&mut self, key: &KeyHash, own: LockKind) -> KeyUse<'_> {
        let tag = self.addresses.tag(Lock { kind: LockKind::PubKeyHash, payload: &key.0 });
        KeyUse { known: self, own, tag }
    }

    /// [`Self::key_use`] of the key that a P2PKH or P2WPKH lock of this tag says.
    pub fn key_use_tagged(&mut self, tag: u32, own: LockKind) -> KeyUse<'_> {
        KeyUse { known: self, own, tag }
    }
}

impl KeyTable for KeyUse<'_> {
    fn oldest_then_add(&mut self, key: KeyHash, address: AddressId) -> Option<AddressId> {
        let Known { prior, addresses, keys, .. } = &mut *self.known;
        // Whoever asks may be among the locks already; its own kind has nobody else of this key.
        let says = |kind| (self.own != kind).then(|| addresses.get(Lock { kind, payload: &key.0 }, self.tag)).flatten();
        let number = addresses.key(&key, self.tag);
        let known = [
            prior.key_owners(&key).first().copied(),
            says(LockKind::PubKeyHash),
            says(LockKind::WitnessPubKeyHash),
            number.map(|number| keys.oldest(number)),
        ];
        let oldest = known.into_iter().flatten().min();
        if !says_its_key(self.own) {
            let now = keys.set(number, oldest.map_or(address, |oldest| oldest.min(address)));
            if number.is_none() {
                addresses.insert_key(&key, self.tag, now);
            }
        }
        oldest
    }
}

/// Whether the payload of such a lock is its key: it is found through the index of locks.
pub(crate) fn says_its_key(kind: LockKind) -> bool {
    matches!(kind, LockKind::PubKeyHash | LockKind::WitnessPubKeyHash)
}
