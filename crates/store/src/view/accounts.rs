//! A store of accounts as of one height: the ledger that the engine follows value through.

use std::ops::Range;

use coinhound_model::{
    Account, AccountLedger, AddressId, AsOf, BlockHash, Hash256, Height, HoldingId, LedgerError, Lock, LockKind, Move,
    MoveKind, MovementFact, MovementId, Note, NoteKind, Token, TxHash,
};
use ruint::aliases::U256;

use super::View;
use crate::derive::{Tier, narrow};
use crate::error::Health;
use crate::facts::{BlockRow, Counts, HoldingRow, MergeRow};
use crate::failure::StoreError;
use crate::manifest::{Family, Manifest};
use crate::segment::Segment;
use crate::storage::Storage;

/// What the chain ids of supplied tables begin with.
const SUPPLIED: &str = "table:";

/// A store of accounts as of one height.
///
/// [`MovementId`] numbers movements; where a method takes or gives a transaction, it is the transaction's rank.
#[derive(Debug)]
pub struct AccountView {
    view: View,
    complete: bool,
}

impl AccountView {
    /// Opens a store of accounts at its tip. Every file is opened now; pages are verified when first touched.
    ///
    /// # Errors
    /// [`StoreError`]: no store, damaged, of another format, of coins.
    pub fn open(storage: &dyn Storage) -> Result<Self, StoreError> {
        Self::open_with(storage, Health::new)
    }

    /// Opens a store with health cells of the caller's making: one for each try.
    ///
    /// # Errors
    /// [`StoreError`].
    #[doc(hidden)]
    pub fn open_with(storage: &dyn Storage, health: fn() -> Health) -> Result<Self, StoreError> {
        Self::over(View::open_family(storage, Family::Accounts, health)?)
    }

    fn over(view: View) -> Result<Self, StoreError> {
        let first = view.block(view.as_of.first)?;
        view.opened.health.check()?;
        Ok(Self { complete: first.prev() == Hash256::ZERO, view })
    }

    /// The same store as of a lower height, or up to the tip it was opened at; cheap.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] names the range; [`StoreError::Damage`] when that block cannot be read.
    pub fn at(&self, height: Height) -> Result<Self, StoreError> {
        Ok(Self { view: self.view.at(height)?, complete: self.complete })
    }

