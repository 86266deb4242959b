//! One theft by one rule while it is being traced: which holdings carry stolen value, and what each waits for.

use coinhound_model::{AccountLedger, HoldingId, Move, MoveKind, MovementId, Terminal, Units, Unresolved};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::taint::{AccountRule, Fifo, Haircut, Label, Libr, Lifo, Lot, Lots, Pile, Poison, Rule};
use crate::trace::accounts::convert::Pending;
use crate::trace::accounts::exchange::Reader;
use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::ground::Ground;
use crate::trace::accounts::history::{Histories, next};
use crate::trace::accounts::parts::Parts;
use crate::trace::accounts::seeds::{Planted, Sown};
use crate::trace::accounts::trail::{AccountEnd, AccountHop, AccountTrail, PlantedSeed, Reached};
use crate::trace::agenda::{Agenda, Due};
use crate::trace::lane::row;
use crate::trace::run::Plan;
use crate::trace::stops::{Conversions, Services};

/// Dues of holdings, of seeds and of conversions whose sides have not all moved stand on one agenda.
const HOLDINGS: u32 = 0;
const SEEDS: u32 = 1;
pub(super) const CONVERSIONS: u32 = 2;

/// One theft by one rule, in all the assets that its value comes into: a holding is of one asset, and no movement mixes them.
pub(super) struct Lane<'a, L: AccountLedger, S> {
    pub(super) ground: &'a Ground<'a, L, S>,
    pub(super) histories: &'a mut Histories<L::Units>,
    /// The rows of every asset, to be divided in the end.
    pub(super) trail: AccountTrail<L::Units>,
    pub(super) parts: Parts<L::Units>,
    sown: &'a Sown<L::Units>,
    /// Rows of `trail.reached`.
    rows: HashMap<HoldingId, u32, FixedState>,
    /// By row of `trail.reached`.
    pub(super) states: Vec<State<L::Units>>,
    pub(super) agenda: Agenda,
    /// What the movement being gone through carries.
    drawn: Lots<L::Units>,
    /// None where conversions are not followed, or where there is nothing to convert into.
    pub(super) reader: Option<Reader<'a, L::Units>>,
    pub(super) pending: Option<Pending<L::Units>>,
}

/// A reached holding.
pub(super) struct State<U> {
    pub(super) pile: Pile<U>,
    /// Whether the pile is kept, and the holding waits for its next movement. Nothing in the others is stolen.
    pub(super) is_awake: bool,
    /// Its asset's number among those of the lane.
    part: u32,
}

/// A movement on its way through.
pub(super) struct Passing<U> {
    pub(super) movement: MovementId,
    step: Move<U>,
    /// The row of the holding that pays, where that one is awake.
    from: Option<u32>,
    /// The row of the holding that receives, where that one is awake.
    to: Option<u32>,
}

impl<'a, L: AccountLedger, S: Services> Lane<'a, L, S> {
    /// A lane with its seeds on the agenda.
    pub(super) fn new(
        ground: &'a Ground<'a, L, S>,
        histories: &'a mut Histories<L::Units>,
        sown: &'a Sown<L::Units>,
        theft: u32,
        rule: Rule,
    ) -> Self {
        let mut agenda = Agenda::new(Plan::Auto, ground.ledger.movements());
        for (coin, seed) in (0..).zip(&sown.seeds) {
            agenda.push(Due { movement: seed.movement.0, lane: SEEDS, coin });
        }
        let mut trail = AccountTrail::new(rule, theft, sown.asset, ground.ledger.is_complete());
        trail.stolen = sown.stolen;
        let parts = Parts::new(sown.asset, sown.stolen);
        let (rows, states, drawn) = (HashMap::default(), Vec::new(), Lots::new());
        let stops = ground.stops;
        let known = (stops.conversions == Conversions::Known).then_some(&stops.exchangers);
        let follows = stops.conversions != Conversions::Stop && ground.ledger.assets() > 1;
        let (reader, pending) = (follows.then(|| Reader::new(known)), None);
        Self { ground, histories, trail, parts, sown, rows, states, agenda, drawn, reader, pending }
    }

