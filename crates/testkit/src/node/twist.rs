//! Lies about one answer: a true outcome comes in, and what is said instead goes out.

use coinhound_chains::bitcoin::block::tx_bytes;
use coinhound_chains::bitcoin::encode::put_size;
use coinhound_chains::bitcoin::{Checks, Header, Params, parse_block_with};
use coinhound_model::BlockHash;
use serde_json::{Value, json};

use crate::node::chain::Chain;
use crate::node::lie::Lie;
use crate::node::truth::{Asked, Outcome, hash_text, hex};

/// A hash that no block has.
fn nobody() -> BlockHash {
    coinhound_model::Hash256([0x5e; 32])
}

/// What is said instead of the truth. What a lie does not fit is said truly.
pub(crate) fn twist(chain: &mut Chain, lie: Lie, asked: &Asked, truth: Outcome) -> Outcome {
    let Ok(told) = &truth else { return truth };
    match lie {
        Lie::OtherHash | Lie::OtherNetwork => Ok(hash_text(Some(nobody()))),
        Lie::OtherHeight => {
            let below = asked.height(chain).and_then(|height| chain.hash_at(height.checked_sub(1)?));
            below.map_or(truth, |below| Ok(hash_text(Some(below))))
        }
        Lie::OtherHeader | Lie::ShortHeader if !asked.is_verbose() => Ok(header_twist(chain, lie, told)),
        Lie::OtherStanding | Lie::NoConfirmations if asked.is_verbose() => Ok(standing_twist(lie, told)),
        Lie::PrunedBlock => Err((-1, "Block not available (pruned data)")),
        Lie::LostBlock => Err((-1, "Block not found on disk")),
        Lie::NoTxIndex => Err((-5, "No such mempool transaction. Use -txindex to enable blockchain queries.")),
        Lie::Indexing => {
            Err((-5, "No such mempool transaction. Blockchain transactions are still in the process of being indexed."))
        }
        Lie::Amnesia if matches!(asked.method.as_str(), "getblock" | "getblockheader") => Err((-5, "Block not found")),
        Lie::UnknownBest => {
            let mut info = told.clone();
            info["bestblockhash"] = hash_text(Some(nobody()));
            Ok(info)
        }
        Lie::OtherTx | Lie::ShortTx => Ok(tx_twist(chain, lie, told)),
        lie if lie.method() == Some("getblock") && asked.method == "getblock" => {
            block_twist(chain, lie, asked).map_or(truth, Ok)
        }
        _ => truth,
    }
}

fn header_twist(chain: &Chain, lie: Lie, told: &Value) -> Value {
    match lie {
        Lie::OtherHeader => json!(hex(&chain.header(chain.active()[0]).expect("the first block is known").to_bytes())),
        _ => json!(cut(told, 2)),
    }
}

fn standing_twist(lie: Lie, told: &Value) -> Value {
    let mut told = told.clone();
    match lie {
        Lie::OtherStanding => told["hash"] = hash_text(Some(nobody())),
        _ => told["confirmations"] = json!(0),
    }
    told
}

fn tx_twist(chain: &mut Chain, lie: Lie, told: &Value) -> Value {
    let first = chain.active()[0];
    let other = chain.block(first).and_then(|block| tx_bytes(block, 0, chain.params).ok());
    match lie {
        Lie::OtherTx => json!(hex(other.expect("the first block has a transaction"))),
        _ => json!(cut(told, 10)),
    }
}

/// A text without its last digits.
fn cut(told: &Value, digits: usize) -> &str {
    let text = told.as_str().unwrap_or_default();
    &text[..text.len().saturating_sub(digits)]
}

fn block_twist(chain: &Chain, lie: Lie, asked: &Asked) -> Option<Value> {
    let block = chain.block(asked.hash()?)?;
    let digits = |bytes: &[u8]| Some(json!(hex(bytes)));
    match lie {
        Lie::OtherBlock => digits(chain.block(chain.active()[0])?),
        Lie::HeaderOnly => digits(&block[..Header::LEN]),
        Lie::ShortBlock => digits(&block[..Header::LEN.max(block.len() / 2) + 1]),
        Lie::LongBlock => digits(&[block, &[0; 7]].concat()),
        Lie::HugeBlock => digits(&[block, &vec![0; 4_100_000]].concat()),
        Lie::OddDigits => Some(json!(cut(&json!(hex(block)), 1))),
        Lie::NoDigits => Some(json!(format!("{}zz{}", &hex(block)[..100], &hex(block)[102..]))),
        Lie::ObjectBlock => Some(json!({ "hash": asked.hash()?.to_string(), "tx": [] })),
        Lie::DuplicateTx | Lie::MissingTx | Lie::OtherWitness => digits(&other_txs(block, lie, chain.params)?),
        _ => None,
    }
}

/// The block with its list of transactions changed, under the same header.
fn other_txs(block: &[u8], lie: Lie, params: &Params) -> Option<Vec<u8>> {
    let count = parse_block_with(block, params, Checks { work: false, witness: false }).ok()?.txs.len();
    let mut txs: Vec<Vec<u8>> =
        (0..count).map(|nth| tx_bytes(block, nth, params).map(<[u8]>::to_vec)).collect::<Result<_, _>>().ok()?;
    match lie {
        Lie::DuplicateTx => txs.push(txs.last()?.clone()),
        Lie::MissingTx => drop(txs.pop()),
        _ => {
            // BIP 144: a witness is announced by a zero where the inputs are counted, and ends before the lock time.
            let tx = txs.iter_mut().rev().find(|tx| tx[4] == 0)?;
            let last = tx.len() - 5;
            tx[last] ^= 1;
        }
    }
    let mut bytes = block[..Header::LEN].to_vec();
    put_size(&mut bytes, txs.len());
    bytes.extend(txs.concat());
    Some(bytes)
}
