//! The real blocks with receipts: as they were handed on, as one RLP, and as nodes tell them in JSON.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use coinhound_chains::evm::rlp::{Reader, Writer};
use coinhound_chains::evm::{Block, Ending, MAINNET, Parts, Receipt};
use serde_json::{Value, json};

use crate::theirs;

/// One real block.
pub struct Recorded {
    /// The block, standard RLP.
    pub rlp: Vec<u8>,
    /// Each receipt as it stands under the root.
    pub receipts: Vec<Vec<u8>>,
    /// As `eth_getBlockByNumber` answers.
    pub json: String,
    /// As `eth_getBlockReceipts` answers.
    pub receipts_json: String,
    /// The uncles' headers, which JSON does not hold.
    pub uncles: Vec<Vec<u8>>,
    /// How many transactions it holds.
    pub txs: usize,
    /// How many logs.
    pub logs: usize,
}

/// The thirteen blocks, in the order of their names.
///
/// # Errors
/// When they cannot be read.
pub fn recorded(folder: &Path) -> Result<Vec<Recorded>> {
    let folder = folder.join("history-with-receipts");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
    let mut paths: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    paths.iter().map(|path| read(path).with_context(|| format!("`{}`", path.display()))).collect()
}

fn read(path: &Path) -> Result<Recorded> {
    let text = std::fs::read_to_string(path)?;
    let field = |name: &str| -> Result<Vec<u8>> {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": 0x"));
        Ok(data_encoding::HEXLOWER.decode(line.with_context(|| format!("no {name}"))?.as_bytes())?)
    };
    let (header, body) = (field("header")?, field("body")?);
    let parts = Parts::of_body(header.clone(), Reader::of_list(&body)?)?;
    let receipts = receipts(&field("receipts")?)?;
    let mut items = Writer::new();
    items.raw(&header);
    let mut list = Reader::of_list(&body)?;
    while !list.is_empty() {
        items.raw(list.raw()?);
    }
    let rlp = items.into_list();
    let block = Block::check(&parts, MAINNET)?;
    ensure!(block.check_receipts(&receipts).is_ok(), "its receipts are others");
    Ok(Recorded {
        json: theirs::as_json(&rlp)?,
        receipts_json: receipts_json(&block, &receipts).to_string(),
        receipts: receipts.iter().map(Receipt::encode).collect(),
        rlp,
        uncles: parts.uncles,
        txs: block.transactions.len(),
        logs: receipts.iter().map(|receipt| receipt.logs.len()).sum(),
    })
}

fn receipts(bytes: &[u8]) -> Result<Vec<Receipt>> {
    let mut list = Reader::of_list(bytes)?;
    let mut receipts = Vec::new();
    while !list.is_empty() {
        receipts.push(Receipt::decode_without_bloom(list.raw()?)?);
    }
    Ok(receipts)
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", data_encoding::HEXLOWER.encode(bytes))
}

fn receipts_json(block: &Block, receipts: &[Receipt]) -> Value {
    let number = format!("0x{:x}", block.header.number);
    let mut before = 0;
    let mut log_index = 0;
    let pairs = receipts.iter().zip(&block.transactions).enumerate();
    let told = pairs.map(|(at, (receipt, tx))| {
        let (gas, place) = (receipt.gas_used_so_far - before, format!("0x{at:x}"));
        before = receipt.gas_used_so_far;
        let logs = receipt.logs.iter().map(|log| {
            log_index += 1;
            json!({
                "address": hex(&log.address.0), "topics": log.topics.iter().map(|topic| hex(&topic.0)).collect::<Vec<_>>(),
                "data": hex(&log.data), "blockNumber": number, "blockHash": hex(&block.header.hash.0),
                "transactionHash": hex(&tx.hash.0), "transactionIndex": place, "removed": false,
                "logIndex": format!("0x{:x}", log_index - 1),
            })
        });
        let logs: Vec<_> = logs.collect();
        json!({
            "transactionHash": hex(&tx.hash.0), "transactionIndex": place, "blockHash": hex(&block.header.hash.0),
            "blockNumber": number, "from": hex(&tx.from.0), "to": tx.to.map(|to| hex(&to.0)),
            "contractAddress": tx.created().map(|made| hex(&made.0)), "type": format!("0x{:x}", receipt.kind),
            "cumulativeGasUsed": format!("0x{:x}", receipt.gas_used_so_far), "gasUsed": format!("0x{gas:x}"),
            "effectiveGasPrice": "0x1", "logsBloom": hex(&receipt.bloom()), "logs": logs,
            "status": if receipt.ending == Ending::Succeeded { "0x1" } else { "0x0" },
        })
    });
    told.collect()
}
