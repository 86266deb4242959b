//! Blocks and transactions as a NIS node answers them over HTTP: the opposite of `coinhound_chains::nem::json`.
//!
//! Two forms: what anybody is told (`/block/at/public`, no hash in it) and what local callers are told
//! (`/local/block/at`, `/local/chain/blocks-after`: hashes, difficulty, who got the fees). Oddities of the node are kept:
//! `{}` for what is absent, a version with a sign, an inner hash of `{}` where there is no inner transaction.

use coinhound_chains::nem::tx::{
    Cosignature, Head, Levy, Message, Modification, Mosaic, MosaicDefinition, MosaicId, Namespace, SignedCosignature,
    Transfer,
};
use coinhound_chains::nem::{Address, Block, Body, Hash, Network, SignedTransaction, Transaction};
use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};

use crate::nem::fees;

/// A block as `/block/at/public` and `/chain/last-block` answer it.
#[must_use]
pub fn block(block: &Block) -> Value {
    json!({
        "timeStamp": block.timestamp,
        "signature": block.signature.to_string(),
        "prevBlockHash": hash(&block.previous),
        "type": signed_number(block.kind.code()),
        "transactions": block.transactions.iter().map(transaction).collect::<Vec<_>>(),
        "version": version(1, block.network),
        "signer": block.harvester.to_string(),
        "height": block.height,
    })
}

/// A block as `/local/block/at` answers it, and as `/local/chain/blocks-after` lists it under `data`.
///
/// `beneficiary` is who got the fees: the harvester, or the account that it harvests for.
#[must_use]
pub fn explorer_block(whole: &Block, difficulty: u64, beneficiary: &Address) -> Value {
    json!({
        "block": block(whole),
        "hash": whole.hash().to_string(),
        "txes": whole.transactions.iter().map(explorer_transaction).collect::<Vec<_>>(),
        "difficulty": difficulty,
        "beneficiary": beneficiary.to_string(),
        "totalFee": total_fee(whole),
    })
}

/// Several blocks as `/local/chain/blocks-after` answers them.
#[must_use]
pub fn explorer_blocks<'a>(blocks: impl IntoIterator<Item = (&'a Block, u64, Address)>) -> Value {
    let each =
        blocks.into_iter().map(|(block, difficulty, beneficiary)| explorer_block(block, difficulty, &beneficiary));
    json!({ "data": each.collect::<Vec<_>>() })
}

/// A transaction with its place, as `/transaction/get` and the pages of an account's transfers tell it.
///
/// `id` is the node's own number for it.
#[must_use]
pub fn pair(signed: &SignedTransaction, height: u64, id: u64) -> Value {
    let inner = signed.inner_hash().map_or_else(|| json!({}), |inner| hash(&inner));
    let meta = json!({ "innerHash": inner, "id": id, "hash": hash(&signed.hash()), "height": height });
    json!({ "meta": meta, "transaction": transaction(signed) })
}

/// A signed transaction alone.
#[must_use]
pub fn transaction(signed: &SignedTransaction) -> Value {
    let mut fields = unsigned(&signed.transaction);
    fields.insert("signature".to_owned(), json!(signed.signature.to_string()));
    Value::Object(fields)
}

/// The sum of all fees of a block in millionths of a XEM, those of inner transactions and cosignatures included.
#[must_use]
pub fn total_fee(block: &Block) -> u64 {
    block.transactions.iter().map(|signed| fees::paid(&signed.transaction)).sum()
}

fn explorer_transaction(signed: &SignedTransaction) -> Value {
    let mut fields = Map::new();
    fields.insert("tx".to_owned(), transaction(signed));
    fields.insert("hash".to_owned(), json!(signed.hash().to_string()));
    if let Some(inner) = signed.inner_hash() {
        fields.insert("innerHash".to_owned(), json!(inner.to_string()));
    }
    Value::Object(fields)
}

fn hash(hash: &Hash) -> Value {
    json!({ "data": hash.to_string() })
}

/// The same 32 bits with the highest one read as a sign.
fn signed_number(bits: u32) -> i32 {
    i32::from_le_bytes(bits.to_le_bytes())
}

fn version(version: u8, network: Network) -> i32 {
    i32::from_le_bytes([version, 0, 0, network.byte()])
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => unreachable!("every caller passes an object"),
    }
}

