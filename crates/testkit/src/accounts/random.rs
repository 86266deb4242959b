//! Random account ledgers and thefts from a seed: several assets, cycles, an exchange that everybody uses, payments to
//! oneself and of nothing, and beginnings that nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{AccountLedger, AddressId, Height, HoldingId, MoveKind, MovementId};

use crate::accounts::bank::token;
use crate::accounts::memory::MemoryAccounts;
use crate::random::Dice;
use crate::town::made_up_hash;

/// What was there before a random ledger begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Before {
    /// Nothing: it is complete.
    Nothing,
    /// Amounts that nobody knows.
    Unknown,
    /// Amounts that somebody supplied for about half of the holdings.
    Supplied,
}

/// How a random ledger looks.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Movements, at least.
    pub movements_min: u64,
    /// Movements beyond that, at most.
    pub movements_more: u64,
    /// Accounts; the first is an exchange that every third movement touches.
    pub accounts: u64,
    /// Assets.
    pub assets: u32,
    /// One transaction in so many is a conversion or looks like one; zero for none.
    pub trades_in: u64,
    /// What is made at once, at most.
    pub made_max: u64,
    /// What was there before.
    pub before: Before,
}

impl Shape {
    /// Thirty to seventy movements of small amounts, without conversions.
    #[must_use]
    pub fn new(before: Before) -> Self {
        Self { movements_min: 30, movements_more: 41, accounts: 8, assets: 2, trades_in: 0, made_max: 40, before }
    }

    /// The same with a third asset, and with conversions in every third transaction.
    #[must_use]
    pub fn trading(before: Before) -> Self {
        Self { movements_min: 50, assets: 3, trades_in: 3, ..Self::new(before) }
    }
}

/// A seed of a random theft, in words that every engine understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RandomCredit {
    /// The movement that gives.
    pub movement: MovementId,
    /// How much of it was stolen; at least one unit.
    pub units: u64,
    /// Whether it is the last units of the credit, not the first.
    pub from_back: bool,
}

/// The ledger of a seed.
///
/// # Panics
/// When the shape has no accounts or no assets.
#[must_use]
pub fn random_accounts(seed: u64, shape: &Shape) -> MemoryAccounts<u64> {
    let is_complete = shape.before == Before::Nothing;
    let mut growth = Growth {
        dice: Dice::new(seed),
        ledger: MemoryAccounts::new(is_complete),
        shape: *shape,
        balances: BTreeMap::new(),
        trader: None,
        height: Height(1),
        txs: 0,
    };
    for asset in 0..shape.assets {
        growth.ledger.asset_of(&token(&format!("A{asset}")));
    }
    growth.begin();
    growth.open();
    growth.begin();
    // Something to steal, whatever comes.
    (0..shape.assets).for_each(|asset| growth.issue(MoveKind::Mint, AddressId(1), asset, shape.made_max));
    let movements = shape.movements_min + growth.dice.below(shape.movements_more);
    while growth.ledger.movements().end < movements {
        growth.grow();
    }
    growth.ledger
}

/// Two to three thefts on a ledger, each in one asset; two in three take from where their own loot came by.
#[must_use]
pub fn random_account_thefts(seed: u64, ledger: &MemoryAccounts<u64>) -> Vec<Vec<RandomCredit>> {
    let mut dice = Dice::new(seed ^ 0x6163_636f_756e);
    let credits: Vec<_> = ledger.movements().map(MovementId).filter(|&at| is_credit(ledger, at)).collect();
    let mut thefts = Vec::new();
    while thefts.len() < 2 || (thefts.len() < 3 && dice.once_in(2)) {
        let first = dice.index(credits.len() / 2 + 1);
        thefts.push(random_theft(&mut dice, ledger, &credits[first..]));
    }
    thefts
}

fn is_credit(ledger: &MemoryAccounts<u64>, movement: MovementId) -> bool {
    let step = ledger.movement(movement);
    step.to.is_some_and(|to| ledger.owner(to).is_some()) && step.from != step.to && step.units > 0
}

