//! What each account received of the loot, passed on, and still has: a table that a reader adds up by hand.

use std::collections::BTreeMap;

use ruint::aliases::U256;

use crate::report::document::{Link, Place, TheftPart, TrailPart};

/// One balance on the trail. `received` is `passed` and `ended` together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRow {
    /// Which.
    pub place: Place,
    /// Stolen value that came in, seeds included; what came back counts again.
    pub received: U256,
    /// Stolen value that went on to others or was paid as fees from here.
    pub passed: U256,
    /// Stolen value that ended here.
    pub ended: U256,
    /// By how many movements it came in.
    pub arrivals: usize,
}

/// Every balance that stolen value reached, in the order in which it first did.
#[must_use]
pub fn of(theft: &TheftPart, trail: &TrailPart) -> Vec<AccountRow> {
    let mut rows = Rows::default();
    for seed in &theft.seeds {
        rows.of(&seed.place).receive(seed.stolen);
    }
    for line in &trail.openings {
        rows.of(&line.place).receive(line.opened);
    }
    for hop in &trail.hops {
        for side in &hop.ins {
            rows.of(&side.place).passed += side.stolen;
        }
        for side in hop.outs.iter().filter(|side| !side.place.outpoint.is_empty()) {
            let row = rows.of(&side.place);
            row.receive(side.stolen);
            if let Link::End(..) = side.link {
                row.ended += side.stolen;
            }
        }
    }
    let resting = trail.ends.iter().filter(|end| end.is_in_place());
    for end in resting {
        if let Some(place) = &end.place {
            rows.of(place).ended += end.units;
        }
    }
    rows.rows
}

#[derive(Default)]
struct Rows {
    rows: Vec<AccountRow>,
    numbers: BTreeMap<(String, String), usize>,
}

impl Rows {
    fn of(&mut self, place: &Place) -> &mut AccountRow {
        let next = self.rows.len();
        let number = *self.numbers.entry((place.address.0.clone(), place.outpoint.clone())).or_insert(next);
        if number == next {
            let (place, zero) = (place.clone(), U256::ZERO);
            self.rows.push(AccountRow { place, received: zero, passed: zero, ended: zero, arrivals: 0 });
        }
        &mut self.rows[number]
    }
}

impl AccountRow {
    fn receive(&mut self, units: U256) {
        self.received += units;
        self.arrivals += 1;
    }
}
