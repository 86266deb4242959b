//! A real node of an Ethereum chain of its own, and contracts compiled for it.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::rpc::{Auth, Endpoint, EvmNode, Limits};
use coinhound_testkit::referees;
use serde_json::{Value, json};

use super::liar::forward;

/// The number of its chain.
pub const CHAIN: ChainRules = ChainRules { chain_id: 31_337 };
/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running node; dropping it kills it.
pub struct Anvil {
    process: Child,
    /// Where it listens.
    pub port: u16,
    /// What `compile.cjs` told of the contracts.
    contracts: Value,
}

impl Anvil {
    /// Starts a node with a fresh chain, or says loudly that a test did not run.
    pub fn start(test: &str) -> Option<Self> {
        let modules = referees::place().join("node_modules");
        let program = modules.join("@foundry-rs/anvil-linux-amd64/bin/anvil");
        if !program.is_file() || !modules.join("solc").is_dir() {
            eprintln!(
                "NOT RUN: {test}: no anvil or no solc in `{}`; `cargo xtask test` installs them",
                modules.display()
            );
            return None;
        }
        let contracts = compiled(&modules);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        drop(listener);
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--steps-tracing", "--silent", "--port", &port.to_string()]);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("anvil starts");
        let anvil = Self { process, port, contracts };
        let began = Instant::now();
        while anvil.try_ask("eth_chainId", &json!([])).is_none() {
            assert!(began.elapsed() < PATIENCE, "anvil does not answer");
            sleep(Duration::from_millis(50));
        }
        // Else block 1 has the time and the base fee of block 0, which Ethereum's rules forbid.
        anvil.ask("anvil_setBlockTimestampInterval", json!([12]));
        anvil.ask("anvil_setNextBlockBaseFeePerGas", json!([format!("0x{:x}", 875_000_000)]));
        Some(anvil)
    }

    /// As a reader asks it.
    pub fn node(&self) -> EvmNode<'static> {
        self.node_of(CHAIN)
    }

    /// As a reader of another chain asks it.
    pub fn node_of(&self, rules: ChainRules) -> EvmNode<'static> {
        node_at(self.port, rules)
    }

    /// Asks, and expects an answer.
    pub fn ask(&self, method: &str, parameters: Value) -> Value {
        let answer = self.try_ask(method, &parameters).expect("anvil answers");
        assert!(answer.get("error").is_none(), "{method} {parameters}: {answer}");
        answer["result"].clone()
    }

    fn try_ask(&self, method: &str, parameters: &Value) -> Option<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters }).to_string();
        serde_json::from_slice(&forward(self.port, body.as_bytes()).ok()?).ok()
    }

    /// The accounts whose keys it has.
    pub fn accounts(&self) -> Vec<String> {
        let told = self.ask("eth_accounts", json!([]));
        told.as_array().expect("a list").iter().map(|one| one.as_str().expect("an address").to_owned()).collect()
    }

    /// Sends a transaction, which makes a block of its own; its receipt.
    pub fn send(&self, from: &str, to: Option<&str>, wei: u64, input: &str) -> Value {
        let mut tx =
            json!({ "from": from, "value": format!("0x{wei:x}"), "gas": "0x200000", "data": format!("0x{input}") });
        if let Some(to) = to {
            tx["to"] = json!(to);
        }
        let hash = self.ask("eth_sendTransaction", json!([tx]));
        let began = Instant::now();
        loop {
            let receipt = self.ask("eth_getTransactionReceipt", json!([hash]));
            if !receipt.is_null() {
                return receipt;
            }
            assert!(began.elapsed() < PATIENCE, "{hash} is in no block");
            sleep(Duration::from_millis(5));
        }
    }

    /// Puts a contract on the chain, with these words for its constructor; its address.
    pub fn deploy(&self, from: &str, name: &str, words: &[u64]) -> String {
        let code = self.contracts[name]["code"].as_str().expect("a compiled contract");
        let words: String = words.iter().map(|word| format!("{word:064x}")).collect();
        let receipt = self.send(from, None, 0, &format!("{code}{words}"));
        receipt["contractAddress"].as_str().expect("it was created").to_owned()
    }

    /// The input that calls a contract's function with these words.
    pub fn call(&self, name: &str, function: &str, words: &[String]) -> String {
        let selector = self.contracts[name]["methods"][function].as_str().expect("the contract has the function");
        format!("{selector}{}", words.concat())
    }

    /// Displaces so many of its newest blocks by as many empty ones.
    pub fn reorg(&self, blocks: u64) {
        // Left alone, the first of them has the base fee that would have followed the displaced ones.
        let first = format!("0x{:x}", self.height() + 1 - blocks);
        let fee = self.ask("eth_getBlockByNumber", json!([first, false]))["baseFeePerGas"].clone();
        self.ask("anvil_setNextBlockBaseFeePerGas", json!([fee]));
        self.ask("anvil_reorg", json!([blocks, []]));
    }

    /// The height of its newest block.
    pub fn height(&self) -> u64 {
        number(&self.ask("eth_blockNumber", json!([])))
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It holds nothing that anybody wants back.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What answers on a port of this machine.
pub fn node_at(port: u16, rules: ChainRules) -> EvmNode<'static> {
    let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{port}"), Auth::None).expect("an address");
    EvmNode::new(endpoint, rules, Limits { retries: 0, ..Limits::default() })
}

/// A number as nodes write it, of 64 bits.
pub fn number(told: &Value) -> u64 {
    let digits = told.as_str().and_then(|text| text.strip_prefix("0x")).expect("a number");
    u64::from_str_radix(digits, 16).expect("a number of 64 bits")
}

/// An address as a word of an input.
pub fn word_of(address: &str) -> String {
    format!("{:0>64}", address.trim_start_matches("0x"))
}

/// A number as a word of an input.
pub fn word(number: u64) -> String {
    format!("{number:064x}")
}

fn compiled(modules: &Path) -> Value {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/evm/contracts/compile.cjs");
    let output = Command::new("node").arg(script).env("NODE_PATH", modules).output().expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}
