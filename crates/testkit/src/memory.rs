//! A ledger in memory: flat columns, one push per movement. The plain other implementation of the contract.

use std::collections::HashMap;
use std::ops::Range;

use coinhound_model::print::CollabPrint;
use coinhound_model::{
    AddressId, AsOf, ChainId, Entry, Height, HoldingId, Ledger, LedgerError, MovementFact, MovementId, MovementMarks,
    TxHash, Units,
};

/// A movement to be added: what it takes and what it pays.
#[derive(Clone, Debug)]
pub struct NewMovement<U> {
    /// Its hash.
    pub tx: TxHash,
    /// Not below the movement before it.
    pub height: Height,
    /// Seconds since 1970.
    pub time: u32,
    /// The coins it empties, in order.
    pub debits: Vec<HoldingId>,
    /// What it pays and to whom, in order.
    pub credits: Vec<(U, AddressId)>,
    /// Besides `ISSUES` and `AMOUNT_UNKNOWN`, which the ledger sets itself.
    pub marks: MovementMarks,
    /// The collaborative predicates that hold.
    pub collab: CollabPrint,
}

impl<U> NewMovement<U> {
    /// A movement without marks.
    #[must_use]
    pub fn plain(tx: TxHash, height: Height, debits: Vec<HoldingId>, credits: Vec<(U, AddressId)>) -> Self {
        let (marks, collab) = (MovementMarks::empty(), CollabPrint::empty());
        Self { tx, height, time: height.0.saturating_mul(600), debits, credits, marks, collab }
    }
}

/// A coin made before the range.
#[derive(Clone, Debug)]
struct ForeignCoin<U> {
    units: Option<U>,
    owner: AddressId,
    outpoint: (TxHash, u32),
    spender: Option<MovementId>,
}

#[derive(Clone, Debug)]
struct Coin<U> {
    units: U,
    owner: AddressId,
    maker: u32,
    spender: Option<MovementId>,
}

#[derive(Clone, Debug)]
struct Row {
    tx: TxHash,
    height: Height,
    time: u32,
    position: u32,
    debit_end: usize,
    coin_end: usize,
    marks: MovementMarks,
    collab: CollabPrint,
}

/// An in-memory ledger of coins. Amounts are in the asset's smallest unit.
#[derive(Clone, Debug)]
pub struct MemoryLedger<U> {
    as_of: AsOf,
    rows: Vec<Row>,
    debits: Vec<HoldingId>,
    coins: Vec<Coin<U>>,
    foreign: Vec<ForeignCoin<U>>,
    /// By address: its coins made here, then the foreign ones.
    owned: Vec<(Vec<HoldingId>, Vec<HoldingId>)>,
    by_hash: HashMap<TxHash, Vec<MovementId>>,
    /// By address: the others that use its key, ascending.
    same_key: HashMap<AddressId, Vec<AddressId>>,
    damage: Option<LedgerError>,
}

impl<U: Units> MemoryLedger<U> {
    /// An empty ledger that starts at a height. Coins made before it are foreign; from height 0 there are none.
    #[must_use]
    pub fn new(first: Height) -> Self {
        let chain = ChainId("memory:testkit".to_owned());
        let as_of = AsOf { chain, first, height: first, block: block_hash(first) };
        Self {
            as_of,
            rows: Vec::new(),
            debits: Vec::new(),
            coins: Vec::new(),
            foreign: Vec::new(),
            owned: Vec::new(),
            by_hash: HashMap::new(),
            same_key: HashMap::new(),
            damage: None,
        }
    }

    /// Adds a coin made before the range; `None` for one of unknown amount. Call it right before the movement that
    /// spends it: foreign coins are numbered in the order of spending.
    pub fn push_foreign(&mut self, outpoint: (TxHash, u32), units: Option<U>, owner: AddressId) -> HoldingId {
        let holding = HoldingId::foreign(self.foreign.len() as u64);
        self.foreign.push(ForeignCoin { units, owner, outpoint, spender: None });
        self.owned_of(owner, |(_, foreign)| foreign.push(holding));
        holding
    }

