//! Changes of true answers: each says whether it found what it changes.

use coinhound_sim::evm::json as truth;
use coinhound_sim::evm::{EvmBlock, EvmHeader};
use ruint::aliases::U256;
use serde_json::{Value, json};

use crate::evm::tell::Seen;

/// Changes something; whether it did.
type Change = fn(&mut Value) -> bool;

/// A hash that nothing has.
pub(crate) fn nobody() -> Value {
    json!(format!("0x{}", "5e".repeat(32)))
}

pub(crate) fn set(place: &mut Value, value: Value) -> bool {
    let differs = *place != value;
    *place = value;
    differs
}

/// Changes the last digit of a text, if it is one with digits.
pub(crate) fn turn(place: &mut Value) -> bool {
    let Some(text) = place.as_str().filter(|text| text.len() > 2) else { return false };
    let (rest, last) = text.split_at(text.len() - 1);
    *place = json!(format!("{rest}{}", if last == "1" { "2" } else { "1" }));
    true
}

/// Changes what lies at a path, if it is there.
pub(crate) fn at(told: &mut Value, path: &str, change: Change) -> bool {
    told.pointer_mut(path).is_some_and(change)
}

pub(crate) fn pop(list: &mut Value) -> bool {
    list.as_array_mut().is_some_and(|list| list.pop().is_some())
}

pub(crate) fn push(list: &mut Value, item: Value) -> bool {
    list.as_array_mut().map(|list| list.push(item)).is_some()
}

/// Puts a list's first item at its end too.
pub(crate) fn again(list: &mut Value) -> bool {
    list.get(0).cloned().is_some_and(|first| push(list, first))
}

/// Exchanges a list's first two items.
pub(crate) fn swap(list: &mut Value) -> bool {
    let list = list.as_array_mut().filter(|list| list.len() > 1 && list[0] != list[1]);
    list.map(|list| list.swap(0, 1)).is_some()
}

pub(crate) fn remove(object: &mut Value, key: &str) -> bool {
    object.as_object_mut().is_some_and(|object| object.remove(key).is_some())
}

/// Makes bytes so long, by leaving the last out or repeating zeros.
pub(crate) fn resized(place: &mut Value, bytes: usize) -> bool {
    let Some(text) = place.as_str() else { return false };
    *place = json!(format!("{text:0<width$.width$}", width = 2 + 2 * bytes));
    true
}

/// Where a field lies in an object: by its name, or a whole path.
fn field<'v>(object: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    if name.starts_with('/') { object.pointer_mut(name) } else { object.get_mut(name) }
}

/// Changes a field of the first of these that has it and can be changed.
fn first<'v>(list: impl Iterator<Item = &'v mut Value>, name: &str, change: Change) -> bool {
    let mut places = list.filter_map(|one| field(one, name));
    places.any(change)
}

fn items(list: &mut Value) -> impl Iterator<Item = &mut Value> {
    list.as_array_mut().into_iter().flatten()
}

/// Changes a field of a block's first transaction that has it.
pub(crate) fn tx(told: &mut Value, name: &str, change: Change) -> bool {
    told.get_mut("transactions").is_some_and(|list| first(items(list), name, change))
}

/// Changes a field of the first receipt that has it.
pub(crate) fn receipt(told: &mut Value, name: &str, change: Change) -> bool {
    first(items(told), name, change)
}

/// Changes a receipt's list of logs, if there is one with so many.
pub(crate) fn logs(told: &mut Value, at_least: usize, change: Change) -> bool {
    let lists = items(told).filter_map(|receipt| receipt.get_mut("logs"));
    let mut lists = lists.filter(|list| list.as_array().is_some_and(|list| list.len() >= at_least));
    lists.any(change)
}

/// Changes a field of the first log that has it.
pub(crate) fn log(told: &mut Value, name: &str, change: Change) -> bool {
    first(items(told).filter_map(|receipt| receipt.get_mut("logs")).flat_map(items), name, change)
}

/// Changes a field of the first call inside a transaction.
pub(crate) fn trace(told: &mut Value, name: &str, change: Change) -> bool {
    first(items(told).filter_map(|one| one.pointer_mut("/result/calls/0")), name, change)
}

/// Changes a field of the first flat trace.
pub(crate) fn flat(told: &mut Value, name: &str, change: Change) -> bool {
    told.get_mut(0).and_then(|one| field(one, name)).is_some_and(change)
}

/// Another kind for a call inside a transaction.
pub(crate) fn unknown_flat(told: &mut Value) -> bool {
    let inside = |one: &&mut Value| one["traceAddress"].as_array().is_some_and(|path| !path.is_empty());
    let mut calls = items(told).filter(inside).filter(|one| one.get("error").is_none());
    calls.next().is_some_and(|call| set(&mut call["type"], json!("summon")))
}

