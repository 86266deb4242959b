//! A row of lots that can be cut in two, joined and turned round without looking at most of them.
//!
//! A thief decides how many lots a holding has and how often all of it moves, so what a payment costs must not grow
//! with what it takes along: a cut costs the shorter of its two parts, a join the shorter of the two rows, a turn nothing.

use std::collections::VecDeque;

use coinhound_model::Units;

use crate::taint::drawn::{less, sum};
use crate::taint::{Label, Lot};

/// Lots in an order, neighbours never alike, none of them empty, and their sums.
#[derive(Debug)]
pub(crate) struct Lots<U> {
    row: VecDeque<Lot<U>>,
    /// Whether the first of them stands at the back of `row`.
    is_turned: bool,
    total: U,
    stolen: U,
}

impl<U: Units> Lots<U> {
    pub(crate) fn new() -> Self {
        Self { row: VecDeque::new(), is_turned: false, total: U::ZERO, stolen: U::ZERO }
    }

    pub(crate) fn clear(&mut self) {
        self.row.clear();
        (self.is_turned, self.total, self.stolen) = (false, U::ZERO, U::ZERO);
    }

    /// All of them added up.
    pub(crate) fn total(&self) -> U {
        self.total
    }

    /// The stolen ones added up.
    pub(crate) fn stolen(&self) -> U {
        self.stolen
    }

    /// Puts a lot behind the others.
    pub(crate) fn push(&mut self, lot: Lot<U>) {
        self.put(Side::Back, lot);
    }

    /// The last becomes the first.
    pub(crate) fn turn(&mut self) {
        self.is_turned = !self.is_turned;
    }

    /// Takes the first `units` of them, which are there, off the front and puts them into `front`, which is empty.
    pub(crate) fn cut(&mut self, units: U, front: &mut Self) {
        let (mut before, mut behind) = (units, less(self.total, units));
        // From both ends at once: the end that the cut is nearer to is met first, and only that side is moved.
        for at in 0..self.row.len() {
            let (first, last) = (self.at(at).units, self.at(self.row.len() - 1 - at).units);
            if before <= first {
                return self.carry(Side::Front, units, front);
            }
            if behind <= last {
                let rest = less(self.total, units);
                std::mem::swap(self, front);
                return front.carry(Side::Back, rest, self);
            }
            (before, behind) = (less(before, first), less(behind, last));
        }
    }

    /// Puts all of another row behind this one; the other is then empty.
    pub(crate) fn append(&mut self, other: &mut Self) {
        let mut from = Side::Front;
        if self.row.len() < other.row.len() {
            std::mem::swap(self, other);
            from = Side::Back;
        }
        other.carry(from, other.total, self);
        other.clear();
    }

    /// Makes the first `units` of the last `newest`, which are there, that are not stolen stolen. Returns how many there were too few.
    #[must_use]
    pub(crate) fn stain(&mut self, newest: U, units: U) -> U {
        let mut older = Self::new();
        self.cut(less(self.total, newest), &mut older);
        let mut left = units;
        while !left.is_zero() && !self.row.is_empty() {
            let mut lot = self.take(Side::Front);
            if lot.label == Label::Rest {
                let stained = lot.units.min(left);
                self.put(Side::Front, Lot { units: less(lot.units, stained), ..lot });
                lot = Lot { label: Label::Stolen, units: stained };
                left = less(left, stained);
            }
            older.put(Side::Back, lot);
        }
        older.append(self);
        std::mem::swap(self, &mut older);
        left
    }

    /// Moves `units` off one end, lot by lot, to the other end of another row.
    fn carry(&mut self, from: Side, units: U, to: &mut Self) {
        let mut left = units;
        while !left.is_zero() {
            let mut lot = self.take(from);
            if lot.units > left {
                self.put(from, Lot { units: less(lot.units, left), ..lot });
                lot.units = left;
            }
            left = less(left, lot.units);
            to.put(from.other(), lot);
        }
    }

    fn take(&mut self, side: Side) -> Lot<U> {
        let is_back = self.is_at_back(side);
        let lot = if is_back { self.row.pop_back() } else { self.row.pop_front() };
        let lot = lot.expect("the lots sum to the total, and no more is taken");
        self.total = less(self.total, lot.units);
        if lot.label == Label::Stolen {
            self.stolen = less(self.stolen, lot.units);
        }
        lot
    }

