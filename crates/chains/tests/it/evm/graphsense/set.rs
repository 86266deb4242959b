//! The set: what stands in its files, put into our forms and read by the code that reads blocks.

use std::collections::BTreeMap;
use std::path::Path;

use coinhound_chains::evm::token::TokenEvent;
use coinhound_chains::evm::trace::{TxTrace, parse_trace_block};
use coinhound_chains::evm::{Address, Hash, Log};
use coinhound_testkit::tables;
use data_encoding::{BASE64, HEXLOWER};
use ruint::aliases::U256;
use serde_json::{Value, json};

pub const TOKENS: [(&str, &str); 3] = [
    ("WETH", "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"),
    ("USDT", "dac17f958d2ee523a2206206994597c13d831ec7"),
    ("USDC", "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"),
];

/// One row of the traces.
#[derive(Clone, Debug)]
pub struct Row {
    pub from: Option<Address>,
    pub to: Address,
    pub units: U256,
    pub is_ok: bool,
    /// `call`, `delegatecall`, `staticcall`; empty for what is no call.
    pub call: String,
    /// `call`, `create`, `reward` or `genesis`.
    pub kind: String,
    pub path: Vec<u32>,
    pub tx: Option<Hash>,
}

/// A transfer of one of the three tokens.
pub struct Transfer {
    pub block: u64,
    pub tx_index: u64,
    pub log_index: u64,
    pub tx: Hash,
    pub token: &'static str,
    pub from: Address,
    pub to: Address,
    pub units: U256,
}

/// From whom, to whom, how much.
pub type Moves = Vec<(Address, Address, U256)>;

/// A transaction of the set.
pub struct Tx {
    /// Block and position, as one number.
    pub id: u64,
    pub from: Address,
    pub to: Option<Address>,
    pub units: U256,
}

pub struct Set {
    pub txs: BTreeMap<Hash, Tx>,
    pub rows: Vec<Row>,
    pub transfers: Vec<Transfer>,
    pub addresses: Vec<Value>,
    pub relations: Vec<Value>,
    pub usdt: Vec<Value>,
}

pub fn address(text: &str) -> Option<Address> {
    let digits = text.strip_prefix("0x")?;
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok().map(Address)
}

pub fn hash(text: &str) -> Option<Hash> {
    let digits = text.strip_prefix("0x")?;
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok().map(Hash)
}

pub fn base64<const N: usize>(told: &Value) -> [u8; N] {
    let bytes = BASE64.decode(told.as_str().expect("a text").as_bytes()).expect("base64");
    bytes.try_into().expect("of this length")
}

/// A whole number as this set writes it: also `199e17`.
pub fn units(text: &str) -> U256 {
    let (digits, zeros) = text.split_once('e').unwrap_or((text, "0"));
    let digits: U256 = digits.parse().expect("digits");
    digits * U256::from(10).pow(zeros.parse().expect("digits"))
}

/// An amount, which [`lines`] leaves as it is written.
pub fn number(told: &Value) -> U256 {
    units(told.as_str().unwrap_or(&told.to_string()))
}

/// The same JSON with every number of more than 15 digits as a text: none of them fits a float.
pub fn exact(line: &str) -> String {
    let (mut exact, mut is_text) = (String::with_capacity(line.len()), false);
    for part in line.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
        let digits = part.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        if digits.len() > 15 && !is_text && !exact.ends_with('.') {
            exact.extend(["\"", digits, "\"", &part[digits.len()..]]);
        } else {
            exact.push_str(part);
        }
        is_text ^= part.ends_with('"');
    }
    exact
}

pub fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("readable");
    text.lines().map(|line| serde_json::from_str(&exact(line)).expect("JSON")).collect()
}

pub fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path).expect("a table").deserialize().map(|row| row.expect("a row")).collect()
}