/// Failed for succeeded, and the reverse.
pub(crate) fn other_ending(told: &mut Value, path: &str) -> bool {
    let Some(object) = told.pointer_mut(path).and_then(Value::as_object_mut) else { return false };
    if object.remove("error").is_none() {
        object.insert("error".to_owned(), json!("reverted"));
    }
    true
}

/// Another block instead.
pub(crate) fn other_block(told: &mut Value, block: Option<&EvmBlock>) -> bool {
    block.is_some_and(|block| set(told, truth::block(block)))
}

/// What is told of a block beside the one asked about.
pub(crate) fn other(told: &mut Value, seen: &Seen<'_>, tell: fn(&EvmBlock) -> Value) -> bool {
    seen.aside.is_some_and(|block| set(told, tell(block)))
}

/// Changes the header, and tells the name that it then has.
pub(crate) fn forge(told: &mut Value, seen: &Seen<'_>, change: impl FnOnce(&mut EvmHeader)) -> bool {
    let Some(block) = seen.block else { return false };
    let mut header = block.header.clone();
    change(&mut header);
    let fields = truth::header(&header);
    for (key, value) in fields.as_object().expect("a header is an object") {
        if key != "uncles" {
            told[key] = value.clone();
        }
    }
    header != block.header
}

pub(crate) fn extra_withdrawal(told: &mut Value) -> bool {
    let to = format!("0x{}", "22".repeat(20));
    let one = json!({ "index": "0x0", "validatorIndex": "0x1", "address": to, "amount": "0x5" });
    told.get_mut("withdrawals").is_some_and(|list| push(list, one))
}

pub(crate) fn hashes_only(told: &mut Value) -> bool {
    let Some(list) = told["transactions"].as_array_mut().filter(|list| !list.is_empty()) else { return false };
    list.iter_mut().for_each(|tx| *tx = tx["hash"].take());
    true
}

/// The other of two signatures that the same key makes: which no root lets pass.
pub(crate) fn mirrored(told: &mut Value) -> bool {
    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let number = |value: &Value| U256::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok();
    let order = U256::from_str_radix(ORDER, 16).expect("hexadecimal digits");
    let Some(tx) = told["transactions"].get_mut(0) else { return false };
    let (Some(s), Some(v)) = (number(&tx["s"]), number(&tx["v"])) else { return false };
    // 27 and 28, 37 and 38, 0 and 1.
    let is_typed = v < U256::from(2);
    let other = if v.bit(0) == is_typed { v - U256::from(1) } else { v + U256::from(1) };
    tx["s"] = truth::quantity(order - s);
    tx["v"] = truth::quantity(other);
    true
}

/// A payment by the rules of 2021 as one by those before.
pub(crate) fn other_type(told: &mut Value) -> bool {
    let mut typed = items(&mut told["transactions"]).filter(|tx| tx["type"] == "0x2");
    typed.next().is_some_and(|tx| set(&mut tx["type"], json!("0x1")))
}

pub(crate) fn no_price(told: &mut Value) -> bool {
    let Some(tx) = told["transactions"].get_mut(0) else { return false };
    ["gasPrice", "maxFeePerGas", "maxPriorityFeePerGas"].iter().filter(|field| remove(tx, field)).count() > 0
}

pub(crate) fn root_for_status(told: &mut Value) -> bool {
    let Some(one) = told.get_mut(0) else { return false };
    one["root"] = nobody();
    remove(one, "status")
}

/// The receipt of another transaction.
pub(crate) fn other_receipt(told: &mut Value, seen: &Seen<'_>) -> bool {
    let receipts = seen.block.map(truth::receipts).unwrap_or_default();
    let receipts = receipts.as_array().cloned().unwrap_or_default();
    let other = receipts.into_iter().find(|one| one["cumulativeGasUsed"] != told["cumulativeGasUsed"]);
    other.is_some_and(|other| set(told, other))
}

/// Ten thousand calls inside each other.
pub(crate) fn deep_calls(text: &str) -> String {
    const DEPTH: usize = 10_000;
    let Ok(told) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let Some(hash) = told.pointer("/0/txHash") else { return text.to_owned() };
    let who = format!("0x{}", "22".repeat(20));
    let call = format!(r#"{{"type":"CALL","from":"{who}","to":"{who}","value":"0x1","calls":["#);
    format!(r#"[{{"txHash":{hash},"result":{}{}}}]"#, call.repeat(DEPTH), "]}".repeat(DEPTH))
}

/// As many answers as four megabytes hold, a hundred thousand at most.
pub(crate) fn huge_batch(id: &Value, told: &Value) -> String {
    let one = json!({ "jsonrpc": "2.0", "id": id, "result": told }).to_string();
    let count = ((4 << 20) / one.len()).clamp(2, 100_000);
    format!("[{}]", vec![one; count].join(","))
}
