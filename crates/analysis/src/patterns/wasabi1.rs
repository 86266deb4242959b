//! Wasabi 1 (ZeroLink): many equal outputs of about 0.1 bitcoin, and powers of two of it later.
//!
//! **Dumplings** (crocs-muni/Dumplings, `Scanner.cs`, commit 21631c2, `isWasabiCj`; every output counts): from height
//! 530,500, not Wasabi 2. Below 610,000: some output pays one of two fixed coordinators and some value stands more than
//! twice. From there: all inputs and outputs are P2WPKH, the most frequent value stands `n >= 10` times and lies within
//! 0.02 of 0.1 bitcoin, at least `n` inputs, at least two values that stand once. Input kinds must be known for the second
//! form, else the answer is no.
//!
//! **GraphSense** (graphsense-lib, `heuristics_service.py`, `_wasabi_10_heuristic` or `_wasabi_11_heuristic`; `O` outputs
//! with an address): at least 10 inputs, no script on more than a tenth of them, `S` distinct input scripts, all
//! output scripts distinct. 1.0: `n >= 3` outputs of the most frequent value within 5 % of 0.1 bitcoin, `n >= (O - 1) / 2`,
//! `n <= S <= 7 n`. 1.1: levels of outputs within 5 % of `2^i` times 0.1 bitcoin, each with two or more; the
//! fullest holds `n >= 3`, `n <= S <= 7 n`; together they are at least `(O - 1) / 2` or at least `O - S - 1`. Below 20 inputs, not
//! an even split: the sum of outputs within a ten-thousandth of a multiple of the most frequent value. Input scripts
//! must be known, else the answer is no.

use coinhound_model::LockKind;

use crate::patterns::eras::Eras;
use crate::patterns::shape::TxShape;
use crate::patterns::tally::{Tally, most_frequent};

const DENOMINATION: u64 = 10_000_000;
const DUMPLINGS_TOLERANCE: u64 = 2_000_000;
const DUMPLINGS_EQUAL_MIN: usize = 10;
const GRAPHSENSE_TOLERANCE: u64 = 500_000;
const GRAPHSENSE_INPUTS_MIN: usize = 10;
const SCRIPTS_PER_PARTICIPANT_MAX: usize = 7;
const PARTICIPANTS_MIN: usize = 3;
const SMALL_ROUND_INPUTS: usize = 20;
/// The residual of an even split is at most one in this many.
const SPLIT_RESIDUAL: u128 = 10_000;

/// Whether `DUMPLINGS_WASABI1` holds of a transaction that is not Dumplings' Wasabi 2.
pub(super) fn dumplings(shape: &TxShape<'_>, tally: &Tally, eras: &Eras) -> bool {
    if shape.height < eras.wasabi1 {
        false
    } else if shape.height < eras.wasabi1_by_form {
        shape.pays_wasabi1_coordinator && tally.all.runs.iter().any(|run| run.count > 2)
    } else {
        dumplings_by_form(shape, tally)
    }
}

fn dumplings_by_form(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let p2wpkh = LockKind::WitnessPubKeyHash;
    let Some(run) = most_frequent(shape.outputs.iter(), &tally.all, |_| true) else {
        return false;
    };
    run.count >= DUMPLINGS_EQUAL_MIN
        && shape.inputs.len() >= run.count
        && run.value.abs_diff(DENOMINATION) <= DUMPLINGS_TOLERANCE
        && tally.all.runs.iter().filter(|run| run.count == 1).count() >= 2
        && shape.inputs.iter().all(|input| input.kind == Some(p2wpkh))
        && shape.outputs.iter().all(|output| output.kind == p2wpkh)
}

/// Whether `GRAPHSENSE_WASABI1` holds.
pub(super) fn graphsense(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let Some(scripts_in) = tally.scripts_in else {
        return false;
    };
    shape.inputs.len() >= GRAPHSENSE_INPUTS_MIN
        && tally.top_in * 10 <= shape.inputs.len()
        && tally.outputs_distinct()
        && (one_level(shape, tally, scripts_in) || levels(tally, scripts_in))
        && (shape.inputs.len() >= SMALL_ROUND_INPUTS || !even_split(shape, tally))
}

/// Version 1.0: one denomination.
fn one_level(shape: &TxShape<'_>, tally: &Tally, scripts_in: usize) -> bool {
    let near = |value: u64| value.abs_diff(DENOMINATION) <= GRAPHSENSE_TOLERANCE;
    let paid = shape.outputs.iter().filter(|output| output.owner.is_some());
    most_frequent(paid, &tally.paid, near)
        .is_some_and(|run| participants_fit(run.count, scripts_in) && 2 * run.count + 1 >= tally.paid.len)
}

/// Version 1.1: mixing levels.
fn levels(tally: &Tally, scripts_in: usize) -> bool {
    let largest = tally.paid.runs.last().map_or(0, |run| run.value);
    let (mut total, mut fullest) = (0, 0);
    let mut scale = 1;
    while let Some(level) = DENOMINATION.checked_mul(scale).filter(|level| *level <= largest) {
        let count = near_level(tally, level, GRAPHSENSE_TOLERANCE * scale);
        if count >= 2 {
            total += count;
            fullest = fullest.max(count);
        }
        scale *= 2;
    }
    let majority = 2 * total + 1 >= tally.paid.len;
    let sum = total + scripts_in + 1 >= tally.paid.len;
    participants_fit(fullest, scripts_in) && (majority || sum)
}

fn near_level(tally: &Tally, level: u64, tolerance: u64) -> usize {
    tally.paid.runs.iter().filter(|run| run.value.abs_diff(level) <= tolerance).map(|run| run.count).sum()
}

fn participants_fit(participants: usize, scripts_in: usize) -> bool {
    participants >= PARTICIPANTS_MIN
        && participants <= scripts_in
        && scripts_in <= SCRIPTS_PER_PARTICIPANT_MAX * participants
}

/// A payer splitting a sum into equal parts looks like a small round.
fn even_split(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let paid = shape.outputs.iter().filter(|output| output.owner.is_some());
    let Some(run) = most_frequent(paid, &tally.paid, |_| true).filter(|run| run.value > 0) else {
        return false;
    };
    let total: u128 = tally.paid.runs.iter().map(|run| u128::from(run.value) * run.count as u128).sum();
    let part = u128::from(run.value);
    let residual = (total % part).min(part - total % part);
    residual * SPLIT_RESIDUAL <= total
}
