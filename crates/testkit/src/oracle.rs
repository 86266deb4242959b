//! A slow tracer that keeps one list element for every unit: the oracle that the engine is compared with.
//!
//! It shares no code with the engine and none of its ideas: it goes through every movement of the ledger in order, knows
//! no lots, no agenda and no proportions but counting, and writes every rule down as a child would do it with coins on a
//! table. Only for ledgers of small amounts.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Entry, HoldingId, Ledger, MovementId, MovementMarks, Pruned, Terminal, Unresolved};

use crate::random::RandomSeed;

/// The rules as the oracle knows them, by the names the engine uses.
pub const RULES: [&str; 5] = ["fifo", "lifo", "haircut", "tiho", "poison"];

/// Where the oracle stops.
#[derive(Clone, Debug)]
pub struct OracleStops {
    /// Addresses and the service they belong to.
    pub services: Vec<(AddressId, u32)>,
    /// Transactions with any of these marks mix.
    pub collaborative: CollabPrint,
    /// Stolen amounts below this are not followed.
    pub dust_below: u64,
    /// Coins this many movements away are not followed.
    pub hops_max: u32,
    /// Movements above this height are not followed.
    pub height_max: u32,
    /// Movements later than this are not followed.
    pub time_max: u32,
    /// Who is known to exchange one asset for another; none where it does not matter.
    pub exchangers: Option<BTreeSet<AddressId>>,
}

impl OracleStops {
    /// No stops.
    #[must_use]
    pub fn none() -> Self {
        let collaborative = CollabPrint::empty();
        let (services, exchangers, time_max) = (Vec::new(), None, u32::MAX);
        Self { services, collaborative, dust_below: 0, hops_max: u32::MAX, height_max: u32::MAX, time_max, exchangers }
    }
}

/// What a trail comes to, in a form that two engines can be compared by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// Stolen units of every coin that was reached, seeds included.
    pub coins: BTreeMap<HoldingId, u64>,
    /// The ends in some order: sort before comparing. Fees name no coin.
    pub ends: Vec<(Terminal, Option<HoldingId>, u64)>,
}

impl Answer {
    /// The answer with its ends in order.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.ends.sort_unstable();
        self
    }
}

/// A coin on the table: for each unit, in order, whether it is stolen.
#[derive(Clone, Debug)]
struct Pile {
    units: Vec<bool>,
    depth: u32,
    is_seed: bool,
}

/// Follows one theft by one rule.
///
/// # Panics
/// When `rule` is none of [`RULES`].
#[must_use]
pub fn follow<L: Ledger<Units = u64>>(ledger: &L, theft: &[RandomSeed], rule: &str, stops: &OracleStops) -> Answer {
    assert!(RULES.contains(&rule), "{rule} is not a rule");
    let mut table = Oracle { ledger, rule, stops, piles: BTreeMap::new(), answer: Answer::default() };
    for seed in theft {
        table.place_seed(seed);
    }
    for movement in ledger.movements() {
        table.go_through(MovementId(movement));
    }
    table.end_the_rest();
    table.answer.sorted()
}

struct Oracle<'a, L> {
    ledger: &'a L,
    rule: &'a str,
    stops: &'a OracleStops,
    /// Coins on the trail that have not ended.
    piles: BTreeMap<HoldingId, Pile>,
    answer: Answer,
}