fn unsigned(transaction: &Transaction) -> Map<String, Value> {
    let Transaction { head, body } = transaction;
    let mut all = head_fields(head, body.kind(), body.version());
    all.extend(fields(body_fields(body)));
    all
}

fn head_fields(head: &Head, kind: u32, entity_version: u8) -> Map<String, Value> {
    fields(json!({
        "type": kind,
        "version": version(entity_version, head.network),
        "timeStamp": head.timestamp,
        "signer": head.signer.to_string(),
        "fee": head.fee,
        "deadline": head.deadline,
    }))
}

fn body_fields(body: &Body) -> Value {
    match body {
        Body::Transfer(body) => transfer(body),
        Body::RemoteLink(body) => json!({ "mode": body.mode.code(), "remoteAccount": body.remote.to_string() }),
        Body::Modification(body) => modification(body),
        Body::Cosignature(body) => cosignature(body),
        Body::Multisig(body) => json!({
            "otherTrans": unsigned(&body.inner),
            "signatures": body.cosignatures.iter().map(cosigned).collect::<Vec<_>>(),
        }),
        Body::Namespace(body) => namespace(body),
        Body::MosaicDefinition(body) => definition(body),
        Body::SupplyChange(body) => json!({
            "mosaicId": mosaic_id(&body.id),
            "supplyType": body.direction.code(),
            "delta": body.delta,
        }),
    }
}

fn transfer(transfer: &Transfer) -> Value {
    let mut all = fields(json!({
        "recipient": transfer.recipient.to_string(),
        "amount": transfer.amount,
        "message": transfer.message.as_ref().map_or_else(|| json!({}), message),
    }));
    if let Some(mosaics) = &transfer.mosaics {
        all.insert("mosaics".to_owned(), mosaics.iter().map(mosaic).collect());
    }
    Value::Object(all)
}

fn message(message: &Message) -> Value {
    json!({ "type": message.kind.code(), "payload": HEXLOWER.encode(&message.payload) })
}

fn mosaic(mosaic: &Mosaic) -> Value {
    json!({ "mosaicId": mosaic_id(&mosaic.id), "quantity": mosaic.quantity })
}

fn mosaic_id(id: &MosaicId) -> Value {
    json!({ "namespaceId": id.namespace, "name": id.name })
}

fn modification(modification: &Modification) -> Value {
    let change = |change: &coinhound_chains::nem::tx::CosignatoryChange| json!({ "modificationType": change.kind.code(), "cosignatoryAccount": change.cosignatory.to_string() });
    let mut all = fields(json!({ "modifications": modification.changes.iter().map(change).collect::<Vec<_>>() }));
    if let Some(minimum) = modification.minimum {
        let minimum = minimum.map_or_else(|| json!({}), |change| json!({ "relativeChange": change }));
        all.insert("minCosignatories".to_owned(), minimum);
    }
    Value::Object(all)
}

fn cosignature(cosignature: &Cosignature) -> Value {
    json!({ "otherHash": hash(&cosignature.inner_hash), "otherAccount": cosignature.account.to_string() })
}

fn cosigned(signed: &SignedCosignature) -> Value {
    let body = Body::Cosignature(signed.cosignature.clone());
    let mut all = head_fields(&signed.head, body.kind(), body.version());
    all.extend(fields(cosignature(&signed.cosignature)));
    all.insert("signature".to_owned(), json!(signed.signature.to_string()));
    Value::Object(all)
}

fn namespace(namespace: &Namespace) -> Value {
    json!({
        "rentalFeeSink": namespace.sink.to_string(),
        "rentalFee": namespace.rent,
        "newPart": namespace.part,
        "parent": namespace.parent,
    })
}

fn definition(definition: &MosaicDefinition) -> Value {
    let property = |(name, value): &(String, String)| json!({ "name": name, "value": value });
    json!({
        "mosaicDefinition": {
            "creator": definition.creator.to_string(),
            "id": mosaic_id(&definition.id),
            "description": definition.description,
            "properties": definition.properties.iter().map(property).collect::<Vec<_>>(),
            "levy": definition.levy.as_ref().map_or_else(|| json!({}), levy),
        },
        "creationFeeSink": definition.sink.to_string(),
        "creationFee": definition.creation_fee,
    })
}

fn levy(levy: &Levy) -> Value {
    json!({
        "type": levy.kind.code(),
        "recipient": levy.recipient.to_string(),
        "mosaicId": mosaic_id(&levy.id),
        "fee": levy.fee,
    })
}
