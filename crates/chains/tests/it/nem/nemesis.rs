//! The first blocks of the main and the test network.

use std::fs;

use coinhound_chains::nem::tx::{ChangeKind, MessageKind};
use coinhound_chains::nem::{
    Block, Body, Hash, Network, SignedTransaction, decode_block, encode, hash, parse_block, parse_explorer_block,
};
use coinhound_testkit::tables;
use serde_json::{Value, json};

const NEMESIS: &str = "438cf6375dab5a0d32f9b7bf151d4539e00a590f7c022d5572c7d41815a24be4";

fn bytes_of(test: &str, file: &str) -> Option<Vec<u8>> {
    let data = tables::data_folder(test)?;
    Some(fs::read(data.join("nem").join(file)).expect("readable"))
}

fn sent(block: &Block) -> Vec<u64> {
    let amount = |body: &Body| match body {
        Body::Transfer(transfer) => Some(transfer.amount),
        _ => None,
    };
    block.transactions.iter().filter_map(|signed| amount(&signed.transaction.body)).collect()
}

#[test]
fn the_nemesis_block_hashes_to_its_name_and_pays_out_nine_billion() {
    let test = "the_nemesis_block_hashes_to_its_name_and_pays_out_nine_billion";
    let Some(bytes) = bytes_of(test, "nemesis-mainnet.bin") else { return };
    let block = decode_block(&bytes).expect("sound");
    assert_eq!(block.hash().to_string(), NEMESIS);
    assert_eq!(encode::block(&block), bytes);
    assert_eq!((block.height, block.timestamp, block.network), (1, 0, Network::Main));
    assert_eq!(block.previous, Hash::ZERO);
    assert_eq!(block.harvested_by().to_string(), "NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5");
    assert_eq!(block.transactions.len(), 1_353);
    let sent = sent(&block);
    assert_eq!(sent.len(), 1_347);
    assert_eq!(sent.iter().sum::<u64>(), 9_000_000_240_000_000);
    let fees: u64 = block.transactions.iter().map(|signed| signed.transaction.head.fee).sum();
    assert_eq!(sent.iter().sum::<u64>() - fees, 9_000_000_000_000_000);
}

#[test]
fn every_signature_of_the_nemesis_block_holds() {
    let Some(bytes) = bytes_of("every_signature_of_the_nemesis_block_holds", "nemesis-mainnet.bin") else { return };
    let block = decode_block(&bytes).expect("sound");
    block.verify().expect("1,354 signatures hold");
    let mut forged = block.clone();
    forged.transactions[700].transaction.head.fee += 1;
    let error = forged.verify().expect_err("the block's own signature covers its transactions");
    assert_eq!(error.to_string(), format!("the signature is not by {}", block.harvester));
}

#[test]
fn the_first_transaction_wishes_luck() {
    let Some(bytes) = bytes_of("the_first_transaction_wishes_luck", "nemesis-mainnet.bin") else { return };
    let block = decode_block(&bytes).expect("sound");
    let first = &block.transactions[0];
    assert!(first.hash().to_string().starts_with("e90e9861"));
    assert!(first.hash().to_string().ends_with("71cb"));
    let Body::Transfer(transfer) = &first.transaction.body else { panic!("a transfer") };
    let message = transfer.message.as_ref().expect("a message");
    assert_eq!((message.kind, message.payload.as_slice()), (MessageKind::Plain, b"Good luck!".as_slice()));
    for signed in &block.transactions {
        let Body::Modification(modification) = &signed.transaction.body else { continue };
        assert_eq!(modification.minimum, None);
        assert!(modification.changes.iter().all(|change| change.kind == ChangeKind::Add));
    }
}

#[test]
fn the_test_network_s_nemesis_is_the_same_from_json_and_from_bytes() {
    let test = "the_test_network_s_nemesis_is_the_same_from_json_and_from_bytes";
    let Some(bytes) = bytes_of(test, "nemesis-testnet.bin") else { return };
    let text = String::from_utf8(bytes_of(test, "nemesis-testnet.json").expect("beside it")).expect("utf-8");
    let (from_bytes, from_json) = (decode_block(&bytes).expect("sound"), parse_block(&text).expect("sound"));
    assert_eq!(from_bytes.transactions.len(), 162);
    assert_eq!(from_json.hash(), from_bytes.hash());
    assert!(from_json == from_bytes, "field by field");
    assert_eq!(encode::block(&from_json), bytes);
    from_json.verify().expect("163 signatures hold");
}

#[test]
fn a_generation_hash_is_made_of_the_one_before_and_the_harvester() {
    let Some(bytes) = bytes_of("a_generation_hash_is_made_of_the_one_before", "nemesis-mainnet.bin") else { return };
    let block = decode_block(&bytes).expect("sound");
    let next = hash::generation_hash(&Hash::ZERO, &block.harvester);
    assert_eq!(next, hash::keccak256(&[[0; 32], block.harvester.0].concat()));
}

/// The test network's first block, told as a node tells it to local callers.
fn explorer_view(test: &str) -> Option<(Block, Value)> {
    let block = decode_block(&bytes_of(test, "nemesis-testnet.bin")?).expect("sound");
    let plain: Value = serde_json::from_slice(&bytes_of(test, "nemesis-testnet.json")?).expect("JSON");
    let transactions = plain["transactions"].as_array().expect("a list").iter();
    let told = |(tx, signed): (&Value, &SignedTransaction)| json!({"tx": tx, "hash": signed.hash().to_string()});
    let txes: Vec<Value> = transactions.zip(&block.transactions).map(told).collect();
    let beneficiary = block.harvested_by().to_string();
    let view = json!({
        "block": plain, "hash": block.hash().to_string(), "txes": txes,
        "difficulty": 100_000_000_000_000_u64, "beneficiary": beneficiary, "totalFee": 0,
    });
    Some((block, view))
}

/// What is untrue about a view, and how it is told.
type Lie = (&'static str, fn(&mut Value));

#[test]
fn a_block_told_with_its_hashes_is_held_to_them() {
    let Some((block, view)) = explorer_view("a_block_told_with_its_hashes_is_held_to_them") else { return };
    let read = parse_explorer_block(&view.to_string()).expect("the truth");
    assert!(read.block == block);
    assert_eq!(read.beneficiary, block.harvested_by());
    let lies: [Lie; 6] = [
        ("another block's hash", |view| view["hash"] = json!("ab".repeat(32))),
        ("another transaction's hash", |view| view["txes"][3]["hash"] = view["txes"][4]["hash"].clone()),
        ("a transaction left out of the list", |view| drop(view["txes"].as_array_mut().expect("a list").pop())),
        ("two transactions in the other order", |view| view["txes"].as_array_mut().expect("a list").swap(0, 1)),
        ("another amount in the block", |view| view["block"]["transactions"][0]["amount"] = json!(1)),
        ("another height", |view| view["block"]["height"] = json!(2)),
    ];
    for (lie, tell) in lies {
        let mut view = view.clone();
        tell(&mut view);
        assert!(parse_explorer_block(&view.to_string()).is_err(), "{lie}");
    }
}
