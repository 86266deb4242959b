//! A lane goes through one movement: its coins enter, the rule draws and spreads, the credits and the fee leave.

use coinhound_model::{Entry, HoldingId, Ledger, Terminal, Units};

use crate::taint::{CoinRule, Drawn, Fifo, Haircut, Label, Lifo, Lot, Poison, Rule, Tiho, less, sum};
use crate::trace::agenda::{Agenda, Due};
use crate::trace::error::TraceError;
use crate::trace::ground::Ground;
use crate::trace::lane::{Arrival, Lane, row};
use crate::trace::moving::Moving;
use crate::trace::stops::Services;
use crate::trace::theft::Outpoint;
use crate::trace::trail::{End, Fate, Hop, Trail, TrailCoin};

impl<U: Units> Lane<U> {
    /// Takes the coins that are due through their movement.
    ///
    /// # Errors
    /// [`TraceError::Contradiction`] when the ledger's answers do not fit each other, [`TraceError::SeedReached`] when
    /// stolen value arrives in a seed.
    pub(crate) fn hop<L: Ledger<Units = U>, S: Services>(
        &mut self,
        ground: &Ground<'_, L, S>,
        moving: &Moving<U>,
        due: &[Due],
        agenda: &mut Agenda,
    ) -> Result<(), TraceError> {
        let mut hop = self.enter(ground, moving, due)?;
        self.spread.clear();
        match self.trail.rule {
            Rule::Fifo => self.divide::<Fifo>(moving, &hop),
            Rule::Lifo => self.divide::<Lifo>(moving, &hop),
            Rule::Haircut => self.divide::<Haircut>(moving, &hop),
            Rule::Tiho => self.divide::<Tiho>(moving, &hop),
            Rule::Poison => self.divide::<Poison>(moving, &hop),
            Rule::Libr => unreachable!("refused before the walk: it is not defined on coins"),
        }
        self.leave(ground, moving, &mut hop, agenda)?;
        self.trail.hops.push(hop);
        Ok(())
    }

    /// Marks the coins that are due among the debits and adds them up.
    fn enter<L: Ledger<Units = U>, S: Services>(
        &mut self,
        ground: &Ground<'_, L, S>,
        moving: &Moving<U>,
        due: &[Due],
    ) -> Result<Hop<U>, TraceError> {
        let (trail, ledger) = (&mut self.trail, ground.ledger);
        self.taken.clear();
        self.taken.extend(due.iter().map(|due| (trail.coins[due.coin as usize].holding, due.coin)));
        self.taken.sort_unstable();
        let start = row(trail.debits.len());
        let mut hop = Hop {
            movement: moving.movement,
            depth: u32::MAX,
            taken: U::ZERO,
            entered: moving.entered,
            unknown: U::ZERO,
            fee: moving.fee,
            fee_stolen: U::ZERO,
            debits: (start, row(due.len())),
            credits: (row(trail.coins.len()), 0),
        };
        for debit in &moving.debits {
            let Some(index) = find(&self.taken, debit.holding) else {
                hop.unknown = sum(hop.unknown, ground.unknown_units(debit));
                continue;
            };
            let coin = &mut trail.coins[index as usize];
            if coin.value != debit.units {
                return Err(TraceError::contradiction(ledger, moving.movement, "it spends a coin of another amount"));
            }
            coin.fate = Fate::Spent(row(trail.hops.len()));
            hop.taken = sum(hop.taken, coin.stolen);
            hop.depth = hop.depth.min(coin.depth + 1);
            trail.debits.push(index);
        }
        if trail.debits.len() - start as usize != due.len() {
            return Err(TraceError::contradiction(ledger, moving.movement, "a coin it spends is not among its debits"));
        }
        let unknown = trail.unknown.checked_add(hop.unknown);
        let too_much = || TraceError::contradiction(ledger, moving.movement, "value from before it exceeds any amount");
        trail.unknown = unknown.ok_or_else(too_much)?;
        Ok(hop)
    }

