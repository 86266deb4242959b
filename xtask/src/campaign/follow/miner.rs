//! A node that mines one block after the other, each with a payment that needs no key.

use anyhow::{Context, Result};
use bitcoin::absolute::LockTime;
use bitcoin::consensus::encode::serialize_hex;
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness};
use coinhound_testkit::litecoind::Litecoind;
use coinhound_testkit::litecoind::payments::pay_every_kind;
use coinhound_testkit::litecoind::unspent::units;
use serde_json::json;

/// Outputs of each payment, and inputs of all but the first.
const WIDTH: u32 = 10;

/// What a payment leaves to the miner, in the smallest unit.
const FEE: u64 = 20_000;

/// A node, and what its next payment spends.
pub struct Miner<'n> {
    node: &'n Litecoind,
    coins: Vec<OutPoint>,
    value: u64,
    /// Coins made so far: each has a lock of its own.
    made: u32,
    height: u32,
}

impl<'n> Miner<'n> {
    /// Mines a chain with every kind of payment first, so that blocks have all that blocks have.
    pub fn prepare(node: &'n Litecoind) -> Self {
        let coinbase = pay_every_kind(node)["coinbase to anyone"].to_string();
        let coin = node.ask("gettxout", &json!([coinbase, 0]));
        let txid: Txid = coinbase.parse().expect("a node prints hashes");
        let (coins, value) = (vec![OutPoint::new(txid, 0)], units(&coin["value"].to_string()));
        Self { node, coins, value, made: 0, height: node.height() }
    }

    /// Height of the newest block.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Mines a block with one payment.
    ///
    /// # Errors
    /// When the payments have used up what they pass on.
    pub fn mine(&mut self) -> Result<()> {
        let payment = self.payment()?;
        self.node.ask("sendrawtransaction", &json!([serialize_hex(&payment), 0]));
        self.node.mine_to("raw(51)", 1);
        self.height += 1;
        Ok(())
    }

    /// Spends what the payment before made, to locks that anybody can open and nobody used before.
    fn payment(&mut self) -> Result<Transaction> {
        self.value = self.value.checked_sub(FEE).context("nothing is left to pay with")?;
        let input = |coin: &OutPoint| TxIn {
            previous_output: *coin,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        };
        let share = Amount::from_sat(self.value / u64::from(WIDTH));
        let output = |number: u32| {
            // A number, OP_DROP, OP_TRUE.
            let script = [&[4], number.to_le_bytes().as_slice(), &[0x75, 0x51]].concat();
            TxOut { value: share, script_pubkey: ScriptBuf::from_bytes(script) }
        };
        let payment = Transaction {
            version: Version::TWO,
            lock_time: LockTime::ZERO,
            input: self.coins.iter().map(input).collect(),
            output: (self.made..self.made + WIDTH).map(output).collect(),
        };
        let txid = payment.compute_txid();
        self.coins = (0..WIDTH).map(|index| OutPoint::new(txid, index)).collect();
        self.value = share.to_sat() * u64::from(WIDTH);
        self.made += WIDTH;
        Ok(payment)
    }
}
