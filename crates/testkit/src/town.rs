//! A ledger written as a story: named transactions, named people, coins called `tx:index`.

use std::collections::BTreeMap;

use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Hash256, Height, HoldingId, Ledger, MovementId, MovementMarks, TxHash};

use crate::memory::{MemoryLedger, NewMovement};

/// The name of an owner who is nobody: value sent there is burned.
pub const NOBODY: &str = "nobody";

/// An empty town. Each transaction is a block of its own.
#[must_use]
pub fn town() -> Town {
    Town {
        ledger: MemoryLedger::new(Height(0)),
        height: Height(0),
        names: Vec::new(),
        movements: BTreeMap::new(),
        people: Vec::new(),
        addresses: BTreeMap::new(),
        abroad: BTreeMap::new(),
        foreign_names: Vec::new(),
    }
}

/// A ledger under construction, and its names afterwards.
#[derive(Clone, Debug)]
pub struct Town {
    ledger: MemoryLedger<u64>,
    /// Of the newest block.
    height: Height,
    /// By movement.
    names: Vec<String>,
    movements: BTreeMap<String, MovementId>,
    /// By address.
    people: Vec<String>,
    addresses: BTreeMap<String, AddressId>,
    /// Foreign coins nobody has spent yet: owner and amount.
    abroad: BTreeMap<String, (String, Option<u64>)>,
    /// By rank of foreign coin.
    foreign_names: Vec<String>,
}

impl Town {
    /// Adds a transaction in a block of its own. An input is a coin `tx:index`, a foreign coin's name, or a person, who
    /// then spends the oldest coin they have; a person without coins is issued what the outputs need. What the
    /// outputs leave over is the fee.
    ///
    /// # Panics
    /// When a name is used twice or a coin is not there to spend.
    #[must_use]
    pub fn tx<'a>(
        mut self,
        name: &str,
        inputs: impl IntoIterator<Item = &'a str>,
        outputs: impl IntoIterator<Item = (&'a str, u64)>,
    ) -> Self {
        let outputs: Vec<_> = outputs.into_iter().collect();
        let inputs: Vec<_> = inputs.into_iter().collect();
        let inputs = self.resolve(name, &inputs, outputs.iter().map(|output| output.1).sum());
        self.add(name, inputs, &outputs);
        self
    }