    /// Lets the rule divide what entered over the credits and the fee.
    fn divide<R: CoinRule>(&mut self, moving: &Moving<U>, hop: &Hop<U>) {
        if hop.taken == moving.entered || !self.trail.rule.conserves() {
            // Nothing else entered: under every rule each credit is stolen whole.
            self.spread.stolen.extend_from_slice(&moving.capacities);
            return;
        }
        self.drawn.clear();
        let marked = self.trail.taken(hop);
        if R::LAST_DEBIT_FIRST {
            let debits = moving.debits.iter().rev();
            draw::<R, U>(&mut self.drawn, &self.trail, debits, marked.rev());
        } else {
            draw::<R, U>(&mut self.drawn, &self.trail, moving.debits.iter(), marked);
        }
        R::spread(&self.drawn, &moving.capacities, &mut self.spread);
        let spread = self.spread.stolen.iter().fold(U::ZERO, |total, &units| sum(total, units));
        assert_eq!(spread, hop.taken, "a rule spreads what was drawn");
    }

    /// Puts what was spread into the trail: the credits in order, the fee last.
    fn leave<L: Ledger<Units = U>, S: Services>(
        &mut self,
        ground: &Ground<'_, L, S>,
        moving: &Moving<U>,
        hop: &mut Hop<U>,
        agenda: &mut Agenda,
    ) -> Result<(), TraceError> {
        for (index, entry) in moving.credits.iter().enumerate() {
            let stolen = self.spread.stolen[index];
            if stolen.is_zero() || self.is_known_seed(ground.ledger, entry.holding)? {
                continue;
            }
            let course = ground.course(entry, stolen, hop.depth, moving.movement)?;
            let lots = if stolen == entry.units { (0, 0) } else { self.trail.keep_lots(self.spread.lots(index)) };
            self.arrive(Arrival { entry, stolen, depth: hop.depth, lots, course }, agenda);
        }
        hop.credits.1 = row(self.trail.coins.len()) - hop.credits.0;
        hop.fee_stolen = self.spread.stolen[moving.credits.len()];
        if !hop.fee_stolen.is_zero() {
            let (movement, units, depth) = (Some(moving.movement), hop.fee_stolen, hop.depth);
            self.trail.end(End { terminal: Terminal::Fee, coin: None, movement, units, depth });
        }
        Ok(())
    }

    /// Whether a credited coin is a seed: nothing new under poison, units counted twice under every other rule.
    fn is_known_seed<L: Ledger<Units = U>>(&self, ledger: &L, holding: HoldingId) -> Result<bool, TraceError> {
        // Credits mostly lie behind the last seed, which one comparison settles.
        if self.seeds.last().is_none_or(|&last| holding > last) || self.seeds.binary_search(&holding).is_err() {
            return Ok(false);
        }
        if self.trail.rule.conserves() {
            let coin = Outpoint::of(ledger, holding);
            return Err(TraceError::SeedReached { theft: self.trail.theft, coin });
        }
        Ok(true)
    }
}

/// Draws every debit's lots; `marked` are the coins on the trail among them, in the same order.
fn draw<'a, R: CoinRule, U: Units>(
    drawn: &mut Drawn<U>,
    trail: &Trail<U>,
    debits: impl Iterator<Item = &'a Entry<U>>,
    marked: impl Iterator<Item = &'a TrailCoin<U>>,
) {
    let mut marked = marked.peekable();
    for debit in debits {
        match marked.next_if(|coin| coin.holding == debit.holding) {
            None => R::draw(&[Lot { label: Label::Rest, units: debit.units }], drawn),
            Some(coin) if coin.lots.1 != 0 => R::draw(trail.lots(coin), drawn),
            Some(coin) => {
                let rest = Lot { label: Label::Rest, units: less(coin.value, coin.stolen) };
                R::draw(&[Lot { label: Label::Stolen, units: coin.stolen }, rest], drawn);
            }
        }
    }
}

fn find(taken: &[(HoldingId, u32)], holding: HoldingId) -> Option<u32> {
    match taken {
        [(only, coin)] => (*only == holding).then_some(*coin),
        _ => taken.binary_search_by_key(&holding, |&(holding, _)| holding).ok().map(|at| taken[at].1),
    }
}
