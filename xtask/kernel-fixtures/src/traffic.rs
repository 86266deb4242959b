//! Who pays whom: coins of every kind spent and made, some in the block that made them.

use bitcoin::{
    Amount, Block, BlockHash, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness, transaction,
};

use crate::lock::{Lock, MENU, dead_script};
use crate::mine;
use crate::rng::Rng;
use crate::wallet::{Coin, Wallet, lock_time};

/// Blocks between a coinbase and its first possible spender.
const MATURITY: u32 = 100;
/// Coins at hand before transactions with very many inputs begin.
const COINS_FOR_SWEEPS: usize = 1_500;
const TRANSACTION_VERSIONS: &[i32] = &[1, 1, 2, 2, 2, 3, -7];
/// All with the bit that turns relative locks off.
const SEQUENCES: &[u32] = &[u32::MAX, u32::MAX, 0xffff_fffe, 0xffff_fffd];

/// The end of a chain, and the coins that lie there.
#[derive(Clone)]
pub struct Branch {
    pub tip: BlockHash,
    pub height: u32,
    time: u32,
    coins: Vec<Coin>,
}

/// What a block is filled with.
#[derive(Clone, Copy)]
pub enum Filling {
    /// Up to this many transactions.
    Payments(u64),
    /// A transaction whose witness alone weighs most of a block.
    Bulk,
}

/// Makes blocks.
pub struct Maker {
    pub wallet: Wallet,
    pub rng: Rng,
}

impl Branch {
    pub fn of_genesis(genesis: &Block) -> Self {
        Self { tip: genesis.block_hash(), height: 0, time: genesis.header.time, coins: Vec::new() }
    }
}

impl Maker {
    /// The next block of a branch, and the branch with it.
    pub fn next(&mut self, branch: &mut Branch, filling: Filling) -> Block {
        let height = branch.height + 1;
        let (txs, fees) = match filling {
            Filling::Payments(most) => self.payments(branch, most),
            Filling::Bulk => self.bulk(branch),
        };
        let block = self.seal(branch, mine::subsidy(height) + fees, txs);
        let coinbase = &block.txdata[0];
        for (coin, index) in coinbase.output.iter().zip(0..) {
            let Some((lock, key)) = self.lock_of(&coin.script_pubkey) else { continue };
            let outpoint = OutPoint::new(coinbase.compute_txid(), index);
            branch.coins.push(Coin { outpoint, output: coin.clone(), lock, key, from_height: height + MATURITY });
        }
        branch.tip = block.block_hash();
        branch.height = height;
        branch.time = block.header.time;
        block
    }

    /// A block on a branch whose coinbase claims an amount, rarely less than it may.
    pub fn seal(&mut self, branch: &Branch, claim: u64, txs: Vec<Transaction>) -> Block {
        let height = branch.height + 1;
        let given_up = if self.rng.percent(5) { self.rng.below(claim.min(5_000) + 1) } else { 0 };
        let outputs = self.split(claim - given_up, 2);
        let coinbase = mine::coinbase(height, self.rng.next(), outputs);
        let time = branch.time + 60 + u32::try_from(self.rng.below(1_000)).expect("below 1,000");
        mine::block(branch.tip, time, std::iter::once(coinbase).chain(txs).collect())
    }

    fn payments(&mut self, branch: &mut Branch, most: u64) -> (Vec<Transaction>, u64) {
        let mut made = Vec::new();
        let mut fees = 0;
        for _ in 0..self.rng.below(most + 1) {
            let coins = self.take(branch);
            if coins.is_empty() {
                continue;
            }
            let (tx, fee) = self.spend(branch, &coins, None);
            fees += fee;
            made.push(tx);
        }
        (made, fees)
    }

    /// One coin spent with 3.4 to 3.7 MB of annex beside its signature.
    fn bulk(&mut self, branch: &mut Branch) -> (Vec<Transaction>, u64) {
        let height = branch.height + 1;
        let fits = |coin: &Coin| matches!(coin.lock, Lock::Taproot) && coin.from_height <= height;
        let Some(at) = branch.coins.iter().position(fits) else { return (Vec::new(), 0) };
        let coin = branch.coins.swap_remove(at);
        let mut annex = vec![0; 3_400_000 + self.rng.index(300_000)];
        self.rng.fill(&mut annex);
        annex[0] = 0x50;
        let (tx, fee) = self.spend(branch, &[coin], Some(&annex));
        (vec![tx], fee)
    }

