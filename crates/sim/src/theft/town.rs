//! Wallets, the block in the making, and the one way to spend: everything that moves a coin in the
//! town passes through [`Town::spend`], which also writes down the truth about it.

use std::collections::VecDeque;

use coinhound_chains::bitcoin::OwnedLock;
use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxOut};
use coinhound_model::block::SpentCoin;
use coinhound_model::{BlockHash, Height, TxHash};

use crate::block::{Draft, Miner, Sealed};
use crate::keys::{Keys, Slot, Style};
use crate::regtest::MATURITY;
use crate::rng::{Quantiles, Rng};
use crate::software::{Order, Software, data_script};
use crate::theft::truth::{Flow, Notes, Purpose, Role};

/// Satoshi per virtual byte.
const FEE_RATE: Quantiles = Quantiles(&[(0, 3), (100, 6), (500, 20), (900, 60), (1000, 150)]);
/// Change below this goes to the miner instead.
const CHANGE_MIN: u64 = 1_000;
/// Addresses from this number on belong to a service's customers; only sweeps spend from them.
pub(crate) const DEPOSITS: u32 = 10_000;
/// Most inputs that coin selection takes.
const INPUTS_MAX: usize = 40;

/// An unspent output of a wallet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Coin {
    pub(crate) outpoint: OutPoint,
    pub(crate) value: u64,
    pub(crate) slot: Slot,
    pub(crate) height: u32,
    pub(crate) coinbase: bool,
}

/// Where an output pays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Payee {
    /// An address of a wallet.
    Slot(Slot),
    /// Nobody: an output that carries data.
    Data(Vec<u8>),
}

/// One party and its coins.
#[derive(Clone, Debug)]
pub(crate) struct Wallet {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) style: Style,
    pub(crate) software: Software,
    pub(crate) coins: Vec<Coin>,
    next_index: u32,
}

/// All wallets and the chain they write.
#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) rng: Rng,
    pub(crate) notes: Notes,
    pub(crate) blocks: Vec<Sealed>,
    keys: Keys,
    draft: Draft,
    immature: VecDeque<Coin>,
}

impl Payee {
    fn script(&self, keys: Keys) -> Vec<u8> {
        match self {
            Self::Slot(slot) => keys.lock(*slot),
            Self::Data(data) => data_script(data),
        }
    }
}

impl From<Slot> for Payee {
    fn from(slot: Slot) -> Self {
        Self::Slot(slot)
    }
}

impl Town {
    /// A town whose first block after genesis claims `time`.
    pub(crate) fn new(seed: u64, time: u32) -> Self {
        let genesis = Sealed::genesis();
        let draft = Draft::new(genesis.hash, Height(1), time);
        Self {
            wallets: vec![],
            rng: Rng::new(seed),
            notes: Notes::default(),
            blocks: vec![genesis],
            keys: Keys::new(seed),
            draft,
            immature: VecDeque::new(),
        }
    }

    /// Adds a party and returns its number.
    pub(crate) fn join(&mut self, name: impl Into<String>, role: Role, style: Style) -> u32 {
        let number = u32::try_from(self.wallets.len()).expect("a town is small");
        let software = Software::of(number);
        self.wallets.push(Wallet { name: name.into(), role, style, software, coins: vec![], next_index: 1 });
        number
    }

    pub(crate) fn wallet(&mut self, number: u32) -> &mut Wallet {
        &mut self.wallets[number as usize]
    }

    /// Height of the block in the making.
    pub(crate) fn height(&self) -> u32 {
        self.draft.height().0
    }

    /// Time of the block in the making.
    pub(crate) fn time(&self) -> u32 {
        self.draft.time()
    }

    /// An address of `owner` by number; 0 is its main one.
    pub(crate) fn slot(&self, owner: u32, index: u32) -> Slot {
        Slot { style: self.wallets[owner as usize].style, owner, index }
    }

    /// An address of `owner` that was never used.
    pub(crate) fn fresh(&mut self, owner: u32) -> Slot {
        let wallet = self.wallet(owner);
        let index = wallet.next_index;
        wallet.next_index += 1;
        self.slot(owner, index)
    }

