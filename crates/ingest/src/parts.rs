//! A block in parts so small that what was brought into the cache for one is still there when it is used.

use std::ops::Range;

use coinhound_model::block::{CoinBlock, CoinTx};

/// Inputs and outputs of a part together, but for those of its last transaction.
const ROWS: usize = 512;

/// Some transactions of a block, and their inputs and outputs.
pub(crate) struct Part {
    pub txs: Range<usize>,
    pub inputs: Range<usize>,
    pub outputs: Range<usize>,
}

impl Part {
    fn rows(&self) -> usize {
        self.inputs.len() + self.outputs.len()
    }

    /// Adds the next transaction.
    fn take(&mut self, tx: &CoinTx) {
        self.txs.end += 1;
        self.inputs.end = tx.input_end as usize;
        self.outputs.end = tx.output_end as usize;
    }
}

/// The parts of a block, in order.
pub(crate) fn parts(block: &CoinBlock) -> impl Iterator<Item = Part> {
    let mut txs = block.txs.iter();
    let (mut tx, mut input, mut output) = (0, 0, 0);
    std::iter::from_fn(move || {
        let mut part = Part { txs: tx..tx, inputs: input..input, outputs: output..output };
        while part.rows() < ROWS
            && let Some(next) = txs.next()
        {
            part.take(next);
        }
        (tx, input, output) = (part.txs.end, part.inputs.end, part.outputs.end);
        (!part.txs.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use coinhound_model::TxHash;
    use coinhound_model::print::TxPrint;

    fn block(sizes: &[(u32, u32)]) -> CoinBlock {
        let (mut input_end, mut output_end) = (0, 0);
        let tx = |(inputs, outputs): &(u32, u32)| {
            input_end += inputs;
            output_end += outputs;
            let txid = TxHash::default();
            CoinTx { txid, input_end, output_end, weight: 0, print: TxPrint::empty(), lock_time: 0 }
        };
        CoinBlock { txs: sizes.iter().map(tx).collect(), ..CoinBlock::default() }
    }

    #[test]
    fn parts_follow_each_other_and_end_with_the_transaction_that_fills_them() {
        let block = block(&[(0, 1), (300, 210), (1, 1), (5_000, 1), (1, 2)]);
        let parts: Vec<_> = parts(&block).map(|part| (part.txs, part.inputs, part.outputs)).collect();
        assert_eq!(parts, [(0..3, 0..301, 0..212), (3..4, 301..5_301, 212..213), (4..5, 5_301..5_302, 213..215)]);
    }

    #[test]
    fn nothing_has_no_part() {
        assert_eq!(parts(&block(&[])).count(), 0);
    }
}
