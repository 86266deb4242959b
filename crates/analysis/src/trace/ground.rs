//! What every lane of a pass looks at: the ledger, the stops, and where a coin goes from here.

use coinhound_model::{Entry, Ledger, MovementId, MovementMarks, Pruned, Terminal, Units};

use crate::trace::error::TraceError;
use crate::trace::stops::{Services, Stops};
use crate::trace::theft::first_use;

/// The ledger and the stops of a trace.
pub(crate) struct Ground<'a, L: Ledger, S> {
    pub(crate) ledger: &'a L,
    stops: &'a Stops<L::Units, S>,
    /// The first movement that the ledger does not have.
    end: u64,
    /// Whether the ledger may have movements that settle a pool.
    pub(crate) has_pools: bool,
}

/// Where a coin goes from here.
pub(crate) enum Course {
    /// Nowhere; with the movement that is not followed, if there is one.
    Ends(Terminal, Option<MovementId>),
    /// Into this movement.
    Goes(MovementId),
}

impl<'a, L: Ledger, S: Services> Ground<'a, L, S> {
    pub(crate) fn new(ledger: &'a L, stops: &'a Stops<L::Units, S>) -> Self {
        Self { ledger, stops, end: ledger.movements().end, has_pools: ledger.has_pools() }
    }

    /// Where a credited coin goes: first to where it lies, then to what takes it, then what cuts the way there.
    pub(crate) fn course(
        &self,
        entry: &Entry<L::Units>,
        stolen: L::Units,
        depth: u32,
        after: MovementId,
    ) -> Result<Course, TraceError> {
        if !entry.owner.is_some() {
            return Ok(Course::Ends(Terminal::Burned, None));
        }
        if let Some(service) = self.stops.services.service(entry.owner) {
            return Ok(Course::Ends(Terminal::AtService(service), None));
        }
        let Some(next) = self.ledger.next(entry.holding, after) else {
            return Ok(Course::Ends(Terminal::AtRest, None));
        };
        if next <= after || next.0 >= self.end {
            return Err(TraceError::contradiction(self.ledger, after, "what spends its coin does not come after it"));
        }
        let dust = (stolen < self.stops.dust_below).then_some(Pruned::Dust);
        let cut = dust.or((depth >= self.stops.hops_max).then_some(Pruned::Hops));
        Ok(cut.map_or(Course::Goes(next), |cut| Course::Ends(Terminal::Pruned(cut), Some(next))))
    }

    /// Where a seed goes: neither services nor dust stop it.
    pub(crate) fn course_of_seed(&self, entry: &Entry<L::Units>) -> Result<Course, TraceError> {
        if !entry.owner.is_some() {
            return Ok(Course::Ends(Terminal::Burned, None));
        }
        let Some(next) = first_use(self.ledger, entry.holding) else {
            return Ok(Course::Ends(Terminal::AtRest, None));
        };
        if next.0 >= self.end {
            let (tx, _) = self.ledger.outpoint(entry.holding);
            return Err(TraceError::Contradiction {
                tx,
                what: "what spends its coin lies beyond the end of the ledger",
            });
        }
        let far = self.stops.hops_max == 0;
        Ok(if far { Course::Ends(Terminal::Pruned(Pruned::Hops), Some(next)) } else { Course::Goes(next) })
    }

    /// A debit's units when their origin lies outside what was ingested: made before it, or paid out of a pool.
    pub(crate) fn unknown_units(&self, debit: &Entry<L::Units>) -> L::Units {
        let out_of_pool = |(maker, _)| self.ledger.marks(maker).contains(MovementMarks::POOL);
        let is_unknown = debit.holding.foreign_rank().is_some()
            || self.has_pools && self.ledger.origin(debit.holding).is_some_and(out_of_pool);
        if is_unknown { debit.units } else { L::Units::ZERO }
    }

    /// Why a movement is not followed, whoever's coins it takes.
    pub(crate) fn cut(&self, movement: MovementId) -> Option<Terminal> {
        let stops = self.stops;
        if let Some(limit) = stops.beyond(|| self.ledger.height(movement), || self.ledger.time(movement)) {
            return Some(Terminal::Pruned(limit));
        }
        let mixes = !stops.collaborative.is_empty() && self.ledger.collab(movement).intersects(stops.collaborative);
        mixes.then_some(Terminal::Mixed)
    }
}
