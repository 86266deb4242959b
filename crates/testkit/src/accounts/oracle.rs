//! A slow tracer of accounts that keeps one list element for every unit: the oracle that the engine is compared with.
//!
//! It shares no code with the engine and none of its ideas: it keeps every holding of the ledger as a row of units, from
//! the first movement to the last, whether anything stolen is near or not, and writes each rule down as a child would do
//! it with coins in jars. Only for ledgers of small amounts.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{AccountLedger, AddressId, HoldingId, Move, MoveKind, MovementId, Pruned, Terminal};

use crate::accounts::barter::{Barter, Mistake, barters};
use crate::accounts::random::RandomCredit;
use crate::oracle::OracleStops;

/// The rules as the oracle knows them, by the names the engine uses.
pub const RULES: [&str; 5] = ["fifo", "lifo", "haircut", "libr", "poison"];

/// An end: which, in which holding, by which movement, how much, how far.
pub type OracleEnd = (Terminal, Option<HoldingId>, Option<MovementId>, u64, u32);

/// What a trail comes to, in a form that two engines can be compared by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountAnswer {
    /// Every holding that was reached, with what lies there in the end and how far it is.
    pub reached: BTreeMap<HoldingId, OracleReached>,
    /// Movements that stolen value went through: which, how much of it, how far.
    pub hops: Vec<(MovementId, u64, u32)>,
    /// The ends in some order: sort before comparing.
    pub ends: Vec<OracleEnd>,
    /// What was bartered away, in the order of the ledger.
    pub bartered: Vec<OracleBarter>,
    /// What looks like a barter and was none, because of who gained: by the first movement that brought something, the holding
    /// that gave, and who gained.
    pub declined: BTreeSet<(MovementId, HoldingId, AddressId)>,
}

/// A barter that stolen value went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OracleBarter {
    /// The first movement that brought what was received.
    pub movement: MovementId,
    /// What gave and what received; the second is none where nothing was opened.
    pub holdings: (HoldingId, Option<HoldingId>),
    /// Stolen units that were paid, that left for good, and that were opened.
    pub stolen: (u64, u64, u64),
    /// Units that were given, refunds taken off, and received.
    pub moved: (u64, u64),
}

/// A holding that was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OracleReached {
    /// The movement that reached it first.
    pub first: MovementId,
    /// How far it is.
    pub depth: u32,
    /// Stolen units that lie there in the end.
    pub resting: u64,
    /// All units that lie there in the end.
    pub balance: u64,
    /// What was assumed to be there before; nothing where it is known.
    pub assumed: Option<u64>,
}

impl AccountAnswer {
    /// The answer with its ends in order.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.ends.sort_unstable();
        self
    }
}

/// Follows one theft by one rule, correctly unless a mistake is asked for.
///
/// # Panics
/// When `rule` is none of [`RULES`], or the ledger takes what is not there.
#[must_use]
pub fn follow_accounts<L: AccountLedger<Units = u64>>(
    ledger: &L,
    theft: &[RandomCredit],
    rule: &str,
    stops: &OracleStops,
    mistake: Option<Mistake>,
) -> AccountAnswer {
    assert!(RULES.contains(&rule), "{rule} is not a rule");
    let jars = fill_jars(ledger);
    let poisoned = BTreeSet::new();
    let barters = barters(ledger, stops.exchangers.as_ref(), mistake);
    let (answer, tray) = (AccountAnswer::default(), 0);
    let mut room = Room { ledger, rule, stops, jars, poisoned, barters, mistake, tray, answer };
    for movement in ledger.movements().map(MovementId) {
        let seed = theft.iter().find(|seed| seed.movement == movement);
        room.go_through(movement, seed);
        room.end_barter(movement);
    }
    room.look_around();
    room.answer.sorted()
}

/// A holding: for each unit, oldest first, whether it is stolen.
pub(super) struct Jar {
    pub(super) units: Vec<bool>,
    /// What was put in before the beginning, where nobody knows how much it was.
    pub(super) assumed: Option<u64>,
}

/// Every jar as it is before the first movement.
fn fill_jars<L: AccountLedger<Units = u64>>(ledger: &L) -> BTreeMap<HoldingId, Jar> {
    let steps: Vec<_> = ledger.movements().map(|at| ledger.movement(MovementId(at))).collect();
    let holdings: BTreeSet<_> = steps.iter().flat_map(|step| [step.from, step.to]).flatten().collect();
    let jar = |holding: HoldingId| {
        let told = steps.iter().any(|step| step.kind == MoveKind::Opening && step.to == Some(holding));
        let is_known = told || ledger.is_complete();
        let lowest = lowest_balance(&steps, holding);
        assert!(!is_known || lowest >= 0, "the ledger takes what is not there");
        let before = usize::try_from(-lowest).expect("never above nothing");
        (holding, Jar { units: vec![false; before], assumed: (!is_known).then_some(before as u64) })
    };
    holdings.into_iter().map(jar).collect()
}

