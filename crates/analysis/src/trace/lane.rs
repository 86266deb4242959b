//! One theft by one rule while it is being traced: the trail so far, and buffers reused from hop to hop.

use coinhound_model::{Entry, HoldingId, Ledger, MovementId, Terminal, Units};

use crate::taint::{Drawn, Label, Lot, Rule, Spread, less, sum};
use crate::trace::agenda::{Agenda, Due};
use crate::trace::error::TraceError;
use crate::trace::ground::{Course, Ground};
use crate::trace::stops::Services;
use crate::trace::theft::{Part, Seed, Theft};
use crate::trace::trail::{End, Fate, Total, Trail, TrailCoin};

/// One theft by one rule.
pub(crate) struct Lane<U> {
    /// Its number among the lanes of the pass.
    pub(crate) number: u32,
    pub(crate) trail: Trail<U>,
    /// The seeds' holdings, ascending.
    pub(crate) seeds: Vec<HoldingId>,
    pub(crate) drawn: Drawn<U>,
    pub(crate) spread: Spread<U>,
    /// The coins a hop takes: (holding, index in the trail), ascending.
    pub(crate) taken: Vec<(HoldingId, u32)>,
    /// Why this lane ended early.
    pub(crate) failure: Option<TraceError>,
}

impl<U: Units> Lane<U> {
    /// An empty trail with its seeds not yet placed.
    pub(crate) fn new(number: u32, theft: u32, rule: Rule, rest_is_clean: bool) -> Self {
        Self {
            number,
            trail: Trail::new(rule, theft, rest_is_clean),
            seeds: Vec::new(),
            drawn: Drawn::new(),
            spread: Spread::new(),
            taken: Vec::new(),
            failure: None,
        }
    }

    /// Places the seeds of a theft and puts them on the agenda.
    pub(crate) fn plant<L: Ledger<Units = U>, S: Services>(
        &mut self,
        ground: &Ground<'_, L, S>,
        theft: &Theft<U>,
        agenda: &mut Agenda,
    ) -> Result<(), TraceError> {
        self.seeds = theft.holdings(ground.ledger, self.trail.theft)?;
        self.trail.seeds = row(theft.seeds.len());
        theft.seeds.iter().try_for_each(|seed| self.plant_seed(ground, seed, agenda))
    }

    fn plant_seed<L: Ledger<Units = U>, S: Services>(
        &mut self,
        ground: &Ground<'_, L, S>,
        seed: &Seed<U>,
        agenda: &mut Agenda,
    ) -> Result<(), TraceError> {
        let entry = ground.ledger.entry(seed.holding);
        let units = seed.units(ground.ledger, &entry)?;
        let theft = self.trail.theft;
        self.trail.stolen = self.trail.stolen.checked_add(units).ok_or(TraceError::TooMuch { theft })?;
        let stolen = if self.trail.rule.conserves() { units } else { entry.units };
        let lots = self.seed_lots(seed, entry.units, units);
        let course = ground.course_of_seed(&entry)?;
        self.arrive(Arrival { entry: &entry, stolen, depth: 0, lots, course }, agenda);
        Ok(())
    }

    /// Stores the lots of a seed that is stolen in part.
    fn seed_lots(&mut self, seed: &Seed<U>, value: U, units: U) -> (u32, u32) {
        let rest = less(value, units);
        if rest.is_zero() {
            return (0, 0);
        }
        let stolen = Lot { label: Label::Stolen, units };
        let rest = Lot { label: Label::Rest, units: rest };
        let lots = if matches!(seed.part, Part::Back(_)) { [rest, stolen] } else { [stolen, rest] };
        self.trail.keep_lots(&lots)
    }

    /// Adds a coin to the trail and sends it on its course.
    pub(crate) fn arrive(&mut self, arrival: Arrival<'_, U>, agenda: &mut Agenda) {
        let Arrival { entry, stolen, depth, lots, course } = arrival;
        let coin = row(self.trail.coins.len());
        let fate = match course {
            Course::Goes(next) => {
                agenda.push(Due { movement: next.0, lane: self.number, coin });
                Fate::Waits
            }
            Course::Ends(terminal, movement) => {
                let end = End { terminal, coin: Some(coin), movement, units: stolen, depth };
                Fate::Ended(self.trail.end(end))
            }
        };
        self.trail.coins.push(TrailCoin { holding: entry.holding, value: entry.units, stolen, depth, lots, fate });
    }

    /// Ends coins that wait for a movement which is not followed.
    pub(crate) fn cut(&mut self, due: &[Due], terminal: Terminal) {
        for due in due {
            let TrailCoin { stolen: units, depth, .. } = self.trail.coins[due.coin as usize];
            let movement = Some(MovementId(due.movement));
            let end = self.trail.end(End { terminal, coin: Some(due.coin), movement, units, depth });
            self.trail.coins[due.coin as usize].fate = Fate::Ended(end);
        }
    }

    /// The finished trail, its sum checked.
    ///
    /// # Panics
    /// When the ends of a conserving rule do not sum to what was stolen: a bug, never a rounding.
    pub(crate) fn finish(mut self) -> Result<Trail<U>, TraceError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.trail.add_up();
        if self.trail.rule.conserves() {
            assert_eq!(sum_of(&self.trail.totals), self.trail.stolen, "a trail's ends sum to what was stolen");
        }
        Ok(self.trail)
    }
}

/// A coin that reaches the trail.
pub(crate) struct Arrival<'a, U> {
    pub(crate) entry: &'a Entry<U>,
    pub(crate) stolen: U,
    pub(crate) depth: u32,
    pub(crate) lots: (u32, u32),
    pub(crate) course: Course,
}

fn sum_of<U: Units>(totals: &[Total<U>]) -> U {
    totals.iter().fold(U::ZERO, |all, total| sum(all, total.units))
}

/// A row number in a trail's tables.
pub(crate) fn row(index: usize) -> u32 {
    u32::try_from(index).expect("a trail of 2^32 rows would not fit memory")
}