    /// Coins to spend together: mostly few, sometimes the one just made, sometimes very many.
    fn take(&mut self, branch: &mut Branch) -> Vec<Coin> {
        let many = branch.coins.len() > COINS_FOR_SWEEPS && self.rng.percent(4);
        let wanted = if many { 40 + self.rng.index(160) } else { 1 + self.rng.index(3) };
        let mut taken = Vec::new();
        if self.rng.percent(35) {
            taken.extend(take_at(branch, branch.coins.len().wrapping_sub(1)));
        }
        for _ in 0..wanted * 3 {
            if taken.len() >= wanted || branch.coins.is_empty() {
                break;
            }
            taken.extend(take_at(branch, self.rng.index(branch.coins.len())));
        }
        taken
    }

    /// Spends coins into new ones, which the branch then has.
    fn spend(&mut self, branch: &mut Branch, coins: &[Coin], annex: Option<&[u8]>) -> (Transaction, u64) {
        let total: u64 = coins.iter().map(|coin| coin.output.value.to_sat()).sum();
        let fee = self.rng.below(total.min(20_000) + 1);
        let tx = self.transaction(branch.height + 1, coins, total - fee, annex);
        let txid = tx.compute_txid();
        for (output, index) in tx.output.iter().zip(0..) {
            if let Some((lock, key)) = self.lock_of(&output.script_pubkey) {
                let outpoint = OutPoint::new(txid, index);
                branch.coins.push(Coin { outpoint, output: output.clone(), lock, key, from_height: 0 });
            }
        }
        (tx, fee)
    }

    fn transaction(&mut self, height: u32, coins: &[Coin], value: u64, annex: Option<&[u8]>) -> Transaction {
        let inputs = coins.iter().map(|coin| TxIn {
            previous_output: coin.outpoint,
            script_sig: ScriptBuf::new(),
            sequence: Sequence(*self.rng.pick(SEQUENCES)),
            witness: Witness::new(),
        });
        let input = inputs.collect();
        let outputs = self.split(value, 6);
        let mut tx = Transaction {
            version: transaction::Version(*self.rng.pick(TRANSACTION_VERSIONS)),
            lock_time: lock_time(height, &mut self.rng),
            input,
            output: outputs
                .into_iter()
                .map(|(value, script_pubkey)| TxOut { value: Amount::from_sat(value), script_pubkey })
                .collect(),
        };
        self.wallet.sign(&mut tx, coins, annex, &mut self.rng);
        tx
    }

    /// An amount over one to `most` locks of the wallet, and rarely something on a lock that nobody opens.
    fn split(&mut self, value: u64, most: usize) -> Vec<(u64, ScriptBuf)> {
        let mut rest = value;
        let mut outputs = Vec::new();
        for _ in 1..1 + self.rng.index(most) {
            let part = if self.rng.percent(5) { 0 } else { self.rng.below(rest + 1) };
            rest -= part;
            outputs.push((part, self.any_script()));
        }
        if self.rng.percent(8) {
            let part = if self.rng.percent(70) { 0 } else { self.rng.below(rest.min(10_000) + 1) };
            rest -= part;
            outputs.push((part, dead_script(&mut self.rng)));
        }
        outputs.push((rest, self.any_script()));
        outputs
    }

    fn any_script(&mut self) -> ScriptBuf {
        let lock = *self.rng.pick(MENU);
        let key = Wallet::key_by_chance(&mut self.rng);
        self.wallet.script(lock, key)
    }

    fn lock_of(&self, script: &ScriptBuf) -> Option<(Lock, usize)> {
        self.wallet.locks.get(script).copied()
    }
}

/// Takes the coin at an index if it is there and may be spent in the next block.
fn take_at(branch: &mut Branch, index: usize) -> Option<Coin> {
    let ripe = branch.coins.get(index).is_some_and(|coin| coin.from_height <= branch.height + 1);
    ripe.then(|| branch.coins.remove(index))
}