/// The lowest that a balance gets when it begins with nothing; never above nothing.
fn lowest_balance(steps: &[Move<u64>], holding: HoldingId) -> i64 {
    let mut balances = vec![0];
    for step in steps.iter().filter(|step| step.from != step.to) {
        let units = i64::try_from(step.units).expect("the oracle's amounts are small");
        let now = balances[balances.len() - 1];
        if step.from == Some(holding) {
            balances.push(now - units);
        } else if step.to == Some(holding) {
            balances.push(now + units);
        }
    }
    balances.into_iter().min().expect("it begins with one")
}

/// Everything the oracle looks at.
pub(super) struct Room<'a, L> {
    pub(super) ledger: &'a L,
    pub(super) rule: &'a str,
    pub(super) stops: &'a OracleStops,
    pub(super) jars: BTreeMap<HoldingId, Jar>,
    /// Jars that poison has got into.
    pub(super) poisoned: BTreeSet<HoldingId>,
    pub(super) barters: BTreeMap<MovementId, Barter>,
    pub(super) mistake: Option<Mistake>,
    /// Stolen units that were paid in the barter under way.
    pub(super) tray: u64,
    pub(super) answer: AccountAnswer,
}

impl<L: AccountLedger<Units = u64>> Room<'_, L> {
    fn go_through(&mut self, movement: MovementId, seed: Option<&RandomCredit>) {
        let step = self.ledger.movement(movement);
        if step.units == 0 || step.from == step.to {
            return;
        }
        let mut units = vec![false; length(step.units)];
        if let Some(from) = step.from {
            self.close_at_the_limit(movement, from);
            units = self.take(from, length(step.units));
        }
        if units.contains(&true) {
            if seed.is_some() && self.rule != "poison" {
                // Taken a second time: here ends the first taking, and the jar it was put back into has it last.
                let jar = step.from.expect("stolen units come from somewhere");
                let depth = self.answer.reached[&jar].depth;
                self.answer.ends.push((Terminal::Returned, Some(jar), Some(movement), stolen(&units), depth));
            } else {
                units = match self.bartered(movement, &step) {
                    Some(barter) => self.set_aside(movement, &barter, units),
                    None => self.lead(movement, &step, units),
                };
            }
        }
        if let Some(seed) = seed {
            units = vec![true; length(step.units)];
            if self.rule != "poison" {
                units[length(seed.units)..].fill(false);
                if seed.from_back {
                    units.reverse();
                }
            }
            self.reach(movement, step.to.expect("a seed is a credit"), 0);
        }
        if let Some(to) = step.to {
            if self.rule == "poison" && units.contains(&true) {
                self.poisoned.insert(to);
            }
            self.jars.get_mut(&to).expect("every jar was filled").units.extend(units);
        }
    }

    /// How many stolen units a jar has, or may have.
    fn stolen_in(&self, holding: HoldingId) -> u64 {
        let units = &self.jars[&holding].units;
        if self.poisoned.contains(&holding) { units.len() as u64 } else { stolen(units) }
    }

    /// Beyond the limit a jar that is opened is closed for good, and what is in it is no more looked for.
    fn close_at_the_limit(&mut self, movement: MovementId, holding: HoldingId) {
        let late = if self.ledger.height(movement).0 > self.stops.height_max {
            Pruned::Height
        } else if self.ledger.time(movement) > self.stops.time_max {
            Pruned::Time
        } else {
            return;
        };
        let units = self.stolen_in(holding);
        if units > 0 || self.poisoned.contains(&holding) {
            let depth = self.answer.reached[&holding].depth;
            self.answer.ends.push((Terminal::Pruned(late), Some(holding), Some(movement), units, depth));
        }
        self.poisoned.remove(&holding);
        self.jars.get_mut(&holding).expect("every jar was filled").units.fill(false);
    }

    /// Takes units out of a jar, in the order in which they go into the next.
    fn take(&mut self, holding: HoldingId, count: usize) -> Vec<bool> {
        let is_poisoned = self.poisoned.contains(&holding);
        let jar = self.jars.get_mut(&holding).expect("every jar was filled");
        let taken = match self.rule {
            "fifo" => jar.units.drain(..count).collect(),
            "lifo" => (0..count).map(|_| jar.units.pop().expect("it was filled with enough")).collect(),
            "haircut" => {
                let share = fair_share(stolen(&jar.units), jar.units.len() as u64, count as u64);
                pick(&mut jar.units, count, share)
            }
            "libr" => {
                let clean = jar.units.len() - length(stolen(&jar.units));
                pick(&mut jar.units, count, count.saturating_sub(clean))
            }
            _ => {
                jar.units.truncate(jar.units.len() - count);
                vec![is_poisoned; count]
            }
        };
        if jar.units.is_empty() && jar.assumed.is_none() {
            self.poisoned.remove(&holding);
        }
        taken
    }

    /// Where the stolen ones among these units go; what ends goes on as clean.
    fn lead(&mut self, movement: MovementId, step: &Move<u64>, units: Vec<bool>) -> Vec<bool> {
        let (from, bad) = (step.from.expect("stolen units come from somewhere"), stolen(&units));
        let depth = self.answer.reached[&from].depth;
        let nothing = vec![false; units.len()];
        let Some(to) = step.to else {
            let terminal = if step.kind == MoveKind::Burn { Terminal::Burned } else { Terminal::Fee };
            self.answer.hops.push((movement, bad, depth + 1));
            self.answer.ends.push((terminal, None, Some(movement), bad, depth + 1));
            return nothing;
        };
        for (is_cut, why) in [(bad < self.stops.dust_below, Pruned::Dust), (depth >= self.stops.hops_max, Pruned::Hops)]
        {
            if is_cut {
                self.answer.ends.push((Terminal::Pruned(why), Some(from), Some(movement), bad, depth));
                return nothing;
            }
        }
        self.answer.hops.push((movement, bad, depth + 1));
        self.reach(movement, to, depth + 1);
        let Some(terminal) = self.end_at(to) else { return units };
        self.answer.ends.push((terminal, Some(to), Some(movement), bad, depth + 1));
        nothing
    }

    /// How what is put into a jar ends there.
    pub(super) fn end_at(&self, holding: HoldingId) -> Option<Terminal> {
        let owner = self.ledger.owner(holding);
        if owner == AddressId::NONE {
            return Some(Terminal::Burned);
        }
        let service = self.stops.services.iter().find(|(address, _)| *address == owner);
        service.map(|(_, service)| Terminal::AtService(*service))
    }

    pub(super) fn reach(&mut self, movement: MovementId, holding: HoldingId, depth: u32) {
        let assumed = self.jars[&holding].assumed;
        let fresh = OracleReached { first: movement, depth, resting: 0, balance: 0, assumed };
        let reached = self.answer.reached.entry(holding).or_insert(fresh);
        reached.depth = reached.depth.min(depth);
    }

    /// What is in the jars when the ledger is over.
    fn look_around(&mut self) {
        let holdings: Vec<_> = self.answer.reached.keys().copied().collect();
        for holding in holdings {
            let (resting, balance) = (self.stolen_in(holding), self.jars[&holding].units.len() as u64);
            let reached = self.answer.reached.get_mut(&holding).expect("it is a key");
            (reached.resting, reached.balance) = (resting, balance);
            if resting > 0 || self.poisoned.contains(&holding) {
                self.answer.ends.push((Terminal::AtRest, Some(holding), None, resting, reached.depth));
            }
        }
    }
}