    /// Adds a movement behind the others.
    ///
    /// # Panics
    /// When it takes a coin that is not there or already spent, or lies below the movement before it.
    pub fn push(&mut self, new: NewMovement<U>) -> MovementId {
        let movement = MovementId(self.rows.len() as u64);
        let position = self.position_at(new.height);
        let mut marks = new.marks;
        marks.set(MovementMarks::ISSUES, new.debits.is_empty());
        for &holding in &new.debits {
            let spender = self.spend(holding, movement, &mut marks);
            assert_eq!(spender, None, "{holding:?} is spent twice");
        }
        self.debits.extend(new.debits);
        for (units, owner) in new.credits {
            let holding = HoldingId(self.coins.len() as u64);
            self.coins.push(Coin { units, owner, maker: row(movement), spender: None });
            self.owned_of(owner, |(here, _)| here.push(holding));
        }
        self.by_hash.entry(new.tx).or_default().push(movement);
        let (debit_end, coin_end) = (self.debits.len(), self.coins.len());
        let Self { rows, as_of, .. } = self;
        (as_of.height, as_of.block) = (new.height, block_hash(new.height));
        let NewMovement { tx, height, time, collab, .. } = new;
        rows.push(Row { tx, height, time, position, debit_end, coin_end, marks, collab });
        movement
    }

    /// Declares from which height on the range was ingested.
    pub fn set_first(&mut self, first: Height) {
        self.as_of.first = first;
    }

    /// The same ledger counted in other units.
    #[must_use]
    pub fn map<V: Units>(&self, convert: impl Fn(U) -> V) -> MemoryLedger<V> {
        let coin = |coin: &Coin<U>| Coin {
            units: convert(coin.units),
            owner: coin.owner,
            maker: coin.maker,
            spender: coin.spender,
        };
        let foreign = |coin: &ForeignCoin<U>| ForeignCoin {
            units: coin.units.map(&convert),
            owner: coin.owner,
            outpoint: coin.outpoint,
            spender: coin.spender,
        };
        MemoryLedger {
            as_of: self.as_of.clone(),
            rows: self.rows.clone(),
            debits: self.debits.clone(),
            coins: self.coins.iter().map(coin).collect(),
            foreign: self.foreign.iter().map(foreign).collect(),
            owned: self.owned.clone(),
            by_hash: self.by_hash.clone(),
            same_key: self.same_key.clone(),
            damage: self.damage.clone(),
        }
    }

    /// Lets these addresses use one key, which none of them shares with others.
    pub fn share_key(&mut self, addresses: &[AddressId]) {
        for one in addresses {
            let mut others: Vec<_> = addresses.iter().copied().filter(|other| other != one).collect();
            others.sort_unstable();
            self.same_key.insert(*one, others);
        }
    }

    /// Lets every later question about health answer with this damage.
    pub fn set_damage(&mut self, message: &str) {
        self.damage = Some(LedgerError { message: message.to_owned() });
    }

    /// Adds predicates to a movement.
    pub fn set_collab(&mut self, movement: MovementId, collab: CollabPrint) {
        self.rows[movement.index()].collab |= collab;
    }

    /// Adds marks to a movement.
    pub fn set_marks(&mut self, movement: MovementId, marks: MovementMarks) {
        self.rows[movement.index()].marks |= marks;
    }

    /// How many coins were made in the range.
    #[must_use]
    pub fn coins(&self) -> u64 {
        self.coins.len() as u64
    }

    fn spend(&mut self, holding: HoldingId, movement: MovementId, marks: &mut MovementMarks) -> Option<MovementId> {
        match holding.foreign_rank() {
            None => self.coins[holding.index()].spender.replace(movement),
            Some(rank) => {
                let coin = &mut self.foreign[index(rank)];
                *marks |= if coin.units.is_none() { MovementMarks::AMOUNT_UNKNOWN } else { MovementMarks::empty() };
                coin.spender.replace(movement)
            }
        }
    }

    fn position_at(&self, height: Height) -> u32 {
        let Some(last) = self.rows.last() else { return 0 };
        assert!(last.height <= height, "a movement lies below the one before it");
        if last.height == height { last.position + 1 } else { 0 }
    }

    fn owned_of(&mut self, owner: AddressId, add: impl FnOnce(&mut (Vec<HoldingId>, Vec<HoldingId>))) {
        if owner.is_some() {
            let needed = owner.index() + 1;
            self.owned.resize_with(self.owned.len().max(needed), Default::default);
            add(&mut self.owned[owner.index()]);
        }
    }

    fn row(&self, movement: MovementId) -> &Row {
        &self.rows[movement.index()]
    }

    fn debit_range(&self, movement: MovementId) -> Range<usize> {
        let start = movement.index().checked_sub(1).map_or(0, |before| self.rows[before].debit_end);
        start..self.row(movement).debit_end
    }

