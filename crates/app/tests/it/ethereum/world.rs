//! A made-up theft on Ethereum's own chain, as a node tells it and as files hold it: a swap, wrapped ether, a deposit at an
//! exchange, a Safe, and others who send nothing and dust.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use coinhound_chains::evm::{Address, Hash, Log, TxType};
use coinhound_sim::evm::draft::Draft;
use coinhound_sim::evm::effect::{Call, Effect, Said, event, word_of};
use coinhound_sim::evm::keys::EvmKey;
use coinhound_sim::evm::writer::EvmWriter;
use coinhound_sim::evm::{EvmBlock, json};
use coinhound_testkit::evm::ScriptedEvm;
use ruint::aliases::U256;

use crate::run::Home;

/// The block below the first one that is read.
pub const BELOW: u32 = 21_000_000;
/// When it was made: after Cancun.
const TIME: u64 = 1_730_000_000;
/// Wei in an ether.
const ETHER: u64 = 1_000_000_000_000_000_000;
/// Smallest units of one whole USDT.
const USDT: u64 = 1_000_000;

/// The chain and who is on it.
pub struct World {
    pub blocks: Vec<Arc<EvmBlock>>,
    pub theft: String,
    pub thief: Address,
    pub mule: Address,
    pub deposit: Address,
    pub exchange: Address,
    pub pool: Address,
    pub safe: Address,
    pub proxy: Address,
}

/// A well-known contract, or a made-up one.
fn contract(digits: &str) -> Address {
    serde_json::from_value(serde_json::Value::from(digits)).expect("an address")
}

pub fn usdt() -> Address {
    contract("0xdac17f958d2ee523a2206206994597c13d831ec7")
}

pub fn weth() -> Address {
    contract("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")
}

struct Story {
    writer: EvmWriter,
    blocks: Vec<Arc<EvmBlock>>,
}

impl Story {
    fn send(&mut self, by: u64, to: Address, wei: u64, effect: Effect) -> Hash {
        let draft = Draft::pay(TxType::FeeMarket, Some(to), U256::from(wei), self.writer.base_fee());
        self.writer.push(&EvmKey::of(by), draft, Effect { gas: 90_000, ..effect })
    }

    fn pays(&mut self, by: u64, to: u64, wei: u64) -> Hash {
        self.send(by, EvmKey::of(to).address(), wei, Effect::default())
    }

    fn says(&mut self, by: u64, to: Address, wei: u64, said: Vec<Said>) -> Hash {
        self.send(by, to, wei, Effect { said, ..Effect::default() })
    }

    fn seal(&mut self) {
        let block = self.writer.seal();
        self.blocks.push(block);
    }
}

fn moved(token: Address, from: Option<Address>, to: Option<Address>, units: u64) -> Said {
    Said::Fungible { token, from, to, units: U256::from(units) }
}

/// What a contract says of itself.
fn said(address: Address, signature: &str, topics: &[Address], data: Vec<u8>) -> Said {
    let topics = std::iter::once(event(signature)).chain(topics.iter().map(word_of)).collect();
    Said::Other(Log { address, topics, data })
}

/// People of the story, by the number of their key.
const MAKER: u64 = 0;
const VICTIM: u64 = 1;
const THIEF: u64 = 2;
const MULE: u64 = 3;
const DEPOSIT: u64 = 4;
const EXCHANGE: u64 = 5;
const SPAMMER: u64 = 6;
const DEALER: u64 = 7;

fn of(number: u64) -> Address {
    EvmKey::of(number).address()
}

impl Story {
    fn begin() -> Self {
        let mut writer = EvmWriter::new(1, u64::from(BELOW), TIME, of(MAKER));
        (VICTIM..=DEALER).for_each(|number| writer.endow(of(number), U256::from(200) * U256::from(ETHER)));
        Self { writer, blocks: Vec::new() }
    }

