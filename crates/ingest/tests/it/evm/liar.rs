//! Stands before a real node and changes what it says: nothing of that is ever stored.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

/// Changes what a method answers; whether it did.
type Twist = fn(&mut Value) -> bool;

/// One lie: its name, the method it is told in, how.
pub struct Lie {
    /// What it says.
    pub name: &'static str,
    method: &'static str,
    twist: Twist,
}

const BLOCK: &str = "eth_getBlockByNumber";
const RECEIPTS: &str = "eth_getBlockReceipts";
const TRACES: &str = "debug_traceBlockByNumber";

/// What can be said instead of the truth.
pub const LIES: &[Lie] = &[
    Lie { name: "another chain", method: "eth_chainId", twist: |told| set(told, json!("0x1")) },
    Lie { name: "no chain", method: "eth_chainId", twist: |told| set(told, json!({})) },
    Lie { name: "no block", method: BLOCK, twist: |told| set(told, Value::Null) },
    Lie { name: "a block that is a list", method: BLOCK, twist: |told| set(told, json!([])) },
    Lie { name: "another parent", method: BLOCK, twist: |told| turn(&mut told["parentHash"]) },
    Lie { name: "another hash", method: BLOCK, twist: |told| turn(&mut told["hash"]) },
    Lie { name: "another beneficiary", method: BLOCK, twist: |told| turn(&mut told["miner"]) },
    Lie { name: "another time", method: BLOCK, twist: |told| turn(&mut told["timestamp"]) },
    Lie { name: "another height", method: BLOCK, twist: |told| set(&mut told["number"], json!("0x77")) },
    Lie { name: "another base fee", method: BLOCK, twist: |told| set(&mut told["baseFeePerGas"], json!("0x1")) },
    Lie { name: "another root of receipts", method: BLOCK, twist: |told| turn(&mut told["receiptsRoot"]) },
    Lie { name: "other gas used", method: BLOCK, twist: |told| set(&mut told["gasUsed"], json!("0x1")) },
    Lie { name: "another bloom", method: BLOCK, twist: |told| turn(&mut told["logsBloom"]) },
    Lie {
        name: "an uncle",
        method: BLOCK,
        twist: |told| push(&mut told["uncles"], json!(format!("0x{}", "11".repeat(32)))),
    },
    Lie { name: "a withdrawal", method: BLOCK, twist: withdrawal },
    Lie { name: "no withdrawals' root", method: BLOCK, twist: |told| remove(told, "withdrawalsRoot") },
    Lie { name: "no transactions at all", method: BLOCK, twist: |told| remove(told, "transactions") },
    Lie { name: "a transaction left out", method: BLOCK, twist: |told| pop(&mut told["transactions"]) },
    Lie { name: "a transaction twice", method: BLOCK, twist: twice },
    Lie { name: "another sender", method: BLOCK, twist: |told| turn(tx(told, "from")) },
    Lie { name: "another receiver", method: BLOCK, twist: |told| turn(tx(told, "to")) },
    Lie { name: "another value", method: BLOCK, twist: |told| turn(tx(told, "value")) },
    Lie { name: "other input", method: BLOCK, twist: |told| turn(tx(told, "input")) },
    Lie { name: "another nonce", method: BLOCK, twist: |told| set(tx(told, "nonce"), json!("0x999")) },
    Lie { name: "another transaction's hash", method: BLOCK, twist: |told| turn(tx(told, "hash")) },
    Lie { name: "another signature", method: BLOCK, twist: |told| turn(tx(told, "s")) },
    Lie { name: "signed for another chain", method: BLOCK, twist: |told| set(tx(told, "chainId"), json!("0x1")) },
    Lie { name: "an unknown type", method: BLOCK, twist: |told| set(tx(told, "type"), json!("0x7")) },
    Lie {
        name: "an amount beyond 256 bits",
        method: BLOCK,
        twist: |told| set(tx(told, "value"), json!(format!("0x1{}", "0".repeat(64)))),
    },
    Lie { name: "no receipts", method: RECEIPTS, twist: |told| set(told, json!([])) },
    Lie { name: "nothing instead of receipts", method: RECEIPTS, twist: |told| set(told, Value::Null) },
    Lie {
        name: "a receipt more",
        method: RECEIPTS,
        twist: |told| told.get(0).cloned().is_some_and(|one| push(told, one)),
    },
    Lie { name: "failed instead of succeeded", method: RECEIPTS, twist: |told| turn(&mut told[0]["status"]) },
    Lie { name: "other gas in a receipt", method: RECEIPTS, twist: |told| turn(&mut told[0]["cumulativeGasUsed"]) },
    Lie { name: "a log left out", method: RECEIPTS, twist: |told| pop(&mut told[0]["logs"]) },
    Lie { name: "another amount in a log", method: RECEIPTS, twist: |told| turn(&mut told[0]["logs"][0]["data"]) },
    Lie { name: "another contract in a log", method: RECEIPTS, twist: |told| turn(&mut told[0]["logs"][0]["address"]) },
    Lie {
        name: "another receiver in a log",
        method: RECEIPTS,
        twist: |told| turn(&mut told[0]["logs"][0]["topics"][2]),
    },
    Lie { name: "a topic left out", method: RECEIPTS, twist: |told| pop(&mut told[0]["logs"][0]["topics"]) },
    Lie { name: "logs in another order", method: RECEIPTS, twist: swap_logs },
    Lie { name: "traces of another transaction", method: TRACES, twist: |told| turn(&mut told[0]["txHash"]) },
    Lie { name: "a trace left out", method: TRACES, twist: pop },
    Lie {
        name: "a trace that failed",
        method: TRACES,
        twist: |told| set(&mut told[0]["result"]["error"], json!("reverted")),
    },
    Lie { name: "traces that are none", method: TRACES, twist: |told| set(told, json!({ "a": [] })) },
];

