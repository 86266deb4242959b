//! Random ledgers and thefts from a seed: merges, splits, zero outputs, fees, foreign coins, dead ends.

use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Entry, Height, HoldingId, Ledger, MovementId, MovementMarks};
use proptest::strategy::Strategy;

use crate::memory::{MemoryLedger, NewMovement};
use crate::town::made_up_hash;

/// A small generator of numbers: the same seed gives the same numbers everywhere (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as the seed says.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; zero when `end` is.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.bits() % end }
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// An index of a list of this length.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("below a length")
    }
}

/// How a random ledger looks.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Movements, at least.
    pub movements_min: u64,
    /// Movements beyond that, at most.
    pub movements_more: u64,
    /// What one issuing movement makes, at most.
    pub issued_max: u64,
    /// Owners.
    pub owners: u64,
    /// Whether coins from before the range appear, some of unknown amount.
    pub foreign: bool,
    /// Whether some movements settle a pool.
    pub pools: bool,
}

impl Default for Shape {
    /// Thirty to sixty movements of small coins.
    fn default() -> Self {
        Self { movements_min: 30, movements_more: 31, issued_max: 120, owners: 12, foreign: true, pools: false }
    }
}

/// A seed of a random theft, in words that every engine understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RandomSeed {
    /// Which coin.
    pub holding: HoldingId,
    /// How much of it was stolen; at least one unit.
    pub units: u64,
    /// Whether it is the last units of the coin, not the first.
    pub from_back: bool,
}

/// The ledger of a seed.
#[must_use]
pub fn random_ledger(seed: u64, shape: &Shape) -> MemoryLedger<u64> {
    let mut dice = Dice::new(seed);
    let first = Height(u32::from(shape.foreign));
    let mut growth = Growth { ledger: MemoryLedger::new(first), unspent: Vec::new(), foreign: 0, height: first };
    for _ in 0..shape.movements_min + dice.below(shape.movements_more) {
        growth.grow(&mut dice, shape);
    }
    growth.ledger
}

/// Two to three thefts on a ledger. The seeds of one theft are credits of one movement: none descends from another.
#[must_use]
pub fn random_thefts(seed: u64, ledger: &MemoryLedger<u64>) -> Vec<Vec<RandomSeed>> {
    let mut dice = Dice::new(seed ^ 0x7468_6566_7473);
    let early = ledger.movements().end / 2;
    let mut thefts = Vec::new();
    while thefts.len() < 2 || (thefts.len() < 3 && dice.once_in(2)) {
        let mut credits = Vec::new();
        ledger.credits(MovementId(dice.below(early)), &mut credits);
        credits.retain(|credit| credit.units > 0);
        let seeds: Vec<_> = credits.iter().filter(|_| !dice.once_in(3)).copied().collect();
        if !seeds.is_empty() {
            thefts.push(seeds.iter().map(|credit| random_part(&mut dice, credit)).collect());
        }
    }
    thefts
}

/// Random ledgers for proptest; they shrink towards small seeds, not towards small ledgers.
pub fn random_ledgers(shape: Shape) -> impl Strategy<Value = MemoryLedger<u64>> {
    proptest::num::u64::ANY.prop_map(move |seed| random_ledger(seed, &shape))
}

fn random_part(dice: &mut Dice, credit: &Entry<u64>) -> RandomSeed {
    let whole = dice.once_in(2);
    let units = if whole { credit.units } else { 1 + dice.below(credit.units) };
    RandomSeed { holding: credit.holding, units, from_back: dice.once_in(2) }
}

/// A ledger being made.
struct Growth {
    ledger: MemoryLedger<u64>,
    unspent: Vec<HoldingId>,
    foreign: u64,
    height: Height,
}

impl Growth {
    fn grow(&mut self, dice: &mut Dice, shape: &Shape) {
        if !dice.once_in(3) {
            self.height = self.height.next();
        }
        let mut debits = Vec::new();
        let starved = self.unspent.len() < 4 || dice.once_in(8);
        if !starved {
            let taken = 1 + dice.index(4).min(dice.index(4));
            debits.extend((0..taken).filter_map(|_| self.take(dice)));
            if shape.foreign && dice.once_in(10) {
                debits.push(self.come_from_abroad(dice, shape));
            }
        }
        let (available, fee_max) = match debits.is_empty() {
            true => (1 + dice.below(shape.issued_max), 0),
            false => (debits.iter().map(|&holding| self.ledger.entry(holding).units).sum(), 6),
        };
        let fee = if dice.once_in(2) { dice.below(fee_max).min(available) } else { 0 };
        let credits = random_credits(dice, shape, available - fee);
        let mut movement = NewMovement::plain(made_up_hash(self.ledger.movements().end), self.height, debits, credits);
        movement.collab = if dice.once_in(25) { CollabPrint::BLOCKSCI_GENERIC } else { CollabPrint::empty() };
        if shape.pools && !movement.debits.is_empty() && dice.once_in(20) {
            movement.marks = MovementMarks::POOL;
        }
        self.add(movement);
    }

