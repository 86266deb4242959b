//! What lies in one holding of an account ledger, from the point of view of one theft.

use std::collections::VecDeque;

use coinhound_model::Units;

use crate::taint::drawn::{less, sum};
use crate::taint::{Drawn, Label, Lot, Rule};

/// The lots of a holding. Under rules without an order only their sums are kept; under poison, a mark.
#[derive(Debug)]
pub(crate) struct Pile<U> {
    balance: U,
    stolen: U,
    /// Oldest first, neighbours never alike; empty where the rule has no order.
    lots: VecDeque<Lot<U>>,
    is_ordered: bool,
    /// Whether amounts of stolen value are kept.
    is_counted: bool,
    is_poisoned: bool,
}

impl<U: Units> Pile<U> {
    /// A holding of nothing.
    pub(crate) fn new(rule: Rule) -> Self {
        let (is_ordered, is_counted) = (rule.is_ordered(), rule.conserves());
        let lots = VecDeque::new();
        Self { balance: U::ZERO, stolen: U::ZERO, lots, is_ordered, is_counted, is_poisoned: false }
    }

    /// Forgets what was there and holds this much, none of it stolen.
    pub(crate) fn reset(&mut self, balance: U) {
        (self.balance, self.stolen, self.is_poisoned) = (balance, U::ZERO, false);
        self.lots.clear();
        self.lay(Lot { label: Label::Rest, units: balance });
    }

    /// All that lies here.
    pub(crate) fn balance(&self) -> U {
        self.balance
    }

    /// The stolen part of it; nothing under poison, which knows no amounts.
    pub(crate) fn stolen(&self) -> U {
        self.stolen
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.is_poisoned
    }

    pub(crate) fn set_poisoned(&mut self, is_poisoned: bool) {
        self.is_poisoned = is_poisoned;
    }

    /// The stolen part; under poison all of it, where it may be stolen.
    pub(crate) fn bound(&self) -> U {
        if self.is_poisoned { self.balance } else { self.stolen }
    }

    /// Whether anything here is stolen, or may be.
    pub(crate) fn carries(&self) -> bool {
        self.is_poisoned || !self.stolen.is_zero()
    }

    /// Adds a lot behind what is there. `None` when the balance exceeds any amount.
    #[must_use]
    pub(crate) fn give(&mut self, lot: Lot<U>) -> Option<()> {
        self.balance = self.balance.checked_add(lot.units)?;
        match lot.label {
            Label::Rest => {}
            Label::Stolen if self.is_counted => self.stolen = sum(self.stolen, lot.units),
            Label::Stolen => self.is_poisoned = true,
        }
        self.lay(lot);
        Some(())
    }

    /// Takes from the sums; the rule says how much of it is stolen.
    pub(crate) fn take(&mut self, units: U, stolen: U) {
        self.balance = less(self.balance, units);
        self.stolen = less(self.stolen, stolen);
    }

    /// Takes the oldest lots, oldest first.
    pub(crate) fn take_front(&mut self, units: U, drawn: &mut Drawn<U>) {
        let mut left = units;
        while !left.is_zero() {
            let lot = self.lots.front_mut().expect("the lots sum to the balance, and no more is taken");
            let taken = cut(lot, left);
            if lot.units.is_zero() {
                self.lots.pop_front();
            }
            left = less(left, taken.units);
            drawn.push(taken);
        }
        self.take(units, drawn.stolen());
    }

    /// Takes the newest lots, newest first.
    pub(crate) fn take_back(&mut self, units: U, drawn: &mut Drawn<U>) {
        let mut left = units;
        while !left.is_zero() {
            let lot = self.lots.back_mut().expect("the lots sum to the balance, and no more is taken");
            let taken = cut(lot, left);
            if lot.units.is_zero() {
                self.lots.pop_back();
            }
            left = less(left, taken.units);
            drawn.push(taken);
        }
        self.take(units, drawn.stolen());
    }

    fn lay(&mut self, lot: Lot<U>) {
        if !self.is_ordered || lot.units.is_zero() {
            return;
        }
        match self.lots.back_mut() {
            Some(last) if last.label == lot.label => last.units = sum(last.units, lot.units),
            _ => self.lots.push_back(lot),
        }
    }
}

/// Cuts up to `room` units off a lot.
fn cut<U: Units>(lot: &mut Lot<U>, room: U) -> Lot<U> {
    let units = lot.units.min(room);
    lot.units = less(lot.units, units);
    Lot { label: lot.label, units }
}
