//! What nodes were recorded to answer gives the tables beside it, in every column that is held here.
//!
//! Not held, and so not compared: the sum of difficulties and the length of a whole block (a node's word; ours is the
//! header's length), the extra data and nonce of a header (hashed, not kept), names of rows, and what only later chains have.
//! What a contract calls its tokens is asked of nodes and never stored.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use coinhound_chains::evm::json::{parse_block, parse_receipts};
use coinhound_chains::evm::rlp::Writer;
use coinhound_chains::evm::rows::{ether, rows, token};
use coinhound_chains::evm::token::TokenEvent;
use coinhound_chains::evm::trace::parse_trace_block;
use coinhound_chains::evm::{Address, Block, Log, MAINNET, Receipt, list_root};
use coinhound_testkit::tables;
use data_encoding::HEXLOWER;
use ruint::aliases::U256;
use serde_json::Value;

use super::graphsense::set::{address, hash, lines, table};

type Row = BTreeMap<String, String>;

fn folder(test: &str) -> Option<PathBuf> {
    Some(tables::data_folder(test)?.join("ethereum/rpc-recordings"))
}

/// What stands in a node's whole answer.
fn result(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str::<Value>(&text).expect("JSON")["result"].to_string()
}

/// A table of either form, all of it as text.
fn expected(folder: &Path, name: &str) -> Vec<Row> {
    let csv = folder.join(format!("{name}.csv"));
    if csv.exists() {
        return table(&csv);
    }
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let row =
        |row: Value| row.as_object().expect("a row").iter().map(|(name, value)| (name.clone(), text(value))).collect();
    lines(&folder.join(format!("{name}.json"))).into_iter().map(row).collect()
}

fn low(address: Address) -> String {
    address.to_string().to_lowercase()
}

/// The recorded blocks of a folder.
fn blocks(folder: &Path) -> Vec<Block> {
    let is_block = |path: &&PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("web3_response.eth_getBlockByNumber_0x") && name.ends_with("_true.json")
    };
    let paths = super::paths(folder);
    paths
        .iter()
        .filter(is_block)
        .map(|path| parse_block(&result(path), Vec::new(), MAINNET).expect("a real block"))
        .collect()
}

fn block_columns(block: &Block) -> Vec<(&'static str, String)> {
    let header = &block.header;
    vec![
        ("number", header.number.to_string()),
        ("hash", header.hash.to_string()),
        ("parent_hash", header.parent.to_string()),
        ("sha3_uncles", header.uncles_hash.to_string()),
        ("logs_bloom", format!("0x{}", HEXLOWER.encode(&header.bloom))),
        ("transactions_root", header.transactions_root.to_string()),
        ("state_root", header.state_root.to_string()),
        ("receipts_root", header.receipts_root.to_string()),
        ("miner", low(header.beneficiary)),
        ("difficulty", header.difficulty.to_string()),
        ("gas_limit", header.gas_limit.to_string()),
        ("gas_used", header.gas_used.to_string()),
        ("timestamp", header.time.to_string()),
        ("transaction_count", block.transactions.len().to_string()),
        ("base_fee_per_gas", header.base_fee.map(|fee| fee.to_string()).unwrap_or_default()),
    ]
}

fn tx_columns(block: &Block, at: usize) -> Vec<(&'static str, String)> {
    let tx = &block.transactions[at];
    vec![
        ("hash", tx.hash.to_string()),
        ("nonce", tx.nonce.to_string()),
        ("block_hash", block.header.hash.to_string()),
        ("block_number", block.header.number.to_string()),
        ("block_timestamp", block.header.time.to_string()),
        ("transaction_index", at.to_string()),
        ("from_address", low(tx.from)),
        ("to_address", tx.to.map(low).unwrap_or_default()),
        ("value", tx.value.to_string()),
        ("gas", tx.gas_limit.to_string()),
        ("gas_price", tx.price.max.to_string()),
        ("input", format!("0x{}", HEXLOWER.encode(&tx.input))),
        ("transaction_type", (tx.kind as u8).to_string()),
    ]
}