    fn add(&mut self, movement: NewMovement<u64>) {
        let made = self.ledger.coins();
        self.ledger.push(movement);
        let spendable = |&holding: &HoldingId| self.ledger.entry(holding).owner.is_some();
        self.unspent.extend((made..self.ledger.coins()).map(HoldingId).filter(spendable));
    }

    /// A coin to spend, more often a young one.
    fn take(&mut self, dice: &mut Dice) -> Option<HoldingId> {
        let from = if dice.once_in(2) { self.unspent.len().saturating_sub(6) } else { 0 };
        let among = self.unspent.len() - from;
        (among > 0).then(|| self.unspent.remove(from + dice.index(among)))
    }

    fn come_from_abroad(&mut self, dice: &mut Dice, shape: &Shape) -> HoldingId {
        let units = if dice.once_in(5) { None } else { Some(1 + dice.below(shape.issued_max)) };
        self.foreign += 1;
        let owner = AddressId(dice.below(shape.owners));
        self.ledger.push_foreign((made_up_hash(u64::MAX - self.foreign), 0), units, owner)
    }
}

/// One to five credits, some of zero, that pay exactly `units`.
fn random_credits(dice: &mut Dice, shape: &Shape, units: u64) -> Vec<(u64, AddressId)> {
    let mut left = units;
    let others = dice.below(5);
    let mut credits = Vec::new();
    for _ in 0..others {
        let paid = if dice.once_in(6) { 0 } else { dice.below(left + 1) };
        left -= paid;
        credits.push((paid, random_owner(dice, shape)));
    }
    credits.push((left, random_owner(dice, shape)));
    let last = credits.len() - 1;
    credits.swap(dice.index(last + 1), last);
    credits
}

fn random_owner(dice: &mut Dice, shape: &Shape) -> AddressId {
    if dice.once_in(30) { AddressId::NONE } else { AddressId(dice.below(shape.owners)) }
}

/// A large ledger for measuring: from its first coin value spreads over `outputs` outputs, and as many movements again have
/// nothing to do with it. Movements take one to three coins and pay two or three; one in three mixes in clean value.
#[must_use]
pub fn spreading_ledger(seed: u64, outputs: u64) -> MemoryLedger<u64> {
    let mut spread = Spreading {
        dice: Dice::new(seed),
        ledger: MemoryLedger::new(Height(0)),
        tainted: Vec::new(),
        clean: Vec::new(),
    };
    spread.push(vec![], 1 << 50, 1, true);
    spread.push(vec![], 1 << 50, 1, false);
    let mut reached = 1;
    while reached < outputs {
        let mut debits = spread.take(true);
        let mixes = spread.dice.once_in(3);
        debits.extend(if mixes { spread.take(false) } else { Vec::new() });
        let paid = if spread.dice.once_in(4) { 3 } else { 2 };
        reached += spread.pay(debits, paid, true);
        let others = spread.take(false);
        spread.pay(others, 2, false);
    }
    spread.ledger
}

struct Spreading {
    dice: Dice,
    ledger: MemoryLedger<u64>,
    tainted: Vec<HoldingId>,
    clean: Vec<HoldingId>,
}

impl Spreading {
    /// One coin, seldom two, of either kind; four in five are young, the others of any age.
    fn take(&mut self, tainted: bool) -> Vec<HoldingId> {
        let from = if tainted { &mut self.tainted } else { &mut self.clean };
        let wanted = if self.dice.once_in(4) { 2 } else { 1 };
        let mut taken = Vec::new();
        for _ in 0..wanted.min(from.len()) {
            let among = if self.dice.once_in(5) { from.len() } else { from.len().min(5_000) };
            taken.push(from.swap_remove(from.len() - 1 - self.dice.index(among)));
        }
        taken
    }

    fn pay(&mut self, debits: Vec<HoldingId>, credits: u64, tainted: bool) -> u64 {
        let units = debits.iter().map(|&holding| self.ledger.entry(holding).units).sum();
        self.push(debits, units, credits, tainted);
        credits
    }

    fn push(&mut self, debits: Vec<HoldingId>, units: u64, credits: u64, tainted: bool) {
        let number = self.ledger.movements().end;
        let share = units / credits;
        let mut paid = vec![(share, AddressId(number % 1000)); usize::try_from(credits).expect("two or three")];
        let moved = self.dice.below(share);
        paid[0].0 += moved;
        if let [_, .., last] = &mut paid[..] {
            last.0 -= moved;
        }
        let made = self.ledger.coins();
        let height = Height(u32::try_from(number / 2000).expect("a small ledger"));
        self.ledger.push(NewMovement::plain(made_up_hash(number), height, debits, paid));
        let coins = (made..self.ledger.coins()).map(HoldingId);
        if tainted { self.tainted.extend(coins) } else { self.clean.extend(coins) }
    }
}
