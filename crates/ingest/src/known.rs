//! What is known of the chain below the next block: this session's rows first, then the store.

use std::ops::Range;

use coinhound_analysis::cluster;
use coinhound_model::block::{CoinBlock, CoinInput};
use coinhound_model::{AddressId, Height, HoldingId, KeyHash, Lock, LockKind, MovementId, TxHash};
use coinhound_store::facts::{AddressRow, Counts, Facts, TxRow};
use coinhound_store::view::View;

use crate::addresses::{AddressIndex, Users, says_its_key};
use crate::keys::KeyTable;
use crate::prior::Prior;
use crate::slots::{Ahead, Place, Vacancy};
use crate::txs::TxIndex;

/// Bytes of blocks for each row that they bring, somewhat fewer than blocks of recent years have.
pub(crate) const BYTES_PER_TX: usize = 400;
const BYTES_PER_INPUT: usize = 190;
const BYTES_PER_OUTPUT: usize = 150;
const BYTES_PER_ADDRESS: usize = 200;
const BYTES_PER_PAYLOAD_BYTE: usize = 10;

/// The address of a lock.
pub(crate) enum Interned {
    /// It was seen before.
    Old(AddressId),
    /// This is its first appearance. `alone` says that no other lock or key of this session was found in its place.
    New { address: AddressId, alone: bool },
}

/// Look-ups over everything ingested so far.
pub(crate) struct Known {
    pub prior: Prior,
    /// What this session added: what is committed next, and what look-ups read. Columns begin with its first block,
    /// those that no look-up reads with the first that is not committed; the base counts tell of each where.
    pub facts: Facts,
    txs: TxIndex,
    addresses: AddressIndex,
    keys: KeyTable,
}

impl Known {
    /// What the stored chain up to `view`'s tip knows, with an empty session on top that begins at `start`.
    pub fn from(view: Option<View>, start: Height) -> Self {
        let prior = Prior::new(view);
        let facts = Facts { start, base: prior.counts(), ..Facts::default() };
        Self { prior, facts, txs: TxIndex::default(), addresses: AddressIndex::default(), keys: KeyTable::default() }
    }

    /// Makes room for what blocks of so many bytes together will bring.
    pub fn make_room(&mut self, bytes: usize) {
        let Facts { txs, inputs, outputs, addresses, address_bytes, .. } = &mut self.facts;
        txs.reserve(bytes / BYTES_PER_TX);
        inputs.reserve(bytes / BYTES_PER_INPUT);
        outputs.reserve(bytes / BYTES_PER_OUTPUT);
        addresses.reserve(bytes / BYTES_PER_ADDRESS);
        address_bytes.reserve(bytes / BYTES_PER_PAYLOAD_BYTE);
        self.txs.make_room(bytes / BYTES_PER_TX);
        self.addresses.make_room(bytes / BYTES_PER_ADDRESS);
    }

    /// Lets go of the committed rows that no look-up reads, `ends` being the counts after the last of them; their
    /// memory serves those that follow.
    pub fn let_go(&mut self, ends: &Counts) {
        let Facts { base, inputs, foreign, scripts, script_bytes, reveals, t0, t1, .. } = &mut self.facts;
        inputs.clear();
        foreign.clear();
        scripts.clear();
        script_bytes.clear();
        reveals.clear();
        t0.clear();
        t1.clear();
        let Counts { txs, outputs, addresses, address_bytes, .. } = *base;
        *base = Counts { txs, outputs, addresses, address_bytes, ..*ends };
    }

    /// Asks for each of the block's own transactions, and brings their places into the cache.
    pub fn look_ahead_txs(&self, block: &CoinBlock, ahead: &mut Ahead) {
        ahead.ask(0, block.txs.iter().map(|tx| self.txs.tag(&tx.txid)));
        self.txs.look_ahead(&self.facts.txs, ahead);
    }

    /// Asks for the previous transactions of some inputs, and brings what they lead to into the cache.
    ///
    /// Look-ups asked together do not wait for each other; asked one by one they would.
    pub fn look_ahead_inputs(&self, block: &CoinBlock, inputs: Range<usize>, ahead: &mut Ahead) {
        ahead.ask(inputs.start, block.inputs[inputs].iter().map(|input| self.txs.tag(&input.prev_txid)));
        self.txs.look_ahead(&self.facts.txs, ahead);
    }

    /// Asks for the locks of some outputs, and brings what they lead to into the cache.
    pub fn look_ahead_outputs(&self, block: &CoinBlock, outputs: Range<usize>, ahead: &mut Ahead) {
        ahead.ask(outputs.start, outputs.map(|at| self.addresses.tag(block.lock(at))));
        self.addresses.look_ahead(&self.facts, ahead);
    }

    /// Adds the next transaction's row; [`Self::look_ahead_txs`] told the tag.
    pub fn push_tx(&mut self, row: TxRow, tag: u32) {
        let number = u32::try_from(self.facts.txs.len()).expect("a session holds fewer than 2^32 transactions");
        self.facts.txs.push(row);
        self.txs.insert(&self.facts.txs, tag, number);
    }

    /// The coin that an input spends, if a transaction before `spender` made it.
    pub fn coin(&self, input: &CoinInput, place: Place, spender: MovementId) -> Option<HoldingId> {
        let (maker, outputs) = self.made_by(&input.prev_txid, place)?;
        let coin = outputs.start + u64::from(input.prev_index);
        (maker < spender && outputs.contains(&coin)).then_some(HoldingId(coin))
    }

