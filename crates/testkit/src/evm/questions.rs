//! What a scripted Ethereum node knows: the true answer to each question.

use std::sync::Arc;

use coinhound_chains::evm::Address;
use coinhound_sim::evm::{EvmBlock, json};
use ruint::aliases::U256;
use serde_json::{Value, json as value};

/// A question as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) parameters: Value,
    pub(crate) id: Value,
}

/// The result, or an error's number and words.
pub(crate) type Outcome = Result<Value, (i64, &'static str)>;

/// What a node knows: its chain and how deep its marks lie.
pub(crate) struct Known<'s> {
    pub(crate) chain: &'s [Arc<EvmBlock>],
    pub(crate) depths: (u64, u64),
}

impl Asked {
    /// Reads a request; `None` where it is none, or a batch.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let mut told: Value = serde_json::from_slice(body).ok()?;
        let (parameters, id) = (told["params"].take(), told["id"].take());
        Some(Self { method: told["method"].as_str()?.to_owned(), parameters, id })
    }

    /// Its `nth` parameter as text.
    fn text(&self, nth: usize) -> &str {
        self.parameters[nth].as_str().unwrap_or_default()
    }

    /// Whether it asks for a block by name instead of by height or hash.
    pub(crate) fn is_for_the_tip(&self) -> bool {
        matches!(self.text(0), "latest" | "safe" | "finalized")
    }
}

impl Known<'_> {
    fn tip(&self) -> &Arc<EvmBlock> {
        self.chain.last().expect("a node has one block at least")
    }

    /// The block at a height.
    pub(crate) fn at(&self, height: u64) -> Option<&Arc<EvmBlock>> {
        at(self.chain, height)
    }

    /// The block that a question is about.
    pub(crate) fn about(&self, asked: &Asked) -> Option<&Arc<EvmBlock>> {
        let text = asked.text(0);
        match asked.method.as_str() {
            "eth_getBlockByNumber" | "debug_traceBlockByNumber" | "trace_block" => self.place(text),
            "eth_getBlockByHash" | "eth_getUncleByBlockHashAndIndex" => self.by_hash(text),
            "eth_getBlockReceipts" => self.by_hash(text).or_else(|| self.place(text)),
            "eth_getTransactionReceipt" => self.tx(text).map(|(block, _)| block),
            "eth_getBalance" | "eth_call" => self.place(asked.text(1)),
            _ => None,
        }
    }

    fn place(&self, place: &str) -> Option<&Arc<EvmBlock>> {
        let below_tip = |depth| self.at(self.tip().header.number.checked_sub(depth)?);
        match place {
            "latest" => Some(self.tip()),
            "finalized" => below_tip(self.depths.0),
            "safe" => below_tip(self.depths.1),
            _ => self.at(number(place)?),
        }
    }

    fn by_hash(&self, text: &str) -> Option<&Arc<EvmBlock>> {
        self.chain.iter().find(|block| block.hash.to_string() == text)
    }

    fn tx(&self, text: &str) -> Option<(&Arc<EvmBlock>, usize)> {
        self.chain.iter().find_map(|block| {
            let index = block.txs.iter().position(|tx| tx.signed.hash.to_string() == text)?;
            Some((block, index))
        })
    }

    /// The true answer.
    pub(crate) fn answer(&self, asked: &Asked) -> Outcome {
        let block = self.about(asked);
        let of = |tell: fn(&EvmBlock) -> Value| Ok(block.map_or(Value::Null, |block| tell(block)));
        match asked.method.as_str() {
            "eth_chainId" => Ok(json::quantity(U256::from(self.tip().chain))),
            "eth_blockNumber" => Ok(json::block(self.tip())["number"].take()),
            "eth_getBlockByNumber" | "eth_getBlockByHash" => of(json::block),
            "eth_getBlockReceipts" => of(json::receipts),
            "debug_traceBlockByNumber" => of(json::call_tracer),
            "trace_block" => of(json::trace_block),
            "eth_getUncleByBlockHashAndIndex" => Ok(self.uncle(block, asked.text(1))),
            "eth_getTransactionReceipt" => Ok(self.receipt(asked.text(0))),
            "eth_getBalance" => Ok(balance(block, None, asked.text(0))),
            "eth_call" => called(block, &asked.parameters[0]),
            _ => Err((-32_601, "the method does not exist/is not available")),
        }
    }

    fn uncle(&self, block: Option<&Arc<EvmBlock>>, index: &str) -> Value {
        let index = number(index).and_then(|index| usize::try_from(index).ok());
        let uncle = block.zip(index).and_then(|(block, index)| block.uncles.get(index));
        uncle.map_or(Value::Null, json::header)
    }

    fn receipt(&self, tx: &str) -> Value {
        self.tx(tx).map_or(Value::Null, |(block, index)| json::receipts(block)[index].take())
    }
}

/// What an account owns after a block.
fn balance(block: Option<&Arc<EvmBlock>>, token: Option<Address>, account: &str) -> Value {
    let balance = block.zip(address(account)).map(|(block, account)| block.after.balance(token, account));
    balance.map_or(Value::Null, json::quantity)
}

/// A contract answers what it is asked for: of tokens, how many an account has.
fn called(block: Option<&Arc<EvmBlock>>, call: &Value) -> Outcome {
    let (to, input) = (call["to"].as_str().unwrap_or_default(), call["data"].as_str().unwrap_or_default());
    let account = input.strip_prefix("0x70a08231").and_then(|word| word.get(24..64));
    let (Some(account), Some(token), Some(block)) = (account, address(to), block) else {
        return Err((3, "execution reverted"));
    };
    let account = address(account).ok_or((3, "execution reverted"))?;
    Ok(value!(format!("0x{:064x}", block.after.balance(Some(token), account))))
}

/// The block of a chain at a height.
pub(crate) fn at(chain: &[Arc<EvmBlock>], height: u64) -> Option<&Arc<EvmBlock>> {
    let nth = height.checked_sub(chain.first()?.header.number)?;
    chain.get(usize::try_from(nth).ok()?)
}

fn number(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

fn address(text: &str) -> Option<Address> {
    serde_json::from_value(value!(format!("0x{}", text.trim_start_matches("0x")))).ok()
}
