//! A chain with every kind of lock and payment that the family knows, made by the node and its own wallets.

use std::collections::BTreeMap;

use coinhound_model::TxHash;
use serde_json::{Value, json};

use super::client::Client;
use super::unspent::{decimal, units};
use super::{FIRST_MWEB_HEIGHT, Litecoind};

/// OP_TRUE: anybody can spend.
const ANYONE: &str = "51";

/// What nobody can spend, or anybody, or nobody yet: coinbases pay to these scripts directly.
const ODD_SCRIPTS: [&str; 6] = [
    ANYONE,
    // Data.
    "6a0b636f696e686f756e640a21",
    // Taproot, of a key nobody knows.
    "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    // A witness program of a version nobody uses.
    "5e0a00112233445566778899",
    // A hash lock.
    "a8200102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2087",
    // Pay to anchor.
    "51024e73",
];

/// Bytes of a script one longer than what can be spent.
const OVERSIZED_LEN: usize = 10_001;

/// A key whose public form is uncompressed: from Core's base58_keys_valid.json.
const UNCOMPRESSED_KEY: &str = "9213qJab2HNEpMpYNBa7wHGFKKbkDn24jpANDs2huN3yi4J11ko";

/// Inputs of the widest payment.
const WIDE_INPUTS: usize = 64;

/// What a small payment is about, in the smallest unit, and its fee.
const SMALL: u64 = 10_000_000;
const FEE: u64 = 100_000;

/// Transactions worth looking at, by what they are.
pub type Landmarks = BTreeMap<&'static str, TxHash>;

/// A node, its wallets, and what has been paid.
pub struct Payments<'n> {
    node: &'n Litecoind,
    miner: Client,
    pool: Client,
    landmarks: Landmarks,
}

/// An output that is there to be spent.
#[derive(Clone, Debug)]
struct Place {
    txid: String,
    index: u64,
    value: u64,
}

/// Mines and pays until every kind is confirmed: about 450 blocks from an empty chain.
///
/// # Panics
/// When the node refuses something.
pub fn pay_every_kind(node: &Litecoind) -> Landmarks {
    let mut payments = Payments::new(node);
    payments.mine_odd_scripts();
    // First: the wallet may choose them for anything else.
    payments.spend_coinbases_of_keys();
    payments.pay_and_spend_addresses();
    payments.carry_data();
    payments.spend_many_inputs();
    payments.chain_in_one_block();
    payments.use_the_pool();
    payments.landmarks
}

impl<'n> Payments<'n> {
    /// The node's wallets, made where they are not there.
    #[must_use]
    pub fn new(node: &'n Litecoind) -> Self {
        let (miner, pool) = (node.wallet("miner"), node.wallet("pool"));
        Self { node, miner, pool, landmarks: Landmarks::new() }
    }

    /// Mines this many blocks to a fresh address. The first block with a pool gets the payment into it that it needs.
    pub fn mine(&self, blocks: u32) {
        let (height, to) = (self.node.height(), format!("addr({})", self.address("bech32")));
        let before = (FIRST_MWEB_HEIGHT - 1).saturating_sub(height);
        if before >= blocks {
            return self.node.mine_to(&to, blocks);
        }
        self.node.mine_to(&to, before);
        if height < FIRST_MWEB_HEIGHT {
            self.send(&self.miner, &self.pool_address(), SMALL);
        }
        self.node.mine_to(&to, blocks - before);
    }

    /// Pays small sums to a few fresh addresses; they wait for a block.
    pub fn pay_some(&self, payments: usize) {
        for kind in ["legacy", "p2sh-segwit", "bech32"].into_iter().cycle().take(payments) {
            self.send(&self.miner, &self.address(kind), SMALL);
        }
    }

    /// Replaces the newest `depth` blocks by one more than that. Payments that were taken back are confirmed again,
    /// new ones beside them, one of them into the pool.
    pub fn displace(&self, depth: u32) {
        self.node.invalidate_from(self.node.height() + 1 - depth);
        self.pay_some(1);
        self.mine(1);
        if self.node.height() >= FIRST_MWEB_HEIGHT {
            // Not out of it again: with payments of the pool taken back, its wallet no longer knows what it has.
            self.send(&self.miner, &self.pool_address(), SMALL);
        }
        self.mine(depth);
    }

    fn address(&self, kind: &str) -> String {
        self.miner.text("getnewaddress", &json!(["", kind]))
    }

    fn pool_address(&self) -> String {
        self.pool.text("getnewaddress", &json!(["", "mweb"]))
    }

    fn send(&self, from: &Client, address: &str, value: u64) -> String {
        from.text("sendtoaddress", &json!([address, decimal(value)]))
    }

    fn public_key(&self) -> String {
        let info = self.miner.ask("getaddressinfo", &json!([self.address("legacy")]));
        info["pubkey"].as_str().expect("the wallet knows its keys").to_owned()
    }