pub fn rows(path: &Path) -> Vec<Row> {
    let of = |row: &BTreeMap<String, String>| {
        let mut name = row["traceId"].split('_');
        let kind = name.next().expect("a kind").to_owned();
        let path = name.skip(1).filter(|step| !step.is_empty()).map(|step| step.parse().expect("a step"));
        let place: u64 =
            row["blockId"].parse::<u64>().expect("a height") << 32 | row["traceIndex"].parse::<u64>().expect("a place");
        let (from, to, units) = (address(&row["fromAddress"]), address(&row["toAddress"]), units(&row["value"]));
        let (is_ok, call, tx) = (row["status"] == "1", row["callType"].clone(), hash(&row["txHash"]));
        (
            place,
            Row {
                from,
                to: to.expect("everybody sends to somebody"),
                units,
                is_ok,
                call,
                path: path.collect(),
                kind,
                tx,
            },
        )
    };
    let mut rows: Vec<_> = table(path).iter().map(of).collect();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The transfers that our reading of logs finds, of the three tokens.
pub fn transfers(path: &Path) -> Vec<Transfer> {
    let mut found = Vec::new();
    for told in lines(path) {
        let contract = address(told["address"].as_str().expect("a text")).expect("an address");
        let topics = told["topics"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|topic| hash(topic.as_str().expect("a text")).expect("a hash"));
        let data = told["data"].as_str().and_then(|text| text.strip_prefix("0x")).expect("bytes");
        let log = Log {
            address: contract,
            topics: topics.collect(),
            data: HEXLOWER.decode(data.as_bytes()).expect("digits"),
        };
        let token = TOKENS.iter().find(|(_, digits)| format!("0x{digits}") == contract.to_string().to_lowercase());
        let (Some((token, _)), Some(TokenEvent::Fungible { from, to, units }), 3) =
            (token, TokenEvent::of(&log), log.topics.len())
        else {
            continue;
        };
        // Nobody is the zero address in that tool's tables.
        let [from, to] = [from, to].map(|side| side.unwrap_or(Address::ZERO));
        let number = |field: &str| told[field].as_u64().expect("a number");
        let (block, tx_index, log_index) = (number("blockId"), number("transactionIndex"), number("logIndex"));
        let tx = hash(told["txHash"].as_str().expect("a text")).expect("a hash");
        found.push(Transfer { block, tx_index, log_index, tx, token, from, to, units });
    }
    found
}

pub fn set(test: &str) -> Option<Set> {
    let folder = tables::data_folder(test)?.join("ethereum/graphsense-tokens");
    let txs = table(&folder.join("transactions.csv"));
    let tx = |row: &BTreeMap<String, String>| {
        let number = |field: &str| row[field].parse::<u64>().expect("a number");
        let (id, units) = (number("blockId") << 32 | number("transactionIndex"), units(&row["value"]));
        let from = address(&row["fromAddress"]).expect("a sender");
        (hash(&row["txHash"]).expect("a hash"), Tx { id, from, to: address(&row["toAddress"]), units })
    };
    let reference = folder.join("reference");
    let set = Set {
        txs: txs.iter().map(tx).collect(),
        rows: rows(&folder.join("traces.csv")),
        transfers: transfers(&folder.join("logs.json")),
        addresses: lines(&reference.join("addresses.json")),
        relations: lines(&reference.join("address_relations.json")),
        usdt: lines(&reference.join("USDT_token_transfers.json")),
    };
    assert_eq!((set.txs.len(), set.rows.len(), set.addresses.len(), set.relations.len()), (332, 5_547, 782, 2_454));
    Some(set)
}

impl Set {
    pub fn is_in(&self, tx: Option<Hash>) -> bool {
        tx.is_some_and(|tx| self.txs.contains_key(&tx))
    }

    /// Successful traces, those of transactions.
    pub fn done(&self) -> impl Iterator<Item = (&Row, Address, Hash)> {
        self.rows.iter().filter(|row| row.is_ok).filter_map(|row| Some((row, row.from?, row.tx?)))
    }

    /// What our reader of traces makes of each transaction, and its own value where it did not fail.
    pub fn read(&self) -> BTreeMap<Hash, (TxTrace, Moves)> {
        let mut by_tx = BTreeMap::<Hash, Vec<&Row>>::new();
        self.rows.iter().for_each(|row| row.tx.into_iter().for_each(|tx| by_tx.entry(tx).or_default().push(row)));
        let read = |(tx, rows): (Hash, Vec<&Row>)| {
            let told: Vec<_> = top(&rows).into_iter().chain(rows.iter().map(|row| told(row))).collect();
            let text = Value::Array(told).to_string();
            let trace = parse_trace_block(&text, 1).expect("a transaction's traces").remove(0);
            let own = rows.iter().filter(|row| row.path.is_empty() && row.is_ok && !row.units.is_zero());
            let own = own.map(|row| (row.from.expect("a sender"), row.to, row.units));
            let inside = trace.internals.iter().map(|inside| (inside.from, inside.to, inside.units));
            let moves = own.chain(inside).collect();
            (tx, (trace, moves))
        };
        by_tx.into_iter().map(read).collect()
    }
}

/// Three transactions that made contracts stand there without the call that contains all others.
pub fn top(rows: &[&Row]) -> Option<Value> {
    let is_there = rows.iter().any(|row| row.path.is_empty());
    (!is_there)
        .then(|| told(&Row { path: Vec::new(), kind: "call".to_owned(), call: "call".to_owned(), ..rows[0].clone() }))
}

/// As `trace_block` tells it.
pub fn told(row: &Row) -> Value {
    let quantity = format!("0x{:x}", row.units);
    let (from, to) = (row.from.map(|from| from.to_string()), row.to.to_string());
    let tx = row.tx.map(|tx| tx.to_string());
    let mut told =
        json!({ "type": row.kind, "traceAddress": row.path, "transactionPosition": 0, "transactionHash": tx });
    if row.kind == "create" {
        told["action"] = json!({ "from": from, "value": quantity, "init": "0x" });
        told["result"] = json!({ "address": to });
    } else {
        told["action"] = json!({ "from": from, "to": to, "value": quantity, "callType": row.call });
    }
    if !row.is_ok {
        told["error"] = json!("Reverted");
    }
    told
}
