//! Taint in, highest out: stolen value goes where most value goes.
//!
//! The credits are filled with the stolen lots by value descending, ties to the lowest index, the fee last whatever its
//! size. The idea behind it: a thief's own output is the large one and what pays somebody is small. From Tironsakkul and
//! others, 2019 (arXiv 1906.05754).

use coinhound_model::Units;

use crate::taint::drawn::less;
use crate::taint::{CoinRule, Drawn, Lot, Spread};

pub(crate) struct Tiho;

impl CoinRule for Tiho {
    const LAST_DEBIT_FIRST: bool = false;

    fn draw<U: Units>(lots: &[Lot<U>], drawn: &mut Drawn<U>) {
        lots.iter().for_each(|&lot| drawn.pool(lot));
    }

    fn spread<U: Units>(drawn: &Drawn<U>, capacities: &[U], spread: &mut Spread<U>) {
        let (_fee, credits) = capacities.split_last().expect("the fee is always there");
        spread.ranked.clear();
        spread.ranked.extend(credits.iter().copied().zip(0u32..));
        spread.ranked.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        spread.stolen.resize(capacities.len(), U::ZERO);
        let mut left = drawn.stolen();
        for &(capacity, index) in &spread.ranked {
            let share = capacity.min(left);
            spread.stolen[index as usize] = share;
            left = less(left, share);
        }
        spread.stolen[credits.len()] = left;
    }
}