    fn mark(&mut self, name: &'static str, txid: &str) {
        self.landmarks.insert(name, txid.parse().expect("a node prints hashes"));
    }

    /// Mines one block to each odd script and to each form in which a script holds keys, then enough to spend them.
    fn mine_odd_scripts(&mut self) {
        self.node.mine_to(&format!("addr({})", self.address("legacy")), 30);
        for script in ODD_SCRIPTS {
            self.node.mine_to(&format!("raw({script})"), 1);
            if script == ANYONE {
                let txid = self.transactions_of_tip()[0].clone();
                self.mark("coinbase to anyone", &txid);
            }
        }
        self.node.mine_to(&format!("raw({})", "51".repeat(OVERSIZED_LEN)), 1);
        self.miner.ask("importprivkey", &json!([UNCOMPRESSED_KEY, "", false]));
        let bare = self.node.ask("getdescriptorinfo", &json!([format!("pk({UNCOMPRESSED_KEY})")]));
        let bare = bare["descriptor"].as_str().expect("a descriptor").to_owned();
        let keys: Vec<String> = (0..3).map(|_| self.public_key()).collect();
        let two_of_three = format!("multi(2,{})", keys.join(","));
        let one_key = format!("pk({})", keys[0]);
        let one_hash = bare.split('#').next().unwrap_or_default().replacen("pk(", "pkh(", 1);
        let names = ["coinbase to key", "coinbase to uncompressed key", "coinbase to its hash", "coinbase to multisig"];
        for (name, descriptor) in names.into_iter().zip([&one_key, &bare, &one_hash, &two_of_three]) {
            self.node.mine_to(descriptor, 1);
            let txid = self.transactions_of_tip()[0].clone();
            self.mark(name, &txid);
        }
        self.mine(110);
    }

    fn transactions_of_tip(&self) -> Vec<String> {
        let block = self.node.ask("getblock", &json!([self.node.tip()]));
        let txids = block["tx"].as_array().expect("a block has transactions");
        txids.iter().map(|txid| txid.as_str().expect("an id").to_owned()).collect()
    }

    /// Pays to each kind of address, multisig ones included, and spends each of these coins by itself.
    fn pay_and_spend_addresses(&mut self) {
        let mut addresses: Vec<String> = ["legacy", "p2sh-segwit", "bech32"].map(|kind| self.address(kind)).into();
        for kind in ["legacy", "p2sh-segwit", "bech32"] {
            let keys: Vec<String> = (0..3).map(|_| self.public_key()).collect();
            let made = self.miner.ask("addmultisigaddress", &json!([2, keys, "", kind]));
            addresses.push(made["address"].as_str().expect("an address").to_owned());
        }
        let amounts: serde_json::Map<String, Value> =
            addresses.iter().map(|address| (address.clone(), json!(decimal(SMALL)))).collect();
        let paid = self.miner.text("sendmany", &json!(["", amounts]));
        self.mark("pays every kind of address", &paid);
        self.mine(1);
        let names = ["spends P2PKH", "spends nested P2WPKH", "spends P2WPKH"];
        let shared = ["spends P2SH multisig", "spends nested P2WSH multisig", "spends P2WSH multisig"];
        for (name, address) in names.into_iter().chain(shared).zip(&addresses) {
            let place = self.output_to(&paid, address);
            let txid = self.spend(&[place], &[self.address("bech32")]);
            self.mark(name, &txid);
        }
        self.mine(1);
    }

    fn output_to(&self, txid: &str, address: &str) -> Place {
        self.outputs(txid, |output| output["scriptPubKey"]["addresses"][0] == address).remove(0)
    }

