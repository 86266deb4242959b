//! Does a world look like the chain? Counts, types, fees, ages and values of its blocks beside those
//! measured in single mainnet blocks, as a table that says every miss.
//!
//! Single blocks are anchors, not yearly means. Where an era has two, the nearer one counts. Shares and
//! means miss by their relative distance; distributions by the largest distance between the two cumulative
//! shares at the anchor's quantiles (a Kolmogorov–Smirnov distance on the points that are known). All
//! arithmetic is in integers: thousandths.

mod anchors;
mod table;

use std::collections::HashSet;

use coinhound_chains::bitcoin::{parse_block, undo};
use coinhound_model::LockKind;
use coinhound_model::block::{CoinBlock, CoinTx, SpentCoin};
use coinhound_model::print::TxPrint;

use crate::block::Sealed;
use crate::regtest::params;
use crate::world::Era;

pub use crate::world::shape::table::{Row, Table};

/// What a world's blocks look like, added up block by block.
#[derive(Clone, Debug)]
pub struct Shape {
    era: Era,
    /// Blocks below are not counted: the world is still young.
    from_height: u32,
    pub(crate) txs: u64,
    pub(crate) inputs: u64,
    pub(crate) outputs: u64,
    pub(crate) one_to_two: u64,
    pub(crate) one_to_one: u64,
    /// Transactions with ten outputs or more, and their outputs.
    pub(crate) wide: (u64, u64),
    /// Transactions with ten inputs or more and at most two outputs, and their inputs.
    pub(crate) deep: (u64, u64),
    pub(crate) locked: u64,
    pub(crate) replaceable: u64,
    pub(crate) version_2: u64,
    pub(crate) self_change: u64,
    pub(crate) mixed_inputs: u64,
    pub(crate) two_outputs: u64,
    pub(crate) two_types: u64,
    pub(crate) same_block: u64,
    /// By number of the lock kind.
    pub(crate) outputs_by_kind: [u64; 16],
    pub(crate) inputs_by_kind: [u64; 16],
    pub(crate) fee_rates: Vec<u64>,
    pub(crate) ages: Vec<u64>,
    pub(crate) values: Vec<u64>,
}

impl Shape {
    /// Counts nothing yet; blocks below `from_height` never count.
    #[must_use]
    pub fn new(era: Era, from_height: u32) -> Self {
        Self {
            era,
            from_height,
            txs: 0,
            inputs: 0,
            outputs: 0,
            one_to_two: 0,
            one_to_one: 0,
            wide: (0, 0),
            deep: (0, 0),
            locked: 0,
            replaceable: 0,
            version_2: 0,
            self_change: 0,
            mixed_inputs: 0,
            two_outputs: 0,
            two_types: 0,
            same_block: 0,
            outputs_by_kind: [0; 16],
            inputs_by_kind: [0; 16],
            fee_rates: vec![],
            ages: vec![],
            values: vec![],
        }
    }

    /// Counts the transactions of a block, the coinbase excepted.
    ///
    /// # Panics
    /// When the block or its undo record cannot be read: worlds write none such.
    pub fn add(&mut self, sealed: &Sealed) {
        let Some(record) = sealed.undo.as_ref().filter(|_| sealed.height.0 >= self.from_height) else { return };
        let block = parse_block(&sealed.bytes, params()).expect("worlds write valid blocks");
        let spent = undo::decode(record).expect("worlds write valid records");
        for (nth, coins) in (1..).zip(&spent) {
            self.tx(&block, nth, coins, sealed.height.0);
        }
    }

    /// The table beside the anchors of the era.
    #[must_use]
    pub fn table(&self) -> Table {
        anchors::table(self, self.era)
    }

    fn tx(&mut self, block: &CoinBlock, nth: usize, coins: &[SpentCoin], height: u32) {
        let tx = &block.txs[nth];
        let first = block.txs[nth - 1].output_end as usize;
        let range = first..tx.output_end as usize;
        let (inputs, outputs) = (coins.len() as u64, range.len() as u64);
        self.txs += 1;
        self.inputs += inputs;
        self.outputs += outputs;
        self.one_to_two += u64::from((inputs, outputs) == (1, 2));
        self.one_to_one += u64::from((inputs, outputs) == (1, 1));
        if outputs >= 10 {
            self.wide = (self.wide.0 + 1, self.wide.1 + outputs);
        }
        if inputs >= 10 && outputs <= 2 {
            self.deep = (self.deep.0 + 1, self.deep.1 + inputs);
        }
        self.marks(tx);
        self.coins(coins, height);
        self.payments(block, range, tx, coins);
    }

    fn marks(&mut self, tx: &CoinTx) {
        self.locked += u64::from(tx.print.contains(TxPrint::LOCKED));
        self.replaceable += u64::from(tx.print.contains(TxPrint::REPLACEABLE));
        self.version_2 += u64::from(tx.print.contains(TxPrint::VERSION_2));
    }

    fn coins(&mut self, coins: &[SpentCoin], height: u32) {
        let kinds: HashSet<_> = coins.iter().map(|coin| coin.kind).collect();
        self.mixed_inputs += u64::from(kinds.len() > 1);
        for coin in coins {
            self.inputs_by_kind[coin.kind as usize] += 1;
            self.same_block += u64::from(coin.height.0 == height);
            self.ages.push(u64::from(height - coin.height.0));
        }
    }

    fn payments(&mut self, block: &CoinBlock, range: std::ops::Range<usize>, tx: &CoinTx, coins: &[SpentCoin]) {
        let outputs = &block.outputs[range.clone()];
        for output in outputs {
            self.outputs_by_kind[output.kind as usize] += 1;
            if output.kind != LockKind::DataCarrier {
                self.values.push(output.value);
            }
        }
        if let [a, b] = outputs {
            self.two_outputs += 1;
            self.two_types += u64::from(a.kind != b.kind);
        }
        let own = |at: usize| {
            let lock = block.lock(at);
            coins.iter().any(|coin| coin.kind == lock.kind && coin.payload == lock.payload)
        };
        self.self_change += u64::from(range.clone().any(own));
        let paid: u64 = outputs.iter().map(|output| output.value).sum();
        let fee = coins.iter().map(|coin| coin.value).sum::<u64>() - paid;
        self.fee_rates.push(fee * 4 / u64::from(tx.weight));
    }
}