    /// Goes through every movement that something waits for, and adds up: one trail for each asset.
    ///
    /// # Panics
    /// When the ends of a conserving rule do not sum to what was stolen and opened: a bug, never a rounding.
    pub(super) fn run(mut self) -> Result<Vec<AccountTrail<L::Units>>, AccountFault> {
        let mut due = Vec::new();
        while self.agenda.pop(&mut due) {
            self.go(MovementId(due[0].movement), &due)?;
        }
        assert!(self.pending.is_none(), "a conversion's last movement was due");
        self.come_to_rest();
        let part_of: Vec<_> = self.states.iter().map(|state| state.part).collect();
        Ok(self.parts.divide(self.trail, &part_of))
    }

    fn go(&mut self, movement: MovementId, due: &[Due]) -> Result<(), AccountFault> {
        let step = self.ground.ledger.movement(movement);
        let waiting = || due.iter().filter(|due| due.lane == HOLDINGS).map(|due| due.coin);
        let row_of = |side| waiting().find(|&row| Some(self.trail.reached[row as usize].holding) == side);
        let (from, to) = (row_of(step.from), row_of(step.to));
        if waiting().any(|row| from != Some(row) && to != Some(row)) {
            let what = "it does not touch a holding that waits for it";
            return Err(AccountFault::contradiction(self.ground.ledger, movement, what));
        }
        // A transfer to oneself moves nothing and reorders nothing.
        if step.from != step.to && !step.units.is_zero() {
            let seed = due.iter().find(|due| due.lane == SEEDS).map(|due| self.sown.seeds[due.coin as usize]);
            self.pass(&Passing { movement, step, from, to }, seed)?;
        }
        waiting().try_for_each(|row| self.wait(row, movement))?;
        self.convert(movement)
    }

    fn pass(&mut self, passing: &Passing<L::Units>, seed: Option<Planted<L::Units>>) -> Result<(), AccountFault> {
        self.drawn.clear();
        let mut arrived = false;
        match passing.from {
            None => self.drawn.push(Lot { label: Label::Rest, units: passing.step.units }),
            Some(from) => {
                self.draw(passing, from)?;
                let stolen = self.drawn.stolen();
                if !stolen.is_zero() {
                    arrived = self.lead(passing, from, stolen, seed.is_some())?;
                    if !arrived {
                        self.drawn.clear();
                        self.drawn.push(Lot { label: Label::Rest, units: passing.step.units });
                    }
                }
            }
        }
        if let Some(seed) = seed {
            self.plant(&seed, arrived)?;
        }
        self.give(passing)
    }

    /// Takes stolen value along. False when none of it arrives where the movement goes.
    fn lead(
        &mut self,
        passing: &Passing<L::Units>,
        from: u32,
        stolen: L::Units,
        is_seed: bool,
    ) -> Result<bool, AccountFault> {
        if is_seed && self.trail.rule.conserves() {
            self.return_loot(passing.movement, from, stolen);
            return Ok(false);
        }
        match self.conversion(passing.movement, from) {
            Some(exchange) => self.hold_back(exchange, passing, from, stolen),
            None => return self.follow(passing, from, stolen),
        }
        Ok(false)
    }

    /// Ends what a seed's movement carries before the seed is placed: units that two seeds name would count twice, and
    /// what comes back must not be in the way of what is taken next. Under poison nothing is counted.
    fn return_loot(&mut self, movement: MovementId, from: u32, units: L::Units) {
        let depth = self.trail.reached[from as usize].depth;
        let (terminal, reached, movement) = (Terminal::Returned, Some(from), Some(movement));
        self.trail.ends.push(AccountEnd { terminal, reached, movement, units, depth });
    }

