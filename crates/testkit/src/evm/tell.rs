//! How each lie is told: in a result, in its text, in the envelope, or below JSON.

use coinhound_sim::evm::EvmBlock;
use serde_json::{Value, json};

use crate::evm::lie::EvmLie;
use crate::evm::twist::{self, flat, forge, log, pop, push, receipt, remove, set, swap, trace, turn, tx};
use crate::loopback::wire::WireLie;

pub(crate) const CHAIN_ID: &str = "eth_chainId";
pub(crate) const BLOCK: &str = "eth_getBlockByNumber";
pub(crate) const UNCLE: &str = "eth_getUncleByBlockHashAndIndex";
pub(crate) const RECEIPTS: &str = "eth_getBlockReceipts";
pub(crate) const RECEIPT: &str = "eth_getTransactionReceipt";
pub(crate) const TRACES: &str = "debug_traceBlockByNumber";
pub(crate) const FLAT: &str = "trace_block";

/// What there is to lie with when a question is answered.
pub(crate) struct Seen<'s> {
    /// The block that it is about.
    pub(crate) block: Option<&'s EvmBlock>,
    /// The block below.
    pub(crate) below: Option<&'s EvmBlock>,
    /// The block of another branch at the height.
    pub(crate) aside: Option<&'s EvmBlock>,
    /// The block of a chain with another number at the height.
    pub(crate) foreign: Option<&'s EvmBlock>,
    /// The how manieth question it is in which the lie can be told.
    pub(crate) nth: u64,
}

