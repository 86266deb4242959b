//! Wasabi 2 (WabiSabi): large rounds whose outputs are drawn from a fixed set of denominations.
//!
//! **Dumplings** (crocs-muni/Dumplings, `Scanner.cs` and `Constants.cs`, commit 21631c2, `isWasabi2Cj`; every output counts): from
//! height 741,213, some value repeats, at least 15 inputs (rounds of 2022 to 2024 had 50 or more, later coordinators run
//! smaller ones, and the rule admits both at every height), all P2WPKH or P2TR, input values and output values each in
//! descending order, more than 80 % of the outputs in the set of denominations: the 78 numbers `2^k`, `3^k`, `2 * 3^k`, `10^k`,
//! `2 * 10^k`, `5 * 10^k` from 5,000 to 134,375,000,000 satoshi. Known to be imitated: ordinary batch payments of standard
//! denominations pass. Input values and kinds must be known, else the answer is no.
//!
//! **GraphSense** (graphsense-lib, `heuristics_service.py`, `_wasabi_20_heuristic`; `O` outputs with an address): at least 20 inputs, no
//! script on more than a tenth of them, no output below 5,000 satoshi, all output scripts distinct, at least three
//! values repeat, their outputs are at least `(O - 1) / 2` and not all. Input scripts must be known, else the answer is no.

use coinhound_model::LockKind;

use crate::patterns::eras::Eras;
use crate::patterns::shape::TxShape;
use crate::patterns::tally::Tally;

const DUMPLINGS_INPUTS_MIN: usize = 15;
const GRAPHSENSE_INPUTS_MIN: usize = 20;
const GRAPHSENSE_OUTPUT_MIN: u64 = 5_000;
const GRAPHSENSE_REPEATED_MIN: usize = 3;
const DENOMINATION_MIN: u64 = 5_000;
const DENOMINATION_MAX: u64 = 134_375_000_000;

/// Whether `DUMPLINGS_WASABI2` holds.
pub(super) fn dumplings(shape: &TxShape<'_>, tally: &Tally, eras: &Eras) -> bool {
    shape.height >= eras.wasabi2
        && shape.inputs.len() >= DUMPLINGS_INPUTS_MIN
        && tally.all.repeated().next().is_some()
        && shape.inputs.iter().all(|input| matches!(input.kind, Some(LockKind::WitnessPubKeyHash | LockKind::Taproot)))
        && shape.inputs.iter().all(|input| input.value.is_some())
        && shape.inputs.is_sorted_by(|a, b| a.value >= b.value)
        && shape.outputs.is_sorted_by(|a, b| a.value >= b.value)
        && in_denominations(tally) * 10 > shape.outputs.len() * 8
}

fn in_denominations(tally: &Tally) -> usize {
    tally.all.runs.iter().filter(|run| is_denomination(run.value)).map(|run| run.count).sum()
}

/// Whether a value is one of WabiSabi's standard denominations.
fn is_denomination(value: u64) -> bool {
    let power_of = |base: u64, value: u64| {
        let mut rest = value;
        while rest > 1 && rest.is_multiple_of(base) {
            rest /= base;
        }
        rest == 1
    };
    let scaled = |factor: u64, base: u64| value.is_multiple_of(factor) && power_of(base, value / factor);
    (DENOMINATION_MIN..=DENOMINATION_MAX).contains(&value)
        && (value.is_power_of_two() || scaled(1, 3) || scaled(2, 3) || scaled(1, 10) || scaled(2, 10) || scaled(5, 10))
}

/// Whether `GRAPHSENSE_WASABI2` holds.
pub(super) fn graphsense(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let repeated: usize = tally.paid.repeated().map(|run| run.count).sum();
    shape.inputs.len() >= GRAPHSENSE_INPUTS_MIN
        && tally.scripts_in.is_some()
        && tally.top_in * 10 <= shape.inputs.len()
        && tally.paid.runs.first().is_some_and(|run| run.value >= GRAPHSENSE_OUTPUT_MIN)
        && tally.outputs_distinct()
        && 2 * repeated + 1 >= tally.paid.len
        && repeated < tally.paid.len
        && tally.paid.repeated().count() >= GRAPHSENSE_REPEATED_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_seventy_eight_denominations() {
        let powers = |factor: u64, base: u64| std::iter::successors(Some(factor), move |value| value.checked_mul(base));
        let families = [(1, 2), (1, 3), (2, 3), (1, 10), (2, 10), (5, 10)];
        let set: std::collections::BTreeSet<u64> = families
            .into_iter()
            .flat_map(|(factor, base)| powers(factor, base))
            .filter(|value| (DENOMINATION_MIN..=DENOMINATION_MAX).contains(value))
            .collect();
        assert_eq!(set.len(), 78);
        assert!(set.iter().all(|value| is_denomination(*value)));
        for value in set.iter().flat_map(|value| [value - 1, value + 1]).chain([4_096, 137_438_953_472, 6_000, 15_000])
        {
            assert_eq!(is_denomination(value), set.contains(&value), "{value}");
        }
    }
}