    /// The manifest the view was opened with.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.view.manifest()
    }

    /// How many rows of each kind the view holds.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        self.view.counts()
    }

    /// What each column of each file costs on disk: role, column, rows, bytes.
    #[must_use]
    pub fn column_costs(&self) -> Vec<(String, &'static str, u64, u64)> {
        self.view.column_costs()
    }

    /// A block of the view.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] names the range.
    pub fn block(&self, height: Height) -> Result<BlockRow, StoreError> {
        self.view.block(height)
    }

    /// The transactions of a block, by rank.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] names the range.
    pub fn block_txs(&self, height: Height) -> Result<Range<u64>, StoreError> {
        self.view.block_txs(height)
    }

    /// The movements of a block.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] names the range.
    pub fn block_moves(&self, height: Height) -> Result<Range<u64>, StoreError> {
        self.view.in_range(height)?;
        let facts = &self.view.opened.part(height.0).facts;
        Ok(facts.count_before(height.0, Counts::MOVES)..facts.count_before(height.0 + 1, Counts::MOVES))
    }

    /// The height of the block with this hash: reads every hash of the view, newest segment first.
    #[must_use]
    pub fn find_block(&self, hash: &BlockHash) -> Option<Height> {
        self.view.find_block(hash)
    }

    /// The transactions with this hash, by rank, ascending, those without movements included.
    #[must_use]
    pub fn find_txs(&self, hash: &TxHash) -> Vec<MovementId> {
        self.view.txs_of(hash)
    }

    /// A transaction's hash, by its rank.
    #[must_use]
    pub fn txid(&self, tx: MovementId) -> Option<TxHash> {
        self.view.facts_of_tx(tx).map(|facts| facts.txid(tx))
    }

    /// A transaction's movements, by its rank.
    #[must_use]
    pub fn tx_moves(&self, tx: MovementId) -> Range<u64> {
        self.view.facts_of_tx(tx).map_or(0..0, |facts| facts.move_range(tx))
    }

    /// What came with a transaction, by its rank, in order.
    #[must_use]
    pub fn tx_notes(&self, tx: MovementId) -> Vec<Note> {
        self.view.facts_of_tx(tx).map_or_else(Vec::new, |facts| facts.notes(tx))
    }

    /// The rank of a movement's transaction.
    #[must_use]
    pub fn tx_of(&self, movement: MovementId) -> Option<MovementId> {
        self.facts_of(movement).map(|facts| facts.mover(movement))
    }

    /// The address of an account: kind [`coinhound_model::LockKind::Account`], its bytes as payload.
    #[must_use]
    pub fn address_of(&self, lock: Lock<'_>) -> Option<AddressId> {
        self.view.address_of(lock)
    }

    /// The account of an address.
    #[must_use]
    pub fn lock(&self, address: AddressId) -> Option<Lock<'_>> {
        self.view.lock(address)
    }

    /// The height of the block in which an address first appeared.
    #[must_use]
    pub fn first_seen(&self, address: AddressId) -> Option<Height> {
        self.view.first_seen(address)
    }

    /// A holding's row.
    #[must_use]
    pub fn holding(&self, holding: HoldingId) -> Option<HoldingRow> {
        let holdings = self.view.ends.holdings;
        if holding.0 >= holdings {
            self.view.absent("holdings", holding.0, holdings);
            return None;
        }
        let part = self.view.opened.segments.get(self.view.opened.edges.holding(holding.0))?;
        Some(part.facts.holding(holding))
    }

    /// An address's holding in an asset, if it ever had to do with it.
    #[must_use]
    pub fn holding_of(&self, owner: AddressId, asset: u32) -> Option<HoldingId> {
        let mut holdings = Vec::new();
        self.holdings(owner, &mut holdings);
        holdings.into_iter().find(|&holding| self.asset(holding) == asset)
    }

    /// The number of the asset with this identity: reads the assets one by one.
    #[must_use]
    pub fn asset_of(&self, id: &str) -> Option<u32> {
        (0..self.assets()).find(|&asset| self.token(asset).id == id)
    }

    /// The smallest address of an address's cluster in a tier: the cluster's name.
    #[must_use]
    pub fn root(&self, tier: Tier, address: AddressId) -> Option<AddressId> {
        self.view.root(tier, address)
    }

    /// The addresses of an address's cluster in a tier, ascending, itself included.
    #[must_use]
    pub fn members(&self, tier: Tier, address: AddressId) -> Vec<AddressId> {
        self.view.members(tier, address)
    }

    /// How many merges of a tier the view knows.
    #[must_use]
    pub fn merge_count(&self, tier: Tier) -> u64 {
        self.view.merge_count(tier)
    }

    /// Merges of a tier by their place in its log, in chain order; their `tx` is a transaction's rank.
    pub fn merges(&self, tier: Tier, places: Range<u64>) -> impl Iterator<Item = MergeRow> {
        self.view.merges(tier, places)
    }

    /// The segment that holds a movement.
    #[inline]
    fn facts_of(&self, movement: MovementId) -> Option<&Segment> {
        let moves = self.view.ends.moves;
        if movement.0 >= moves {
            self.view.absent("movements", movement.0, moves);
            return None;
        }
        let at = self.view.opened.edges.movement(movement.0);
        self.view.opened.segments.get(at).map(|part| &*part.facts)
    }

    /// Where a transaction stands, by its rank in the segment that holds it.
    fn place_of(facts: &Segment, tx: MovementId) -> MovementFact {
        let height = facts.height_of(tx.0, Counts::TXS);
        let position = tx.0.checked_sub(facts.count_before(height.0, Counts::TXS));
        MovementFact {
            height,
            block: facts.block_hash(height),
            position: position.and_then(|position| u32::try_from(position).ok()).unwrap_or(0),
            tx: facts.txid(tx),
            time: facts.block_time(height),
        }
    }

    /// The first movement at or after `from` that the files know, whatever the view's height.
    fn next_stored(&self, holding: u32, from: u64) -> Option<u64> {
        let opened = &self.view.opened;
        if let Some(base) = opened.base.as_deref().filter(|base| u64::from(holding) < base.moves.len()) {
            let found = base.moves.first_from(base.moves.list(u64::from(holding)), from);
            if found.is_some() {
                return found;
            }
        }
        let overlays = self.view.overlays_from(opened.edges.movement(from));
        overlays.filter_map(|overlay| overlay.next_move(holding, from)).next()
    }
}

impl AccountLedger for AccountView {
    type Units = U256;

    fn as_of(&self) -> &AsOf {
        &self.view.as_of
    }

    fn is_complete(&self) -> bool {
        self.complete
    }