impl<L: Ledger<Units = u64>> Oracle<'_, L> {
    fn place_seed(&mut self, seed: &RandomSeed) {
        let value = length(self.ledger.entry(seed.holding).units);
        let mut units = vec![true; length(seed.units)];
        units.resize(value, false);
        if seed.from_back {
            units.reverse();
        }
        if self.rule == "poison" {
            units = vec![true; value];
        }
        self.arrive(seed.holding, Pile { units, depth: 0, is_seed: true });
    }

    /// A coin reaches the trail: it ends where it lies, or waits on the table.
    fn arrive(&mut self, holding: HoldingId, pile: Pile) {
        let stolen = stolen(&pile.units);
        self.answer.coins.insert(holding, stolen);
        let owner = self.ledger.entry(holding).owner;
        let service = self.stops.services.iter().find(|(address, _)| *address == owner);
        if owner == AddressId::NONE {
            self.end(Terminal::Burned, holding, stolen);
        } else if let Some((_, service)) = service.filter(|_| !pile.is_seed) {
            self.end(Terminal::AtService(*service), holding, stolen);
        } else {
            self.piles.insert(holding, pile);
        }
    }

    fn end(&mut self, terminal: Terminal, holding: HoldingId, units: u64) {
        self.answer.ends.push((terminal, Some(holding), units));
    }

    fn go_through(&mut self, movement: MovementId) {
        let (mut debits, mut credits) = (Vec::new(), Vec::new());
        self.ledger.debits(movement, &mut debits);
        self.ledger.credits(movement, &mut credits);
        for debit in &debits {
            self.cut(movement, debit.holding);
        }
        if !debits.iter().any(|debit| self.piles.contains_key(&debit.holding)) {
            return;
        }
        let depth = debits.iter().filter_map(|debit| self.piles.get(&debit.holding)).map(|pile| pile.depth).min();
        let depth = depth.expect("one of them is on the trail") + 1;
        let entered: Vec<Vec<bool>> = debits.iter().map(|debit| self.lift(debit)).collect();
        let unknown = self.ledger.marks(movement).contains(MovementMarks::AMOUNT_UNKNOWN);
        let (piles, fee) = divide(self.rule, &entered, &credits, unknown);
        for (credit, units) in credits.iter().zip(piles) {
            if units.contains(&true) {
                self.arrive(credit.holding, Pile { units, depth, is_seed: false });
            }
        }
        if fee > 0 {
            self.answer.ends.push((Terminal::Fee, None, fee));
        }
    }

    /// Takes a coin off the table into the movement; one that is not on the trail is all clean.
    fn lift(&mut self, debit: &Entry<u64>) -> Vec<bool> {
        self.piles.remove(&debit.holding).map_or_else(|| vec![false; length(debit.units)], |pile| pile.units)
    }

    /// Ends a coin on the trail that a parameter, or what is not known, keeps out of the movement.
    fn cut(&mut self, movement: MovementId, holding: HoldingId) {
        let Some(pile) = self.piles.get(&holding) else { return };
        let units = stolen(&pile.units);
        if let Some(terminal) = self.reason(movement, pile) {
            self.piles.remove(&holding);
            self.end(terminal, holding, units);
        }
    }

    fn reason(&self, movement: MovementId, pile: &Pile) -> Option<Terminal> {
        let unknown = self.ledger.marks(movement).contains(MovementMarks::AMOUNT_UNKNOWN);
        if !pile.is_seed && stolen(&pile.units) < self.stops.dust_below {
            Some(Terminal::Pruned(Pruned::Dust))
        } else if pile.depth >= self.stops.hops_max {
            Some(Terminal::Pruned(Pruned::Hops))
        } else if self.ledger.height(movement).0 > self.stops.height_max {
            Some(Terminal::Pruned(Pruned::Height))
        } else if self.ledger.time(movement) > self.stops.time_max {
            Some(Terminal::Pruned(Pruned::Time))
        } else if self.ledger.collab(movement).intersects(self.stops.collaborative)
            || self.ledger.marks(movement).contains(MovementMarks::POOL)
        {
            Some(Terminal::Mixed)
        } else if unknown && self.rule != "poison" {
            Some(Terminal::Unresolved(Unresolved::AmountUnknown))
        } else {
            None
        }
    }

    /// Whatever is still on the table when the ledger is over lies at rest.
    fn end_the_rest(&mut self) {
        for (holding, pile) in std::mem::take(&mut self.piles) {
            self.end(Terminal::AtRest, holding, stolen(&pile.units));
        }
    }
}

/// The credits' units, and how many stolen units the fee has.
fn divide(rule: &str, entered: &[Vec<bool>], credits: &[Entry<u64>], unknown: bool) -> (Vec<Vec<bool>>, u64) {
    let mut units = entered.concat();
    let sizes: Vec<usize> = credits.iter().map(|credit| length(credit.units)).collect();
    if rule == "poison" {
        let fee = if unknown { 0 } else { units.len() - sizes.iter().sum::<usize>() };
        return (sizes.iter().map(|&size| vec![true; size]).collect(), fee as u64);
    }
    let mut slots = sizes.clone();
    slots.push(units.len() - sizes.iter().sum::<usize>());
    let piles = match rule {
        "fifo" => deal(&mut units, &slots),
        "lifo" => {
            units.reverse();
            deal(&mut units, &slots)
        }
        "tiho" => pour(&units, &slots),
        _ => shave(&units, &slots),
    };
    let (fee, piles) = piles.split_last().expect("the fee has a slot");
    (piles.to_vec(), stolen(fee))
}

/// From the front of the row, one pile after the other.
fn deal(units: &mut Vec<bool>, slots: &[usize]) -> Vec<Vec<bool>> {
    slots.iter().map(|&size| units.drain(..size).collect()).collect()
}

/// Stolen units, one at a time, into the largest pile that has room; the fee only when all others are full.
fn pour(units: &[bool], slots: &[usize]) -> Vec<Vec<bool>> {
    let fee = slots.len() - 1;
    let mut given = vec![0; slots.len()];
    for _ in 0..stolen(units) {
        let open = (0..fee).filter(|&slot| given[slot] < slots[slot]);
        let best = open.reduce(|best, slot| if slots[slot] > slots[best] { slot } else { best });
        given[best.unwrap_or(fee)] += 1;
    }
    piles_of(&given, slots)
}

/// To each its proportional share: full units first, then one at a time to whoever is owed the largest part of one.
fn shave(units: &[bool], slots: &[usize]) -> Vec<Vec<bool>> {
    let (all, bad) = (units.len(), length(stolen(units)));
    let owed: Vec<usize> = slots.iter().map(|&size| size * bad).collect();
    let mut given: Vec<usize> = vec![0; slots.len()];
    for (slot, given) in given.iter_mut().enumerate() {
        while (*given + 1) * all <= owed[slot] {
            *given += 1;
        }
    }
    for _ in given.iter().sum::<usize>()..bad {
        // Who was just given more than owed comes last.
        let still = |slot: usize| owed[slot].saturating_sub(given[slot] * all);
        let best = (0..slots.len()).reduce(|best, slot| if still(slot) > still(best) { slot } else { best });
        given[best.expect("the fee has a slot")] += 1;
    }
    piles_of(&given, slots)
}

fn piles_of(given: &[usize], slots: &[usize]) -> Vec<Vec<bool>> {
    let pile = |(&given, &size): (&usize, &usize)| (0..size).map(|unit| unit < given).collect();
    given.iter().zip(slots).map(pile).collect()
}

fn stolen(units: &[bool]) -> u64 {
    units.iter().filter(|&&unit| unit).count() as u64
}

fn length(units: u64) -> usize {
    usize::try_from(units).expect("the oracle's amounts are small")
}