    /// Adds a transaction that makes new value.
    #[must_use]
    pub fn issue<'a>(mut self, name: &str, outputs: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let outputs: Vec<_> = outputs.into_iter().collect();
        self.add(name, Vec::new(), &outputs);
        self
    }

    /// Declares a coin made before the ledger begins; `None` when its amount is not known.
    #[must_use]
    pub fn foreign(mut self, name: &str, owner: &str, units: Option<u64>) -> Self {
        self.ledger.set_first(Height(1));
        self.abroad.insert(name.to_owned(), (owner.to_owned(), units));
        self
    }

    /// Gives the newest transaction collaborative predicates.
    #[must_use]
    pub fn collaborative(mut self, collab: CollabPrint) -> Self {
        let newest = self.ledger.movements().end.checked_sub(1).expect("a transaction came before");
        self.ledger.set_collab(MovementId(newest), collab);
        self
    }

    /// Lets the newest transaction settle a pool: what it takes went in, what it pays came out.
    #[must_use]
    pub fn pool(mut self) -> Self {
        let newest = self.ledger.movements().end.checked_sub(1).expect("a transaction came before");
        self.ledger.set_marks(MovementId(newest), MovementMarks::POOL);
        self
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &MemoryLedger<u64> {
        &self.ledger
    }

    /// The ledger, to be changed.
    pub fn ledger_mut(&mut self) -> &mut MemoryLedger<u64> {
        &mut self.ledger
    }

    /// A transaction by its name.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn movement(&self, name: &str) -> MovementId {
        *self.movements.get(name).unwrap_or_else(|| panic!("no transaction is called `{name}`"))
    }

    /// A coin `tx:index`, or a foreign coin by its name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn coin(&self, name: &str) -> HoldingId {
        self.find_coin(name).unwrap_or_else(|| panic!("no coin is called `{name}`"))
    }

    /// A person's address.
    ///
    /// # Panics
    /// When nobody has that name.
    #[must_use]
    pub fn address(&self, person: &str) -> AddressId {
        *self.addresses.get(person).unwrap_or_else(|| panic!("nobody is called `{person}`"))
    }

    /// What a coin is called.
    #[must_use]
    pub fn coin_name(&self, holding: HoldingId) -> String {
        match (holding.foreign_rank(), self.ledger.origin(holding)) {
            (None, Some((maker, index))) => format!("{}:{index}", self.tx_name(maker)),
            (Some(rank), _) => self.foreign_names[usize::try_from(rank).expect("64-bit targets only")].clone(),
            (None, None) => unreachable!("a coin made here has an origin"),
        }
    }

    /// What a transaction is called.
    #[must_use]
    pub fn tx_name(&self, movement: MovementId) -> &str {
        &self.names[movement.index()]
    }

    /// Who owns an address.
    #[must_use]
    pub fn person(&self, owner: AddressId) -> &str {
        if owner.is_some() { &self.people[owner.index()] } else { NOBODY }
    }

    fn find_coin(&self, name: &str) -> Option<HoldingId> {
        if let Some(rank) = self.foreign_names.iter().position(|known| known == name) {
            return Some(HoldingId::foreign(rank as u64));
        }
        let (tx, index) = name.rsplit_once(':')?;
        let (maker, index) = (*self.movements.get(tx)?, index.parse::<usize>().ok()?);
        let mut credits = Vec::new();
        self.ledger.credits(maker, &mut credits);
        credits.get(index).map(|credit| credit.holding)
    }

    fn resolve(&mut self, tx: &str, inputs: &[&str], needed: u64) -> Vec<HoldingId> {
        let mut found: Vec<HoldingId> = Vec::new();
        for input in inputs {
            let coin = self.known_input(input, &found).unwrap_or_else(|| {
                let there: u64 = found.iter().map(|&holding| self.ledger.entry(holding).units).sum();
                self.issue_to(tx, input, needed.saturating_sub(there))
            });
            found.push(coin);
        }
        found
    }

    fn known_input(&mut self, input: &str, taken: &[HoldingId]) -> Option<HoldingId> {
        if let Some((owner, units)) = self.abroad.remove(input) {
            let owner = self.address_of(&owner);
            let rank = self.foreign_names.len() as u64;
            self.foreign_names.push(input.to_owned());
            return Some(self.ledger.push_foreign((made_up_hash(u64::MAX - rank), 0), units, owner));
        }
        self.find_coin(input).or_else(|| self.oldest_coin(input, taken))
    }

    fn oldest_coin(&self, person: &str, taken: &[HoldingId]) -> Option<HoldingId> {
        let mut owned = Vec::new();
        self.ledger.holdings(*self.addresses.get(person)?, &mut owned);
        owned.into_iter().find(|&holding| self.is_unspent(holding) && !taken.contains(&holding))
    }

    fn is_unspent(&self, holding: HoldingId) -> bool {
        // Foreign coins are in the ledger only once they are spent.
        self.ledger.origin(holding).is_some_and(|(maker, _)| self.ledger.next(holding, maker).is_none())
    }

    fn issue_to(&mut self, tx: &str, person: &str, units: u64) -> HoldingId {
        assert!(!person.contains(':'), "no coin is called `{person}`");
        let name = format!("issue to {person} for {tx}");
        self.add(&name, Vec::new(), &[(person, units)]);
        self.coin(&format!("{name}:0"))
    }

    fn add(&mut self, name: &str, inputs: Vec<HoldingId>, outputs: &[(&str, u64)]) {
        let credits = outputs.iter().map(|&(person, units)| (units, self.address_of(person))).collect();
        self.height = self.height.next();
        let tx = made_up_hash(self.names.len() as u64);
        let movement = self.ledger.push(NewMovement::plain(tx, self.height, inputs, credits));
        self.names.push(name.to_owned());
        let before = self.movements.insert(name.to_owned(), movement);
        assert!(before.is_none(), "two transactions are called `{name}`");
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

/// A made-up hash that prints with its number at the front.
#[must_use]
pub fn made_up_hash(number: u64) -> TxHash {
    let mut bytes = [0x7e; 32];
    bytes[24..].copy_from_slice(&number.to_le_bytes());
    Hash256(bytes)
}