/// How many of `bad` stolen units among `all` leave when `count` units do: whole ones first, and the last one goes to
/// whoever is owed more of it, those who leave if that is even.
fn fair_share(bad: u64, all: u64, count: u64) -> usize {
    let (mut leave, mut stay) = (0, 0);
    while (leave + 1) * all <= bad * count {
        leave += 1;
    }
    while (stay + 1) * all <= bad * (all - count) {
        stay += 1;
    }
    if leave + stay < bad {
        let (owed_leaving, owed_staying) = (bad * count - leave * all, bad * (all - count) - stay * all);
        leave += u64::from(owed_leaving >= owed_staying);
    }
    length(leave)
}

/// Takes `count` units of a jar whose order means nothing, `bad` of them stolen.
fn pick(units: &mut Vec<bool>, count: usize, bad: usize) -> Vec<bool> {
    let mut wanted = vec![true; bad];
    wanted.resize(count, false);
    for unit in &wanted {
        let at = units.iter().position(|there| there == unit).expect("there are that many of them");
        units.remove(at);
    }
    wanted
}

pub(super) fn length(units: u64) -> usize {
    usize::try_from(units).expect("the oracle's amounts are small")
}

pub(super) fn stolen(units: &[bool]) -> u64 {
    units.iter().filter(|&&unit| unit).count() as u64
}
