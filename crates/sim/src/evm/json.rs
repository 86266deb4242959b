//! What nodes answer about blocks: the fields that Geth tells, in its forms.

use coinhound_chains::evm::tx::created_by;
use coinhound_chains::evm::{Address, Ending, Hash, Receipt, TxType};
use ruint::aliases::U256;
use serde_json::{Map, Value, json};

use crate::evm::draft::{BLOB_PRICE_MAX, Signed, sign_delegation};
use crate::evm::effect::{Call, CallKind};
use crate::evm::header::{Era, EvmHeader};
use crate::evm::writer::{Done, EvmBlock, Returned};

/// A number.
#[must_use]
pub fn quantity(number: impl Into<U256>) -> Value {
    json!(format!("0x{:x}", number.into()))
}

/// Bytes.
#[must_use]
pub fn data(bytes: &[u8]) -> Value {
    json!(format!("0x{}", data_encoding::HEXLOWER.encode(bytes)))
}

/// An address, in lower case.
#[must_use]
pub fn address(address: &Address) -> Value {
    data(&address.0)
}

fn hash(hash: &Hash) -> Value {
    data(&hash.0)
}

/// As `eth_getBlockByNumber` with whole transactions answers.
#[must_use]
pub fn block(block: &EvmBlock) -> Value {
    let mut told = header(&block.header);
    told["hash"] = hash(&block.hash);
    told["size"] = quantity(U256::from(block.parts.header.len()));
    told["uncles"] = block.uncles.iter().map(|uncle| hash(&uncle.hash())).collect();
    told["transactions"] =
        block.txs.iter().enumerate().map(|(at, tx)| placed(block, at, transaction(&tx.signed))).collect();
    if block.header.era >= Era::Shanghai {
        told["withdrawals"] = block.withdrawals.iter().map(withdrawal).collect();
    }
    told
}

/// A header alone, as `eth_getUncleByBlockHashAndIndex` answers.
#[must_use]
pub fn header(header: &EvmHeader) -> Value {
    let mut told = json!({
        "hash": hash(&header.hash()),
        "parentHash": hash(&header.parent),
        "sha3Uncles": hash(&header.uncles_hash),
        "miner": address(&header.beneficiary),
        "stateRoot": hash(&header.state_root),
        "transactionsRoot": hash(&header.transactions_root),
        "receiptsRoot": hash(&header.receipts_root),
        "logsBloom": data(&header.bloom),
        "difficulty": quantity(header.difficulty),
        "number": quantity(U256::from(header.number)),
        "gasLimit": quantity(U256::from(header.gas_limit)),
        "gasUsed": quantity(U256::from(header.gas_used)),
        "timestamp": quantity(U256::from(header.time)),
        "extraData": data(&header.extra),
        "mixHash": hash(&header.mix_hash()),
        "nonce": data(&[0; 8]),
        "baseFeePerGas": quantity(header.base_fee),
        "uncles": [],
    });
    if header.era >= Era::Shanghai {
        told["withdrawalsRoot"] = hash(&header.withdrawals_root);
    }
    if header.era >= Era::Cancun {
        told["blobGasUsed"] = quantity(U256::from(header.blob_gas_used));
        told["excessBlobGas"] = quantity(U256::ZERO);
        told["parentBeaconBlockRoot"] = hash(&header.beacon_root());
    }
    if header.era >= Era::Prague {
        told["requestsHash"] = hash(&header.requests_hash());
    }
    told
}

/// Says where in which block something stands.
fn placed(block: &EvmBlock, at: usize, mut told: Value) -> Value {
    told["blockHash"] = hash(&block.hash);
    told["blockNumber"] = quantity(U256::from(block.header.number));
    told["transactionIndex"] = quantity(U256::from(at));
    told
}

fn withdrawal(returned: &Returned) -> Value {
    json!({
        "index": quantity(U256::from(returned.index)),
        "validatorIndex": quantity(U256::from(returned.validator)),
        "address": address(&returned.to),
        "amount": quantity(U256::from(returned.gwei)),
    })
}