    fn is_supplied(&self) -> bool {
        self.view.as_of.chain.0.starts_with(SUPPLIED)
    }

    fn movements(&self) -> Range<u64> {
        0..self.view.ends.moves
    }

    #[inline]
    fn movement(&self, movement: MovementId) -> Move<U256> {
        let nothing = Move { kind: MoveKind::Transfer, from: None, to: None, units: U256::ZERO };
        self.facts_of(movement).map_or(nothing, |facts| facts.movement(movement))
    }

    fn height(&self, movement: MovementId) -> Height {
        let facts = self.facts_of(movement);
        facts.map_or(self.view.as_of.first, |facts| facts.height_of(movement.0, Counts::MOVES))
    }

    fn time(&self, movement: MovementId) -> u32 {
        let height = self.height(movement);
        self.view.opened.part(height.0).facts.block_time(height)
    }

    #[inline]
    fn next(&self, holding: HoldingId, from: MovementId) -> Option<MovementId> {
        let holdings = self.view.ends.holdings;
        if holding.0 >= holdings {
            self.view.absent("holdings", holding.0, holdings);
            return None;
        }
        let next = self.next_stored(narrow(holding.0), from.0);
        next.filter(|&next| next < self.view.ends.moves).map(MovementId)
    }

    fn owner(&self, holding: HoldingId) -> AddressId {
        self.holding(holding).map_or(AddressId::NONE, |row| row.address)
    }

    fn asset(&self, holding: HoldingId) -> u32 {
        self.holding(holding).map_or(0, |row| row.asset)
    }

    fn token(&self, asset: u32) -> Token {
        let facts = self.view.facts(u64::from(asset), |counts| counts.assets, "assets");
        let nothing = || Token { id: String::new(), ticker: String::new(), decimals: None };
        facts.map_or_else(nothing, |facts| facts.asset(u64::from(asset)))
    }

    fn assets(&self) -> u32 {
        narrow(self.view.ends.assets)
    }

    fn holdings(&self, owner: AddressId, into: &mut Vec<HoldingId>) {
        into.clear();
        let addresses = self.view.ends.addresses;
        if owner.0 >= addresses {
            return self.view.absent("addresses", owner.0, addresses);
        }
        let known = self.view.ends.holdings;
        self.view.each_coin(narrow(owner.0), |holding| {
            if holding < known {
                into.push(HoldingId(holding));
            }
        });
    }

    fn fact(&self, movement: MovementId) -> MovementFact {
        let height = self.height(movement);
        let block = &self.view.opened.part(height.0).facts;
        let first = block.count_before(height.0, Counts::TXS);
        let tx = self.facts_of(movement).map(|facts| (facts.mover(movement), facts));
        let position = tx.and_then(|(tx, _)| u32::try_from(tx.0.checked_sub(first)?).ok());
        MovementFact {
            height,
            block: block.block_hash(height),
            position: position.unwrap_or(0),
            tx: tx.map_or(Hash256::ZERO, |(tx, facts)| facts.txid(tx)),
            time: block.block_time(height),
        }
    }

    fn siblings(&self, movement: MovementId) -> Range<u64> {
        self.facts_of(movement).map_or(0..0, |facts| facts.move_range(facts.mover(movement)))
    }

    /// Transactions without movements are left out: [`AccountView::find_txs`] names them too.
    fn find(&self, tx: &TxHash) -> Vec<Range<u64>> {
        let moves = self.view.txs_of(tx).into_iter().map(|tx| self.tx_moves(tx));
        moves.filter(|moves| !moves.is_empty()).collect()
    }

    fn notes(&self, movement: MovementId) -> Vec<Note> {
        self.facts_of(movement).map_or_else(Vec::new, |facts| facts.notes(facts.mover(movement)))
    }

    fn each_note(&self, kind: NoteKind, each: &mut dyn FnMut(MovementFact, &[u8])) {
        let txs = self.view.ends.txs;
        for part in &self.view.opened.segments {
            part.facts.each_note(kind, txs, |tx, bytes| each(Self::place_of(&part.facts, tx), bytes));
        }
    }

    fn account(&self, address: AddressId) -> Option<Account> {
        self.lock(address).map(|lock| Account(lock.payload.to_vec()))
    }

    fn find_account(&self, account: &Account) -> Option<AddressId> {
        self.address_of(Lock { kind: LockKind::Account, payload: &account.0 })
    }

    fn addresses(&self) -> u64 {
        self.view.ends.addresses
    }

    fn health(&self) -> Result<(), LedgerError> {
        self.view.verified()
    }
}