    /// The latest transaction with that hash, and the coins it made.
    fn made_by(&self, hash: &TxHash, place: Place) -> Option<(MovementId, Range<u64>)> {
        let Facts { base, txs, .. } = &self.facts;
        let Some(row) = self.txs.get(txs, hash, place) else { return self.prior.tx(hash) };
        let start = row.checked_sub(1).map_or(base.outputs, |before| txs[before as usize].output_end);
        Some((MovementId(base.txs + u64::from(row)), start..txs[row as usize].output_end))
    }

    /// Value and owner of a coin that [`Self::coin`] named.
    pub fn value_and_owner(&self, coin: HoldingId) -> (u64, AddressId) {
        let ours = session_row(coin.0, self.facts.base.outputs);
        match ours.and_then(|row| self.facts.outputs.get(row)) {
            Some(row) => (row.value(), row.address()),
            None => self.prior.coin(coin).expect("the coin was resolved against the same rows"),
        }
    }

    /// Where a lock is looked for that nobody asked for ahead.
    pub fn place(&self, lock: Lock<'_>) -> Place {
        Place { tag: self.addresses.tag(lock), row: u32::MAX }
    }

    /// The address of a lock; [`Self::place`] or [`Self::look_ahead_outputs`] told where.
    pub fn intern(&mut self, lock: Lock<'_>, place: Place) -> Interned {
        match self.addresses.seek(&self.facts, lock, place) {
            Ok(row) => Interned::Old(self.address_in(row)),
            Err(vacancy) => match self.prior.address(lock) {
                Some(address) => Interned::Old(address),
                None => Interned::New { address: self.push_address(lock, vacancy), alone: vacancy.alone },
            },
        }
    }

    fn address_in(&self, row: u32) -> AddressId {
        AddressId(self.facts.base.addresses + u64::from(row))
    }

    fn push_address(&mut self, lock: Lock<'_>, vacancy: Vacancy) -> AddressId {
        let Facts { base, addresses, address_bytes, .. } = &mut self.facts;
        let row = u32::try_from(addresses.len()).expect("a session holds fewer than 2^31 addresses");
        address_bytes.extend_from_slice(lock.payload);
        let payload_end = base.address_bytes + address_bytes.len() as u64;
        addresses.push(AddressRow::new(lock.kind, payload_end));
        self.addresses.insert(vacancy, row);
        self.address_in(row)
    }

    /// The shape of an address; `None` for the owner of what nobody can spend.
    pub fn kind(&self, address: AddressId) -> Option<LockKind> {
        if !address.is_some() {
            return None;
        }
        let ours = session_row(address.0, self.facts.base.addresses);
        match ours.and_then(|row| self.facts.addresses.get(row)) {
            Some(row) => Some(row.kind()),
            None => self.prior.kind(address),
        }
    }

    /// Whether showing `key` tells something new about `address`.
    pub fn is_new_reveal(&mut self, address: AddressId, key: &KeyHash) -> bool {
        self.keys.reveal(address, self.facts.base.addresses) && !self.prior.key_owners(key).contains(&address)
    }
}

/// The row that a session keeps an id in, whose ids run from `first` on; `None` for one given before.
pub(crate) fn session_row(id: u64, first: u64) -> Option<usize> {
    id.checked_sub(first).and_then(|row| usize::try_from(row).ok())
}

/// Who uses a key, asked for an address of kind `own`, which may already be among the session's locks.
pub(crate) struct KeyUse<'a> {
    known: &'a mut Known,
    own: LockKind,
    /// Where locks that say the key are looked for.
    tag: u32,
    /// Whether nobody else of this session can be found there.
    alone: bool,
}

impl Known {
    /// Who uses `key`, asked for an address of kind `own`.
    pub fn key_use(&mut self, key: &KeyHash, own: LockKind) -> KeyUse<'_> {
        let tag = self.addresses.tag(Lock { kind: LockKind::PubKeyHash, payload: &key.0 });
        KeyUse { known: self, own, tag, alone: false }
    }

    /// [`Self::key_use`] of the key that a P2PKH or P2WPKH lock of this tag says, which was interned just now.
    pub fn own_key_use(&mut self, tag: u32, own: LockKind, alone: bool) -> KeyUse<'_> {
        KeyUse { known: self, own, tag, alone }
    }
}

impl cluster::KeyTable for KeyUse<'_> {
    fn oldest_then_add(&mut self, key: KeyHash, address: AddressId) -> Option<AddressId> {
        let Known { prior, facts, addresses, keys, .. } = &mut *self.known;
        // Whoever asks may be among the locks already; its own kind has nobody else of this key.
        let users = if self.alone { Users::default() } else { addresses.users(facts, keys, &key, self.tag, self.own) };
        let oldest = [
            prior.key_owners(&key).first().copied(),
            users.oldest_lock.map(|row| AddressId(facts.base.addresses + u64::from(row))),
            users.key.map(|row| keys.oldest(row)),
        ];
        let oldest = oldest.into_iter().flatten().min();
        if !says_its_key(self.own) {
            let now = oldest.map_or(address, |oldest| oldest.min(address));
            match users.key {
                Some(row) => keys.set(row, now),
                None => addresses.insert_key(self.tag, keys.add(key, now)),
            }
        }
        oldest
    }
}
