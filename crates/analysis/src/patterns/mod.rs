//! Patterns of single transactions: which ones several parties made together.
//!
//! The predicates are those of published tools, each with its source in its file and in its bit's name. A bit
//! says that a rule's form holds, nothing more; which bits veto clustering is a [`VetoSet`], a named parameter. Some
//! predicates look at what is spent: where a coin from before the ingested range is unknown they answer no, so a
//! partial range can show fewer bits than the whole chain, never more.

mod eras;
mod generic;
mod joinmarket;
mod other;
mod shape;
mod stonewall;
mod tally;
mod veto;
mod wasabi1;
mod wasabi2;
mod whirlpool;

use coinhound_model::LockKind;
use coinhound_model::print::CollabPrint;

pub use eras::Eras;
pub use shape::{ShapeInput, ShapeOutput, TxShape, is_wasabi1_coordinator};
pub use veto::VetoSet;

use crate::patterns::tally::Tally;

/// Fewer inputs than this cannot be a Wasabi 1 round of unequal outputs, the one mix without a repeated value.
const UNEQUAL_INPUTS_MIN: usize = 10;

/// Examines transactions, keeping its buffers between them: no allocation once they have grown.
#[derive(Debug)]
pub struct Examiner {
    eras: Eras,
    tally: Tally,
}

impl Examiner {
    /// An examiner for a chain with these eras.
    #[must_use]
    pub fn new(eras: Eras) -> Self {
        Self { eras, tally: Tally::default() }
    }

    /// The collaborative predicates that hold of a transaction. Depends on nothing but `shape` and the eras.
    pub fn collab(&mut self, shape: &TxShape<'_>) -> CollabPrint {
        if shape.outputs.len() < TxShape::OUTPUTS_MIN || shape.inputs.is_empty() {
            return CollabPrint::empty();
        }
        if shape.inputs.len() == 1 && !fits_one_spender(shape) {
            return CollabPrint::empty();
        }
        self.tally.count_values(shape.outputs);
        let tx0 = when(whirlpool::tx0(&self.tally), CollabPrint::GRAPHSENSE_WHIRLPOOL_TX0);
        let unequal = self.tally.all.runs.len() == shape.outputs.len();
        if unequal && shape.inputs.len() < UNEQUAL_INPUTS_MIN {
            return tx0;
        }
        self.tally.count_scripts(shape);
        tx0 | self.dumplings(shape) | self.others(shape)
    }

    /// Dumplings' three kinds exclude each other, in this order.
    fn dumplings(&self, shape: &TxShape<'_>) -> CollabPrint {
        if wasabi2::dumplings(shape, &self.tally, &self.eras) {
            CollabPrint::DUMPLINGS_WASABI2
        } else if wasabi1::dumplings(shape, &self.tally, &self.eras) {
            CollabPrint::DUMPLINGS_WASABI1
        } else {
            when(other::dumplings(shape, &self.tally, &self.eras), CollabPrint::DUMPLINGS_OTHER)
        }
    }

    fn others(&self, shape: &TxShape<'_>) -> CollabPrint {
        let tally = &self.tally;
        when(generic::blocksci(shape, tally), CollabPrint::BLOCKSCI_GENERIC)
            | when(joinmarket::graphsense(shape, tally), CollabPrint::GRAPHSENSE_JOINMARKET)
            | when(wasabi1::graphsense(shape, tally), CollabPrint::GRAPHSENSE_WASABI1)
            | when(wasabi2::graphsense(shape, tally), CollabPrint::GRAPHSENSE_WASABI2)
            | when(whirlpool::mix(shape, tally), CollabPrint::GRAPHSENSE_WHIRLPOOL)
            | when(stonewall::graphsense(shape, tally), CollabPrint::GRAPHSENSE_STONEWALL)
    }
}

/// The predicates that hold of one transaction: [`Examiner::collab`] with buffers of its own.
#[must_use]
pub fn collab(shape: &TxShape<'_>, eras: Eras) -> CollabPrint {
    Examiner::new(eras).collab(shape)
}

/// The two predicates that hold of a single input: a Tx0, which carries data, and early Wasabi, which pays its coordinator.
fn fits_one_spender(shape: &TxShape<'_>) -> bool {
    shape.pays_wasabi1_coordinator || shape.outputs.iter().any(|output| output.kind == LockKind::DataCarrier)
}

fn when(holds: bool, bit: CollabPrint) -> CollabPrint {
    if holds { bit } else { CollabPrint::empty() }
}
