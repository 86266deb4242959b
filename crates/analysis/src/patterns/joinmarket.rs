//! JoinMarket as GraphSense defines it: makers and a taker share one denomination, and change shows.
//!
//! Source: graphsense/graphsense-lib, `heuristics_service.py`, `_joinmarket_heuristic`. Of the outputs that have an
//! address (`O`), the most frequent value above 2,730 satoshi is the denomination `d`, standing `n` times;
//! `n >= O / 2`, `3 <= n <=` distinct input scripts, all output scripts distinct, some output differs from `d`; with
//! 50 inputs or more also at most 20 inputs and at least 1.7 outputs a participant. GraphSense gives it
//! confidence 49 of 100 and cancels it where an input is tagged as an exchange; tags play no part here.
//! Input scripts must be known, else the answer is no.

use crate::patterns::shape::TxShape;
use crate::patterns::tally::{Tally, most_frequent};

const DUST_MAX: u64 = 2_730;
const PARTICIPANTS_MIN: usize = 3;
const LARGE_INPUTS_MIN: usize = 50;
const LARGE_INPUTS_PER_PARTICIPANT_MAX: usize = 20;

/// Whether `GRAPHSENSE_JOINMARKET` holds.
pub(super) fn graphsense(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let paid = shape.outputs.iter().filter(|output| output.owner.is_some());
    let Some(run) = most_frequent(paid, &tally.paid, |value| value > DUST_MAX) else {
        return false;
    };
    let outputs = tally.paid.len;
    2 * run.count >= outputs
        && run.count >= PARTICIPANTS_MIN
        && tally.scripts_in.is_some_and(|scripts| run.count <= scripts)
        && tally.outputs_distinct()
        && run.count < outputs
        && (shape.inputs.len() < LARGE_INPUTS_MIN || large_round(shape.inputs.len(), outputs, run.count))
}

/// Real makers bring one to three inputs and take two outputs; batch payouts of exchanges do neither.
fn large_round(inputs: usize, outputs: usize, participants: usize) -> bool {
    inputs <= LARGE_INPUTS_PER_PARTICIPANT_MAX * participants && 10 * outputs >= 17 * participants
}