    /// Takes what a holding pays out of it.
    fn draw(&mut self, passing: &Passing<L::Units>, from: u32) -> Result<(), AccountFault> {
        if let Some(pruned) = self.ground.beyond(passing.movement) {
            self.cut(from, passing.movement, Terminal::Pruned(pruned));
        }
        let units = passing.step.units;
        let pile = &mut self.states[from as usize].pile;
        if pile.balance() < units {
            let what = "its holding's movements are not those that were there before";
            return Err(AccountFault::contradiction(self.ground.ledger, passing.movement, what));
        }
        match self.trail.rule {
            Rule::Fifo => Fifo::draw(pile, units, &mut self.drawn),
            Rule::Lifo => Lifo::draw(pile, units, &mut self.drawn),
            Rule::Haircut => Haircut::draw(pile, units, &mut self.drawn),
            Rule::Libr => Libr::draw(pile, units, &mut self.drawn),
            Rule::Poison => Poison::draw(pile, units, &mut self.drawn),
            Rule::Tiho => unreachable!("refused before the walk: it is not defined on accounts"),
        }
        assert_eq!(self.drawn.total(), units, "what was drawn is what leaves");
        let is_known = self.trail.reached[from as usize].assumed.is_none();
        if pile.balance().is_zero() && is_known {
            pile.set_poisoned(false);
        }
        Ok(())
    }

    /// Ends all that is stolen in a holding before a movement that is not followed.
    fn cut(&mut self, row: u32, movement: MovementId, terminal: Terminal) {
        let pile = &mut self.states[row as usize].pile;
        let (units, depth) = (pile.bound(), self.trail.reached[row as usize].depth);
        let carries = pile.carries();
        pile.reset(pile.balance());
        if carries {
            let (reached, movement) = (Some(row), Some(movement));
            self.trail.ends.push(AccountEnd { terminal, reached, movement, units, depth });
        }
    }

    /// Leads stolen value to where the movement takes it. False when it ends on the way or there.
    fn follow(&mut self, passing: &Passing<L::Units>, from: u32, stolen: L::Units) -> Result<bool, AccountFault> {
        let Passing { movement, step, .. } = passing;
        let depth = self.trail.reached[from as usize].depth;
        let end = |terminal, reached, depth| {
            Some(AccountEnd { terminal, reached, movement: Some(*movement), units: stolen, depth })
        };
        let cut = step.to.and_then(|_| self.ground.cut(stolen, depth));
        if let Some(pruned) = cut {
            self.trail.ends.extend(end(Terminal::Pruned(pruned), Some(from), depth));
            return Ok(false);
        }
        let (from_depth, depth, part) = (depth, depth.saturating_add(1), self.states[from as usize].part);
        let to = step.to.map(|holding| self.arrive(*movement, holding, depth, part, stolen)).transpose()?;
        if to == Some(None) {
            let terminal = Terminal::Unresolved(Unresolved::Contradiction);
            self.trail.ends.extend(end(terminal, Some(from), from_depth));
            return Ok(false);
        }
        let to = to.flatten();
        let terminal = match step.to {
            None if step.kind == MoveKind::Burn => Some(Terminal::Burned),
            None => Some(Terminal::Fee),
            Some(holding) => self.ground.ends(holding),
        };
        let ended = terminal.and_then(|terminal| end(terminal, to, depth));
        let row_of_end = ended.map(|end| {
            self.trail.ends.push(end);
            row(self.trail.ends.len() - 1)
        });
        let hop = AccountHop { movement: *movement, depth, from, to, moved: step.units, stolen, end: row_of_end };
        self.trail.hops.push(hop);
        self.count(from, L::Units::ZERO, stolen)?;
        to.map_or(Ok(()), |to| self.count(to, stolen, L::Units::ZERO))?;
        Ok(terminal.is_none())
    }

    /// Places a seed: what enters is what was stolen and what was not.
    fn plant(&mut self, seed: &Planted<L::Units>, arrived: bool) -> Result<(), AccountFault> {
        let &Planted { movement, holding, units, .. } = seed;
        let reached = self.reach(movement, holding, 0, 0)?;
        self.trail.seeds.push(PlantedSeed { movement, reached, units });
        let lots = seed.lots();
        self.drawn.clear();
        for mut lot in lots {
            if !self.trail.rule.conserves() {
                lot.label = Label::Stolen;
            }
            self.drawn.push(lot);
        }
        // Under poison another reached holding may have brought it already.
        if arrived { Ok(()) } else { self.count(reached, self.drawn.stolen(), L::Units::ZERO) }
    }