fn set(place: &mut Value, value: Value) -> bool {
    let differs = *place != value;
    *place = value;
    differs
}

/// Changes the last digit of a text, if it is one with digits.
fn turn(place: &mut Value) -> bool {
    let Some(text) = place.as_str().filter(|text| text.len() > 2) else { return false };
    let (rest, last) = text.split_at(text.len() - 1);
    *place = json!(format!("{rest}{}", if last == "1" { "2" } else { "1" }));
    true
}

fn pop(list: &mut Value) -> bool {
    list.as_array_mut().is_some_and(|list| list.pop().is_some())
}

fn push(list: &mut Value, item: Value) -> bool {
    list.as_array_mut().map(|list| list.push(item)).is_some()
}

fn remove(object: &mut Value, key: &str) -> bool {
    object.as_object_mut().is_some_and(|object| object.remove(key).is_some())
}

fn withdrawal(told: &mut Value) -> bool {
    let to = format!("0x{}", "22".repeat(20));
    push(&mut told["withdrawals"], json!({ "index": "0x0", "validatorIndex": "0x1", "address": to, "amount": "0x5" }))
}

fn twice(told: &mut Value) -> bool {
    told["transactions"].get(0).cloned().is_some_and(|first| push(&mut told["transactions"], first))
}

fn swap_logs(told: &mut Value) -> bool {
    let logs = told[0]["logs"].as_array_mut().filter(|logs| logs.len() > 1);
    logs.map(|logs| logs.swap(0, 1)).is_some()
}

/// A field of the first transaction; nothing where there is none.
fn tx<'v>(told: &'v mut Value, field: &str) -> &'v mut Value {
    let has_one = told["transactions"].get(0).is_some();
    if has_one { &mut told["transactions"][0][field] } else { &mut told["nowhere"] }
}

/// A node that tells one lie, and the truth otherwise.
pub struct Liar {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

struct Shared {
    stop: AtomicBool,
    node: u16,
    lie: Mutex<Option<&'static Lie>>,
    /// Methods that it says it does not know.
    hidden: Mutex<Vec<&'static str>>,
    told: AtomicU64,
}

impl Liar {
    /// Stands before the node on a port of this machine.
    pub fn before(node: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Shared {
            stop: AtomicBool::new(false),
            node,
            lie: Mutex::default(),
            hidden: Mutex::default(),
            told: AtomicU64::new(0),
        };
        let shared = Arc::new(shared);
        let inside = Arc::clone(&shared);
        let listener = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if inside.stop.load(Ordering::Relaxed) {
                    return;
                }
                // A connection that breaks is the other side's affair.
                let _ = serve(stream, &inside);
            }
        });
        Self { address, shared, listener: Some(listener) }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on tells a lie.
    pub fn tell(&self, lie: &'static Lie) {
        *self.shared.lie.lock().expect("nobody panics in there") = Some(lie);
        self.shared.told.store(0, Ordering::Relaxed);
    }

    /// From now on does not know these methods.
    pub fn hide(&self, methods: &[&'static str]) {
        *self.shared.hidden.lock().expect("nobody panics in there") = methods.to_vec();
    }

    /// How often the lie was told.
    pub fn told(&self) -> u64 {
        self.shared.told.load(Ordering::Relaxed)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let question = body_of(&mut BufReader::new(stream.try_clone()?))?;
    let mut answer = forward(shared.node, &question)?;
    let method = serde_json::from_slice::<Value>(&question).map(|asked| asked["method"].clone()).unwrap_or_default();
    if shared.hidden.lock().expect("nobody panics in there").iter().any(|hidden| method == *hidden) {
        let error = json!({ "code": -32_601, "message": "Method not found" });
        answer = json!({ "jsonrpc": "2.0", "id": 1, "error": error }).to_string().into_bytes();
    }
    let lie = *shared.lie.lock().expect("nobody panics in there");
    if let Some(lie) = lie.filter(|lie| method == lie.method)
        && let Ok(mut told) = serde_json::from_slice::<Value>(&answer)
        && (lie.twist)(&mut told["result"])
    {
        shared.told.fetch_add(1, Ordering::Relaxed);
        answer = told.to_string().into_bytes();
    }
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", answer.len())?;
    stream.write_all(&answer)
}

/// What the node behind answers.
pub fn forward(port: u16, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let head = "POST / HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Type: application/json";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n", question.len())?;
    stream.write_all(question)?;
    body_of(&mut BufReader::new(stream))
}

/// The body behind a head that tells its length.
fn body_of(reader: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut len = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().to_ascii_lowercase().split_once(':') {
            Some(("content-length", told)) => len = told.trim().parse().unwrap_or(0),
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    Ok(body)
}