    /// What `owner` can spend now: coins of earlier blocks.
    pub(crate) fn balance(&self, owner: u32) -> u64 {
        let height = self.height();
        self.wallets[owner as usize].coins.iter().filter(|coin| coin.height < height).map(|coin| coin.value).sum()
    }

    /// Removes a coin from its wallet for spending.
    ///
    /// # Panics
    /// When it is not there: the script of events is wrong.
    pub(crate) fn take(&mut self, owner: u32, outpoint: OutPoint) -> Coin {
        let coins = &mut self.wallet(owner).coins;
        let at = coins.iter().position(|coin| coin.outpoint == outpoint).expect("the coin was paid to this wallet");
        coins.remove(at)
    }

    /// Removes coins worth at least `value`, largest first, or nothing if there are not enough.
    pub(crate) fn take_worth(&mut self, owner: u32, value: u64) -> Option<Vec<Coin>> {
        let height = self.height();
        let ready = |coin: &Coin| coin.height < height && coin.slot.index < DEPOSITS;
        let coins = &mut self.wallet(owner).coins;
        coins.sort_by_key(|coin| (!ready(coin), std::cmp::Reverse(coin.value), coin.outpoint));
        let mut sum = 0;
        let enough = |coin: &Coin| {
            sum += coin.value;
            ready(coin) && sum >= value
        };
        let count = coins.iter().take(INPUTS_MAX).position(enough)? + 1;
        Some(coins.drain(..count).collect())
    }

    /// Removes up to `count` of the oldest coins that `keep` accepts.
    pub(crate) fn take_oldest(&mut self, owner: u32, count: usize, keep: impl Fn(&Coin) -> bool) -> Vec<Coin> {
        let height = self.height();
        let coins = &mut self.wallet(owner).coins;
        coins.sort_by_key(|coin| (coin.height, coin.outpoint));
        let mut left = count;
        let mut wanted = |coin: &mut Coin| {
            let take = left > 0 && coin.height < height && keep(coin);
            left -= usize::from(take);
            take
        };
        coins.extract_if(.., &mut wanted).collect()
    }

    /// Pays from a wallet as its software would: coins largest first, change back. `None` when it is short.
    pub(crate) fn send(&mut self, from: u32, payees: &[(Slot, u64)], purpose: Purpose) -> Option<TxHash> {
        let total: u64 = payees.iter().map(|&(_, value)| value).sum();
        let reserve = self.fee(INPUTS_MAX.min(4), payees.len() + 1).min(total / 2 + 20_000);
        let coins = self.take_worth(from, total + reserve)?;
        let outputs = payees.iter().map(|&(slot, value)| (Payee::Slot(slot), value)).collect();
        Some(self.spend_with_change(from, coins, outputs, purpose))
    }

    /// Spends these coins to these outputs and returns what remains, less a fee, to the payer.
    pub(crate) fn spend_with_change(
        &mut self,
        from: u32,
        coins: Vec<Coin>,
        mut outputs: Vec<(Payee, u64)>,
        purpose: Purpose,
    ) -> TxHash {
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let paid: u64 = outputs.iter().map(|(_, value)| value).sum();
        let rest = total - paid;
        let fee = self.fee(coins.len(), outputs.len() + 1).min(rest);
        if rest - fee >= CHANGE_MIN {
            let own = self.wallets[from as usize].software.self_change;
            let slot = if own { coins[0].slot } else { self.fresh(from) };
            outputs.push((Payee::Slot(slot), rest - fee));
        }
        self.spend(from, coins, outputs, purpose)
    }

    /// Writes one transaction: inputs and outputs as given, in the order of `signer`'s software; what the
    /// outputs leave is the fee.
    pub(crate) fn spend(
        &mut self,
        signer: u32,
        mut coins: Vec<Coin>,
        mut outputs: Vec<(Payee, u64)>,
        purpose: Purpose,
    ) -> TxHash {
        let software = self.wallets[signer as usize].software;
        self.arrange(software.order, &mut coins, &mut outputs);
        let tx = self.encode(software, &coins, &outputs);
        let spent = coins.iter().map(|coin| self.spent(coin)).collect();
        let txid = self.draft.add_with_undo(&tx, spent);
        let flow = Flow { txid, height: self.height(), time: self.time(), purpose, coins: &coins, outputs: &outputs };
        self.notes.transaction(&flow, &self.wallets);
        self.credit(txid, &outputs);
        txid
    }

