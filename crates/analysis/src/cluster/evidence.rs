//! Reads co-spends and key links off a ledger, within a budget, each once.

use coinhound_model::{AddressId, Entry, HoldingId, Ledger, MovementId};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::cluster::grounds::{Grounds, Tiers};

/// An input by its position in its transaction, and whose it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Spender {
    pub input: u32,
    pub owner: AddressId,
}

/// The budget is spent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Spent;

/// A ledger's evidence under some grounds. What was read is kept and costs nothing again.
pub(super) struct Evidence<'a, L: Ledger> {
    ledger: &'a L,
    grounds: &'a Grounds,
    left: u64,
    spent: u64,
    movements: HashMap<AddressId, Vec<MovementId>, FixedState>,
    spenders: HashMap<MovementId, Vec<Spender>, FixedState>,
    links: HashMap<AddressId, Vec<AddressId>, FixedState>,
    coins: Vec<HoldingId>,
    debits: Vec<Entry<L::Units>>,
}

impl<'a, L: Ledger> Evidence<'a, L> {
    pub fn new(ledger: &'a L, grounds: &'a Grounds, budget: u64) -> Self {
        Self {
            ledger,
            grounds,
            left: budget,
            spent: 0,
            movements: HashMap::default(),
            spenders: HashMap::default(),
            links: HashMap::default(),
            coins: Vec::new(),
            debits: Vec::new(),
        }
    }

    /// Look-ups made so far.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// The movements an address spends in, ascending. Costs one look-up for each coin it ever had.
    pub fn movements(&mut self, address: AddressId) -> Result<&[MovementId], Spent> {
        if !self.movements.contains_key(&address) {
            let found = self.read_movements(address)?;
            self.movements.insert(address, found);
        }
        Ok(&self.movements[&address])
    }

    /// The distinct owners that a movement's inputs show to belong together, in input order; none when it is vetoed or
    /// only one is known. Costs one look-up.
    pub fn spenders(&mut self, movement: MovementId) -> Result<&[Spender], Spent> {
        if !self.spenders.contains_key(&movement) {
            self.charge(1)?;
            let found = self.read_spenders(movement);
            self.spenders.insert(movement, found);
        }
        Ok(&self.spenders[&movement])
    }

    /// The other addresses that use a key of this one, ascending. Costs one look-up.
    pub fn links(&mut self, address: AddressId) -> Result<&[AddressId], Spent> {
        if !self.links.contains_key(&address) {
            self.charge(1)?;
            let mut found = Vec::new();
            if self.grounds.tiers.contains(Tiers::SAME_KEY) {
                self.ledger.same_key(address, &mut found);
            }
            self.links.insert(address, found);
        }
        Ok(&self.links[&address])
    }

    fn charge(&mut self, look_ups: u64) -> Result<(), Spent> {
        self.left = self.left.checked_sub(look_ups).ok_or(Spent)?;
        self.spent += look_ups;
        Ok(())
    }

    fn read_movements(&mut self, address: AddressId) -> Result<Vec<MovementId>, Spent> {
        let mut found = Vec::new();
        if self.grounds.tiers.contains(Tiers::CO_SPEND) {
            let mut coins = std::mem::take(&mut self.coins);
            self.ledger.holdings(address, &mut coins);
            self.charge(coins.len() as u64)?;
            found.extend(coins.iter().filter_map(|coin| spender(self.ledger, *coin)));
            self.coins = coins;
            found.sort_unstable();
            found.dedup();
        }
        Ok(found)
    }

    fn read_spenders(&mut self, movement: MovementId) -> Vec<Spender> {
        let collab = self.ledger.collab(movement);
        let vetoed = self.grounds.vetoes.forbids_movement(collab, self.ledger.marks(movement));
        if vetoed || self.grounds.vetoed.contains(&movement) {
            return Vec::new();
        }
        self.ledger.debits(movement, &mut self.debits);
        first_of_each(&self.debits)
    }
}

/// The movement that takes from a coin. A coin made before the ingested range has no origin to be later than.
fn spender<L: Ledger>(ledger: &L, coin: HoldingId) -> Option<MovementId> {
    let after = ledger.origin(coin).map_or(MovementId(0), |(movement, _)| movement);
    ledger.next(coin, after)
}

/// The first input of each known owner, in input order; nothing when the first input's owner is unknown or alone.
fn first_of_each<U>(debits: &[Entry<U>]) -> Vec<Spender> {
    if debits.first().is_none_or(|first| !first.owner.is_some()) {
        return Vec::new();
    }
    let mut spenders: Vec<Spender> =
        debits.iter().zip(0..).map(|(debit, input)| Spender { input, owner: debit.owner }).collect();
    spenders.retain(|spender| spender.owner.is_some());
    spenders.sort_unstable_by_key(|spender| (spender.owner, spender.input));
    spenders.dedup_by_key(|spender| spender.owner);
    spenders.sort_unstable_by_key(|spender| spender.input);
    if spenders.len() < 2 { Vec::new() } else { spenders }
}
