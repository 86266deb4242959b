//! Lowest intermediate balance: what is not stolen leaves first, and the claim never grows back.
//!
//! After each payment the claim on an account is at most what is left in it; what comes in later does not restore it.
//! It supposes that who holds the stolen value spends his own first (Re Hallett, 1880; Roscoe v Winder, 1915). A payment
//! carries stolen value only as far as nothing else was left to pay it with. On accounts only: a coin leaves whole.

use coinhound_model::Units;

use crate::taint::drawn::less;
use crate::taint::{AccountRule, Label, Lot, Lots, Pile};

pub(crate) struct Libr;

impl AccountRule for Libr {
    fn draw<U: Units>(pile: &mut Pile<U>, units: U, drawn: &mut Lots<U>) {
        let rest = less(pile.balance(), pile.stolen()).min(units);
        let stolen = less(units, rest);
        pile.take(units, stolen);
        drawn.push(Lot { label: Label::Rest, units: rest });
        drawn.push(Lot { label: Label::Stolen, units: stolen });
    }
}