    fn outputs(&self, txid: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Place> {
        let transaction = self.miner.ask("gettransaction", &json!([txid, false, true]));
        let outputs = transaction["decoded"]["vout"].as_array().expect("a transaction has outputs");
        let place = |output: &Value| Place {
            txid: txid.to_owned(),
            index: output["n"].as_u64().expect("a place"),
            value: units(&output["value"].to_string()),
        };
        outputs.iter().filter(|output| wanted(output)).map(place).collect()
    }

    /// Sends what lies at these places to the addresses in equal parts, less a fee; it waits for a block.
    fn spend(&self, places: &[Place], to: &[String]) -> String {
        let inputs: Vec<Value> = places.iter().map(|at| json!({ "txid": at.txid, "vout": at.index })).collect();
        let fee = FEE * places.len() as u64;
        let share = (places.iter().map(|at| at.value).sum::<u64>() - fee) / to.len() as u64;
        let outputs: Vec<Value> = to.iter().map(|address| json!({ address: decimal(share) })).collect();
        let raw = self.node.ask("createrawtransaction", &json!([inputs, outputs]));
        self.sign_and_send(&raw)
    }

    fn sign_and_send(&self, raw: &Value) -> String {
        let signed = self.miner.ask("signrawtransactionwithwallet", &json!([raw]));
        assert_eq!(signed["complete"], true, "{signed}");
        let sent = self.node.ask("sendrawtransaction", &json!([signed["hex"], 0]));
        sent.as_str().expect("an id").to_owned()
    }

    fn spend_coinbases_of_keys(&mut self) {
        let names = ["spends P2PK", "spends uncompressed P2PK", "spends uncompressed P2PKH", "spends bare multisig"];
        let from = ["coinbase to key", "coinbase to uncompressed key", "coinbase to its hash", "coinbase to multisig"];
        for (name, coinbase) in names.into_iter().zip(from) {
            let txid = self.landmarks[coinbase].to_string();
            let coin = self.node.ask("gettxout", &json!([txid, 0]));
            let place = Place { txid, index: 0, value: units(&coin["value"].to_string()) };
            let txid = self.spend(&[place], &[self.address("bech32")]);
            self.mark(name, &txid);
        }
        self.mine(1);
    }

    fn carry_data(&mut self) {
        let raw = self.node.ask("createrawtransaction", &json!([[], [{ "data": "00".repeat(80) }]]));
        let funded = self.miner.ask("fundrawtransaction", &json!([raw]));
        let txid = self.sign_and_send(&funded["hex"]);
        self.mark("carries data", &txid);
        self.mine(1);
    }

    /// Many small coins under three kinds of locks, then one payment that spends them all.
    fn spend_many_inputs(&mut self) {
        let kinds = ["legacy", "p2sh-segwit", "bech32"];
        let amounts: serde_json::Map<String, Value> =
            (0..WIDE_INPUTS).map(|at| (self.address(kinds[at % 3]), json!(decimal(SMALL)))).collect();
        let paid = self.miner.text("sendmany", &json!(["", amounts]));
        self.mark("pays many", &paid);
        self.mine(1);
        let places = self.outputs(&paid, |output| units(&output["value"].to_string()) == SMALL);
        assert_eq!(places.len(), WIDE_INPUTS);
        let to: Vec<String> = (0..2).map(|_| self.address("bech32")).collect();
        let txid = self.spend(&places, &to);
        self.mark("spends 64 inputs", &txid);
        self.mine(1);
    }

    /// Payments of which each spends what the one before it made, all in one block.
    fn chain_in_one_block(&mut self) {
        let mut place = self.outputs(&self.landmarks["spends 64 inputs"].to_string(), |_| true).remove(0);
        for _ in 0..20 {
            let address = self.address("bech32");
            let txid = self.spend(std::slice::from_ref(&place), std::slice::from_ref(&address));
            place = Place { index: 0, value: place.value - FEE, txid };
        }
        let txid = place.txid.clone();
        self.mark("ends a chain within one block", &txid);
        self.mine(1);
    }

    /// Into the pool (MWEB), inside it, and out of it in several ways; then what came out is spent.
    fn use_the_pool(&mut self) {
        // A wallet that has nothing in the pool must peg in to pay there; the miner's soon pays from inside.
        let guest = self.node.wallet("guest");
        self.send(&self.miner, &guest.text("getnewaddress", &json!(["", "bech32"])), 9 * SMALL);
        self.mine(FIRST_MWEB_HEIGHT - 1 - self.node.height());
        let pegged_in = self.send(&self.miner, &self.pool_address(), 100 * SMALL);
        self.mark("pegs in", &pegged_in);
        self.mine_pool("first hogex");
        self.send(&self.pool, &self.pool_address(), 10 * SMALL);
        self.mine_pool("hogex of a payment inside the pool");
        let out = ["legacy", "p2sh-segwit", "bech32"].map(|kind| self.address(kind));
        self.send(&self.pool, &out[0], SMALL);
        self.mine_pool("hogex that pegs out");
        // The wallet takes one way out a payment; the block settles both at once.
        self.send(&self.pool, &out[1], 2 * SMALL);
        self.send(&self.pool, &out[2], 3 * SMALL);
        self.send(&guest, &self.pool_address(), 7 * SMALL);
        self.mine_pool("hogex that pegs out and in");
        self.mine(6);
        let hogex = self.landmarks["hogex that pegs out"].to_string();
        let place = Place { txid: hogex, index: 1, value: SMALL };
        let txid = self.spend(&[place], &[self.address("bech32")]);
        self.mark("spends a peg-out", &txid);
        self.mine(1);
    }

    /// Mines a block, whose last transaction settles with the pool.
    fn mine_pool(&mut self, name: &'static str) {
        self.mine(1);
        let hogex = self.transactions_of_tip().pop().expect("a block has transactions");
        self.mark(name, &hogex);
    }
}