/// Changes what a method answers; whether it did.
type Twist = fn(&mut Value, &Seen<'_>) -> bool;

/// How a lie is told.
#[derive(Clone, Copy)]
pub(crate) enum Telling {
    /// In the result of a method.
    Result(&'static str, Twist),
    /// In the text of a method's result.
    Text(&'static str, fn(&str) -> String),
    /// Around a result: the question's id and the true result come in.
    Envelope(fn(&Value, &Value) -> String),
    /// As another HTTP answer.
    Http(&'static str, &'static [u8]),
    /// Below HTTP.
    Wire(WireLie),
    /// By another chain than the one it serves.
    Chain,
}

use EvmLie as L;
use Telling::{Envelope, Http, Result as In, Text, Wire};

impl Telling {
    /// How this lie is told.
    pub(crate) fn of(lie: EvmLie) -> Self {
        let tellings =
            [of_chains, of_blocks, of_headers, of_transactions, of_json, of_receipts, of_traces, of_envelopes];
        tellings.iter().find_map(|tell| tell(lie)).unwrap_or_else(|| on_the_wire(lie))
    }
}

fn of_chains(lie: L) -> Option<Telling> {
    Some(match lie {
        L::OtherChain => In(CHAIN_ID, |told, _| set(told, json!("0x38"))),
        L::ObjectChain => In(CHAIN_ID, |told, _| set(told, json!({}))),
        L::NullChain => In(CHAIN_ID, |told, _| set(told, Value::Null)),
        L::NumberChain => In(CHAIN_ID, |told, _| set(told, json!(1))),
        L::HugeChain => In(CHAIN_ID, |told, _| set(told, huge())),
        L::TipNotThere => In(BLOCK, |told, seen| forge(told, seen, |header| header.number += 5)),
        L::HugeTip => In(BLOCK, |told, seen| forge(told, seen, |header| header.number = u64::MAX)),
        L::NullTip => In(BLOCK, |told, _| set(told, Value::Null)),
        L::FallingTip => {
            In(BLOCK, |told, seen| forge(told, seen, |header| header.number = header.number.saturating_sub(seen.nth)))
        }
        L::ForkAtEveryQuestion => Telling::Chain,
        _ => return None,
    })
}

fn of_blocks(lie: L) -> Option<Telling> {
    Some(match lie {
        L::NullBlock => In(BLOCK, |told, _| set(told, Value::Null)),
        L::ListBlock => In(BLOCK, |told, _| set(told, json!([]))),
        L::BlockBelow => In(BLOCK, |told, seen| twist::other_block(told, seen.below)),
        L::BlockAside => In(BLOCK, |told, seen| twist::other_block(told, seen.aside)),
        L::ForeignBlock => In(BLOCK, |told, seen| twist::other_block(told, seen.foreign)),
        L::OtherParent => In(BLOCK, |told, _| turn(&mut told["parentHash"])),
        L::OtherHash => In(BLOCK, |told, _| turn(&mut told["hash"])),
        L::OtherBeneficiary => In(BLOCK, |told, _| turn(&mut told["miner"])),
        L::OtherTime => In(BLOCK, |told, _| turn(&mut told["timestamp"])),
        L::OtherHeight => In(BLOCK, |told, _| turn(&mut told["number"])),
        L::OtherBaseFee => In(BLOCK, |told, _| turn(&mut told["baseFeePerGas"])),
        L::OtherStateRoot => In(BLOCK, |told, _| turn(&mut told["stateRoot"])),
        L::OtherReceiptsRoot => In(BLOCK, |told, _| turn(&mut told["receiptsRoot"])),
        L::OtherGasUsed => In(BLOCK, |told, _| turn(&mut told["gasUsed"])),
        L::OtherBloom => In(BLOCK, |told, _| turn(&mut told["logsBloom"])),
        L::HugeExtra => {
            In(BLOCK, |told, _| set(&mut told["extraData"], json!(format!("0x{}", "ab".repeat(1_000_000)))))
        }
        L::ExtraUncle => In(BLOCK, |told, _| push(&mut told["uncles"], twist::nobody())),
        L::ThreeUncles => In(BLOCK, |told, _| set(&mut told["uncles"], json!(vec![twist::nobody(); 3]))),
        L::OtherUncle => In(UNCLE, |told, _| turn(&mut told["miner"])),
        L::NullUncle => In(UNCLE, |told, _| set(told, Value::Null)),
        L::ExtraWithdrawal => In(BLOCK, |told, _| twist::extra_withdrawal(told)),
        L::MissingWithdrawal => In(BLOCK, |told, _| pop(&mut told["withdrawals"])),
        L::OtherWithdrawal => In(BLOCK, |told, _| twist::at(told, "/withdrawals/0/amount", turn)),
        L::ReorderedWithdrawals => In(BLOCK, |told, _| swap(&mut told["withdrawals"])),
        L::NoWithdrawals => In(BLOCK, |told, _| remove(told, "withdrawals")),
        L::NoWithdrawalsRoot => In(BLOCK, |told, _| remove(told, "withdrawalsRoot")),
        _ => return None,
    })
}

fn of_headers(lie: L) -> Option<Telling> {
    Some(match lie {
        L::ForgedParent => In(BLOCK, |told, seen| forge(told, seen, |header| header.parent.0[7] ^= 1)),
        L::ForgedHeight => In(BLOCK, |told, seen| forge(told, seen, |header| header.number += 1)),
        L::ForgedTime => In(BLOCK, |told, seen| forge(told, seen, |header| header.time -= 100_000_000)),
        L::ForgedBaseFee => {
            In(BLOCK, |told, seen| forge(told, seen, |header| header.base_fee += ruint::aliases::U256::from(1)))
        }
        L::ForgedGasUsed => In(BLOCK, |told, seen| forge(told, seen, |header| header.gas_used += 1)),
        L::ForgedBloom => In(BLOCK, |told, seen| forge(told, seen, |header| header.bloom[9] ^= 1)),
        L::ForgedTransactionsRoot => {
            In(BLOCK, |told, seen| forge(told, seen, |header| header.transactions_root.0[0] ^= 1))
        }
        L::ForgedReceiptsRoot => In(BLOCK, |told, seen| forge(told, seen, |header| header.receipts_root.0[0] ^= 1)),
        L::ForgedWithdrawalsRoot => In(BLOCK, |told, seen| {
            told.get("withdrawals").is_some() && forge(told, seen, |header| header.withdrawals_root.0[0] ^= 1)
        }),
        L::ForgedUncles => In(BLOCK, |told, seen| forge(told, seen, |header| header.uncles_hash.0[0] ^= 1)),
        _ => return None,
    })
}

fn of_transactions(lie: L) -> Option<Telling> {
    Some(match lie {
        L::NoTransactions => In(BLOCK, |told, _| remove(told, "transactions")),
        L::HashesOnly => In(BLOCK, |told, _| twist::hashes_only(told)),
        L::TextTransactions => In(BLOCK, |told, _| set(&mut told["transactions"], json!("none"))),
        L::MissingTx => In(BLOCK, |told, _| pop(&mut told["transactions"])),
        L::DuplicateTx => In(BLOCK, |told, _| twist::again(&mut told["transactions"])),
        L::ReorderedTxs => In(BLOCK, |told, _| swap(&mut told["transactions"])),
        L::OtherSender => In(BLOCK, |told, _| tx(told, "from", turn)),
        L::OtherReceiver => In(BLOCK, |told, _| tx(told, "to", turn)),
        L::OtherValue => In(BLOCK, |told, _| tx(told, "value", turn)),
        L::OtherInput => In(BLOCK, |told, _| tx(told, "input", |input| set(input, json!("0xabcd")))),
        L::OtherNonce => In(BLOCK, |told, _| tx(told, "nonce", |nonce| set(nonce, json!("0x999")))),
        L::OtherGasLimit => In(BLOCK, |told, _| tx(told, "gas", turn)),
        L::OtherTxHash => In(BLOCK, |told, _| tx(told, "hash", turn)),
        L::OtherSignature => In(BLOCK, |told, _| tx(told, "s", turn)),
        L::MirroredSignature => In(BLOCK, |told, _| twist::mirrored(told)),
        L::ForeignTx => In(BLOCK, |told, _| tx(told, "chainId", |chain| set(chain, json!("0x38")))),
        L::UnknownType => In(BLOCK, |told, _| tx(told, "type", |kind| set(kind, json!("0x7")))),
        L::OtherType => In(BLOCK, |told, _| twist::other_type(told)),
        L::NoPrice => In(BLOCK, |told, _| twist::no_price(told)),
        L::OtherAccessList => In(BLOCK, |told, _| tx(told, "/accessList/0/storageKeys/0", turn)),
        L::OtherBlob => In(BLOCK, |told, _| tx(told, "/blobVersionedHashes/0", turn)),
        L::OtherDelegation => In(BLOCK, |told, _| tx(told, "/authorizationList/0/address", turn)),
        _ => return None,
    })
}

fn of_json(lie: L) -> Option<Telling> {
    Some(match lie {
        L::HugeValue => In(BLOCK, |told, _| tx(told, "value", |value| set(value, huge()))),
        L::NegativeValue => In(BLOCK, |told, _| tx(told, "value", |value| set(value, json!("-0x1")))),
        L::FloatValue => In(BLOCK, |told, _| tx(told, "value", |value| set(value, json!(1.5)))),
        L::NumberValue => In(BLOCK, |told, _| tx(told, "value", |value| set(value, json!(7)))),
        L::NullValue => In(BLOCK, |told, _| tx(told, "value", |value| set(value, Value::Null))),
        L::TextValue => In(BLOCK, |told, _| tx(told, "value", |value| set(value, json!("ten ether")))),
        L::UnicodeValue => In(BLOCK, |told, _| tx(told, "value", |value| set(value, json!("0x\u{ff11}\u{660}")))),
        L::LeadingZero => In(BLOCK, |told, _| tx(told, "value", |value| set(value, json!("0x01")))),
        L::NoDigits => In(BLOCK, |told, _| tx(told, "value", |value| set(value, json!("0x")))),
        L::OddDigits => In(BLOCK, |told, _| tx(told, "input", |input| set(input, json!("0xabc")))),
        L::NoPrefix => In(BLOCK, |told, _| tx(told, "input", |input| set(input, json!("abcd")))),
        L::ShortHash => In(BLOCK, |told, _| twist::resized(&mut told["stateRoot"], 31)),
        L::LongAddress => In(BLOCK, |told, _| tx(told, "from", |from| twist::resized(from, 21))),
        L::ShortBloom => In(BLOCK, |told, _| twist::resized(&mut told["logsBloom"], 255)),
        L::LongNonce => In(BLOCK, |told, _| twist::resized(&mut told["nonce"], 9)),
        L::TwoHashes => Text(BLOCK, |text| text.replacen(r#""hash":"#, r#""hash":"0x00","hash":"#, 1)),
        L::HalfBlock => Text(BLOCK, |text| text[..text.len() / 2].to_owned()),
        _ => return None,
    })
}

fn of_receipts(lie: L) -> Option<Telling> {
    Some(match lie {
        L::NoReceipts => In(RECEIPTS, |told, _| set(told, json!([]))),
        L::NullReceipts => In(RECEIPTS, |told, _| set(told, Value::Null)),
        L::ObjectReceipts => In(RECEIPTS, |told, _| set(told, json!({}))),
        L::ExtraReceipt => In(RECEIPTS, |told, _| twist::again(told)),
        L::MissingReceipt => In(RECEIPTS, |told, _| pop(told)),
        L::ReorderedReceipts => In(RECEIPTS, |told, _| swap(told)),
        L::ReceiptsAside => In(RECEIPTS, |told, seen| twist::other(told, seen, coinhound_sim::evm::json::receipts)),
        L::OtherStatus => In(RECEIPTS, |told, _| receipt(told, "status", turn)),
        L::RootForStatus => In(RECEIPTS, |told, _| twist::root_for_status(told)),
        L::NoStatus => In(RECEIPTS, |told, _| told.get_mut(0).is_some_and(|one| remove(one, "status"))),
        L::OtherReceiptType => In(RECEIPTS, |told, _| receipt(told, "type", turn)),
        L::OtherGas => In(RECEIPTS, |told, _| receipt(told, "cumulativeGasUsed", turn)),
        L::HugeGas => {
            In(RECEIPTS, |told, _| receipt(told, "cumulativeGasUsed", |gas| set(gas, json!("0x10000000000000000"))))
        }
        L::MissingLog => In(RECEIPTS, |told, _| twist::logs(told, 1, pop)),
        L::ExtraLog => In(RECEIPTS, |told, _| twist::logs(told, 1, twist::again)),
        L::ReorderedLogs => In(RECEIPTS, |told, _| twist::logs(told, 2, swap)),
        L::OtherLogAmount => In(RECEIPTS, |told, _| log(told, "data", turn)),
        L::OtherLogContract => In(RECEIPTS, |told, _| log(told, "address", turn)),
        L::OtherLogReceiver => In(RECEIPTS, |told, _| log(told, "/topics/2", turn)),
        L::MissingTopic => In(RECEIPTS, |told, _| log(told, "topics", pop)),
        L::FiveTopics => In(RECEIPTS, |told, _| log(told, "topics", |list| set(list, json!(vec![twist::nobody(); 5])))),
        L::LongTopic => In(RECEIPTS, |told, _| log(told, "/topics/0", |topic| twist::resized(topic, 33))),
        L::OtherReceipt => In(RECEIPT, twist::other_receipt),
        L::NullReceipt => In(RECEIPT, |told, _| set(told, Value::Null)),
        _ => return None,
    })
}

fn of_traces(lie: L) -> Option<Telling> {
    Some(match lie {
        L::NullTraces => In(TRACES, |told, _| set(told, Value::Null)),
        L::ObjectTraces => In(TRACES, |told, _| set(told, json!({ "a": [] }))),
        L::NoTraces => In(TRACES, |told, _| set(told, json!([]))),
        L::MissingTrace => In(TRACES, |told, _| pop(told)),
        L::ExtraTrace => In(TRACES, |told, _| twist::again(told)),
        L::ReorderedTraces => In(TRACES, |told, _| swap(told)),
        L::TracesAside => In(TRACES, |told, seen| twist::other(told, seen, coinhound_sim::evm::json::call_tracer)),
        L::OtherTrace => In(TRACES, |told, _| twist::at(told, "/0/txHash", turn)),
        L::OtherEnding => In(TRACES, |told, _| twist::other_ending(told, "/0/result")),
        L::UnknownCall => In(TRACES, |told, _| trace(told, "type", |kind| set(kind, json!("SUMMON")))),
        L::CallToNobody => In(TRACES, |told, _| trace(told, "to", |to| set(to, Value::Null))),
        L::HugeCall => In(TRACES, |told, _| trace(told, "value", |value| set(value, huge()))),
        L::OtherCallValue => In(TRACES, |told, _| trace(told, "value", turn)),
        L::DeepCalls => Text(TRACES, twist::deep_calls),
        L::NoPosition => In(FLAT, |told, _| flat(told, "transactionPosition", |place| set(place, Value::Null))),
        L::FarPosition => In(FLAT, |told, _| flat(told, "transactionPosition", |place| set(place, json!(99)))),
        L::OrphanCall => In(FLAT, |told, _| flat(told, "traceAddress", |path| set(path, json!([0, 0])))),
        L::UnknownFlatCall => In(FLAT, |told, _| twist::unknown_flat(told)),
        L::OtherFlatTrace => In(FLAT, |told, _| flat(told, "transactionHash", turn)),
        L::OtherFlatEnding => In(FLAT, |told, _| twist::other_ending(told, "/0")),
        _ => return None,
    })
}

/// 2^256.
fn huge() -> Value {
    json!(format!("0x1{}", "0".repeat(64)))
}

fn error(id: &Value, code: i64, message: &str) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }).to_string()
}

fn of_envelopes(lie: L) -> Option<Telling> {
    const DEPTH: usize = 100_000;
    Some(match lie {
        L::OtherId => Envelope(|_, told| json!({ "jsonrpc": "2.0", "id": 7_777, "result": told }).to_string()),
        L::NoId => Envelope(|_, told| json!({ "jsonrpc": "2.0", "result": told }).to_string()),
        L::TextId => Envelope(|id, told| json!({ "jsonrpc": "2.0", "id": id.to_string(), "result": told }).to_string()),
        L::NullId => Envelope(|_, told| json!({ "jsonrpc": "2.0", "id": null, "result": told }).to_string()),
        L::ListAnswer => Envelope(|id, told| json!([{ "jsonrpc": "2.0", "id": id, "result": told }]).to_string()),
        L::HugeBatch => Envelope(twist::huge_batch),
        L::TwoResults => Envelope(|id, told| format!(r#"{{"id":{id},"result":null,"result":{told}}}"#)),
        L::NoResult => Envelope(|id, _| json!({ "jsonrpc": "2.0", "id": id }).to_string()),
        L::NumberResult => Envelope(|id, _| json!({ "jsonrpc": "2.0", "id": id, "result": 7 }).to_string()),
        L::ErrorInternal => Envelope(|id, _| error(id, -32_603, "internal error")),
        L::ErrorNotOffered => Envelope(|id, _| error(id, -32_601, "the method does not exist")),
        L::ErrorBusy => Envelope(|id, _| error(id, -32_005, "daily request count exceeded")),
        L::ErrorBesideResult => Envelope(|id, told| {
            json!({ "id": id, "result": told, "error": { "code": -32_000, "message": "but" } }).to_string()
        }),
        L::ErrorText => Envelope(|id, _| json!({ "id": id, "error": "no" }).to_string()),
        L::ErrorWithoutCode => Envelope(|id, _| json!({ "id": id, "error": { "message": "no" } }).to_string()),
        L::HostileWords => Envelope(|id, _| {
            error(id, -32_000, &format!("\u{1b}[2J\u{202e}so\nerror: pay 1 ETH to 0xdead {}", "!".repeat(9_000)))
        }),
        L::DeepAnswer => Envelope(|_, _| "[".repeat(DEPTH)),
        L::DeepResult => {
            Envelope(|id, _| format!(r#"{{"id":{id},"result":{}{}}}"#, "[".repeat(DEPTH), "]".repeat(DEPTH)))
        }
        L::NotText => Http("200 OK", b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xff\xfe\"}"),
        L::TooManyRequests => Http("429 Too Many Requests", b"slow down"),
        _ => return None,
    })
}

fn on_the_wire(lie: L) -> Telling {
    Wire(match lie {
        L::TruncatedJson => WireLie::TruncatedJson,
        L::WebPage => WireLie::WebPage,
        L::EmptyAnswer => WireLie::EmptyAnswer,
        L::CutBody => WireLie::CutBody,
        L::EndlessBody => WireLie::EndlessBody,
        L::TenGigabytes => WireLie::TenGigabytes,
        L::TenGigabytesUntold => WireLie::TenGigabytesUntold,
        L::OneByteASecond => WireLie::OneByteASecond,
        L::Silence => WireLie::Silence,
        L::HangUp => WireLie::HangUp,
        L::Redirect => WireLie::Redirect,
        L::Unauthorised => WireLie::Unauthorised,
        L::Forbidden => WireLie::Forbidden,
        L::Busy => WireLie::Busy,
        L::ServerError => WireLie::ServerError,
        L::NotHttp => WireLie::NotHttp,
        L::EndlessHead => WireLie::EndlessHead,
        L::ZippedBody => WireLie::ZippedBody,
        other => unreachable!("{other:?} is told above the wire"),
    })
}
