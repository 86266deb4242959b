//! What a lane does where stolen value is converted: it is held back until both sides have moved, then goes on in the other
//! asset.

use coinhound_model::{AccountLedger, HoldingId, MovementId, Terminal, Units, Unresolved};

use crate::trace::accounts::converted::{Converted, Declined, Opened};
use crate::trace::accounts::exchange::{Exchange, Found, Settled};
use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::lane::{CONVERSIONS, Lane, Passing};
use crate::trace::accounts::trail::AccountEnd;
use crate::trace::agenda::Due;
use crate::trace::lane::row;
use crate::trace::stops::Services;

/// A conversion of which one side has moved.
#[derive(Clone, Copy)]
pub(super) struct Pending<U> {
    exchange: Exchange<U>,
    /// The row of the holding that gives.
    from: u32,
    /// The stolen part of what it gave so far.
    drawn: U,
}

impl<L: AccountLedger, S: Services> Lane<'_, L, S> {
    /// The conversion that stolen value leaving a reached holding is part of, where it is to be followed. One that is not, for
    /// who gains by it, is noted once.
    pub(super) fn conversion(&mut self, movement: MovementId, from: u32) -> Option<Exchange<L::Units>> {
        let reader = self.reader.as_mut()?;
        let Found { exchange, gainer } =
            reader.given(self.ground.ledger, movement, self.trail.reached[from as usize].holding)?;
        let Some(gainer) = gainer else { return Some(exchange) };
        if self.trail.declined.last().is_none_or(|last| last.movement != exchange.movement) {
            self.trail.declined.push(Declined {
                movement: exchange.movement,
                reached: from,
                given: exchange.net(),
                into: self.ground.ledger.asset(exchange.received),
                received: exchange.credits,
                gainer,
            });
        }
        None
    }

    /// Keeps what was drawn until both sides of a conversion have moved. It reaches nobody. The limits are those of any movement.
    pub(super) fn hold_back(
        &mut self,
        exchange: Exchange<L::Units>,
        passing: &Passing<L::Units>,
        from: u32,
        stolen: L::Units,
    ) {
        let (depth, movement) = (self.trail.reached[from as usize].depth, Some(passing.movement));
        if let Some(pruned) = self.ground.cut(stolen, depth) {
            let terminal = Terminal::Pruned(pruned);
            self.trail.ends.push(AccountEnd { terminal, reached: Some(from), movement, units: stolen, depth });
            return;
        }
        if self.pending.is_none() && exchange.done > passing.movement {
            self.agenda.push(Due { movement: exchange.done.0, lane: CONVERSIONS, coin: 0 });
        }
        let before = self.pending.map_or(L::Units::ZERO, |pending| pending.drawn);
        let drawn = before.checked_add(stolen).expect("parts of the debits, which were added up before");
        self.pending = Some(Pending { exchange, from, drawn });
    }

    /// Settles the conversion whose last movement this is, if one is.
    pub(super) fn convert(&mut self, movement: MovementId) -> Result<(), AccountFault> {
        let Some(pending) = self.pending.take_if(|pending| pending.exchange.done == movement) else { return Ok(()) };
        let Pending { exchange, from, drawn } = pending;
        let conserves = self.trail.rule.conserves();
        let settled = if conserves { exchange.settle(drawn) } else { exchange.bound() };
        if !settled.kept.is_zero() {
            self.stain(from, &exchange, exchange.refunds, settled.kept)?;
        }
        let opened = self.open(&pending, &settled)?;
        let Settled { converted, .. } = settled;
        let terminal = match opened {
            Some(_) => Terminal::Converted,
            None => Terminal::Unresolved(Unresolved::Contradiction),
        };
        let depth = self.trail.reached[from as usize].depth;
        let end = row(self.trail.ends.len());
        let (reached, movement) = (Some(from), Some(exchange.movement));
        self.trail.ends.push(AccountEnd { terminal, reached, movement, units: converted, depth });
        self.trail.conversions.push(Converted {
            movement: exchange.movement,
            reached: from,
            debits: exchange.debits,
            refunds: exchange.refunds,
            drawn,
            converted,
            end,
            into: self.ground.ledger.asset(exchange.received),
            received: exchange.credits,
            opened: opened.unwrap_or(L::Units::ZERO),
        });
        Ok(())
    }

    /// Opens what is due in the other asset and says how much that was; `None` where that asset's rows do not let it.
    fn open(
        &mut self,
        pending: &Pending<L::Units>,
        settled: &Settled<L::Units>,
    ) -> Result<Option<L::Units>, AccountFault> {
        let Pending { exchange, from, .. } = pending;
        let units = settled.opened;
        if units.is_zero() {
            return Ok(Some(units));
        }
        let depth = self.trail.reached[*from as usize].depth.saturating_add(1);
        let part = self.parts.of(self.ground.ledger.asset(exchange.received));
        let Some(to) = self.arrive(exchange.movement, exchange.received, depth, part, units)? else { return Ok(None) };
        if !self.parts.enter(part, units, self.trail.rule.conserves()) {
            return self.parts.too_much(part, self.trail.theft, "openings").map_or(Ok(None), Err);
        }
        self.count(to, units, L::Units::ZERO)?;
        self.trail.opened.push(Opened {
            movement: exchange.movement,
            reached: to,
            units,
            from: self.ground.ledger.asset(exchange.given),
            given: exchange.net(),
            converted: settled.converted,
            received: exchange.credits,
        });
        match self.ground.ends(exchange.received) {
            None => self.stain(to, exchange, exchange.credits, units)?,
            Some(terminal) => {
                let (reached, movement) = (Some(to), Some(exchange.movement));
                self.trail.ends.push(AccountEnd { terminal, reached, movement, units, depth });
            }
        }
        Ok(Some(units))
    }

    /// Makes `units` of a holding stolen once a conversion is done, the first of its `newest` where it keeps an order. Stolen value
    /// that it has no room beside ends as returned: it came to where the same value is counted again.
    fn stain(
        &mut self,
        row: u32,
        exchange: &Exchange<L::Units>,
        newest: L::Units,
        units: L::Units,
    ) -> Result<(), AccountFault> {
        let wakes = !self.states[row as usize].is_awake;
        if wakes {
            self.wake(MovementId(exchange.done.0 + 1), row)?;
        }
        let over = self.states[row as usize].pile.stain(newest, units);
        if !over.is_zero() {
            let (terminal, depth) = (Terminal::Returned, self.trail.reached[row as usize].depth);
            let (reached, movement) = (Some(row), Some(exchange.movement));
            self.trail.ends.push(AccountEnd { terminal, reached, movement, units: over, depth });
        }
        if wakes { self.wait(row, exchange.done) } else { Ok(()) }
    }

    /// The row of a holding that stolen value comes to; `None` where the asset is one that a conversion led into and its rows
    /// contradict each other or add up to more than an amount. A token's contract writes what it likes, and who converts into
    /// such a token must not spoil the trace.
    pub(super) fn arrive(
        &mut self,
        movement: MovementId,
        holding: HoldingId,
        depth: u32,
        part: u32,
        units: L::Units,
    ) -> Result<Option<u32>, AccountFault> {
        if part != 0 && !self.histories.are_sound(self.ground.ledger, holding)? {
            return Ok(None);
        }
        let row = self.reach(movement, holding, depth, part)?;
        let fits = self.trail.reached[row as usize].arrived.checked_add(units).is_some();
        Ok((part == 0 || fits).then_some(row))
    }
}
