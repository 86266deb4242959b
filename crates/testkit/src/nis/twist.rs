//! Lies about one block: the true one comes in as JSON, and what is said instead goes out.

use coinhound_chains::nem::{Block, parse_block};
use serde_json::{Value, json};

use crate::nis::json::{explorer, public};
use crate::nis::lie::NisLie;
use crate::nis::made::Key;

/// A key that signs nothing here.
fn stranger() -> String {
    Key::of(u64::MAX).public().to_string()
}

/// What is said instead of a block, in the form for anybody. What a lie does not fit is said truly.
pub(crate) fn twist(lie: NisLie, block: &Block, below: Option<&Block>) -> Value {
    let mut told = public(block);
    match lie {
        NisLie::OtherHeight => told["height"] = json!(block.height + 1),
        NisLie::BlockBelow => told = below.map_or(told, public),
        NisLie::OtherPrevious => told["prevBlockHash"]["data"] = json!("5e".repeat(32)),
        NisLie::OtherTime => told["timeStamp"] = json!(block.timestamp + 1),
        NisLie::OtherHarvester => told["signer"] = json!(stranger()),
        NisLie::OtherBlockSignature => {
            told["signature"] = json!(below.map_or("00".repeat(64), |below| below.signature.to_string()));
        }
        NisLie::ForeignBlock => told["version"] = json!(-1_744_830_463),
        NisLie::CalledNemesis => told["type"] = json!(-1),
        NisLie::TextTxs => told["transactions"] = json!("none"),
        NisLie::ShortKey => told["signer"] = json!(&stranger()[2..]),
        NisLie::NullBlock => told = Value::Null,
        NisLie::ErrorAsSuccess => {
            told = json!({ "timeStamp": 9, "error": "Not Found", "message": "block not found", "status": 404 });
        }
        NisLie::MissingTx => drop(txs(&mut told).pop()),
        NisLie::DuplicateTx => {
            let last = txs(&mut told).last().cloned();
            txs(&mut told).extend(last);
        }
        NisLie::ReorderedTxs => txs(&mut told).reverse(),
        lie => txs(&mut told).iter_mut().for_each(|tx| twist_tx(lie, tx)),
    }
    told
}

fn txs(told: &mut Value) -> &mut Vec<Value> {
    told["transactions"].as_array_mut().expect("a block has a list")
}

fn twist_tx(lie: NisLie, tx: &mut Value) {
    let amount = match lie {
        NisLie::OtherAmount => json!(tx["amount"].as_u64().unwrap_or(0) + 1),
        NisLie::NullAmount => Value::Null,
        NisLie::FloatAmount => json!(1.5),
        NisLie::NegativeAmount => json!(-1),
        NisLie::HugeAmount => json!(18_446_744_073_709_551_616_f64),
        NisLie::TextAmount => json!("1"),
        _ => return twist_rest(lie, tx),
    };
    put(tx, "amount", amount);
}

fn twist_rest(lie: NisLie, tx: &mut Value) {
    match lie {
        NisLie::OtherRecipient => put(tx, "recipient", json!("NALICE2A73DLYTP4365GNFCURAUP3XVBFO7YNYOW")),
        NisLie::ShortAddress => put(tx, "recipient", json!("NALICE2A73DLYTP4365GNFCURAUP3XVBFO7YNYO")),
        NisLie::NoRecipient => drop(tx.as_object_mut().expect("an object").remove("recipient")),
        NisLie::OtherFee => tx["fee"] = json!(tx["fee"].as_u64().unwrap_or(0) + 1),
        NisLie::OtherMessage => put(tx, "message", json!({ "type": 1, "payload": "6c6965" })),
        NisLie::OtherDeadline => tx["deadline"] = json!(tx["deadline"].as_u64().unwrap_or(0) + 1),
        NisLie::OtherSigner => tx["signer"] = json!(stranger()),
        NisLie::OtherSignature => tx["signature"] = json!(Key::of(1).sign(b"something else").to_string()),
        NisLie::OtherQuantity => {
            tx["mosaics"].as_array_mut().into_iter().flatten().for_each(|mosaic| {
                mosaic["quantity"] = json!(mosaic["quantity"].as_u64().unwrap_or(0) + 1);
            });
            // To ask for a field of JSON makes it.
            if tx["mosaics"].is_null() {
                tx.as_object_mut().expect("an object").remove("mosaics");
            }
        }
        NisLie::OtherInner if tx["type"] == 4_100 => tx["otherTrans"]["fee"] = json!(1),
        NisLie::MissingCosignature if tx["type"] == 4_100 => tx["signatures"] = json!([]),
        NisLie::ForeignCosignature if tx["type"] == 4_100 => tx["signatures"][0]["signer"] = json!(stranger()),
        NisLie::ForeignTx => {
            let version = tx["version"].as_i64().expect("a version") & 0xff;
            tx["version"] = json!(-1_744_830_464 + version);
        }
        NisLie::UnknownType => tx["type"] = json!(999),
        _ => {}
    }
}

/// Only where it stands already.
fn put(tx: &mut Value, name: &str, value: Value) {
    if let Some(field) = tx.get_mut(name) {
        *field = value;
    }
}

/// The same in the form for local callers: the lie of a block inside it, with hashes to match, or one of the form.
pub(crate) fn twist_local(lie: NisLie, mut true_form: Value, twisted: &Value) -> Value {
    if !lie.is_of_a_page() {
        // Who lies well about a block tells the hashes of the lie.
        if let Ok(lied) = parse_block(&twisted.to_string()) {
            return explorer(&lied);
        }
        if lie == NisLie::NullBlock {
            return Value::Null;
        }
        let mut list = twisted["transactions"].as_array().cloned().unwrap_or_default().into_iter();
        true_form["txes"].as_array_mut().expect("a list").retain_mut(|pair| {
            list.next().is_some_and(|tx| {
                pair["tx"] = tx;
                true
            })
        });
        true_form["block"] = twisted.clone();
        return true_form;
    }
    let nobody = json!("5e".repeat(32));
    let pairs = true_form["txes"].as_array_mut().expect("a list");
    match lie {
        NisLie::TxHashLies => pairs.iter_mut().for_each(|pair| pair["hash"] = nobody.clone()),
        NisLie::InnerHashLies => pairs.iter_mut().for_each(|pair| pair["innerHash"] = nobody.clone()),
        NisLie::OtherTxes => drop(pairs.pop()),
        NisLie::HashLies => true_form["hash"] = nobody,
        _ => {}
    }
    true_form
}