fn transaction(signed: &Signed) -> Value {
    let draft = &signed.draft;
    let v = U256::from(draft.v(signed.chain, signed.signature.is_odd));
    let mut told = json!({
        "hash": hash(&signed.hash),
        "type": quantity(U256::from(draft.kind as u8)),
        "from": address(&signed.from),
        "to": draft.to.as_ref().map_or(Value::Null, address),
        "nonce": quantity(U256::from(signed.nonce)),
        "gas": quantity(U256::from(draft.gas_limit)),
        "gasPrice": quantity(draft.price_max),
        "value": quantity(draft.value),
        "input": data(&draft.input),
        "v": quantity(v), "r": quantity(signed.signature.r), "s": quantity(signed.signature.s),
    });
    if draft.names_chain {
        told["chainId"] = quantity(U256::from(signed.chain));
    }
    if draft.kind != TxType::Legacy {
        told["yParity"] = quantity(v);
        told["accessList"] = draft.access.iter().map(access).collect();
    }
    if draft.kind >= TxType::FeeMarket {
        told["maxFeePerGas"] = quantity(draft.price_max);
        told["maxPriorityFeePerGas"] = quantity(draft.tip_max);
    }
    if draft.kind == TxType::Blob {
        told["maxFeePerBlobGas"] = quantity(U256::from(BLOB_PRICE_MAX));
        told["blobVersionedHashes"] = draft.blobs.iter().map(hash).collect();
    }
    if draft.kind == TxType::SetCode {
        told["authorizationList"] = authorizations(signed);
    }
    told
}

fn access((account, slots): &(Address, Vec<Hash>)) -> Value {
    json!({ "address": address(account), "storageKeys": slots.iter().map(hash).collect::<Vec<_>>() })
}

fn authorizations(signed: &Signed) -> Value {
    let one = |(key, code, nonce): &(crate::evm::EvmKey, Address, u64)| {
        let signature = sign_delegation(key, signed.chain, code, *nonce);
        json!({
            "chainId": quantity(U256::from(signed.chain)), "address": address(code), "nonce": quantity(U256::from(*nonce)),
            "yParity": quantity(U256::from(u8::from(signature.is_odd))),
            "r": quantity(signature.r), "s": quantity(signature.s),
        })
    };
    signed.draft.delegations.iter().map(one).collect()
}

/// As `eth_getBlockReceipts` answers.
#[must_use]
pub fn receipts(block: &EvmBlock) -> Value {
    let mut logs = 0;
    let mut before = 0;
    let pairs = block.receipts.iter().zip(&block.txs).enumerate();
    let told = pairs.map(|(at, (one, tx))| {
        let mut told = placed(block, at, receipt(one, tx, before));
        told["logs"] = one
            .logs
            .iter()
            .map(|log| {
                let log = json!({
                    "address": address(&log.address), "topics": log.topics.iter().map(hash).collect::<Vec<_>>(),
                    "data": data(&log.data), "logIndex": quantity(U256::from(logs)), "removed": false,
                    "transactionHash": hash(&tx.signed.hash),
                });
                logs += 1;
                placed(block, at, log)
            })
            .collect();
        before = one.gas_used_so_far;
        told
    });
    told.collect()
}

fn receipt(receipt: &Receipt, tx: &Done, before: u64) -> Value {
    let signed = &tx.signed;
    let made = signed.draft.to.is_none().then(|| created_by(&signed.from, signed.nonce));
    json!({
        "transactionHash": hash(&signed.hash),
        "type": quantity(U256::from(receipt.kind)),
        "from": address(&signed.from),
        "to": signed.draft.to.as_ref().map_or(Value::Null, address),
        "contractAddress": made.as_ref().map_or(Value::Null, address),
        "cumulativeGasUsed": quantity(U256::from(receipt.gas_used_so_far)),
        "gasUsed": quantity(U256::from(receipt.gas_used_so_far - before)),
        "effectiveGasPrice": quantity(signed.draft.price_max),
        "logsBloom": data(&receipt.bloom()),
        "status": quantity(U256::from(u8::from(receipt.ending == Ending::Succeeded))),
    })
}

