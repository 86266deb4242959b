//! One transaction: who pays whom how much, from which coins.

use coinhound_chains::bitcoin::OwnedLock;
use coinhound_chains::bitcoin::encode::{OutPoint, Tx, TxOut};
use coinhound_model::block::SpentCoin;
use coinhound_model::{Height, TxHash};

use crate::block::Draft;
use crate::mainnet::Chain;
use crate::mainnet::mix::{AGE_BLOCKS, BATCH, CONSOLIDATION, FEE_RATE, Kind, PAYMENT, SEVERAL, draw_kind};
use crate::mainnet::owners::{input_vbytes, slot, software_of};
use crate::mainnet::pool::Coin;
use crate::software::{Order, Software, bip69_key, data_script};

/// No output is worth less, in satoshi.
const DUST: u64 = 600;
/// A coin worth less is not spent alone, in satoshi.
const ALONE_MIN: u64 = 6_000;
/// Until the pool holds this share of its final size, payments fan out.
const FILL_BYTES_PER_COIN: u64 = 1_500;
/// What a payee of a batch gets at least on average, in satoshi.
const BATCH_SHARE_MIN: u64 = 150_000;
/// Weight that the widest input and output may add.
const INPUT_WEIGHT_MAX: u64 = 1_300;
const OUTPUT_WEIGHT_MAX: u64 = 180;

/// An output to be: whose, or data.
#[derive(Clone, Debug)]
enum Target {
    Key { owner: u32, key: u32 },
    Data(Vec<u8>),
}

impl Chain {
    /// Adds one transaction to the block.
    pub(super) fn add_tx(&mut self, draft: &mut Draft) {
        let room = u64::from(self.shape.block_weight).saturating_sub(draft.weight() as u64);
        let mined = self.matured.pop();
        let kind = if mined.is_some() || self.is_filling() { Kind::Batch } else { draw_kind(&mut self.rng) };
        let wanted = self.rng.draw(PAYMENT);
        let payees = match kind {
            Kind::Batch => self.rng.draw(BATCH),
            Kind::Several if self.rng.chance(60) => 2,
            _ => 1,
        };
        let payees = payees.min((room / 2 / OUTPUT_WEIGHT_MAX).max(1));
        let coins = match mined {
            Some(coin) => vec![coin],
            None => self.gather(kind, wanted, payees, room / 2),
        };
        let outputs = self.targets(kind, &coins, wanted, payees);
        self.write_tx(draft, coins, outputs);
    }

    /// At the start there are a few large coins; they are split until there is choice.
    fn is_filling(&self) -> bool {
        let wanted = (self.shape.bytes / FILL_BYTES_PER_COIN).clamp(40, 50_000);
        (self.pool.len() as u64) < wanted.min(self.shape.coins_max as u64 / 2)
    }

    /// Takes the coins that a transaction of this kind spends: at least one, all of one wallet.
    fn gather(&mut self, kind: Kind, wanted: u64, payees: u64, room: u64) -> Vec<Coin> {
        let most = (room / INPUT_WEIGHT_MAX).max(1);
        match kind {
            Kind::Plain => vec![self.take_aged(ALONE_MIN.max(wanted), 1)],
            Kind::Whole | Kind::Data => vec![self.take_aged(ALONE_MIN, 1)],
            Kind::Batch => vec![self.take_aged(payees * BATCH_SHARE_MIN, 1)],
            Kind::Several => {
                let count = self.rng.draw(SEVERAL).min(most);
                let first = self.take_aged(wanted / count, 2);
                if self.pool.owned(first.owner) > 0 { self.with_more(first, count) } else { self.of_rich(count, first) }
            }
            Kind::Consolidation => {
                let count = self.rng.draw(CONSOLIDATION).min(most);
                let first = self.take_aged(ALONE_MIN, 1);
                self.of_rich(count, first)
            }
        }
    }

    /// Takes a coin by age that is worth at least `value_min` and whose wallet has `owned_min` coins; after
    /// some tries the best seen.
    fn take_aged(&mut self, value_min: u64, owned_min: usize) -> Coin {
        let mut best = None;
        for _ in 0..8 {
            let age = u32::try_from(self.rng.draw(AGE_BLOCKS)).expect("ages are small");
            let at = self.pool.of_age(self.next_height, age, &mut self.rng);
            let coin = self.pool.coin(at);
            if coin.value >= value_min && self.pool.owned(coin.owner) >= owned_min {
                return self.pool.remove(at);
            }
            if best.is_none_or(|(value, _)| coin.value > value) {
                best = Some((coin.value, at));
            }
        }
        let (_, at) = best.expect("eight were looked at");
        self.pool.remove(at)
    }

    fn with_more(&mut self, first: Coin, count: u64) -> Vec<Coin> {
        let owner = first.owner;
        let mut coins = vec![first];
        while (coins.len() as u64) < count {
            match self.pool.remove_owned(owner, &mut self.rng) {
                Some(coin) => coins.push(coin),
                None => break,
            }
        }
        coins
    }

    /// Takes up to `count` coins of a wallet that has many, or only `instead`; whichever is not taken stays.
    fn of_rich(&mut self, count: u64, instead: Coin) -> Vec<Coin> {
        let owner = self.rich_owner(count);
        match self.pool.remove_owned(owner, &mut self.rng) {
            Some(first) => {
                self.pool.add(instead, &mut self.rng);
                self.with_more(first, count)
            }
            None => vec![instead],
        }
    }

    /// A popular wallet with about `count` coins, or the richest of those looked at.
    fn rich_owner(&mut self, count: u64) -> u32 {
        let mut best = self.owners.draw(&mut self.rng);
        for _ in 0..16 {
            if self.pool.owned(best) as u64 >= count {
                break;
            }
            let other = self.owners.draw(&mut self.rng);
            if self.pool.owned(other) > self.pool.owned(best) {
                best = other;
            }
        }
        best
    }

