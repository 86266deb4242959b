//! Stonewall: three or four outputs, two of them equal. Weak: one wallet can make it alone.
//!
//! Source: graphsense/graphsense-lib, `heuristics_service.py`, `_is_stonewall`, which uses it only to cancel other hits. At least two
//! inputs, three or four outputs with an address, all output scripts distinct, exactly one value stands exactly
//! twice and is at least 5,000 satoshi (so of four outputs the other two differ).

use crate::patterns::shape::TxShape;
use crate::patterns::tally::Tally;

const DENOMINATION_MIN: u64 = 5_000;

/// Whether `GRAPHSENSE_STONEWALL` holds.
pub(super) fn graphsense(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let mut pairs = tally.paid.runs.iter().filter(|run| run.count == 2);
    let (Some(pair), None) = (pairs.next(), pairs.next()) else {
        return false;
    };
    shape.inputs.len() >= 2
        && matches!(tally.paid.len, 3 | 4)
        && tally.outputs_distinct()
        && pair.value >= DENOMINATION_MIN
}
