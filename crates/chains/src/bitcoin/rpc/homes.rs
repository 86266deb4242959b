//! In which block a transaction stands, and at which height. The node's word alone.

use std::borrow::Cow;

use coinhound_model::{BlockHash, Height, TxHash};
use serde::Deserialize;

use crate::bitcoin::block::BLOCK_WEIGHT_MAX;
use crate::bitcoin::rpc::request::Request;
use crate::bitcoin::rpc::status::HeaderInfo;
use crate::bitcoin::rpc::{NodeRpc, RpcError, STANDING_ANSWER_LEN, Sizes, Standing};

/// An answer that takes a transaction apart is at most so many times as long as one with its digits.
const VERBOSE_TIMES: usize = 16;

/// `getrawtransaction` with `verbose`, as far as it is read.
#[derive(Debug, Deserialize)]
struct TxInfo<'a> {
    #[serde(borrow)]
    txid: Cow<'a, str>,
    #[serde(default, borrow)]
    blockhash: Option<Cow<'a, str>>,
}

impl NodeRpc<'_> {
    /// The heights at which transactions stand on the node's chain, in order. The node's word, not proven. `None` for
    /// one that the node does not find, or that stands in no block of its chain.
    ///
    /// # Errors
    /// [`RpcError::Indexing`] while the node builds its index of transactions, or the error of asking.
    pub fn heights_of(&mut self, txids: &[TxHash]) -> Result<Vec<Option<Height>>, RpcError> {
        let homes = self.homes(txids)?;
        let mut blocks: Vec<BlockHash> = homes.iter().copied().flatten().collect();
        blocks.sort_unstable();
        blocks.dedup();
        let standings = self.standings(&blocks)?;
        let height = |home: BlockHash| match standings[blocks.binary_search(&home).ok()?] {
            Standing::Active { height } => Some(height),
            _ => None,
        };
        Ok(homes.into_iter().map(|home| height(home?)).collect())
    }

    fn homes(&mut self, txids: &[TxHash]) -> Result<Vec<Option<BlockHash>>, RpcError> {
        const EXPECTED: &str = "this transaction, taken apart";
        let requests: Vec<Request> = txids.iter().copied().map(Request::Home).collect();
        let (len_max, guess) = (VERBOSE_TIMES / 2 * BLOCK_WEIGHT_MAX, VERBOSE_TIMES as u64 * self.tx_guess);
        let sizes = Sizes { len_max, guess, enough: u64::MAX };
        let (homes, _) = self.sized(&requests, sizes, &|reading| {
            let (Request::Home(want), Some(text)) = (reading.request, reading.result_if_any()?) else {
                return Ok(None);
            };
            let info: TxInfo = reading.parsed(EXPECTED)?;
            if info.txid.parse() != Ok(want) {
                return Err(reading.shape(EXPECTED, text));
            }
            let home = info.blockhash.map(|hash| hash.parse().map_err(|_| reading.shape("a block's hash", &hash)));
            home.transpose()
        })?;
        Ok(homes)
    }

    /// What the node makes of blocks, in order.
    pub(crate) fn standings(&mut self, hashes: &[BlockHash]) -> Result<Vec<Standing>, RpcError> {
        const EXPECTED: &str = "the state of this header";
        let mut standings = Vec::with_capacity(hashes.len());
        for chunk in hashes.chunks(self.limits.batch.max(1)) {
            let batch: Vec<Request> = chunk.iter().copied().map(Request::Standing).collect();
            standings.extend(self.batch(&batch, STANDING_ANSWER_LEN * batch.len() as u64, &|reading| {
                let (Request::Standing(hash), Some(text)) = (reading.request, reading.result_if_any()?) else {
                    return Ok(Standing::Unknown);
                };
                let standing = reading.parsed::<HeaderInfo>(EXPECTED)?.standing(hash);
                standing.ok_or_else(|| reading.shape(EXPECTED, text))
            })?);
        }
        Ok(standings)
    }
}
