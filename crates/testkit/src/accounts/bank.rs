//! An account ledger written as a story: named people, assets by ticker, movements called by a name of their own.

use std::collections::BTreeMap;

use coinhound_model::{Account, AddressId, Height, HoldingId, MoveKind, MovementId, Note, NoteKind, Token, Units};

use crate::accounts::memory::MemoryAccounts;
use crate::town::made_up_hash;

/// The name of an owner who is nobody: what is sent there is burned.
pub const NOBODY: &str = crate::town::NOBODY;

/// Seconds between two blocks that nobody gave a time.
const BLOCK_SECS: u32 = 60;

/// An empty bank that begins where every balance is zero.
#[must_use]
pub fn bank() -> Bank {
    Bank::new(true)
}

/// A ledger under construction, and its names afterwards. Every payment is a transaction of its own, and `fee`, `levy`,
/// `also` and the like, and notes belong to the newest; `block` begins a block.
#[derive(Clone, Debug)]
pub struct Bank {
    ledger: MemoryAccounts<u64>,
    height: Height,
    time: u32,
    people: Vec<String>,
    addresses: BTreeMap<String, AddressId>,
    movements: BTreeMap<String, MovementId>,
    txs: u64,
    newest: MovementId,
}

impl Bank {
    fn new(is_complete: bool) -> Self {
        Self {
            ledger: MemoryAccounts::new(is_complete),
            height: Height(1),
            time: BLOCK_SECS,
            people: Vec::new(),
            addresses: BTreeMap::new(),
            movements: BTreeMap::new(),
            txs: 0,
            newest: MovementId(0),
        }
    }

    /// An empty bank of which nobody knows what was there before.
    #[must_use]
    pub fn partial() -> Self {
        Self::new(false)
    }

    /// A transfer in a transaction of its own.
    #[must_use]
    pub fn pay(self, from: &str, to: &str, units: u64, ticker: &str) -> Self {
        self.tx().add(MoveKind::Transfer, Some(from), Some(to), units, ticker)
    }

    /// New value in the newest transaction.
    #[must_use]
    pub fn also_mint(self, to: &str, units: u64, ticker: &str) -> Self {
        self.add(MoveKind::Mint, None, Some(to), units, ticker)
    }

    /// What the newest transaction's fee brings its block's maker.
    #[must_use]
    pub fn also_reward(self, to: &str, units: u64, ticker: &str) -> Self {
        self.add(MoveKind::Reward, None, Some(to), units, ticker)
    }

    /// A fee of the newest transaction.
    #[must_use]
    pub fn fee(self, from: &str, units: u64, ticker: &str) -> Self {
        self.add(MoveKind::Fee, Some(from), None, units, ticker)
    }

    /// A further transfer of the newest transaction.
    #[must_use]
    pub fn also(self, from: &str, to: &str, units: u64, ticker: &str) -> Self {
        self.add(MoveKind::Transfer, Some(from), Some(to), units, ticker)
    }

    /// Value that a contract passed on in the newest transaction.
    #[must_use]
    pub fn internal(self, from: &str, to: &str, units: u64, ticker: &str) -> Self {
        self.add(MoveKind::Internal, Some(from), Some(to), units, ticker)
    }

    /// Value destroyed in the newest transaction.
    #[must_use]
    pub fn burnt(self, from: &str, units: u64, ticker: &str) -> Self {
        self.add(MoveKind::Burn, Some(from), None, units, ticker)
    }

    /// A transaction in which nothing moves yet.
    #[must_use]
    pub fn nothing(self) -> Self {
        self.tx()
    }

    /// The bytes that name a person's account; without, it has made-up ones.
    #[must_use]
    pub fn account(mut self, person: &str, account: &[u8]) -> Self {
        let address = self.address_of(person);
        self.ledger.set_account(address, Account(account.to_vec()));
        self
    }

    /// A levy of the newest transaction.
    #[must_use]
    pub fn levy(self, from: &str, to: &str, units: u64, ticker: &str) -> Self {
        self.add(MoveKind::Levy, Some(from), Some(to), units, ticker)
    }

    /// Value destroyed in a transaction of its own.
    #[must_use]
    pub fn burn(self, from: &str, units: u64, ticker: &str) -> Self {
        self.tx().add(MoveKind::Burn, Some(from), None, units, ticker)
    }