    /// A pool with tokens and ether, a Safe of two owners, and a proxy that never holds anything.
    fn contracts(&mut self, pool: Address, safe: Address, proxy: Address) {
        let code = contract("0x00000000000000000000000000000000000b0003");
        self.says(DEALER, usdt(), 0, vec![moved(usdt(), None, Some(pool), 900_000 * USDT)]);
        self.send(DEALER, pool, 9 * ETHER, Effect::default());
        self.seal();
        let changed = [word_of(&Address::ZERO).0, word_of(&of(DEALER)).0].concat();
        let of_safe = vec![
            said(safe, "AddedOwner(address)", &[of(DEALER)], Vec::new()),
            said(safe, "AddedOwner(address)", &[of(VICTIM)], Vec::new()),
            said(safe, "ChangedThreshold(uint256)", &[], U256::from(2).to_be_bytes::<32>().to_vec()),
            said(safe, "Upgraded(address)", &[code], Vec::new()),
            said(safe, "AdminChanged(address,address)", &[], changed),
        ];
        self.says(DEALER, safe, ETHER, of_safe);
        self.says(DEALER, proxy, 0, vec![said(proxy, "Upgraded(address)", &[code], Vec::new())]);
        self.seal();
    }

    /// The theft, a swap, wrapped ether, a deposit that is sent on, and a mule who swaps back.
    fn theft(&mut self, pool: Address) -> Hash {
        let theft = self.pays(VICTIM, THIEF, 10 * ETHER);
        self.seal();
        self.says(THIEF, pool, 4 * ETHER, vec![moved(usdt(), Some(pool), Some(of(THIEF)), 8_000 * USDT)]);
        self.says(THIEF, weth(), 2 * ETHER, vec![moved(weth(), None, Some(of(THIEF)), 2 * ETHER)]);
        self.seal();
        self.pays(THIEF, DEPOSIT, 2 * ETHER);
        self.seal();
        self.pays(DEPOSIT, EXCHANGE, 2 * ETHER - ETHER / 1_000);
        self.says(THIEF, usdt(), 0, vec![moved(usdt(), Some(of(THIEF)), Some(of(MULE)), 6_000 * USDT)]);
        self.seal();
        let sold = Effect {
            calls: vec![Call::pays(pool, of(MULE), U256::from(ETHER))],
            said: vec![moved(usdt(), Some(of(MULE)), Some(pool), 2_000 * USDT)],
            ..Effect::default()
        };
        self.send(MULE, pool, 0, sold);
        self.says(SPAMMER, usdt(), 0, vec![moved(usdt(), Some(of(THIEF)), Some(of(SPAMMER)), 0)]);
        self.pays(SPAMMER, THIEF, 1);
        self.seal();
        theft
    }
}

impl World {
    /// The story, block by block.
    pub fn new() -> Self {
        let pool = contract("0x00000000000000000000000000000000000b0001");
        let safe = contract("0x00000000000000000000000000000000000b0002");
        let proxy = contract("0x00000000000000000000000000000000000b0004");
        let mut story = Story::begin();
        story.contracts(pool, safe, proxy);
        let theft = story.theft(pool).to_string();
        let [thief, mule, deposit, exchange] = [THIEF, MULE, DEPOSIT, EXCHANGE].map(of);
        Self { blocks: story.blocks, theft, thief, mule, deposit, exchange, pool, safe, proxy }
    }

    /// A node that has it.
    pub fn node(&self) -> ScriptedEvm {
        ScriptedEvm::start(&self.blocks)
    }

    /// Block files as the node would answer, one block to a file, with receipts and traces beside it.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("writable");
        for block in &self.blocks {
            let number = block.header.number;
            let write = |name: String, value: serde_json::Value| {
                fs::write(folder.join(name), value.to_string()).expect("writable");
            };
            write(format!("{number}.json"), json::block(block));
            write(format!("{number}.receipts.json"), json::receipts(block));
            write(format!("{number}.traces.json"), json::call_tracer(block));
        }
    }

    /// The tags of a case.
    pub fn tags(&self, home: &Home) {
        let pack = format!(
            "title: Wallets\ncreator: Analyst\nsource: https://wallets.example\nconfidence: forensic\ncurrency: ETH\ntags:\n- {{address: '{}', label: Example Exchange, category: exchange}}\n",
            self.exchange
        );
        fs::write(home.path().join("tags.yaml"), pack).expect("writable");
    }
}

/// How a node is read from the first block of the story on.
pub fn ingest(node: &ScriptedEvm) -> String {
    format!("ingest --evm {} --until latest --start {}", node.url(), BELOW + 1)
}