    fn coin_range(&self, movement: MovementId) -> Range<usize> {
        let start = movement.index().checked_sub(1).map_or(0, |before| self.rows[before].coin_end);
        start..self.row(movement).coin_end
    }
}

impl<U: Units> Ledger for MemoryLedger<U> {
    type Units = U;

    fn as_of(&self) -> &AsOf {
        &self.as_of
    }

    fn movements(&self) -> Range<u64> {
        0..self.rows.len() as u64
    }

    fn height(&self, movement: MovementId) -> Height {
        self.row(movement).height
    }

    fn time(&self, movement: MovementId) -> u32 {
        self.row(movement).time
    }

    fn marks(&self, movement: MovementId) -> MovementMarks {
        self.row(movement).marks
    }

    fn has_pools(&self) -> bool {
        self.rows.iter().any(|row| row.marks.contains(MovementMarks::POOL))
    }

    fn collab(&self, movement: MovementId) -> CollabPrint {
        self.row(movement).collab
    }

    fn debits(&self, movement: MovementId, into: &mut Vec<Entry<U>>) {
        into.clear();
        into.extend(self.debits[self.debit_range(movement)].iter().map(|&holding| self.entry(holding)));
    }

    fn credits(&self, movement: MovementId, into: &mut Vec<Entry<U>>) {
        into.clear();
        into.extend(self.coin_range(movement).map(|index| self.entry(HoldingId(index as u64))));
    }

    fn next(&self, holding: HoldingId, after: MovementId) -> Option<MovementId> {
        match holding.foreign_rank() {
            None => self.coins[holding.index()].spender.filter(|&spender| spender > after),
            Some(rank) => self.foreign[index(rank)].spender.filter(|&spender| spender > after),
        }
    }

    fn origin(&self, holding: HoldingId) -> Option<(MovementId, u32)> {
        if holding.foreign_rank().is_some() {
            return None;
        }
        let maker = MovementId(u64::from(self.coins[holding.index()].maker));
        let index = holding.index() - self.coin_range(maker).start;
        Some((maker, u32::try_from(index).expect("a movement has fewer than 2^32 credits")))
    }

    fn entry(&self, holding: HoldingId) -> Entry<U> {
        match holding.foreign_rank() {
            None => {
                let coin = &self.coins[holding.index()];
                Entry { holding, units: coin.units, owner: coin.owner }
            }
            Some(rank) => {
                let coin = &self.foreign[index(rank)];
                Entry { holding, units: coin.units.unwrap_or(U::ZERO), owner: coin.owner }
            }
        }
    }

    fn fact(&self, movement: MovementId) -> MovementFact {
        let row = self.row(movement);
        let Row { height, position, tx, time, .. } = *row;
        MovementFact { height, block: block_hash(height), position, tx, time }
    }

    fn outpoint(&self, holding: HoldingId) -> (TxHash, u32) {
        match (holding.foreign_rank(), self.origin(holding)) {
            (None, Some((maker, index))) => (self.row(maker).tx, index),
            (Some(rank), _) => self.foreign[index(rank)].outpoint,
            (None, None) => unreachable!("a coin made here has an origin"),
        }
    }

    fn find(&self, tx: &TxHash) -> Vec<MovementId> {
        self.by_hash.get(tx).cloned().unwrap_or_default()
    }

    fn holdings(&self, owner: AddressId, into: &mut Vec<HoldingId>) {
        into.clear();
        if let Some((here, foreign)) = self.owned.get(owner.index()) {
            into.extend(here);
            into.extend(foreign);
        }
    }

    fn same_key(&self, owner: AddressId, into: &mut Vec<AddressId>) {
        into.clear();
        into.extend(self.same_key.get(&owner).into_iter().flatten());
    }

    fn addresses(&self) -> u64 {
        self.owned.len() as u64
    }

    fn health(&self) -> Result<(), LedgerError> {
        self.damage.clone().map_or(Ok(()), Err)
    }
}

fn row(movement: MovementId) -> u32 {
    u32::try_from(movement.0).expect("fewer than 2^32 movements fit memory")
}

fn index(rank: u64) -> usize {
    usize::try_from(rank).expect("64-bit targets only")
}

/// A made-up block hash: the height, in the bytes that print first.
fn block_hash(height: Height) -> TxHash {
    let mut bytes = [0xb1; 32];
    bytes[28..].copy_from_slice(&height.0.to_le_bytes());
    coinhound_model::Hash256(bytes)
}
