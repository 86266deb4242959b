//! One ascending pass: each movement is read once and every lane whose coins it takes goes through it.

use coinhound_model::{Ledger, MovementId, Terminal, Unresolved};

use crate::trace::agenda::{Agenda, Due};
use crate::trace::error::TraceError;
use crate::trace::ground::Ground;
use crate::trace::lane::Lane;
use crate::trace::moving::Moving;
use crate::trace::run::{Plan, Walk};
use crate::trace::stops::Services;
use crate::trace::theft::Theft;

/// Lanes that share a walk. They share what is read, never state.
pub(crate) struct Pass<'a, L: Ledger, S> {
    ground: &'a Ground<'a, L, S>,
    lanes: Vec<Lane<L::Units>>,
    agenda: Agenda,
    moving: Moving<L::Units>,
    movements: u64,
}

impl<'a, L: Ledger, S: Services> Pass<'a, L, S> {
    /// A pass with the seeds of every lane placed. `lanes` are numbered from zero.
    pub(crate) fn new(
        ground: &'a Ground<'a, L, S>,
        thefts: &[Theft<L::Units>],
        mut lanes: Vec<Lane<L::Units>>,
        plan: Plan,
    ) -> Self {
        let mut agenda = Agenda::new(plan, ground.ledger.movements());
        for lane in &mut lanes {
            lane.failure = lane.plant(ground, &thefts[lane.trail.theft as usize], &mut agenda).err();
        }
        Self { ground, lanes, agenda, moving: Moving::new(), movements: 0 }
    }

    /// Walks until nothing waits.
    pub(crate) fn run(mut self) -> (Vec<Lane<L::Units>>, Walk) {
        let mut due = Vec::new();
        while self.agenda.pop(&mut due) {
            self.movements += 1;
            self.step(&due);
        }
        let walk = Walk { trails: self.lanes.len(), movements: self.movements, dense_from: self.agenda.dense_from() };
        (self.lanes, walk)
    }

    fn step(&mut self, due: &[Due]) {
        let movement = MovementId(due[0].movement);
        let stopped = self.ground.cut(movement);
        let loaded = if stopped.is_none() { self.moving.load(self.ground.ledger, movement) } else { Ok(()) };
        // No parameter: there is nothing on the ledger that could be followed through a pool, by any rule.
        let cut = stopped.or_else(|| self.moving.is_pool.then_some(Terminal::Mixed));
        for due in due.chunk_by(|one, other| one.lane == other.lane) {
            let lane = &mut self.lanes[due[0].lane as usize];
            if lane.failure.is_some() {
                continue;
            }
            match cut {
                Some(terminal) => lane.cut(due, terminal),
                None if self.moving.amount_unknown && lane.trail.rule.conserves() => {
                    lane.cut(due, Terminal::Unresolved(Unresolved::AmountUnknown));
                }
                None => lane.failure = lane_hop(lane, self.ground, &self.moving, due, &mut self.agenda, &loaded).err(),
            }
        }
    }
}

fn lane_hop<L: Ledger, S: Services>(
    lane: &mut Lane<L::Units>,
    ground: &Ground<'_, L, S>,
    moving: &Moving<L::Units>,
    due: &[Due],
    agenda: &mut Agenda,
    loaded: &Result<(), TraceError>,
) -> Result<(), TraceError> {
    loaded.clone()?;
    lane.hop(ground, moving, due, agenda)
}