    /// A fee at a rate of the day for a transaction of this shape, in satoshi.
    pub(crate) fn fee(&mut self, inputs: usize, outputs: usize) -> u64 {
        self.rng.draw(FEE_RATE) * (11 + 100 * inputs as u64 + 34 * outputs as u64)
    }

    /// Finishes the block in the making and opens the next one, which claims `next_time`. With `rival`,
    /// that miner finds a block at the same height first, on which nobody builds.
    pub(crate) fn close_block(&mut self, miner: u32, rival: Option<u32>, next_time: u32) {
        let height = self.draft.height();
        let next = Draft::new(self.draft.prev(), height.next(), next_time);
        let draft = std::mem::replace(&mut self.draft, next);
        if let Some(rival) = rival {
            let block = self.seal(draft.first(draft.tx_count() / 2), rival);
            self.notes.slot(self.slot(rival, 0));
            self.blocks.push(Sealed { undo: None, ..block });
        }
        let block = self.seal(draft, miner);
        self.draft = Draft::new(block.hash, height.next(), next_time);
        let coin = Coin {
            outpoint: block.reward_outpoint(),
            value: block.reward,
            slot: self.slot(miner, 0),
            height: height.0,
            coinbase: true,
        };
        self.notes.slot(coin.slot);
        self.immature.push_back(coin);
        self.blocks.push(block);
        self.mature();
    }

    /// The chain's last block, stale ones not counted.
    pub(crate) fn tip(&self) -> (BlockHash, u32) {
        (self.draft.prev(), self.height() - 1)
    }

    /// The locking script of an address.
    pub(crate) fn lock(&self, slot: Slot) -> Vec<u8> {
        self.keys.lock(slot)
    }

    fn seal(&self, draft: Draft, miner: u32) -> Sealed {
        let message = format!("/{}/", self.wallets[miner as usize].name);
        draft.seal(Miner { lock: &self.lock(self.slot(miner, 0)), message: message.as_bytes() })
    }

    fn mature(&mut self) {
        let height = self.height();
        while self.immature.front().is_some_and(|coin| coin.height + MATURITY <= height) {
            let coin = self.immature.pop_front().expect("just seen");
            self.wallet(coin.slot.owner).coins.push(coin);
        }
    }

    fn arrange(&mut self, order: Order, coins: &mut [Coin], outputs: &mut [(Payee, u64)]) {
        let keys = self.keys;
        let coin = |coin: &Coin| (coin.outpoint, coin.value);
        let output = |(payee, value): &(Payee, u64)| (*value, payee.script(keys));
        order.arrange(&mut self.rng, (coins, coin), (outputs, output));
    }

    fn encode(&mut self, software: Software, coins: &[Coin], outputs: &[(Payee, u64)]) -> Tx {
        let (keys, height) = (self.keys, self.height());
        let outputs =
            outputs.iter().map(|(payee, value)| TxOut { value: *value, script: payee.script(keys) }).collect();
        software.sign(keys, height, coins.iter().map(|coin| (coin.slot, coin.outpoint)), outputs, &mut self.rng)
    }

    fn spent(&self, coin: &Coin) -> SpentCoin {
        let OwnedLock { kind, payload } = OwnedLock::of_script(&self.lock(coin.slot));
        SpentCoin { value: coin.value, kind, payload, height: Height(coin.height), coinbase: coin.coinbase }
    }

    fn credit(&mut self, txid: TxHash, outputs: &[(Payee, u64)]) {
        let height = self.height();
        for (index, (payee, value)) in (0..).zip(outputs) {
            if let Payee::Slot(slot) = payee {
                let outpoint = OutPoint { txid, index };
                let coin = Coin { outpoint, value: *value, slot: *slot, height, coinbase: false };
                self.wallet(slot.owner).coins.push(coin);
            }
        }
    }
}
