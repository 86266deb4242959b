//! Coins from below the range, as the transactions that made them say: amount and script are proven by the
//! transaction's hash, the height is the node's word.

use std::collections::BTreeMap;

use coinhound_chains::bitcoin::{Params, parse_tx};
use coinhound_model::block::{CoinBlock, CoinInput, SpentCoin};
use coinhound_model::print::TxPrint;
use coinhound_model::{Height, LockKind, TxHash};

use crate::derive::Deriver;
use crate::node::NodeError;
use crate::node::larder::Shared;
use crate::source::Told;

/// Tells what a block spends from below the range.
pub(super) struct Coins<'a, 'p> {
    node: &'a Shared<'a, 'p>,
    params: &'p Params,
    first: Height,
}

/// A transaction from below the range.
struct Maker {
    rows: CoinBlock,
    /// Where it stands: the node's word, as an undo file's.
    height: Height,
}

impl<'a, 'p> Coins<'a, 'p> {
    /// For a range that begins at `first`.
    pub fn new(node: &'a Shared<'a, 'p>, params: &'p Params, first: Height) -> Self {
        Self { node, params, first }
    }

    /// The coins that `block`, the next, spends; those from inside the range stand for nothing. All are told, or
    /// none and why.
    pub fn tell(&mut self, deriver: &mut Deriver<'_>, block: &CoinBlock) -> Result<Told, NodeError> {
        if self.first == Height(0) {
            return Ok(Told::default());
        }
        let foreign = deriver.foreign_inputs(block);
        let mut txids: Vec<TxHash> = foreign.iter().map(|at| block.inputs[*at].prev_txid).collect();
        txids.sort_unstable();
        txids.dedup();
        let makers = match self.makers(&txids)? {
            Ok(makers) => makers,
            Err(missing) => {
                let missing = format!(
                    "the node does not tell transaction {missing}, which block {} spends: it keeps no index of \
                     transactions (`txindex=1`)",
                    block.hash
                );
                return Ok(Told { missing: Some(missing), ..Told::default() });
            }
        };
        let mut spent = vec![nothing(); block.inputs.len()];
        for at in foreign {
            let input = &block.inputs[at];
            spent[at] =
                coin(input, &makers[&input.prev_txid]).ok_or_else(|| self.no_such_coin(deriver, block, input))?;
        }
        Ok(Told { spent: Some(spent), ..Told::default() })
    }

    /// The transactions of these names, or the first that the node does not tell.
    fn makers(&self, txids: &[TxHash]) -> Result<Result<BTreeMap<TxHash, Maker>, TxHash>, NodeError> {
        let mut node = self.node.lock();
        let told = node.transactions(txids)?;
        if let Some(missing) = told.iter().position(Option::is_none) {
            return Ok(Err(txids[missing]));
        }
        let heights = node.heights_of(txids)?;
        let mut makers = BTreeMap::new();
        for ((txid, bytes), height) in txids.iter().zip(told.iter().flatten()).zip(heights) {
            let rows = parse_tx(bytes, self.params).expect("it was parsed when its hash was checked").rows;
            let height = height.filter(|height| *height < self.first).ok_or(NodeError::NoHome { tx: *txid })?;
            makers.insert(*txid, Maker { rows, height });
        }
        Ok(Ok(makers))
    }

    fn no_such_coin(&self, deriver: &Deriver<'_>, block: &CoinBlock, input: &CoinInput) -> NodeError {
        let reason = format!("it spends {}:{}, which that transaction did not make", input.prev_txid, input.prev_index);
        NodeError::BadBlock { hash: block.hash, height: deriver.next_height(), reason }
    }
}

fn coin(input: &CoinInput, maker: &Maker) -> Option<SpentCoin> {
    let index = usize::try_from(input.prev_index).ok()?;
    let value = maker.rows.outputs.get(index)?.value;
    let lock = maker.rows.lock(index);
    let coinbase = maker.rows.txs[0].print.contains(TxPrint::COINBASE);
    Some(SpentCoin { value, kind: lock.kind, payload: lock.payload.to_vec(), height: maker.height, coinbase })
}

/// Stands where the range itself knows the coin.
fn nothing() -> SpentCoin {
    SpentCoin { value: 0, kind: LockKind::NonStandard, payload: Vec::new(), height: Height(0), coinbase: false }
}