fn compare(got: &[(&'static str, String)], want: &Row) {
    for (column, got) in got {
        let want = want.get(*column).unwrap_or_else(|| panic!("no column {column}"));
        assert_eq!(got, want, "{column}");
    }
}

#[test]
fn recorded_blocks_and_transactions_have_the_columns_of_their_tables() {
    let Some(data) = folder("recorded_blocks_and_transactions_have_the_columns_of_their_tables") else { return };
    let (mut seen, mut txs) = (0, 0);
    for name in [
        "test_export_blocks_job/block_with_logs",
        "test_export_blocks_job/block_without_transactions",
        "test_export_blocks_job/blocks_with_transactions",
        "test_stream/blocks_1755634_1755635",
    ] {
        let folder = data.join(name);
        let (blocks, want) = (blocks(&folder), expected(&folder, "expected_blocks"));
        let mut transactions = expected(&folder, "expected_transactions").into_iter();
        assert_eq!(blocks.len(), want.len(), "{name}");
        for (block, want) in blocks.iter().zip(&want) {
            compare(&block_columns(block), want);
            (0..block.transactions.len())
                .for_each(|at| compare(&tx_columns(block, at), &transactions.next().expect("a row")));
            txs += block.transactions.len();
        }
        assert_eq!(transactions.count(), 0);
        seen += blocks.len();
    }
    assert_eq!((seen, txs), (6, 10));
}

#[test]
fn recorded_receipts_prove_the_logs_and_token_transfers_of_their_tables() {
    let Some(data) = folder("recorded_receipts_prove_the_logs_and_token_transfers_of_their_tables") else { return };
    let folder = data.join("test_stream/blocks_1755634_1755635");
    let block = blocks(&folder).pop().expect("the block with transactions");
    let told = block
        .transactions
        .iter()
        .map(|tx| result(&folder.join(format!("web3_response.eth_getTransactionReceipt_{}.json", tx.hash))));
    let receipts = parse_receipts(&format!("[{}]", told.collect::<Vec<_>>().join(","))).expect("receipts");
    block.check_receipts(&receipts).expect("the block's own");
    for (receipt, want) in receipts.iter().zip(expected(&folder, "expected_transactions")) {
        assert_eq!(receipt.gas_used_so_far.to_string(), want["receipt_cumulative_gas_used"]);
        assert_eq!(
            receipt.ending,
            coinhound_chains::evm::Ending::NotTold(hash(&want["receipt_root"]).expect("a root"))
        );
    }
    let logs: Vec<_> = receipts.iter().flat_map(|receipt| &receipt.logs).collect();
    let want = expected(&folder, "expected_logs");
    assert_eq!(logs.len(), want.len());
    for (log, want) in logs.iter().zip(&want) {
        assert_eq!(
            (low(log.address), format!("0x{}", HEXLOWER.encode(&log.data))),
            (want["address"].clone(), want["data"].clone())
        );
        let topics: Vec<_> = log.topics.iter().map(ToString::to_string).collect();
        assert_eq!(serde_json::to_value(topics).expect("JSON").to_string(), want["topics"]);
    }
    let rows = rows(&block, &receipts, None).expect("rows").block;
    let moved: Vec<_> = rows.txs.iter().flat_map(|tx| &tx.moves).filter(|row| row.token != ether()).collect();
    let want = expected(&folder, "expected_token_transfers");
    assert_eq!(moved.len(), want.len());
    for (row, want) in moved.iter().zip(&want) {
        let account = |column: &str| Some(address(&want[column]).expect("an address").account());
        assert_eq!(row.token, token(&address(&want["token_address"]).expect("an address")));
        assert_eq!((row.from.clone(), row.to.clone()), (account("from_address"), account("to_address")));
        assert_eq!(row.units.to_string(), want["value"]);
    }
}

/// A log as a table or a filter tells it.
fn log(told: &Value) -> Log {
    let text = |field: &str| told[field].as_str().expect("a text");
    let topics = told["topics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|topic| hash(topic.as_str().expect("a text")).expect("a hash"));
    let data = HEXLOWER.decode(text("data").strip_prefix("0x").expect("bytes").as_bytes()).expect("digits");
    Log { address: address(text("address")).expect("an address"), topics: topics.collect(), data }
}

/// Contract, from, to and amount, as the tables have them: nobody is the zero address.
fn transfer(log: &Log) -> Option<[String; 4]> {
    // Wrapping and unwrapping ether is no `Transfer`, and not in the tables.
    let TokenEvent::Fungible { from, to, units } = TokenEvent::of(log).filter(|_| log.topics.len() == 3)? else {
        return None;
    };
    let [from, to] = [from, to].map(|side| low(side.unwrap_or(Address::ZERO)));
    Some([low(log.address), from, to, units.to_string()])
}

fn transfer_row(row: &Row) -> [String; 4] {
    ["token_address", "from_address", "to_address", "value"].map(|column| row[column].clone())
}

#[test]
fn logs_that_a_filter_told_give_the_transfers_of_the_table() {
    let Some(data) = folder("logs_that_a_filter_told_give_the_transfers_of_the_table") else { return };
    let folder = data.join("test_export_token_transfers_job/block_with_transfers");
    let told: Vec<Value> =
        serde_json::from_str(&result(&folder.join("web3_response.eth_getFilterLogs_0x0.json"))).expect("a list");
    let got: Vec<_> = told.iter().map(log).filter_map(|log| transfer(&log)).collect();
    let want: Vec<_> = expected(&folder, "expected_token_transfers").iter().map(transfer_row).collect();
    assert!(!want.is_empty());
    assert_eq!(got, want);
}

#[test]
fn logs_of_two_whole_blocks_give_the_transfers_of_the_table_and_their_withdrawals_the_root() {
    let Some(data) = folder("logs_of_two_whole_blocks_give_the_transfers_of_the_table_and_their_withdrawals_the_root")
    else {
        return;
    };
    let folder = data.join("test_stream/blocks_17173049_17173050");
    let logs = lines(&folder.join("expected_logs.json"));
    let got: Vec<_> = logs.iter().map(log).filter_map(|log| transfer(&log)).collect();
    let want = expected(&folder, "expected_token_transfers");
    // That tool also takes the number of a token that is like no other for an amount (four topics): here it moves none.
    let is_unique = |told: &&Value| matches!(TokenEvent::of(&log(told)), Some(TokenEvent::Unique { .. }));
    let unique: BTreeSet<_> = logs
        .iter()
        .filter(is_unique)
        .map(|told| (told["transaction_hash"].to_string(), told["log_index"].to_string()))
        .collect();
    let place = |row: &Row| (format!("\"{}\"", row["transaction_hash"]), row["log_index"].clone());
    let (others, want): (Vec<_>, Vec<_>) = want.iter().partition(|row| unique.contains(&place(row)));
    assert_eq!(got, want.into_iter().map(transfer_row).collect::<Vec<_>>());
    assert_eq!((logs.len(), got.len() + others.len()), (681, 291));
    let mut bloom = [0; 256];
    for (block, row) in lines(&folder.join("expected_blocks.json")).iter().zip(expected(&folder, "expected_blocks")) {
        let of_block = logs.iter().filter(|told| told["block_number"] == block["number"]).map(log).collect();
        let receipt =
            Receipt { kind: 2, ending: coinhound_chains::evm::Ending::Succeeded, gas_used_so_far: 0, logs: of_block };
        bloom.copy_from_slice(&receipt.bloom());
        assert_eq!(format!("0x{}", HEXLOWER.encode(&bloom)), row["logs_bloom"], "all logs of the block are there");
        let encode = |told: &Value| {
            let mut list = Writer::new();
            let number = |field: &str| U256::from(told[field].as_u64().expect("a number"));
            list.uint(number("index"));
            list.uint(number("validator_index"));
            list.bytes(&address(told["address"].as_str().expect("a text")).expect("an address").0);
            list.uint(number("amount"));
            list.into_list()
        };
        let items: Vec<_> = block["withdrawals"].as_array().expect("a list").iter().map(encode).collect();
        assert_eq!(list_root(&items).to_string(), row["withdrawals_root"]);
    }
}

#[test]
fn recorded_traces_tell_who_made_the_contract_of_the_table() {
    let Some(data) = folder("recorded_traces_tell_who_made_the_contract_of_the_table") else { return };
    for (block, hex, transactions) in [("2112234", "203aea", 1), ("508110", "7c0ce", 2)] {
        let folder = data.join(format!("test_stream/blocks_{block}_{block}"));
        let told = result(&folder.join(format!("web3_response.trace_block_0x{hex}.json")));
        let traces = parse_trace_block(&told, transactions).expect("a node's answer");
        assert!(traces.iter().all(|trace| !trace.failed && trace.made.is_empty() && trace.runs.is_none()));
        // Both contracts were made by a transaction of its own, so their addresses follow without traces.
        let creates = |row: &&Row| row["trace_type"] == "create";
        let made: Vec<_> =
            expected(&folder, "expected_traces").iter().filter(creates).map(|row| row["to_address"].clone()).collect();
        let contracts: Vec<_> =
            expected(&folder, "expected_contracts").iter().map(|row| row["address"].clone()).collect();
        assert_eq!(made, contracts, "block {block}");
        let rewards = expected(&folder, "expected_traces");
        let rewards = rewards.iter().filter(|row| row["trace_type"] == "reward").map(|row| row["value"].clone());
        let uncle = (block == "508110").then(|| "3750000000000000000".to_owned());
        let own = if block == "508110" { "5156250000000000000" } else { "5000000000000000000" };
        assert_eq!(rewards.collect::<Vec<_>>(), [own.to_owned()].into_iter().chain(uncle).collect::<Vec<_>>());
    }
}