    /// What a block's maker receives.
    #[must_use]
    pub fn reward(self, to: &str, units: u64, ticker: &str) -> Self {
        self.tx().add(MoveKind::Reward, None, Some(to), units, ticker)
    }

    /// New value.
    #[must_use]
    pub fn mint(self, to: &str, units: u64, ticker: &str) -> Self {
        self.tx().add(MoveKind::Mint, None, Some(to), units, ticker)
    }

    /// A balance somebody supplied for the moment before the ledger begins.
    #[must_use]
    pub fn opening(self, of: &str, units: u64, ticker: &str) -> Self {
        self.tx().add(MoveKind::Opening, None, Some(of), units, ticker)
    }

    /// Begins a block.
    #[must_use]
    pub fn block(self) -> Self {
        let (height, time) = (self.height.next(), self.time + BLOCK_SECS);
        self.block_at(height.0, time)
    }

    /// Begins a block of this height and time.
    #[must_use]
    pub fn block_at(mut self, height: u32, time: u32) -> Self {
        (self.height, self.time) = (Height(height), time);
        self
    }

    /// Gives the newest movement a name.
    ///
    /// # Panics
    /// When the name is taken.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        let before = self.movements.insert(name.to_owned(), self.newest);
        assert!(before.is_none(), "two movements are called `{name}`");
        self
    }

    /// Adds a note to the newest transaction.
    #[must_use]
    pub fn note(mut self, kind: NoteKind, bytes: &[u8]) -> Self {
        self.ledger.push_note(Note { kind, bytes: bytes.to_vec() });
        self
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &MemoryAccounts<u64> {
        &self.ledger
    }

    /// The ledger, to be changed.
    pub fn ledger_mut(&mut self) -> &mut MemoryAccounts<u64> {
        &mut self.ledger
    }

    /// A movement by its name.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn movement(&self, name: &str) -> MovementId {
        *self.movements.get(name).unwrap_or_else(|| panic!("no movement is called `{name}`"))
    }

    /// A person's address.
    ///
    /// # Panics
    /// When nobody has that name.
    #[must_use]
    pub fn address(&self, person: &str) -> AddressId {
        *self.addresses.get(person).unwrap_or_else(|| panic!("nobody is called `{person}`"))
    }

    /// A person's holding of an asset.
    ///
    /// # Panics
    /// When that person never had to do with it.
    #[must_use]
    pub fn holding(&self, person: &str, ticker: &str) -> HoldingId {
        let asset = self.ledger.clone().asset_of(&token(ticker));
        let found = self.ledger.holding(self.address(person), asset);
        found.unwrap_or_else(|| panic!("`{person}` never had to do with {ticker}"))
    }

    /// Who owns an address.
    #[must_use]
    pub fn person(&self, owner: AddressId) -> &str {
        if owner.is_some() { &self.people[owner.index()] } else { NOBODY }
    }

    fn tx(mut self) -> Self {
        self.ledger.begin(made_up_hash(self.txs), self.height, self.time);
        self.txs += 1;
        self
    }

    fn add(mut self, kind: MoveKind, from: Option<&str>, to: Option<&str>, units: u64, ticker: &str) -> Self {
        let (from, to) = (from.map(|name| self.address_of(name)), to.map(|name| self.address_of(name)));
        let asset = self.ledger.asset_of(&token(ticker));
        self.newest = self.ledger.push(kind, from, to, asset, units);
        self
    }

    fn address_of(&mut self, person: &str) -> AddressId {
        if person == NOBODY {
            return AddressId::NONE;
        }
        let people = &mut self.people;
        *self.addresses.entry(person.to_owned()).or_insert_with(|| {
            people.push(person.to_owned());
            AddressId(people.len() as u64 - 1)
        })
    }
}

/// An asset of a test.
#[must_use]
pub fn token(ticker: &str) -> Token {
    Token { id: format!("test:{}", ticker.to_lowercase()), ticker: ticker.to_owned(), decimals: Some(6) }
}

/// The bank's ledger in other units.
#[must_use]
pub fn counted_in<V: Units>(bank: &Bank, convert: impl Fn(u64) -> V) -> MemoryAccounts<V> {
    bank.ledger().map(convert)
}