    /// Plans the outputs; what they leave is the fee.
    fn targets(&mut self, kind: Kind, coins: &[Coin], wanted: u64, payees: u64) -> Vec<(Target, u64)> {
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let payees = payees.min((total / (4 * DUST)).max(1));
        let left = total - self.fee(coins, payees + 1).min(total / 3);
        match kind {
            Kind::Whole | Kind::Consolidation => vec![(self.payee(coins[0].owner, kind), left)],
            Kind::Data => vec![(self.data(), 0), (self.change(&coins[0]), left)],
            Kind::Plain | Kind::Several | Kind::Batch => self.pay_and_change(&coins[0], wanted, payees, left),
        }
    }

    /// Payments as wanted where the coins suffice, else parts of what is left; change last.
    fn pay_and_change(&mut self, payer: &Coin, wanted: u64, payees: u64, mut left: u64) -> Vec<(Target, u64)> {
        let mut outputs = vec![];
        for after in (0..payees).rev() {
            let share = left * 2 / (after + 3);
            let wanted = if outputs.is_empty() { wanted } else { self.rng.draw(PAYMENT) };
            let value = if wanted <= share { wanted } else { share * self.rng.range(100, 950) / 1000 };
            if value < DUST {
                break;
            }
            let owner = self.owners.draw(&mut self.rng);
            let key = self.owners.pay_to(owner, &mut self.rng);
            outputs.push((Target::Key { owner, key }, value));
            left -= value;
        }
        if left >= DUST || outputs.is_empty() {
            outputs.push((self.change(payer), left));
        }
        outputs
    }

    /// Who gets a whole coin: somebody else, or for consolidations the wallet itself.
    fn payee(&mut self, own: u32, kind: Kind) -> Target {
        let owner = if kind == Kind::Consolidation { own } else { self.owners.draw(&mut self.rng) };
        Target::Key { owner, key: self.owners.pay_to(owner, &mut self.rng) }
    }

    fn change(&mut self, payer: &Coin) -> Target {
        let own = software_of(payer.owner).self_change;
        let key = if own { payer.key } else { self.owners.fresh(payer.owner) };
        Target::Key { owner: payer.owner, key }
    }

    fn data(&mut self) -> Target {
        let mut data = vec![0; [20, 32, 40, 80][self.rng.index(4)]];
        self.rng.fill(&mut data);
        Target::Data(data)
    }

    fn fee(&mut self, coins: &[Coin], outputs: u64) -> u64 {
        let vbytes: u64 = coins.iter().map(|coin| input_vbytes(coin.owner)).sum();
        self.rng.draw(FEE_RATE) * (11 + vbytes + 33 * outputs)
    }

    fn write_tx(&mut self, draft: &mut Draft, mut coins: Vec<Coin>, mut targets: Vec<(Target, u64)>) {
        let software = software_of(coins[0].owner);
        let mut outputs = self.arrange(software.order, &mut coins, &mut targets);
        let tx = self.encode(software, &coins, &mut outputs);
        let txid = self.add(draft, &tx, &coins);
        for (index, (target, value)) in (0..).zip(targets) {
            self.keep(txid, index, target, value);
        }
    }

    /// Orders inputs and outputs as the payer's software does; returns the outputs as they are written.
    fn arrange(&mut self, order: Order, coins: &mut [Coin], targets: &mut [(Target, u64)]) -> Vec<TxOut> {
        if order == Order::Shuffled {
            self.rng.shuffle(coins);
            self.rng.shuffle(targets);
        }
        let script = |target: &Target| match target {
            Target::Key { owner, key } => self.keys.lock(slot(*owner, *key)),
            Target::Data(data) => data_script(data),
        };
        if order == Order::Sorted {
            coins.sort_by_cached_key(|coin| bip69_key(coin.outpoint));
            targets.sort_by_cached_key(|(target, value)| (*value, script(target)));
        }
        targets.iter().map(|(target, value)| TxOut { value: *value, script: script(target) }).collect()
    }

    fn encode(&mut self, software: Software, coins: &[Coin], outputs: &mut Vec<TxOut>) -> Tx {
        let (keys, rng) = (self.keys, &mut self.rng);
        let mut inputs = Vec::with_capacity(coins.len());
        for coin in coins {
            let mut input = keys.spend(slot(coin.owner, coin.key), coin.outpoint, software.low_r, rng);
            input.sequence = software.sequence();
            inputs.push(input);
        }
        let lock_time = software.lock_time(self.next_height);
        Tx { version: software.version, inputs, outputs: std::mem::take(outputs), lock_time }
    }

    fn add(&self, draft: &mut Draft, tx: &Tx, coins: &[Coin]) -> TxHash {
        if !self.shape.undo {
            return draft.add(tx, coins.iter().map(|coin| coin.value).sum());
        }
        let spent = |coin: &Coin| {
            let OwnedLock { kind, payload } = OwnedLock::of_script(&self.keys.lock(slot(coin.owner, coin.key)));
            SpentCoin { value: coin.value, kind, payload, height: Height(coin.height), coinbase: coin.coinbase }
        };
        draft.add_with_undo(tx, coins.iter().map(spent).collect())
    }

    fn keep(&mut self, txid: TxHash, index: u32, target: Target, value: u64) {
        if let Target::Key { owner, key } = target {
            let outpoint = OutPoint { txid, index };
            let coin = Coin { outpoint, value, owner, key, height: self.next_height, coinbase: false };
            self.pool.add(coin, &mut self.rng);
        }
    }
}
