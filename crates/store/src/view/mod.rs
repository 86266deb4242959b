//! A store as of one height: every answer a reader can get.
//!
//! A view keeps the files of the manifest it was opened with, whatever the writer does meanwhile. Views
//! of lower heights share them: spenders are filtered by transaction, addresses and coins by count, and
//! clusters below the fold are joined anew from the merge logs.

mod accounts;
mod clusters;
mod ledger;

pub use accounts::AccountView;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use coinhound_model::{
    AddressId, AsOf, BlockHash, Height, HoldingId, InputId, KeyHash, LedgerError, Lock, LockKind, MovementId, TxHash,
};

use crate::base::UNSPENT;
use crate::buckets::prefix;
use crate::commit::open_consistent;
use crate::derive::{Tier, lock_prefix};
use crate::error::{DamageError, Health};
use crate::facts::{BlockRow, Counts, ForeignRow, InputRow, MergeRow, OutputRow, TxRow};
use crate::failure::StoreError;
use crate::joined::Joined;
use crate::keys::key_of_lock;
use crate::lookup::BucketIndex;
use crate::manifest::{Family, Manifest};
use crate::opened::Opened;
use crate::overlay::Overlay;
use crate::segment::Segment;
use crate::storage::Storage;

/// A store as of one height.
#[derive(Debug)]
pub struct View {
    opened: Arc<Opened>,
    as_of: AsOf,
    /// Counts after the block at that height.
    ends: Counts,
    /// What was asked of this view and is not in it: a bug of the caller, sticky like damage.
    misuse: OnceLock<DamageError>,
    joined: [OnceLock<Joined>; 2],
}

/// Indexes that base and overlays both have.
struct Indexes<'a> {
    txids: &'a BucketIndex,
    locks: &'a BucketIndex,
    keys: &'a BucketIndex,
    reveals: &'a BucketIndex,
}

impl View {
    /// Opens a store of coins at its tip. Every file is opened now; pages are verified when first touched.
    ///
    /// # Errors
    /// [`StoreError`]: no store, damaged, of another format, of accounts.
    pub fn open(storage: &dyn Storage) -> Result<Self, StoreError> {
        Self::open_with(storage, Health::new)
    }

    /// Opens a store with health cells of the caller's making: one for each try.
    ///
    /// # Errors
    /// [`StoreError`].
    #[doc(hidden)]
    pub fn open_with(storage: &dyn Storage, health: fn() -> Health) -> Result<Self, StoreError> {
        Self::open_family(storage, Family::Coins, health)
    }

    /// Opens a store of this kind of ledger.
    fn open_family(storage: &dyn Storage, family: Family, health: fn() -> Health) -> Result<Self, StoreError> {
        let opened = open_consistent(storage, |manifest| {
            manifest.check_family(storage, family)?;
            Opened::open(storage, manifest, None, &health())
        })?;
        let tip = opened.tip();
        Self::pinned(Arc::new(opened), tip)
    }

    fn pinned(opened: Arc<Opened>, height: Height) -> Result<Self, StoreError> {
        let (first, tip) = (opened.first(), opened.tip());
        if !(first..=tip).contains(&height) {
            return Err(StoreError::OutOfRange { asked: height, first, tip });
        }
        let facts = &opened.part(height.0).facts;
        let (block, ends) = (facts.block_hash(height), facts.counts_before(height.0 + 1));
        opened.health.check()?;
        let as_of = AsOf { chain: opened.manifest.chain.clone(), first, height, block };
        Ok(Self { opened, as_of, ends, misuse: OnceLock::new(), joined: [OnceLock::new(), OnceLock::new()] })
    }

    /// The same store as of a lower height, or up to the tip it was opened at; cheap.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] names the range; [`StoreError::Damage`] when that block cannot be read.
    pub fn at(&self, height: Height) -> Result<Self, StoreError> {
        Self::pinned(Arc::clone(&self.opened), height)
    }