/// As `debug_traceBlockByNumber` with `callTracer` answers.
#[must_use]
pub fn call_tracer(block: &EvmBlock) -> Value {
    let one = |tx: &Done| json!({ "txHash": hash(&tx.signed.hash), "result": nested(&top(tx)) });
    block.txs.iter().map(one).collect()
}

/// The transaction itself as a call.
fn top(tx: &Done) -> Call {
    let (signed, effect) = (&tx.signed, &tx.effect);
    let kind = if signed.draft.to.is_some() { CallKind::Call } else { CallKind::Create };
    let to = signed.draft.to.unwrap_or_else(|| created_by(&signed.from, signed.nonce));
    let calls = effect.calls.clone();
    Call { kind, from: signed.from, to, value: signed.draft.value, failed: effect.failed, calls }
}

fn nested(call: &Call) -> Value {
    let kind = match call.kind {
        CallKind::Call => "CALL",
        CallKind::DelegateCall => "DELEGATECALL",
        CallKind::StaticCall => "STATICCALL",
        CallKind::Create => "CREATE",
        CallKind::Create2 => "CREATE2",
        CallKind::SelfDestruct => "SELFDESTRUCT",
    };
    let mut told = json!({
        "type": kind, "from": address(&call.from), "to": address(&call.to), "value": quantity(call.value),
        "gas": "0x5208", "gasUsed": "0x5208", "input": "0x", "output": "0x",
    });
    let object = told.as_object_mut().expect("just made");
    if call.kind == CallKind::StaticCall {
        object.remove("value");
    }
    if call.failed {
        object.insert("error".to_owned(), json!("execution reverted"));
    }
    if !call.calls.is_empty() {
        object.insert("calls".to_owned(), call.calls.iter().map(nested).collect());
    }
    told
}

/// As `trace_block` answers.
#[must_use]
pub fn trace_block(block: &EvmBlock) -> Value {
    let mut told = Vec::new();
    for (at, tx) in block.txs.iter().enumerate() {
        flatten(&top(tx), &mut Vec::new(), &mut |mut one: Value| {
            one["transactionHash"] = hash(&tx.signed.hash);
            one["transactionPosition"] = json!(at);
            one["blockHash"] = hash(&block.hash);
            one["blockNumber"] = json!(block.header.number);
            told.push(one);
        });
    }
    if block.header.era == Era::London {
        let action = json!({ "author": address(&block.header.beneficiary), "rewardType": "block", "value": "0x1" });
        told.push(json!({ "type": "reward", "action": action, "traceAddress": [], "subtraces": 0, "result": null }));
    }
    Value::Array(told)
}

fn flatten(call: &Call, path: &mut Vec<usize>, take: &mut dyn FnMut(Value)) {
    let mut told = Map::new();
    let (kind, action, result) = flat(call);
    told.insert("type".to_owned(), json!(kind));
    told.insert("action".to_owned(), action);
    told.insert("traceAddress".to_owned(), json!(path));
    told.insert("subtraces".to_owned(), json!(call.calls.len()));
    if call.failed {
        told.insert("error".to_owned(), json!("Reverted"));
    } else {
        told.insert("result".to_owned(), result);
    }
    take(Value::Object(told));
    for (at, inner) in call.calls.iter().enumerate() {
        path.push(at);
        flatten(inner, path, take);
        path.pop();
    }
}

fn flat(call: &Call) -> (&'static str, Value, Value) {
    let (from, to, value) = (address(&call.from), address(&call.to), quantity(call.value));
    let call_type = match call.kind {
        CallKind::Create | CallKind::Create2 => {
            let action = json!({ "from": from, "gas": "0x0", "init": "0x", "value": value });
            return ("create", action, json!({ "address": to, "code": "0x", "gasUsed": "0x0" }));
        }
        CallKind::SelfDestruct => {
            return ("suicide", json!({ "address": from, "refundAddress": to, "balance": value }), Value::Null);
        }
        CallKind::Call => "call",
        CallKind::DelegateCall => "delegatecall",
        CallKind::StaticCall => "staticcall",
    };
    let action = json!({ "callType": call_type, "from": from, "to": to, "value": value, "gas": "0x0", "input": "0x" });
    ("call", action, json!({ "gasUsed": "0x0", "output": "0x" }))
}