    /// Adds to what came into and what left a holding.
    pub(super) fn count(&mut self, row: u32, arrived: L::Units, left: L::Units) -> Result<(), AccountFault> {
        let reached = &mut self.trail.reached[row as usize];
        let sums = reached.arrived.checked_add(arrived).zip(reached.left.checked_add(left));
        let theft = self.trail.theft;
        (reached.arrived, reached.left) = sums.ok_or(AccountFault::TooMuch { theft, what: "arrivals" })?;
        Ok(())
    }

    /// The row of a holding that stolen value reaches.
    pub(super) fn reach(
        &mut self,
        movement: MovementId,
        holding: HoldingId,
        depth: u32,
        part: u32,
    ) -> Result<u32, AccountFault> {
        if let Some(&row) = self.rows.get(&holding) {
            let reached = &mut self.trail.reached[row as usize];
            reached.depth = reached.depth.min(depth);
            return Ok(row);
        }
        let ledger = self.ground.ledger;
        if ledger.asset(holding) != self.parts.asset(part) {
            return Err(AccountFault::contradiction(ledger, movement, "it gives another asset than it takes"));
        }
        let history = self.histories.of(ledger, holding)?.whole()?;
        let (balance, assumed) = (history.balance, history.assumed());
        let row = row(self.trail.reached.len());
        let zero = L::Units::ZERO;
        let amounts =
            Reached { holding, first: movement, depth, arrived: zero, left: zero, resting: zero, balance, assumed };
        self.trail.reached.push(amounts);
        self.states.push(State { pile: Pile::new(self.trail.rule), is_awake: false, part });
        self.rows.insert(holding, row);
        Ok(row)
    }

    /// Lets a movement's credit enter where it goes, if anybody looks there.
    fn give(&mut self, passing: &Passing<L::Units>) -> Result<(), AccountFault> {
        let Some(holding) = passing.step.to else { return Ok(()) };
        let wakes = passing.to.is_none() && !self.drawn.stolen().is_zero();
        let row = match passing.to {
            Some(row) => row,
            None if wakes => {
                let row = self.rows[&holding];
                self.wake(passing.movement, row)?;
                row
            }
            None => return Ok(()),
        };
        let pile = &mut self.states[row as usize].pile;
        let what = "a balance exceeds any amount";
        let refuse = || AccountFault::contradiction(self.ground.ledger, passing.movement, what);
        pile.give(&mut self.drawn).ok_or_else(refuse)?;
        if wakes { self.wait(row, passing.movement) } else { Ok(()) }
    }

    /// Begins to keep the pile of a holding that was reached, as it is before a movement.
    pub(super) fn wake(&mut self, movement: MovementId, row: u32) -> Result<(), AccountFault> {
        let holding = self.trail.reached[row as usize].holding;
        let history = self.histories.of(self.ground.ledger, holding)?;
        let balance = history.balance_before(self.ground.ledger, holding, movement)?;
        let state = &mut self.states[row as usize];
        state.pile.reset(balance);
        state.is_awake = true;
        Ok(())
    }

    /// Puts a holding on the agenda again, or to sleep when nothing in it is stolen any more.
    pub(super) fn wait(&mut self, row: u32, after: MovementId) -> Result<(), AccountFault> {
        let state = &mut self.states[row as usize];
        state.is_awake = state.pile.carries();
        if !state.is_awake {
            return Ok(());
        }
        let holding = self.trail.reached[row as usize].holding;
        if let Some(next) = next(self.ground.ledger, holding, MovementId(after.0 + 1))? {
            self.agenda.push(Due { movement: next.0, lane: HOLDINGS, coin: row });
        }
        Ok(())
    }

    /// What is stolen in a holding that no movement touches any more lies there.
    fn come_to_rest(&mut self) {
        for (row, state) in (0..).zip(&self.states) {
            if !state.is_awake {
                continue;
            }
            let reached = &mut self.trail.reached[row as usize];
            reached.resting = state.pile.bound();
            let (units, depth) = (reached.resting, reached.depth);
            let (terminal, reached, movement) = (Terminal::AtRest, Some(row), None);
            self.trail.ends.push(AccountEnd { terminal, reached, movement, units, depth });
        }
    }
}
