//! Poison: whatever a stolen unit touched is reached in full.
//!
//! Not an amount: an upper bound of how far the loot can have gone. Its sums exceed what was stolen and are never
//! printed as a loss; it answers "could this coin hold any of it", and "no" is the strong answer.

use coinhound_model::Units;

use crate::taint::{CoinRule, Drawn, Lot, Spread};

pub(crate) struct Poison;

impl CoinRule for Poison {
    const LAST_DEBIT_FIRST: bool = false;

    fn draw<U: Units>(_lots: &[Lot<U>], _drawn: &mut Drawn<U>) {}

    fn spread<U: Units>(_drawn: &Drawn<U>, capacities: &[U], spread: &mut Spread<U>) {
        spread.stolen.extend_from_slice(capacities);
    }
}