/// A theft that begins with the first of these credits and takes some of the next ones: such as it did not reach itself,
/// or such as it may have reached where one comes soon.
fn random_theft(dice: &mut Dice, ledger: &MemoryAccounts<u64>, credits: &[MovementId]) -> Vec<RandomCredit> {
    let asset = |at: MovementId| ledger.movement(at).to.map(|to| ledger.asset(to));
    let mut touched: BTreeSet<HoldingId> = BTreeSet::new();
    let mut theft: Vec<RandomCredit> = Vec::new();
    let wanted = 1 + dice.index(4);
    let takes_again = !dice.once_in(3);
    for at in (credits[0].0..ledger.movements().end).map(MovementId) {
        let step = ledger.movement(at);
        let is_fed = step.from.is_some_and(|from| touched.contains(&from));
        let fits = credits.binary_search(&at).is_ok() && asset(at) == asset(credits[0]);
        let may_take = takes_again || !is_fed;
        if fits && may_take && theft.len() < wanted && (theft.is_empty() || dice.once_in(2)) {
            theft.push(random_part(dice, at, step.units));
            touched.extend(step.to);
        } else if is_fed {
            touched.extend(step.to);
        }
    }
    theft
}

fn random_part(dice: &mut Dice, movement: MovementId, value: u64) -> RandomCredit {
    let units = if dice.once_in(2) { value } else { 1 + dice.below(value) };
    RandomCredit { movement, units, from_back: dice.once_in(2) }
}

/// A ledger being made.
pub(super) struct Growth {
    pub(super) dice: Dice,
    pub(super) ledger: MemoryAccounts<u64>,
    pub(super) shape: Shape,
    /// What is really there, by account and asset.
    pub(super) balances: BTreeMap<(AddressId, u32), u64>,
    /// Who traded last, and what he has of it.
    pub(super) trader: Option<(AddressId, u32)>,
    height: Height,
    txs: u64,
}

impl Growth {
    fn begin(&mut self) {
        // Makers claim the time, and not always a later one.
        let time = self.height.0 * 60 + small(&mut self.dice, 150);
        self.ledger.begin(made_up_hash(self.txs), self.height, time);
        self.txs += 1;
    }

    /// What was there before, told or not.
    fn open(&mut self) {
        if self.shape.before == Before::Nothing {
            return;
        }
        for account in (0..self.shape.accounts).map(AddressId) {
            for asset in 0..self.shape.assets {
                let units = if self.dice.once_in(4) { 0 } else { self.dice.below(self.shape.made_max + 1) };
                self.balances.insert((account, asset), units);
                if self.shape.before == Before::Supplied && self.dice.once_in(2) {
                    self.ledger.push(MoveKind::Opening, None, Some(account), asset, units);
                }
            }
        }
    }

    fn grow(&mut self) {
        if self.dice.once_in(2) {
            self.height = self.height.next();
        }
        self.begin();
        if self.shape.trades_in > 0 && self.dice.once_in(self.shape.trades_in) {
            return self.trade();
        }
        let asset = small(&mut self.dice, self.shape.assets);
        match self.dice.below(12) {
            0 => self.make(MoveKind::Mint, asset),
            1 => self.make(MoveKind::Reward, asset),
            2 => self.make(MoveKind::Withdrawal, asset),
            3 => self.spend(MoveKind::Burn, asset),
            4 => self.pay(MoveKind::Internal, asset),
            5 => self.pay(MoveKind::Rental, asset),
            _ => self.pay(MoveKind::Transfer, asset),
        }
        if self.dice.once_in(4) {
            self.spend(MoveKind::Fee, 0);
        }
    }

    pub(super) fn account(&mut self) -> AddressId {
        if self.dice.once_in(3) { AddressId(0) } else { AddressId(self.dice.below(self.shape.accounts)) }
    }

    fn make(&mut self, kind: MoveKind, asset: u32) {
        let (to, units) = (self.account(), self.dice.below(self.shape.made_max + 1));
        self.issue(kind, to, asset, units);
    }

    fn issue(&mut self, kind: MoveKind, to: AddressId, asset: u32, units: u64) {
        self.ledger.push(kind, None, Some(to), asset, units);
        *self.balances.entry((to, asset)).or_default() += units;
    }

