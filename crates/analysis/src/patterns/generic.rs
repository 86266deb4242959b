//! Generic CoinJoin as BlockSci defines it: as many equal outputs as there can be participants.
//!
//! Source: citp/BlockSci, `src/heuristics/tx_identification.cpp`, `isCoinjoin`. With `I` inputs, `O` outputs
//! (data carriers counted), `S` distinct input scripts, `p = (O + 1) / 2` rounded down:
//! `I >= 2`, `O >= 3`, `p <= I`, `p <= S`, the most frequent output value stands exactly `p` times and is
//! neither 546 nor 2,730 satoshi. Where two values tie, BlockSci takes the one its hash map gives first;
//! here the one that stands first in the transaction. Input scripts must be known, else the answer is no.

use crate::patterns::shape::TxShape;
use crate::patterns::tally::{Tally, most_frequent};

/// Values that mark dust outputs of protocols on top of the chain.
const DUST: [u64; 2] = [546, 2_730];

/// Whether `BLOCKSCI_GENERIC` holds.
pub(super) fn blocksci(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let participants = shape.outputs.len().div_ceil(2);
    if shape.inputs.len() < 2 || shape.outputs.len() < 3 || participants > shape.inputs.len() {
        return false;
    }
    if tally.scripts_in.is_none_or(|scripts| participants > scripts) {
        return false;
    }
    most_frequent(shape.outputs.iter(), &tally.all, |_| true)
        .is_some_and(|run| run.count == participants && !DUST.contains(&run.value))
}
