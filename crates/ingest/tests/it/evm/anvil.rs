//! A real node of an Ethereum chain of its own, and contracts compiled for it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::hash::keccak256;
use coinhound_chains::evm::rpc::{Auth, Endpoint, EvmNode, Limits};
use coinhound_testkit::evm::forward;
use coinhound_testkit::referees;
use serde_json::{Value, json};

/// The number of its chain.
pub const CHAIN: ChainRules = ChainRules { chain_id: 31_337 };
/// When chains that tell their time begin: June 2025, under Prague's rules.
pub const BEGINS: u64 = 1_750_000_000;
/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What kind of node is started.
#[derive(Clone, Copy)]
pub struct Setup {
    /// The chain it says it is.
    pub rules: ChainRules,
    /// When block 0 was made, in seconds since 1970; now unless told.
    pub time: Option<u64>,
    /// Where it listens; a free port unless told.
    pub port: Option<u16>,
    /// Blocks of an epoch: so many below the newest one is the safe one, and as many again below it the finalized one.
    pub epoch_slots: u64,
    /// After how many blocks it keeps what accounts have; after all unless told.
    pub states_max: Option<u64>,
}

impl Setup {
    /// Ethereum's own rules on a chain that is the same each time.
    pub const MAINNET: Self =
        Self { rules: ChainRules { chain_id: 1 }, time: Some(BEGINS), port: None, epoch_slots: 32, states_max: None };
}

/// A running node; dropping it kills it.
pub struct Anvil {
    process: Child,
    /// Where it listens.
    pub port: u16,
    /// The chain it is of.
    pub rules: ChainRules,
    /// What `compile.cjs` told of the contracts.
    contracts: Value,
}

impl Anvil {
    /// Starts a node with a fresh chain, or says loudly that a test did not run.
    pub fn start(test: &str) -> Option<Self> {
        Self::start_as(test, &Setup { rules: CHAIN, time: None, port: None, epoch_slots: 32, states_max: None })
    }

    /// The same of a certain kind.
    pub fn start_as(test: &str, setup: &Setup) -> Option<Self> {
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
        let port = setup.port.unwrap_or_else(free_port);
        let process = process(&program, setup, port);
        let mut anvil = Self { process, port, rules: setup.rules, contracts };
        let began = Instant::now();
        while anvil.try_ask("eth_chainId", &json!([])).is_none() {
            assert!(began.elapsed() < PATIENCE, "anvil does not answer");
            sleep(Duration::from_millis(20));
        }
        // Somebody else may have taken the port in between, and answer.
        assert!(anvil.process.try_wait().expect("a process of ours").is_none(), "anvil does not run");
        // Else block 1 has the time and the base fee of block 0, which Ethereum's rules forbid.
        anvil.ask("anvil_setBlockTimestampInterval", json!([12]));
        anvil.ask("anvil_setNextBlockBaseFeePerGas", json!([format!("0x{:x}", 875_000_000)]));
        Some(anvil)
    }

    /// As a reader asks it.
    pub fn node(&self) -> EvmNode<'static> {
        self.node_of(self.rules)
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

    /// Asks several things at once.
    pub fn ask_all(&self, questions: &[(&str, Value)]) -> Vec<Value> {
        let body = |(id, (method, params)): (usize, &(&str, Value))| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let body = Value::Array(questions.iter().enumerate().map(body).collect()).to_string();
        let answers: Vec<Value> =
            serde_json::from_slice(&forward(self.port, body.as_bytes()).expect("anvil answers")).expect("a list");
        let mut in_order = vec![Value::Null; questions.len()];
        for answer in answers {
            assert!(answer.get("error").is_none(), "{answer}");
            let id = usize::try_from(answer["id"].as_u64().expect("a number of ours")).expect("small");
            in_order[id] = answer["result"].clone();
        }
        in_order
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
        self.receipt(&self.ask("eth_sendTransaction", json!([tx])))
    }

    /// The receipt of a transaction that was sent, once it is in a block.
    pub fn receipt(&self, hash: &Value) -> Value {
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

    /// What makes a contract.
    pub fn code(&self, name: &str) -> Vec<u8> {
        bytes(self.contracts[name]["code"].as_str().expect("a compiled contract"))
    }

    /// Puts a contract's code where it stands on mainnet, without a transaction.
    pub fn plant(&self, name: &str, at: &str) {
        let code = self.contracts[name]["runtime"].as_str().expect("a compiled contract");
        self.ask("anvil_setCode", json!([at, format!("0x{code}")]));
    }

    /// Has it stop, or go on, as if nothing had been.
    pub fn pause(&self, is_paused: bool) {
        let signal = if is_paused { "-STOP" } else { "-CONT" };
        let done = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(done.expect("kill starts").success());
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

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn process(program: &Path, setup: &Setup, port: u16) -> Child {
    let mut command = Command::new(program);
    command.args(["--host", "127.0.0.1", "--steps-tracing", "--silent", "--hardfork", "prague"]);
    let time = setup.time.map(|time| ["--timestamp".to_owned(), time.to_string()]);
    command.args(time.iter().flatten()).args(["--port", &port.to_string()]);
    command.args(["--chain-id", &setup.rules.chain_id.to_string()]);
    command.args(["--slots-in-an-epoch", &setup.epoch_slots.to_string()]);
    let states = setup.states_max.map(|most| ["--prune-history".to_owned(), most.to_string()]);
    command.args(states.iter().flatten());
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("anvil starts")
}

fn bytes(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// The contracts of this folder, compiled once for all tests of a build: the compiler takes seconds.
fn compiled(modules: &Path) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/evm/contracts");
    let mut sources: Vec<_> =
        fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    sources.sort();
    let read = |source: &PathBuf| fs::read(source).expect("a source");
    let hash = keccak256(&sources.iter().map(read).collect::<Vec<_>>().concat());
    let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("contracts-{hash}.json"));
    if let Ok(kept) = fs::read(&kept) {
        return serde_json::from_slice(&kept).expect("what was kept is whole");
    }
    let script = folder.join("compile.cjs");
    let output = Command::new("node").arg(script).env("NODE_PATH", modules).output().expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Others may compile at the same time: who comes last puts the same there.
    let part = kept.with_extension(std::process::id().to_string());
    fs::write(&part, &output.stdout).and_then(|()| fs::rename(&part, &kept)).expect("a folder for tests");
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}
