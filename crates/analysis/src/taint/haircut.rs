//! Haircut: every credit, and the fee, carries the movement's own share of stolen value.
//!
//! The rolling charge of account law. Exact integers: each credit gets the floor of its proportional part and the units
//! left over go to the largest fractions, ties to the lowest index, so that nothing is lost and no credit holds more
//! stolen value than value. A hop moves an amount by less than one unit for each credit and fee, and later hops do not
//! amplify it. It reaches whatever poison reaches and only dilutes. On accounts the same division is made between what
//! leaves and what stays, a tie to what leaves.

use coinhound_model::Units;

use crate::taint::drawn::{less, sum};
use crate::taint::{AccountRule, CoinRule, Drawn, Label, Lot, Lots, Pile, Spread};

pub(crate) struct Haircut;

impl CoinRule for Haircut {
    const LAST_DEBIT_FIRST: bool = false;

    fn draw<U: Units>(lots: &[Lot<U>], drawn: &mut Drawn<U>) {
        lots.iter().for_each(|&lot| drawn.pool(lot));
    }

    fn spread<U: Units>(drawn: &Drawn<U>, capacities: &[U], spread: &mut Spread<U>) {
        apportion(drawn.stolen(), drawn.total(), capacities, &mut spread.stolen, &mut spread.ranked);
    }
}

impl AccountRule for Haircut {
    fn draw<U: Units>(pile: &mut Pile<U>, units: U, drawn: &mut Lots<U>) {
        let balance = pile.balance();
        let (share, fraction) = units.mul_div_rem(pile.stolen(), balance);
        // The two fractions sum to nothing or to a whole unit, which goes to the larger.
        let is_larger = !fraction.is_zero() && fraction >= less(balance, fraction);
        let stolen = if is_larger { sum(share, U::ONE) } else { share };
        pile.take(units, stolen);
        drawn.push(Lot { label: Label::Stolen, units: stolen });
        drawn.push(Lot { label: Label::Rest, units: less(units, stolen) });
    }
}

/// Appends to `shares` how `units` divide over `capacities`, which sum to `total`: proportionally, by largest remainder.
///
/// No share exceeds its capacity. `fractions` is scratch.
pub(crate) fn apportion<U: Units>(
    units: U,
    total: U,
    capacities: &[U],
    shares: &mut Vec<U>,
    fractions: &mut Vec<(U, u32)>,
) {
    let first = shares.len();
    let mut left = units;
    fractions.clear();
    for (&capacity, index) in capacities.iter().zip(0u32..) {
        let (share, fraction) = capacity.mul_div_rem(units, total);
        shares.push(share);
        left = less(left, share);
        if !fraction.is_zero() {
            fractions.push((fraction, index));
        }
    }
    if left.is_zero() {
        return;
    }
    fractions.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    for &(_, index) in fractions.iter() {
        if left.is_zero() {
            return;
        }
        let share = &mut shares[first + index as usize];
        *share = sum(*share, U::ONE);
        left = less(left, U::ONE);
    }
    assert!(left.is_zero(), "the fractions of a division sum to the units left over");
}
