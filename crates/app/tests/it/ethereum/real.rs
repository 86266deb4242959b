//! Two real blocks of mainnet, from an export with its receipts to answers.

use std::fs;

use coinhound_chains::evm::rlp::{Reader, Writer};
use serde_json::json;

use super::{AT, ask};
use crate::run::{Home, data};

/// A block as `geth export` writes it, and its receipts.
fn export(text: &str) -> (Vec<u8>, Vec<u8>) {
    let field = |name: &str| -> Vec<u8> {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: 0x"))).expect("a field");
        let byte = |at: usize| u8::from_str_radix(&line[at..at + 2], 16).expect("hexadecimal");
        (0..line.len() / 2).map(|at| byte(2 * at)).collect()
    };
    let mut block = Writer::new();
    block.raw(&field("header"));
    let body = field("body");
    let mut items = Reader::of_list(&body).expect("a list");
    while !items.is_empty() {
        block.raw(items.raw().expect("an item"));
    }
    (block.into_list(), field("receipts"))
}

#[test]
fn real_blocks_answer_by_transaction_and_token_and_say_that_traces_are_missing() {
    let home = Home::new();
    let (mut blocks, mut receipts) = (Vec::new(), Vec::new());
    for number in [22_431_083, 22_431_084] {
        let name = format!("ethereum/history-with-receipts/block-data-{number}.yaml");
        let Some(path) = data(&name) else { return };
        let (block, of_block) = export(&fs::read_to_string(path).expect("readable"));
        blocks.extend(block);
        receipts.extend(of_block);
    }
    fs::create_dir(home.path().join("export")).expect("writable");
    fs::write(home.path().join("export/b.rlp"), blocks).expect("writable");
    fs::write(home.path().join("export/b.receipts.rlp"), receipts).expect("writable");
    let ran = home.run("ingest --blocks export --network ethereum");
    assert_eq!(ran.exit, 3, "without traces a store is not whole: {}{}", ran.out, ran.err);
    let status = ask(&home, "status");
    assert_eq!(status["blocks"], json!({ "first": 22_431_083, "last": 22_431_084 }));
    assert_eq!((&status["untraced"]["blocks"], &status["network"]), (&json!(2), &json!("Ethereum")));
    let known: Vec<&str> = status["assets"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|asset| asset["told_by"] == "the table of well-known tokens")
        .filter_map(|asset| asset["ticker"].as_str())
        .collect();
    assert!(known.contains(&"USDT") && known.contains(&"WETH"), "{known:?}");
    let block = ask(&home, "show 22431083 --limit 1000");
    let tx = block["transaction_list"][0]["transaction"].as_str().expect("a hash").to_owned();
    let shown = home.ok(&format!("{AT} show {tx}"));
    assert!(shown.contains(&tx) && shown.contains("INCOMPLETE") && shown.contains("ETH"), "{shown}");
    home.ok(&format!("{AT} store check"));
}
