//! Blocks as a node tells them: without hashes to anybody, with hashes to callers on its own machine.

use coinhound_chains::nem::tx::{
    Cosignature, Head, Levy, Message, Modification, Mosaic, MosaicDefinition, MosaicId, Multisig, Namespace,
    RemoteLink, SignedCosignature, SupplyChange, Transfer,
};
use coinhound_chains::nem::{Address, Block, Body, Network, SignedTransaction, Transaction};
use serde_json::{Value, json};

/// What a block's number of difficulty is told to be: nothing here reads it.
const DIFFICULTY: u64 = 100_000_000_000_000;

/// As `/block/at/public` answers.
#[must_use]
pub fn public(block: &Block) -> Value {
    json!({
        "timeStamp": block.timestamp,
        "signature": block.signature.to_string(),
        "prevBlockHash": { "data": block.previous.to_string() },
        "type": i32::from_le_bytes(block.kind.code().to_le_bytes()),
        "transactions": block.transactions.iter().map(transaction).collect::<Vec<_>>(),
        "version": version(1, block.network),
        "signer": block.harvester.to_string(),
        "height": block.height,
    })
}

/// As `/local/block/at` answers, and each of `/local/chain/blocks-after`.
#[must_use]
pub fn explorer(block: &Block) -> Value {
    let fees: u64 = block.transactions.iter().map(|signed| signed.transaction.head.fee).sum();
    json!({
        "block": public(block),
        "hash": block.hash().to_string(),
        "difficulty": DIFFICULTY,
        "beneficiary": block.harvested_by().to_string(),
        "totalFee": fees,
        "txes": block.transactions.iter().map(with_hashes).collect::<Vec<_>>(),
    })
}

fn with_hashes(signed: &SignedTransaction) -> Value {
    let inner = signed.inner_hash().map_or_else(|| json!({}), |hash| json!(hash.to_string()));
    json!({ "tx": transaction(signed), "hash": signed.hash().to_string(), "innerHash": inner })
}

/// A number with a sign: the network is its highest byte.
fn version(version: u8, network: Network) -> i32 {
    i32::from_le_bytes([version, 0, 0, network.byte()])
}

/// A transaction with its signature.
#[must_use]
pub fn transaction(signed: &SignedTransaction) -> Value {
    let mut told = unsigned(&signed.transaction);
    told["signature"] = json!(signed.signature.to_string());
    told
}

fn unsigned(transaction: &Transaction) -> Value {
    let body = &transaction.body;
    let mut told = match body {
        Body::Transfer(body) => transfer(body),
        Body::RemoteLink(RemoteLink { mode, remote }) => {
            json!({ "mode": mode.code(), "remoteAccount": remote.to_string() })
        }
        Body::Modification(body) => modification(body),
        Body::Cosignature(body) => cosignature(body),
        Body::Multisig(body) => multisig(body),
        Body::Namespace(body) => namespace(body),
        Body::MosaicDefinition(body) => definition(body),
        Body::SupplyChange(SupplyChange { id, direction, delta }) => {
            json!({ "mosaicId": mosaic_id(id), "supplyType": direction.code(), "delta": delta })
        }
    };
    put_head(&mut told, &transaction.head, body.kind(), body.version());
    told
}

fn put_head(told: &mut Value, head: &Head, kind: u32, version_number: u8) {
    told["type"] = json!(kind);
    told["version"] = json!(version(version_number, head.network));
    told["timeStamp"] = json!(head.timestamp);
    told["signer"] = json!(head.signer.to_string());
    told["fee"] = json!(head.fee);
    told["deadline"] = json!(head.deadline);
}

fn address(address: &Address) -> Value {
    json!(address.to_string())
}

fn mosaic_id(id: &MosaicId) -> Value {
    json!({ "namespaceId": id.namespace, "name": id.name })
}

fn transfer(transfer: &Transfer) -> Value {
    let mut told = json!({
        "recipient": address(&transfer.recipient),
        "amount": transfer.amount,
        "message": transfer.message.as_ref().map_or_else(|| json!({}), message),
    });
    if let Some(mosaics) = &transfer.mosaics {
        told["mosaics"] = mosaics.iter().map(mosaic).collect();
    }
    told
}

fn message(message: &Message) -> Value {
    json!({ "type": message.kind.code(), "payload": hex(&message.payload) })
}

fn mosaic(mosaic: &Mosaic) -> Value {
    json!({ "mosaicId": mosaic_id(&mosaic.id), "quantity": mosaic.quantity })
}

fn modification(modification: &Modification) -> Value {
    let changes: Vec<Value> = modification.changes.iter().map(|change| {
        json!({ "modificationType": change.kind.code(), "cosignatoryAccount": change.cosignatory.to_string() })
    }).collect();
    let mut told = json!({ "modifications": changes });
    match modification.minimum {
        Some(Some(change)) => told["minCosignatories"] = json!({ "relativeChange": change }),
        Some(None) => told["minCosignatories"] = json!({}),
        None => {}
    }
    told
}

fn cosignature(cosignature: &Cosignature) -> Value {
    json!({
        "otherHash": { "data": cosignature.inner_hash.to_string() },
        "otherAccount": address(&cosignature.account),
    })
}

fn signed_cosignature(signed: &SignedCosignature) -> Value {
    const KIND: u32 = 4_098;
    let mut told = cosignature(&signed.cosignature);
    put_head(&mut told, &signed.head, KIND, 1);
    told["signature"] = json!(signed.signature.to_string());
    told
}

fn multisig(multisig: &Multisig) -> Value {
    json!({
        "otherTrans": unsigned(&multisig.inner),
        "signatures": multisig.cosignatures.iter().map(signed_cosignature).collect::<Vec<_>>(),
    })
}

fn namespace(namespace: &Namespace) -> Value {
    json!({
        "rentalFeeSink": address(&namespace.sink),
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
        "creationFeeSink": address(&definition.sink),
        "creationFee": definition.creation_fee,
    })
}

fn levy(levy: &Levy) -> Value {
    json!({
        "type": levy.kind.code(),
        "recipient": address(&levy.recipient),
        "mosaicId": mosaic_id(&levy.id),
        "fee": levy.fee,
    })
}

/// Bytes in digits.
fn hex(bytes: &[u8]) -> String {
    crate::node::truth::hex(bytes)
}
