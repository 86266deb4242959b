//! What the oracle does with stolen units that are paid in a barter: they lie on a tray until it is over.

use coinhound_model::{AccountLedger, HoldingId, Move, MovementId, Pruned, Terminal};

use crate::accounts::barter::{Barter, Mistake};
use crate::accounts::oracle::{OracleBarter, Room, length, stolen};

impl<L: AccountLedger<Units = u64>> Room<'_, L> {
    /// The barter that stolen units are paid in; what is none for who gains by it is only noted.
    pub(super) fn bartered(&mut self, movement: MovementId, step: &Move<u64>) -> Option<Barter> {
        let barter = self.barters.get(&movement).copied().filter(|barter| step.from == Some(barter.given))?;
        let Some(gainer) = barter.gainer else { return Some(barter) };
        self.answer.declined.insert((barter.first_got, barter.given, gainer));
        None
    }

    /// Puts the stolen ones among the units paid in a barter on the tray; who gets them gets clean ones.
    pub(super) fn set_aside(&mut self, movement: MovementId, barter: &Barter, units: Vec<bool>) -> Vec<bool> {
        let (from, bad) = (barter.given, stolen(&units));
        let depth = self.answer.reached[&from].depth;
        let is_asked = self.mistake != Some(Mistake::ForgetsLimits);
        for (is_cut, why) in [(bad < self.stops.dust_below, Pruned::Dust), (depth >= self.stops.hops_max, Pruned::Hops)]
        {
            if is_cut && is_asked {
                self.answer.ends.push((Terminal::Pruned(why), Some(from), Some(movement), bad, depth));
                return vec![false; units.len()];
            }
        }
        self.tray += bad;
        if self.mistake != Some(Mistake::GivesOn) {
            return vec![false; units.len()];
        }
        if let Some(to) = self.ledger.movement(movement).to {
            self.reach(movement, to, depth + 1);
        }
        units
    }

    /// After the last movement of a barter: what is on the tray comes back, or is bartered away.
    pub(super) fn end_barter(&mut self, movement: MovementId) {
        let Some(barter) = self.barters.get(&movement).copied().filter(|barter| barter.over == movement) else {
            return;
        };
        let Barter { given, paid, back, received, got, first_got, .. } = barter;
        let bad = std::mem::take(&mut self.tray);
        if bad == 0 {
            return;
        }
        let (kept, gone, due) = self.divide(&barter, bad);
        if kept > 0 {
            self.colour(given, back, kept, first_got);
        }
        let depth = self.answer.reached[&given].depth;
        self.answer.ends.push((Terminal::Converted, Some(given), Some(first_got), gone, depth));
        let opens = (due > 0).then_some(received);
        let (holdings, stolen, moved) = ((given, opens), (bad, gone, due), (paid - back, got));
        self.answer.bartered.push(OracleBarter { movement: first_got, holdings, stolen, moved });
        if due == 0 {
            return;
        }
        self.reach(first_got, received, depth + 1);
        match self.end_at(received) {
            Some(terminal) => {
                self.answer.ends.push((terminal, Some(received), Some(first_got), due, depth + 1));
            }
            None => self.colour(received, got, due, first_got),
        }
    }

    /// Of the stolen units paid: how many come back, how many are gone, how many are due in the other asset.
    fn divide(&self, barter: &Barter, bad: u64) -> (u64, u64, u64) {
        let Barter { paid, back, got, .. } = *barter;
        let mut kept = if self.rule == "poison" { back } else { bad * back / paid };
        if self.mistake == Some(Mistake::LosesRefunds) {
            kept = 0;
        }
        let gone = if self.rule == "poison" { paid - back } else { bad - kept };
        let mut due = gone * got / (paid - back);
        if self.mistake == Some(Mistake::RoundsUp) && gone * got % (paid - back) > 0 {
            due += 1;
        }
        (kept, gone, due.min(got))
    }

    /// Makes clean units of a jar stolen: of the last `newest` the first ones, where order means something, else any. What
    /// finds no clean unit was there already, and ends here.
    fn colour(&mut self, holding: HoldingId, newest: u64, count: u64, movement: MovementId) {
        if self.rule == "poison" {
            self.poisoned.insert(holding);
            return;
        }
        let is_ordered = self.rule == "fifo" || self.rule == "lifo";
        let units = &mut self.jars.get_mut(&holding).expect("every jar was filled").units;
        let from = if is_ordered { units.len().saturating_sub(length(newest)) } else { 0 };
        let mut clean: Vec<&mut bool> = units[from..].iter_mut().filter(|unit| !**unit).collect();
        if self.mistake == Some(Mistake::OpensBehind) {
            clean.reverse();
        }
        let (found, count) = (clean.len(), length(count));
        clean.into_iter().take(count).for_each(|unit| *unit = true);
        if count > found && self.mistake != Some(Mistake::Overfills) {
            let depth = self.answer.reached[&holding].depth;
            self.answer.ends.push((Terminal::Returned, Some(holding), Some(movement), (count - found) as u64, depth));
        }
    }
}