    /// An account that has some of an asset, if one is found quickly.
    pub(super) fn rich(&mut self, asset: u32) -> AddressId {
        let mut from = self.account();
        for _ in 0..3 {
            if self.balances.get(&(from, asset)).is_none_or(|&there| there == 0) {
                from = self.account();
            }
        }
        from
    }

    /// Up to all of what an account has, often all or nothing of it. A rich account if one is found quickly.
    fn take(&mut self, asset: u32) -> (AddressId, u64) {
        let from = self.rich(asset);
        let there = self.balances.entry((from, asset)).or_default();
        let units = match self.dice.below(8) {
            0 => 0,
            1 | 2 => *there,
            _ => self.dice.below(*there + 1),
        };
        *there -= units;
        (from, units)
    }

    fn spend(&mut self, kind: MoveKind, asset: u32) {
        let (from, there) = self.take(asset);
        let units = if kind == MoveKind::Fee { there.min(self.dice.below(4)) } else { there / 2 };
        self.ledger.push(kind, Some(from), None, asset, units);
        *self.balances.entry((from, asset)).or_default() += there - units;
    }

    fn pay(&mut self, kind: MoveKind, asset: u32) {
        let (from, units) = self.take(asset);
        let to = match self.dice.below(24) {
            0..2 => from,
            2 => AddressId::NONE,
            _ => self.account(),
        };
        self.ledger.push(kind, Some(from), Some(to), asset, units);
        *self.balances.entry((to, asset)).or_default() += units;
        if self.dice.once_in(8) {
            let (to, levy) = (self.account(), self.balances[&(from, asset)].min(2));
            self.ledger.push(MoveKind::Levy, Some(from), Some(to), asset, levy);
            *self.balances.entry((from, asset)).or_default() -= levy;
            *self.balances.entry((to, asset)).or_default() += levy;
        }
    }
}

/// A number below `end`.
pub(super) fn small(dice: &mut Dice, end: u32) -> u32 {
    u32::try_from(dice.below(u64::from(end))).expect("below a u32")
}

/// A large ledger for measuring: the first movement's value spreads over ten thousand accounts, and mixes with as much
/// that has nothing to do with it. One payment in three goes to or comes from one of a hundred exchanges.
#[must_use]
pub fn spreading_accounts(seed: u64, payments: u64) -> MemoryAccounts<u64> {
    spreading(seed, payments, false)
}

/// The same as Ethereum tells it, with another asset about: behind each payment its burnt fee, its tip, and who gets that.
#[must_use]
pub fn spreading_with_fees(seed: u64, payments: u64) -> MemoryAccounts<u64> {
    spreading(seed, payments, true)
}

fn spreading(seed: u64, payments: u64, has_fees: bool) -> MemoryAccounts<u64> {
    let mut dice = Dice::new(seed);
    let mut ledger = MemoryAccounts::new(true);
    let asset = ledger.asset_of(&token("XEM"));
    if has_fees {
        ledger.asset_of(&token("DIM"));
    }
    let fee = if has_fees { 3 } else { 0 };
    let mut balances = [0; 10_000];
    let busy = |dice: &mut Dice| dice.once_in(3);
    for number in 0..payments {
        let height = Height(u32::try_from(number / 20).expect("a ledger that fits memory"));
        ledger.begin(made_up_hash(number), height, height.0 * 60);
        let [from, to] = [(); 2].map(|()| if busy(&mut dice) { dice.index(100) } else { dice.index(10_000) });
        let to_whom = Some(AddressId(to as u64));
        if number < 1_000 || balances[from] < 10 {
            let units = (1 << 40) + dice.below(1 << 40);
            balances[to] += units;
            ledger.push(MoveKind::Mint, None, to_whom, asset, units);
            continue;
        }
        let units = 1 + dice.below(balances[from] - fee);
        balances[from] -= units + fee;
        balances[to] += units;
        let payer = Some(AddressId(from as u64));
        ledger.push(MoveKind::Transfer, payer, to_whom, asset, units);
        if has_fees {
            ledger.push(MoveKind::Burn, payer, None, asset, 2);
            ledger.push(MoveKind::Fee, payer, None, asset, 1);
            ledger.push(MoveKind::Reward, None, Some(AddressId(10_000)), asset, 1);
        }
    }
    ledger
}
