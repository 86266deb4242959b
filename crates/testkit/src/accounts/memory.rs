//! An account ledger in memory: flat columns and a list for each holding. The plain other implementation of the contract.

use std::collections::BTreeMap;
use std::ops::Range;

use coinhound_model::{
    Account, AccountLedger, AddressId, AsOf, ChainId, Hash256, Height, HoldingId, LedgerError, Move, MoveKind,
    MovementFact, MovementId, Note, NoteKind, Token, TxHash, Units,
};

use crate::random::Dice;

/// A transaction's place.
#[derive(Clone, Debug)]
struct Tx {
    hash: TxHash,
    height: Height,
    time: u32,
    position: u32,
    /// The first movement that is not its own any more.
    end: u64,
    notes: Vec<Note>,
}

impl Tx {
    fn place(&self) -> MovementFact {
        let &Self { hash, height, time, position, .. } = self;
        MovementFact { height, block: block_hash(height), position, tx: hash, time }
    }
}

/// A holding and the movements that touch it.
#[derive(Clone, Debug)]
struct Held {
    owner: AddressId,
    asset: u32,
    movements: Vec<u64>,
}

/// An in-memory ledger of accounts. Amounts are in the asset's smallest unit.
#[derive(Clone, Debug)]
pub struct MemoryAccounts<U> {
    as_of: AsOf,
    is_complete: bool,
    is_supplied: bool,
    moves: Vec<Move<U>>,
    /// By movement: index of its transaction.
    tx_of: Vec<usize>,
    txs: Vec<Tx>,
    tokens: Vec<Token>,
    holdings: Vec<Held>,
    by_name: BTreeMap<(AddressId, u32), HoldingId>,
    addresses: u64,
    /// What addresses are called where that was told; the others' names are made up.
    accounts: BTreeMap<AddressId, Account>,
    /// A holding whose list begins again and again.
    stuck: Option<HoldingId>,
    damage: Option<LedgerError>,
}

impl<U: Units> MemoryAccounts<U> {
    /// An empty ledger.
    #[must_use]
    pub fn new(is_complete: bool) -> Self {
        let first = Height(u32::from(!is_complete));
        let chain = ChainId("memory:accounts".to_owned());
        Self {
            as_of: AsOf { chain, first, height: first, block: block_hash(first) },
            is_complete,
            is_supplied: false,
            moves: Vec::new(),
            tx_of: Vec::new(),
            txs: Vec::new(),
            tokens: Vec::new(),
            holdings: Vec::new(),
            by_name: BTreeMap::new(),
            addresses: 0,
            accounts: BTreeMap::new(),
            stuck: None,
            damage: None,
        }
    }

    /// Opens a transaction behind the others.
    ///
    /// # Panics
    /// When it lies below the transaction before it.
    pub fn begin(&mut self, hash: TxHash, height: Height, time: u32) {
        let position = match self.txs.last() {
            Some(last) if last.height == height => last.position + 1,
            Some(last) => {
                assert!(last.height < height, "a transaction lies below the one before it");
                0
            }
            None => 0,
        };
        (self.as_of.height, self.as_of.block) = (height, block_hash(height));
        self.txs.push(Tx { hash, height, time, position, end: self.moves.len() as u64, notes: Vec::new() });
    }

    /// Adds a movement to the open transaction, between accounts.
    ///
    /// # Panics
    /// When no transaction is open, or the sides are not those of its kind.
    pub fn push(
        &mut self,
        kind: MoveKind,
        from: Option<AddressId>,
        to: Option<AddressId>,
        asset: u32,
        units: U,
    ) -> MovementId {
        assert_eq!((from.is_some(), to.is_some()), (kind.takes(), kind.gives()), "a {kind} has other sides");
        let movement = self.moves.len() as u64;
        let from = from.map(|owner| self.touch(owner, asset, movement));
        let to = to.map(|owner| self.touch(owner, asset, movement));
        self.moves.push(Move { kind, from, to, units });
        self.tx_of.push(self.txs.len().checked_sub(1).expect("a transaction was opened"));
        self.txs.last_mut().expect("a transaction was opened").end = self.moves.len() as u64;
        MovementId(movement)
    }

    /// Adds a note to the open transaction.
    ///
    /// # Panics
    /// When none is open.
    pub fn push_note(&mut self, note: Note) {
        self.txs.last_mut().expect("a transaction was opened").notes.push(note);
    }

    /// The number of an asset, a new one if it was never seen.
    ///
    /// # Panics
    /// Past 2^32 assets.
    pub fn asset_of(&mut self, token: &Token) -> u32 {
        let at = self.tokens.iter().position(|known| known.id == token.id).unwrap_or_else(|| {
            self.tokens.push(token.clone());
            self.tokens.len() - 1
        });
        u32::try_from(at).expect("a test has few assets")
    }

    /// An address's holding of an asset, if a movement touched it.
    #[must_use]
    pub fn holding(&self, owner: AddressId, asset: u32) -> Option<HoldingId> {
        self.by_name.get(&(owner, asset)).copied()
    }

    /// How many holdings there are.
    #[must_use]
    pub fn holding_count(&self) -> u64 {
        self.holdings.len() as u64
    }

    /// Gives an address the bytes that name it; without, it has twenty made-up bytes.
    pub fn set_account(&mut self, address: AddressId, account: Account) {
        self.accounts.insert(address, account);
    }

    /// Declares the rows as supplied by somebody.
    pub fn set_supplied(&mut self) {
        self.is_supplied = true;
    }

    /// Lets every later question about health answer with this damage.
    pub fn set_damage(&mut self, message: &str) {
        self.damage = Some(LedgerError { message: message.to_owned() });
    }

