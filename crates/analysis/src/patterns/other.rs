//! "Other" CoinJoin as Dumplings defines it: one repeated value, half of the outputs, and change.
//!
//! Source: crocs-muni/Dumplings, `Scanner.cs` (commit 21631c2), `isOtherCj`; every output counts. From height 336,861,
//! not Wasabi 1 or 2 by the same program's rules, exactly one value `d` repeats, `n` times of `O`; `n = O - n` or
//! `n = O - n + 1` (a taker who sweeps has no change); at least `n` distinct scripts on either side; the largest input
//! is at most `d` plus the largest other output less 10,000 satoshi. (Its Whirlpool has equal outputs only and cannot
//! pass.) Two points differ: outputs without an address count as a script each, and Dumplings drops a hit
//! that spends from a mix it found earlier, which one transaction cannot show. Input values and scripts must be known,
//! else the answer is no.

use crate::patterns::eras::Eras;
use crate::patterns::shape::TxShape;
use crate::patterns::tally::{Run, Tally};

/// By how much the largest input must stay below what one participant could have brought.
const SLACK: u64 = 10_000;

/// Whether `DUMPLINGS_OTHER` holds of a transaction that is neither of Dumplings' Wasabi kinds.
pub(super) fn dumplings(shape: &TxShape<'_>, tally: &Tally, eras: &Eras) -> bool {
    let mut repeated = tally.all.repeated();
    let (Some(run), None) = (repeated.next(), repeated.next()) else {
        return false;
    };
    let rest = shape.outputs.len() - run.count;
    let scripts_out = tally.scripts_out + shape.outputs.len() - tally.paid.len;
    shape.height >= eras.joinmarket
        && (run.count == rest || run.count == rest + 1)
        && scripts_out >= run.count
        && tally.scripts_in.is_some_and(|scripts| scripts >= run.count)
        && inputs_fit(shape, run)
}

fn inputs_fit(shape: &TxShape<'_>, denomination: Run) -> bool {
    let other = shape.outputs.iter().map(|output| output.value).filter(|value| *value != denomination.value).max();
    let largest = shape.inputs.iter().try_fold(0, |most: u64, input| input.value.map(|value| most.max(value)));
    match (other, largest) {
        (Some(other), Some(largest)) => {
            u128::from(largest) + u128::from(SLACK) <= u128::from(denomination.value) + u128::from(other)
        }
        _ => false,
    }
}
