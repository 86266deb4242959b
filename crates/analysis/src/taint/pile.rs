//! What lies in one holding of an account ledger, from the point of view of one theft.

use coinhound_model::Units;

use crate::taint::drawn::{less, sum};
use crate::taint::{Label, Lot, Lots, Rule};

/// The lots of a holding. Under rules without an order only their sums are kept; under poison, a mark.
#[derive(Debug)]
pub(crate) struct Pile<U> {
    balance: U,
    stolen: U,
    /// Oldest first; empty where the rule has no order.
    lots: Lots<U>,
    is_ordered: bool,
    /// Whether amounts of stolen value are kept.
    is_counted: bool,
    is_poisoned: bool,
}

impl<U: Units> Pile<U> {
    /// A holding of nothing.
    pub(crate) fn new(rule: Rule) -> Self {
        let (is_ordered, is_counted) = (rule.is_ordered(), rule.conserves());
        let lots = Lots::new();
        Self { balance: U::ZERO, stolen: U::ZERO, lots, is_ordered, is_counted, is_poisoned: false }
    }

    /// Forgets what was there and holds this much, none of it stolen.
    pub(crate) fn reset(&mut self, balance: U) {
        (self.balance, self.stolen, self.is_poisoned) = (balance, U::ZERO, false);
        self.lots.clear();
        if self.is_ordered {
            self.lots.push(Lot { label: Label::Rest, units: balance });
        }
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

    /// Adds lots behind what is there and leaves none of them with the giver. `None` when the balance exceeds any amount.
    #[must_use]
    pub(crate) fn give(&mut self, lots: &mut Lots<U>) -> Option<()> {
        self.balance = self.balance.checked_add(lots.total())?;
        if self.is_counted {
            self.stolen = sum(self.stolen, lots.stolen());
        } else if !lots.stolen().is_zero() {
            self.is_poisoned = true;
        }
        if self.is_ordered {
            self.lots.append(lots);
        } else {
            lots.clear();
        }
        Some(())
    }

    /// Takes from the sums; the rule says how much of it is stolen.
    pub(crate) fn take(&mut self, units: U, stolen: U) {
        self.balance = less(self.balance, units);
        self.stolen = less(self.stolen, stolen);
    }

    /// Takes the oldest lots, oldest first, into `drawn`, which is empty.
    pub(crate) fn take_front(&mut self, units: U, drawn: &mut Lots<U>) {
        self.lots.cut(units, drawn);
        self.take(units, drawn.stolen());
    }

    /// Takes the newest lots, newest first, into `drawn`, which is empty.
    pub(crate) fn take_back(&mut self, units: U, drawn: &mut Lots<U>) {
        self.lots.cut(less(self.balance, units), drawn);
        std::mem::swap(&mut self.lots, drawn);
        drawn.turn();
        self.take(units, drawn.stolen());
    }

    /// Makes `units` of what is not stolen here stolen: the first of the `newest`, which are there, where the rule has an
    /// order, else any. Returns how many there was no room for. Where amounts are not counted all of it may be stolen.
    #[must_use]
    pub(crate) fn stain(&mut self, newest: U, units: U) -> U {
        if !self.is_counted {
            self.is_poisoned = true;
            return U::ZERO;
        }
        let room = less(self.balance, self.stolen);
        let over = if self.is_ordered { self.lots.stain(newest, units) } else { less(units, units.min(room)) };
        self.stolen = sum(self.stolen, less(units, over));
        over
    }
}