    /// Lets a holding's list name these movements, whatever they touch: a lie to test with.
    pub fn set_list(&mut self, holding: HoldingId, movements: Vec<u64>) {
        self.holdings[holding.index()].movements = movements;
    }

    /// Lets a holding's list begin again and again: a lie to test with.
    pub fn set_stuck(&mut self, holding: HoldingId) {
        self.stuck = Some(holding);
    }

    /// The same ledger counted in other units.
    #[must_use]
    pub fn map<V: Units>(&self, convert: impl Fn(U) -> V) -> MemoryAccounts<V> {
        let step = |step: &Move<U>| Move { kind: step.kind, from: step.from, to: step.to, units: convert(step.units) };
        MemoryAccounts {
            as_of: self.as_of.clone(),
            is_complete: self.is_complete,
            is_supplied: self.is_supplied,
            moves: self.moves.iter().map(step).collect(),
            tx_of: self.tx_of.clone(),
            txs: self.txs.clone(),
            tokens: self.tokens.clone(),
            holdings: self.holdings.clone(),
            by_name: self.by_name.clone(),
            addresses: self.addresses,
            accounts: self.accounts.clone(),
            stuck: self.stuck,
            damage: self.damage.clone(),
        }
    }

    fn touch(&mut self, owner: AddressId, asset: u32, movement: u64) -> HoldingId {
        if owner.is_some() {
            self.addresses = self.addresses.max(owner.0 + 1);
        }
        let fresh = HoldingId(self.holdings.len() as u64);
        let holding = *self.by_name.entry((owner, asset)).or_insert(fresh);
        if holding == fresh {
            self.holdings.push(Held { owner, asset, movements: Vec::new() });
        }
        let list = &mut self.holdings[holding.index()].movements;
        if list.last() != Some(&movement) {
            list.push(movement);
        }
        holding
    }

    fn tx(&self, movement: MovementId) -> &Tx {
        &self.txs[self.tx_of[movement.index()]]
    }

    fn range(&self, tx: usize) -> Range<u64> {
        tx.checked_sub(1).map_or(0, |before| self.txs[before].end)..self.txs[tx].end
    }
}

impl<U: Units> AccountLedger for MemoryAccounts<U> {
    type Units = U;

    fn as_of(&self) -> &AsOf {
        &self.as_of
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }

    fn is_supplied(&self) -> bool {
        self.is_supplied
    }

    fn movements(&self) -> Range<u64> {
        0..self.moves.len() as u64
    }

    fn movement(&self, movement: MovementId) -> Move<U> {
        self.moves[movement.index()]
    }

    fn height(&self, movement: MovementId) -> Height {
        self.tx(movement).height
    }

    fn time(&self, movement: MovementId) -> u32 {
        self.tx(movement).time
    }

    fn next(&self, holding: HoldingId, from: MovementId) -> Option<MovementId> {
        let list = &self.holdings[holding.index()].movements;
        if self.stuck == Some(holding) {
            return list.first().copied().map(MovementId);
        }
        list.get(list.partition_point(|&at| at < from.0)).copied().map(MovementId)
    }

    fn owner(&self, holding: HoldingId) -> AddressId {
        self.holdings[holding.index()].owner
    }

    fn asset(&self, holding: HoldingId) -> u32 {
        self.holdings[holding.index()].asset
    }

    fn token(&self, asset: u32) -> Token {
        self.tokens[usize::try_from(asset).expect("64-bit targets only")].clone()
    }

    fn assets(&self) -> u32 {
        u32::try_from(self.tokens.len()).expect("a test has few assets")
    }

    fn holdings(&self, owner: AddressId, into: &mut Vec<HoldingId>) {
        into.clear();
        into.extend(self.by_name.range((owner, 0)..=(owner, u32::MAX)).map(|(_, holding)| *holding));
        into.sort_unstable();
    }

    fn fact(&self, movement: MovementId) -> MovementFact {
        self.tx(movement).place()
    }

    fn siblings(&self, movement: MovementId) -> Range<u64> {
        self.range(self.tx_of[movement.index()])
    }

    fn find(&self, tx: &TxHash) -> Vec<Range<u64>> {
        (0..self.txs.len()).filter(|&at| self.txs[at].hash == *tx).map(|at| self.range(at)).collect()
    }

    fn notes(&self, movement: MovementId) -> Vec<Note> {
        self.tx(movement).notes.clone()
    }

    fn each_note(&self, kind: NoteKind, each: &mut dyn FnMut(MovementFact, &[u8])) {
        for tx in &self.txs {
            tx.notes.iter().filter(|note| note.kind == kind).for_each(|note| each(tx.place(), &note.bytes));
        }
    }

    fn account(&self, address: AddressId) -> Option<Account> {
        let made_up = || self.accounts.get(&address).cloned().unwrap_or_else(|| made_up_account(address));
        (address.0 < self.addresses).then(made_up)
    }

    fn find_account(&self, account: &Account) -> Option<AddressId> {
        (0..self.addresses).map(AddressId).find(|&address| self.account(address).as_ref() == Some(account))
    }

    fn addresses(&self) -> u64 {
        self.addresses
    }

    fn health(&self) -> Result<(), LedgerError> {
        self.damage.clone().map_or(Ok(()), Err)
    }
}

/// A made-up block hash: the height, in the bytes that print first.
fn block_hash(height: Height) -> Hash256 {
    let mut bytes = [0xac; 32];
    bytes[28..].copy_from_slice(&height.0.to_le_bytes());
    Hash256(bytes)
}

/// Twenty bytes that look like nothing else.
fn made_up_account(address: AddressId) -> Account {
    let mut dice = Dice::new(address.0);
    Account((0..20).map(|_| dice.bits().to_le_bytes()[0]).collect())
}