    fn put(&mut self, side: Side, lot: Lot<U>) {
        if lot.units.is_zero() {
            return;
        }
        self.total = sum(self.total, lot.units);
        if lot.label == Label::Stolen {
            self.stolen = sum(self.stolen, lot.units);
        }
        let is_back = self.is_at_back(side);
        let neighbour = if is_back { self.row.back_mut() } else { self.row.front_mut() };
        match neighbour {
            Some(known) if known.label == lot.label => known.units = sum(known.units, lot.units),
            _ if is_back => self.row.push_back(lot),
            _ => self.row.push_front(lot),
        }
    }

    fn at(&self, place: usize) -> Lot<U> {
        let place = if self.is_turned { self.row.len() - 1 - place } else { place };
        self.row[place]
    }

    fn is_at_back(&self, side: Side) -> bool {
        (side == Side::Back) != self.is_turned
    }
}

/// An end of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Front,
    Back,
}

impl Side {
    fn other(self) -> Self {
        if self == Self::Front { Self::Back } else { Self::Front }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of these amounts, every other one stolen; unit by unit with its label.
    fn row(units: &[u64], is_turned: bool) -> (Lots<u64>, Vec<Label>) {
        let labels = || [Label::Stolen, Label::Rest].into_iter().cycle();
        let mut lots = Lots::new();
        let mut lot = labels().zip(units).map(|(label, &units)| Lot { label, units }).collect::<Vec<_>>();
        let plain = lot.iter().flat_map(|lot| vec![lot.label; usize::try_from(lot.units).expect("small")]).collect();
        if is_turned {
            lot.reverse();
            lots.turn();
            lot.iter().for_each(|&lot| lots.put(Side::Front, lot));
            return (lots, plain);
        }
        lot.iter().for_each(|&lot| lots.push(lot));
        (lots, plain)
    }

    fn plain(lots: &Lots<u64>) -> Vec<Label> {
        let units = (0..lots.row.len()).map(|at| lots.at(at));
        let plain: Vec<_> = units.flat_map(|lot| vec![lot.label; usize::try_from(lot.units).expect("small")]).collect();
        let stolen = plain.iter().filter(|&&label| label == Label::Stolen).count();
        assert_eq!((lots.total, lots.stolen), (plain.len() as u64, stolen as u64));
        assert!((1..lots.row.len()).all(|at| lots.at(at).label != lots.at(at - 1).label), "neighbours never alike");
        plain
    }

    #[test]
    fn a_cut_and_a_join_anywhere_and_turned_either_way_keep_every_unit_in_its_place() {
        for units in [&[5][..], &[1, 2, 3], &[3, 1, 1, 2], &[1, 1, 1, 1, 1, 1, 1]] {
            for is_turned in [false, true] {
                for at in 0..=units.iter().sum() {
                    let (mut lots, expected) = row(units, is_turned);
                    let mut front = Lots::new();
                    lots.cut(at, &mut front);
                    let (first, second) = expected.split_at(usize::try_from(at).expect("small"));
                    assert_eq!((plain(&front), plain(&lots)), (first.to_vec(), second.to_vec()), "{units:?} at {at}");
                    front.append(&mut lots);
                    assert_eq!((plain(&front), plain(&lots)), (expected.clone(), vec![]));
                    front.turn();
                    assert!(plain(&front).iter().eq(expected.iter().rev()));
                }
            }
        }
    }

    #[test]
    fn stained_are_the_first_of_the_newest_that_were_not_stolen() {
        for units in [&[5][..], &[1, 2, 3], &[3, 1, 1, 2], &[1, 1, 1, 1, 1, 1, 1]] {
            let total: u64 = units.iter().sum();
            for (newest, stained) in (0..=total).flat_map(|newest| (0..=newest).map(move |stained| (newest, stained))) {
                for is_turned in [false, true] {
                    let (mut lots, mut expected) = row(units, is_turned);
                    let over = lots.stain(newest, stained);
                    let mut left = stained;
                    for label in &mut expected[usize::try_from(total - newest).expect("small")..] {
                        if *label == Label::Rest && left > 0 {
                            (*label, left) = (Label::Stolen, left - 1);
                        }
                    }
                    assert_eq!((plain(&lots), over), (expected, left), "{stained} of {newest} of {units:?}");
                }
            }
        }
    }
}
