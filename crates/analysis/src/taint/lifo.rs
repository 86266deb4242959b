//! Last in, first out: what entered a movement last leaves it first.
//!
//! The last debit is drawn first and within it the last lot first; the credits are filled in order and keep their lots
//! in the order taken, which decides the hops after this one. The literature varies on that last point; this is ours.

use coinhound_model::Units;

use crate::taint::{AccountRule, CoinRule, Drawn, Lot, Lots, Pile, Spread};

pub(crate) struct Lifo;

impl CoinRule for Lifo {
    const LAST_DEBIT_FIRST: bool = true;

    fn draw<U: Units>(lots: &[Lot<U>], drawn: &mut Drawn<U>) {
        lots.iter().rev().for_each(|&lot| drawn.push(lot));
    }

    fn spread<U: Units>(drawn: &Drawn<U>, capacities: &[U], spread: &mut Spread<U>) {
        spread.fill_in_order(drawn.lots(), capacities);
    }
}

impl AccountRule for Lifo {
    fn draw<U: Units>(pile: &mut Pile<U>, units: U, drawn: &mut Lots<U>) {
        pile.take_back(units, drawn);
    }
}
