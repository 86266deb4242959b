//! First in, first out: what entered a movement first leaves it first.
//!
//! English courts applied it to mixed bank accounts (Clayton's Case, 1816). On coins: the debits' lots one after the
//! other in the ledger's order are cut by the credits in order, the fee last. It is exact, loses nothing, can be run
//! backwards, and never spreads dust. Its weakness: the thief's wallet chooses the order of inputs and outputs.

use coinhound_model::Units;

use crate::taint::{AccountRule, CoinRule, Drawn, Lot, Lots, Pile, Spread};

pub(crate) struct Fifo;

impl CoinRule for Fifo {
    const LAST_DEBIT_FIRST: bool = false;

    fn draw<U: Units>(lots: &[Lot<U>], drawn: &mut Drawn<U>) {
        lots.iter().for_each(|&lot| drawn.push(lot));
    }

    fn spread<U: Units>(drawn: &Drawn<U>, capacities: &[U], spread: &mut Spread<U>) {
        spread.fill_in_order(drawn.lots(), capacities);
    }
}

impl AccountRule for Fifo {
    fn draw<U: Units>(pile: &mut Pile<U>, units: U, drawn: &mut Lots<U>) {
        pile.take_front(units, drawn);
    }
}