    /// The manifest the view was opened with.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.opened.manifest
    }

    /// How many rows of each kind the view holds.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.ends
    }

    /// What each column of each file costs on disk: role, column, rows, bytes.
    #[must_use]
    pub fn column_costs(&self) -> Vec<(String, &'static str, u64, u64)> {
        let opened = &self.opened;
        let facts = opened.segments.iter().map(|part| ("facts", part.facts.table()));
        let overlays = opened.segments.iter().filter_map(|part| Some(("overlay", part.overlay.as_ref()?.table())));
        let base = opened.base.iter().flat_map(|base| base.tables()).map(|(table, file)| (table.name(), file));
        let files = facts.chain(overlays).chain(base);
        files
            .flat_map(|(role, file)| {
                file.column_lens().into_iter().map(move |(name, rows, bytes)| (role.to_owned(), name, rows, bytes))
            })
            .collect()
    }

    /// A block of the view.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] names the range.
    pub fn block(&self, height: Height) -> Result<BlockRow, StoreError> {
        self.in_range(height)?;
        Ok(self.opened.part(height.0).facts.block(height))
    }

    /// The transactions of a block.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] names the range.
    pub fn block_txs(&self, height: Height) -> Result<Range<u64>, StoreError> {
        self.in_range(height)?;
        let facts = &self.opened.part(height.0).facts;
        Ok(facts.count_before(height.0, Counts::TXS)..facts.count_before(height.0 + 1, Counts::TXS))
    }

    fn in_range(&self, asked: Height) -> Result<(), StoreError> {
        let (first, tip) = (self.as_of.first, self.as_of.height);
        if (first..=tip).contains(&asked) { Ok(()) } else { Err(StoreError::OutOfRange { asked, first, tip }) }
    }

    /// The height of the block with this hash: reads every hash of the view, newest segment first.
    #[must_use]
    pub fn find_block(&self, hash: &BlockHash) -> Option<Height> {
        self.opened.segments.iter().rev().find_map(|part| {
            let at = part.facts.block_hashes().iter().position(|known| *known == hash.0)?;
            let height = Height(part.facts.span().start + u32::try_from(at).ok()?);
            (height <= self.as_of.height).then_some(height)
        })
    }

    /// A transaction's row.
    #[must_use]
    pub fn tx(&self, tx: MovementId) -> Option<TxRow> {
        self.facts_of_tx(tx).map(|facts| facts.tx(tx))
    }

    /// A transaction's inputs, by [`InputId`]; none for a coinbase.
    #[must_use]
    pub fn inputs(&self, tx: MovementId) -> Range<u64> {
        self.facts_of_tx(tx).map_or(0..0, |facts| facts.input_range(tx))
    }

    /// A transaction's outputs, by [`HoldingId`].
    #[must_use]
    pub fn outputs(&self, tx: MovementId) -> Range<u64> {
        self.facts_of_tx(tx).map_or(0..0, |facts| facts.output_range(tx))
    }

    /// An input's row and its transaction.
    #[must_use]
    pub fn input(&self, input: InputId) -> Option<(MovementId, InputRow)> {
        let facts = self.facts(input.0, |counts| counts.inputs, "inputs")?;
        Some((facts.spender(input.0), facts.input(input.0)))
    }

    /// An output's row.
    #[must_use]
    pub fn output(&self, coin: HoldingId) -> Option<OutputRow> {
        self.facts_of_output(coin.0).map(|facts| facts.output(coin.0))
    }

    /// A foreign coin's row; `None` for a coin made inside the range.
    #[must_use]
    pub fn foreign(&self, coin: HoldingId) -> Option<ForeignRow> {
        let rank = coin.foreign_rank()?;
        self.facts(rank, |counts| counts.foreign, "foreign coins").map(|facts| facts.foreign(rank))
    }

    /// The scripts that a transaction's outputs carry verbatim: data and oversized ones.
    #[must_use]
    pub fn scripts(&self, tx: MovementId) -> Vec<(HoldingId, LockKind, &[u8])> {
        let Some(facts) = self.facts_of_tx(tx) else { return Vec::new() };
        let outputs = facts.output_range(tx);
        let rows = (facts.first_script(outputs.start)..facts.ends().scripts).map(|rank| facts.script(rank));
        rows.take_while(|(row, _)| row.output.0 < outputs.end)
            .map(|(row, bytes)| (row.output, row.kind, bytes))
            .collect()
    }

    /// The transaction that spends a coin, foreign ones included.
    #[must_use]
    #[inline]
    pub fn spender(&self, coin: HoldingId) -> Option<MovementId> {
        if let Some(rank) = coin.foreign_rank() {
            return self.facts(rank, |counts| counts.foreign, "foreign coins").map(|facts| facts.foreign_spender(rank));
        }
        if coin.0 >= self.ends.outputs {
            self.absent("outputs", coin.0, self.ends.outputs);
            return None;
        }
        if let Some(base) = &self.opened.base
            && coin.0 < base.spender.len()
        {
            let spender = base.spender.get(coin.0);
            if spender != UNSPENT {
                return self.seen(spender);
            }
        }
        let spender = self.overlays_from(self.opened.edges.output(coin.0)).find_map(|overlay| overlay.spender(coin.0));
        spender.and_then(|spender| self.seen(spender))
    }

    /// The transactions with this hash, by rank, ascending.
    fn txs_of(&self, hash: &TxHash) -> Vec<MovementId> {
        let candidates = self.indexes().flat_map(|index| index.txids.candidates(prefix(&hash.0)));
        let known = candidates.filter_map(|id| self.seen(id));
        known.filter(|&id| self.facts_of_tx(id).is_some_and(|facts| facts.txid(id) == *hash)).collect()
    }

    /// The transaction, if this view knows it.
    fn seen(&self, tx: u32) -> Option<MovementId> {
        let tx = u64::from(tx);
        (tx < self.ends.txs).then_some(MovementId(tx))
    }

    /// The overlays of the view's segments from position `from` on.
    fn overlays_from(&self, from: usize) -> impl Iterator<Item = &Overlay> {
        let parts = self.opened.segments.get(from.max(self.opened.edges.folded)..).unwrap_or_default();
        let seen = parts.iter().take_while(|part| part.facts.base().txs < self.ends.txs);
        seen.filter_map(|part| part.overlay.as_deref())
    }

    /// The indexes of base and overlays, oldest first.
    fn indexes(&self) -> impl Iterator<Item = Indexes<'_>> {
        let base = self.opened.base.iter();
        let base = base.map(|base| Indexes {
            txids: &base.txids,
            locks: &base.locks,
            keys: &base.keys,
            reveals: &base.reveals,
        });
        let overlays = self.overlays_from(0);
        base.chain(overlays.map(|o| Indexes { txids: &o.txids, locks: &o.locks, keys: &o.keys, reveals: &o.reveals }))
    }

    /// The address of a locking script.
    #[must_use]
    pub fn address_of(&self, lock: Lock<'_>) -> Option<AddressId> {
        let prefix = lock_prefix(lock);
        let candidates = self.indexes().flat_map(|index| index.locks.candidates(prefix));
        let mut known = candidates.map(|id| AddressId(u64::from(id))).take_while(|id| id.0 < self.ends.addresses);
        known.find(|&id| self.lock(id) == Some(lock))
    }

    /// An address's locking script.
    #[must_use]
    pub fn lock(&self, address: AddressId) -> Option<Lock<'_>> {
        let at = self.opened.edges.address(address.0);
        if address.0 >= self.ends.addresses {
            self.absent("addresses", address.0, self.ends.addresses);
            return None;
        }
        self.opened.segments.get(at).map(|part| part.facts.lock(address))
    }

    /// The height of the block in which an address first appeared.
    #[must_use]
    pub fn first_seen(&self, address: AddressId) -> Option<Height> {
        let facts = self.facts(address.0, |counts| counts.addresses, "addresses")?;
        Some(facts.height_of(address.0, Counts::ADDRESSES))
    }

    /// The addresses known to use a key, ascending.
    #[must_use]
    pub fn key_owners(&self, key: &KeyHash) -> Vec<AddressId> {
        let by_hash = [LockKind::PubKeyHash, LockKind::WitnessPubKeyHash];
        let hashed = by_hash.into_iter().filter_map(|kind| self.address_of(Lock { kind, payload: &key.0 }));
        let mut owners: Vec<AddressId> = hashed.collect();
        for index in self.indexes() {
            let shown = index.keys.candidates(prefix(&key.0)).map(|id| AddressId(u64::from(id)));
            let shown = shown.take_while(|id| id.0 < self.ends.addresses);
            owners.extend(shown.filter(|&id| self.lock(id).and_then(key_of_lock) == Some(*key)));
            let revealed = index.reveals.candidates(prefix(&key.0)).map(u64::from);
            let revealed = revealed.take_while(|&rank| rank < self.ends.reveals);
            let rows =
                revealed.filter_map(|rank| Some(self.facts(rank, |counts| counts.reveals, "reveals")?.reveal(rank)));
            owners.extend(rows.filter(|row| row.key == *key).map(|row| row.address));
        }
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// How many merges of a tier the view knows.
    #[must_use]
    pub fn merge_count(&self, tier: Tier) -> u64 {
        match tier {
            Tier::T0 => self.ends.t0,
            Tier::T1 => self.ends.t1,
        }
    }

    /// Merges of a tier by their place in its log, in chain order; those the view does not know are left out.
    pub fn merges(&self, tier: Tier, places: Range<u64>) -> impl Iterator<Item = MergeRow> {
        let count: fn(&Counts) -> u64 = match tier {
            Tier::T0 => |counts| counts.t0,
            Tier::T1 => |counts| counts.t1,
        };
        let end = places.end.min(count(&self.ends));
        self.opened.segments.iter().flat_map(move |part| {
            let (from, to) = (count(part.facts.base()).max(places.start), count(part.facts.ends()).min(end));
            (from..to.max(from)).map(move |place| part.facts.merge(tier, place))
        })
    }

    fn facts_of_tx(&self, tx: MovementId) -> Option<&Segment> {
        if tx.0 >= self.ends.txs {
            self.absent("transactions", tx.0, self.ends.txs);
            return None;
        }
        self.opened.segments.get(self.opened.edges.tx(tx.0)).map(|part| &*part.facts)
    }

    #[inline]
    fn facts_of_output(&self, output: u64) -> Option<&Segment> {
        if output >= self.ends.outputs {
            self.absent("outputs", output, self.ends.outputs);
            return None;
        }
        self.opened.segments.get(self.opened.edges.output(output)).map(|part| &*part.facts)
    }

    /// The facts that hold a row of any kind.
    fn facts(&self, id: u64, count: fn(&Counts) -> u64, what: &'static str) -> Option<&Segment> {
        if id >= count(&self.ends) {
            self.absent(what, id, count(&self.ends));
            return None;
        }
        self.opened.part_of(id, count).map(|part| &*part.facts)
    }

    #[cold]
    fn absent(&self, what: &'static str, row: u64, rows: u64) {
        let file = format!("the view of {} at height {}", self.as_of.chain, self.as_of.height);
        let _ = self.misuse.set(DamageError::Row { file, column: what, row, rows });
    }

    /// Whether everything answered so far was verified and asked for rightly.
    fn verified(&self) -> Result<(), LedgerError> {
        let misuse = self.misuse.get().map_or(Ok(()), |misuse| Err(misuse.clone()));
        let damage = self.opened.health.check().and(misuse);
        damage.map_err(|damage| LedgerError { message: damage.to_string() })
    }
}
