//! What left a movement's debits, and how it was spread over its credits: two buffers, reused from hop to hop.

use coinhound_model::Units;

use crate::taint::{Label, Lot};

/// The lots that left a movement's debits, in the order they are used up. Neighbours never carry the same label.
#[derive(Debug)]
pub(crate) struct Drawn<U> {
    lots: Vec<Lot<U>>,
}

impl<U: Units> Drawn<U> {
    pub(crate) fn new() -> Self {
        Self { lots: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.lots.clear();
    }

    pub(crate) fn lots(&self) -> &[Lot<U>] {
        &self.lots
    }

    /// Adds a lot behind what was drawn so far.
    pub(crate) fn push(&mut self, lot: Lot<U>) {
        push_lot(&mut self.lots, lot, 0);
    }

    /// Adds a lot to the others of its label; labels stand in their own order.
    pub(crate) fn pool(&mut self, lot: Lot<U>) {
        if lot.units.is_zero() {
            return;
        }
        match self.lots.binary_search_by_key(&lot.label, |known| known.label) {
            Ok(at) => self.lots[at].units = sum(self.lots[at].units, lot.units),
            Err(at) => self.lots.insert(at, lot),
        }
    }

    /// How much of what was drawn is stolen.
    pub(crate) fn stolen(&self) -> U {
        let stolen = self.lots.iter().filter(|lot| lot.label == Label::Stolen);
        stolen.fold(U::ZERO, |total, lot| sum(total, lot.units))
    }

    /// All that was drawn.
    pub(crate) fn total(&self) -> U {
        self.lots.iter().fold(U::ZERO, |total, lot| sum(total, lot.units))
    }
}

/// What each credit received, the fee as the last of them.
#[derive(Debug)]
pub(crate) struct Spread<U> {
    /// Stolen units by credit, the fee last.
    pub(crate) stolen: Vec<U>,
    /// The credits' lots in order of filling, where the rule has an order; else empty.
    lots: Vec<Lot<U>>,
    /// By credit: the end of its lots; empty when `lots` is not kept.
    lot_ends: Vec<usize>,
    /// Fractions and the credits they belong to, for rules that rank credits.
    pub(crate) ranked: Vec<(U, u32)>,
}

impl<U: Units> Spread<U> {
    pub(crate) fn new() -> Self {
        Self { stolen: Vec::new(), lots: Vec::new(), lot_ends: Vec::new(), ranked: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.stolen.clear();
        self.lots.clear();
        self.lot_ends.clear();
        self.ranked.clear();
    }

    /// The lots of one credit; empty where the rule keeps none.
    pub(crate) fn lots(&self, credit: usize) -> &[Lot<U>] {
        let Some(&end) = self.lot_ends.get(credit) else { return &[] };
        let start = credit.checked_sub(1).map_or(0, |before| self.lot_ends[before]);
        &self.lots[start..end]
    }

    /// Fills the credits in order from the front of what was drawn. Zero-value credits get no lots.
    pub(crate) fn fill_in_order(&mut self, drawn: &[Lot<U>], capacities: &[U]) {
        let mut from = Front { lots: drawn, used: U::ZERO };
        for &capacity in capacities {
            let start = self.lots.len();
            let mut stolen = U::ZERO;
            let mut room = capacity;
            while !room.is_zero() {
                let lot = from.take(room);
                room = less(room, lot.units);
                if lot.label == Label::Stolen {
                    stolen = sum(stolen, lot.units);
                }
                push_lot(&mut self.lots, lot, start);
            }
            self.stolen.push(stolen);
            self.lot_ends.push(self.lots.len());
        }
    }
}

/// Lots being used up from the front.
struct Front<'a, U> {
    lots: &'a [Lot<U>],
    /// Of the first of them.
    used: U,
}

impl<U: Units> Front<'_, U> {
    /// The next lot, cut to `room`.
    fn take(&mut self, room: U) -> Lot<U> {
        let (first, others) = self.lots.split_first().expect("the credits and the fee sum to what was drawn");
        let left = less(first.units, self.used);
        if room < left {
            self.used = sum(self.used, room);
            return Lot { label: first.label, units: room };
        }
        self.lots = others;
        self.used = U::ZERO;
        Lot { label: first.label, units: left }
    }
}

/// Adds a lot behind `lots[start..]`, merged with an equal neighbour.
fn push_lot<U: Units>(lots: &mut Vec<Lot<U>>, lot: Lot<U>, start: usize) {
    if lot.units.is_zero() {
        return;
    }
    match lots[start..].last_mut() {
        Some(last) if last.label == lot.label => last.units = sum(last.units, lot.units),
        _ => lots.push(lot),
    }
}

/// `one + other`, where both are parts of one movement.
pub(crate) fn sum<U: Units>(one: U, other: U) -> U {
    one.checked_add(other).expect("parts of one movement, whose debits were added up before")
}

/// `whole - part`.
pub(crate) fn less<U: Units>(whole: U, part: U) -> U {
    whole.checked_sub(part).expect("a part is not more than its whole")
}
