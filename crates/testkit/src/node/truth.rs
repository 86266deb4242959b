//! What an honest node of the Bitcoin family answers, call by call.

use coinhound_model::{BlockHash, TxHash};
use serde_json::{Value, json};

use crate::node::chain::Chain;

/// A call as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) id: Value,
    pub(crate) method: String,
    params: Vec<Value>,
}

/// A result, or an error's code and text.
pub(crate) type Outcome = Result<Value, (i64, &'static str)>;

/// What a node says of itself beside its chain.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    pub(crate) tx_index: bool,
    pub(crate) initial_download: bool,
    pub(crate) headers_ahead: u32,
    pub(crate) prune_height: Option<u32>,
    pub(crate) warnings: Vec<String>,
}

impl Default for Manner {
    fn default() -> Self {
        Self { tx_index: true, initial_download: false, headers_ahead: 0, prune_height: None, warnings: Vec::new() }
    }
}

impl Asked {
    /// The calls of a request: a list, or one alone. `None` where it is no request.
    pub(crate) fn parse(body: &[u8]) -> Option<Vec<Self>> {
        match serde_json::from_slice(body).ok()? {
            Value::Array(calls) => calls.into_iter().map(Self::of).collect(),
            call => Self::of(call).map(|call| vec![call]),
        }
    }

    fn of(mut call: Value) -> Option<Self> {
        let id = call["id"].take();
        let Value::Array(params) = call["params"].take() else { return None };
        Some(Self { id, method: call["method"].as_str()?.to_owned(), params })
    }

    pub(crate) fn hash(&self) -> Option<BlockHash> {
        self.params.first()?.as_str()?.parse().ok()
    }

    fn number(&self) -> Option<u32> {
        self.params.first()?.as_u64()?.try_into().ok()
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.params.get(1).is_none_or(|verbose| !matches!(verbose, Value::Bool(false)) && verbose != &json!(0))
    }

    /// The height it is about, where it is about one.
    pub(crate) fn height(&self, chain: &Chain) -> Option<u32> {
        match self.method.as_str() {
            "getblockhash" => self.number(),
            "getblockheader" | "getblock" => chain.height(self.hash()?),
            _ => None,
        }
    }
}

const NO_BLOCK: (i64, &str) = (-5, "Block not found");
const NO_TX: (i64, &str) =
    (-5, "No such mempool or blockchain transaction. Use gettransaction for wallet transactions.");
const BAD_PARAMS: (i64, &str) = (-1, "wrong parameters");

/// The honest answer.
pub(crate) fn truth(chain: &mut Chain, manner: &Manner, asked: &Asked) -> Outcome {
    match asked.method.as_str() {
        "getblockcount" => Ok(json!(chain.tip())),
        "getbestblockhash" => Ok(hash_text(chain.hash_at(chain.tip()))),
        "getblockhash" => {
            let height = asked.number().ok_or((-1, "JSON integer out of range"))?;
            let hash = chain.hash_at(height).ok_or((-8, "Block height out of range"))?;
            Ok(hash_text(Some(hash)))
        }
        "getblockheader" => header(chain, asked),
        "getblock" => block(chain, manner, asked),
        "getrawtransaction" => transaction(chain, manner, asked),
        "getblockchaininfo" => Ok(chain_info(chain, manner)),
        "getnetworkinfo" => Ok(json!({ "version": 280_000, "subversion": "/Scripted:1.0.0/", "connections": 8 })),
        _ => Err((-32_601, "Method not found")),
    }
}

fn header(chain: &Chain, asked: &Asked) -> Outcome {
    let hash = asked.hash().ok_or(BAD_PARAMS)?;
    let header = chain.header(hash).ok_or(NO_BLOCK)?;
    if !asked.is_verbose() {
        return Ok(json!(hex(&header.to_bytes())));
    }
    let height = chain.height(hash).ok_or(NO_BLOCK)?;
    let confirmations = chain.active_height(hash).map_or(-1, |height| i64::from(chain.tip() - height) + 1);
    Ok(json!({
        "hash": hash.to_string(), "confirmations": confirmations, "height": height, "version": header.version,
        "merkleroot": header.merkle_root.to_string(), "time": header.time, "nonce": header.nonce,
        "bits": format!("{:08x}", header.bits), "previousblockhash": header.prev.to_string(),
    }))
}

fn block(chain: &Chain, manner: &Manner, asked: &Asked) -> Outcome {
    let hash = asked.hash().ok_or(BAD_PARAMS)?;
    let bytes = chain.block(hash).ok_or(NO_BLOCK)?;
    let pruned = manner.prune_height.is_some_and(|lowest| chain.height(hash).is_some_and(|height| height < lowest));
    if pruned {
        return Err((-1, "Block not available (pruned data)"));
    }
    if asked.is_verbose() {
        return Err(BAD_PARAMS);
    }
    Ok(json!(hex(bytes)))
}

fn transaction(chain: &mut Chain, manner: &Manner, asked: &Asked) -> Outcome {
    let txid: TxHash = asked.hash().ok_or(BAD_PARAMS)?;
    if !manner.tx_index {
        return Err((-5, "No such mempool transaction. Use -txindex or provide a block hash to enable queries."));
    }
    let (block, bytes) = chain.tx(txid).ok_or(NO_TX)?;
    if !asked.is_verbose() {
        return Ok(json!(hex(&bytes)));
    }
    let height = chain.active_height(block).ok_or(NO_TX)?;
    let confirmations = chain.tip() - height + 1;
    Ok(json!({
        "txid": txid.to_string(), "hex": hex(&bytes), "vin": [], "vout": [],
        "blockhash": block.to_string(), "confirmations": confirmations,
    }))
}

fn chain_info(chain: &Chain, manner: &Manner) -> Value {
    let best = chain.hash_at(chain.tip());
    let mut times: Vec<u32> =
        chain.active().iter().rev().take(11).filter_map(|hash| Some(chain.header(*hash)?.time)).collect();
    times.sort_unstable();
    let mut info = json!({
        "chain": chain.params.network.name(), "blocks": chain.tip(), "headers": chain.tip() + manner.headers_ahead,
        "bestblockhash": hash_text(best), "difficulty": 4.656_542_373_906_925e-10, "mediantime": times[times.len() / 2],
        "verificationprogress": 1, "initialblockdownload": manner.initial_download,
        "pruned": manner.prune_height.is_some(), "warnings": manner.warnings,
    });
    if let Some(lowest) = manner.prune_height {
        info["pruneheight"] = json!(lowest);
    }
    info
}

pub(crate) fn hash_text(hash: Option<BlockHash>) -> Value {
    json!(hash.unwrap_or_default().to_string())
}

/// Bytes in digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}
