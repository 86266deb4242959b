//! Poison: whatever a stolen unit touched is reached in full.
//!
//! Not an amount: an upper bound of how far the loot can have gone. Its sums exceed what was stolen and are never
//! printed as a loss; it answers "could this coin hold any of it", and "no" is the strong answer. An account stays reached
//! until its balance is known to be zero.

use coinhound_model::Units;

use crate::taint::{AccountRule, CoinRule, Drawn, Label, Lot, Lots, Pile, Spread};

pub(crate) struct Poison;

impl CoinRule for Poison {
    const LAST_DEBIT_FIRST: bool = false;

    fn draw<U: Units>(_lots: &[Lot<U>], _drawn: &mut Drawn<U>) {}

    fn spread<U: Units>(_drawn: &Drawn<U>, capacities: &[U], spread: &mut Spread<U>) {
        spread.stolen.extend_from_slice(capacities);
    }
}

impl AccountRule for Poison {
    fn draw<U: Units>(pile: &mut Pile<U>, units: U, drawn: &mut Lots<U>) {
        let label = if pile.is_poisoned() { Label::Stolen } else { Label::Rest };
        drawn.push(Lot { label, units });
        pile.take(units, U::ZERO);
    }
}
