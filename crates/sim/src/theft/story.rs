//! The thief's part: each step of the plan, done.

use coinhound_chains::bitcoin::encode::OutPoint;
use coinhound_model::TxHash;

use crate::theft::mixing;
use crate::theft::plan::{Branch, NOTICED, Plan, Step};
use crate::theft::town::{Coin, Payee, Town};
use crate::theft::traffic::{BTC, Cast, one_of, sweep};
use crate::theft::truth::Purpose;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
/// Hops of the peel chain.
const PEELS: u32 = 36;
/// Rounds of CoinJoin.
const ROUNDS: u32 = 3;
/// What the hot wallet holds at least when the theft begins, in satoshi.
const HOT_MIN: u64 = 620 * BTC;

/// The town, its people and what is still to come.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) town: Town,
    pub(crate) cast: Cast,
    pub(crate) plan: Plan,
}

impl Story {
    /// Whether the victim does business.
    pub(crate) fn victim_open(&self) -> bool {
        self.town.time() < NOTICED
    }

    /// Does everything that is due in the block in the making.
    pub(crate) fn perform_due(&mut self) {
        while let Some(step) = self.plan.due(self.town.time()) {
            self.perform(step);
        }
    }

    fn perform(&mut self, step: Step) {
        match step {
            Step::FundMakers => mixing::fund_makers(&mut self.town, &self.cast),
            Step::FundThief => self.fund_thief(),
            Step::EnterMix => mixing::customers_enter(&mut self.town, &self.cast),
            Step::FillHotWallet => self.fill_hot_wallet(),
            Step::Steal(value) => self.steal(value),
            Step::Split(outputs, branch) => self.split(outputs, branch),
            Step::Peel(coin, hops) => self.peel(coin, hops),
            Step::Merge(coin) => self.merge(coin),
            Step::AfterMerge(coin) => self.after_merge(coin),
            Step::Sell(coin) => self.sell(coin),
            Step::CoinJoin(coin, rounds) => self.coin_join(coin, rounds),
            Step::CashOut(coin) => self.cash_out(coin),
            Step::LootEntersMix(coin) => self.enter_mix(coin),
            Step::Mix => mixing::mix(&mut self.town, &self.cast),
        }
    }

    /// Three honest coins: what the thief earned or bought before.
    fn fund_thief(&mut self) {
        let values = [8 * BTC + 51_200_000, 12 * BTC + 20_300_000, 4 * BTC + 87_000_000];
        let payees = values.map(|value| (self.town.fresh(self.cast.thief), value));
        self.town.send(self.cast.exchange, &payees, Purpose::Withdrawal).expect("pools paid enough in by now");
    }

    /// Pools sell what they mined until the exchange's one hot address holds enough.
    fn fill_hot_wallet(&mut self) {
        sweep(&mut self.town, self.cast.victim);
        for nth in 0.. {
            let held: u64 = self.hot_coins().map(|coin| coin.value).sum();
            if held >= HOT_MIN {
                return;
            }
            let [first, second] = self.cast.miners;
            let (miner, other) = if nth % 2 == 0 { (first, second) } else { (second, first) };
            let value = (HOT_MIN - held).clamp(BTC, 90 * BTC);
            let slot = self.town.slot(self.cast.victim, 0);
            let paid = [miner, other].iter().find_map(|pool| self.town.send(*pool, &[(slot, value)], Purpose::Deposit));
            paid.expect("pools hold most of what was mined");
        }
    }

    fn hot_coins(&self) -> impl Iterator<Item = &Coin> {
        self.town.wallets[self.cast.victim as usize].coins.iter().filter(|coin| coin.slot.index == 0)
    }

    /// One transfer from the hot address to the thief's; what remains goes back to the hot address.
    fn steal(&mut self, value: u64) {
        let purpose = if value < BTC / 100 { Purpose::TheftTest } else { Purpose::TheftDrain };
        let loot = self.town.slot(self.cast.thief, 0);
        let coins = self.hot_coins_worth(value + BTC / 100);
        self.town.spend_with_change(self.cast.victim, coins, vec![(loot.into(), value)], purpose);
    }

    /// Coins of the hot address, unconfirmed change included: whoever holds the key need not wait.
    fn hot_coins_worth(&mut self, value: u64) -> Vec<Coin> {
        let mut hot: Vec<_> = self.hot_coins().copied().collect();
        hot.sort_by_key(|coin| (std::cmp::Reverse(coin.value), coin.outpoint));
        let mut sum = 0;
        let enough = hot.iter().position(|coin| {
            sum += coin.value;
            sum >= value
        });
        hot.truncate(enough.expect("the hot wallet was filled") + 1);
        hot.iter().map(|coin| self.town.take(self.cast.victim, coin.outpoint)).collect()
    }

    /// Moves outputs of the theft to a new address and plans what happens to them.
    fn split(&mut self, outputs: &[usize], branch: Branch) {
        let coins: Vec<_> = outputs.iter().map(|&nth| self.loot(nth)).collect();
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let fee = self.town.fee(coins.len(), 1);
        let slot = self.town.fresh(self.cast.thief);
        let txid = self.town.spend(self.cast.thief, coins, vec![(slot.into(), total - fee)], Purpose::LootSplit);
        let coin = OutPoint { txid, index: 0 };
        match branch {
            Branch::Rest => {}
            Branch::Peel => self.later(1, 2, Step::Peel(coin, PEELS)),
            Branch::Merge => self.later(3, 5, Step::Merge(coin)),
            Branch::Sale => self.later(9, 12, Step::Sell(coin)),
            Branch::CoinJoin => self.later(4, 6, Step::CoinJoin(coin, ROUNDS)),
            Branch::Mix => self.later(2, 3, Step::LootEntersMix(coin)),
        }
    }

    /// The `nth` output that received stolen coins.
    fn loot(&mut self, nth: usize) -> Coin {
        let seed = &self.town.notes.theft.seeds[nth];
        let txid: TxHash = seed.txid.parse().expect("printed from a hash");
        let outpoint = OutPoint { txid, index: seed.vout };
        self.town.take(self.cast.thief, outpoint)
    }

    /// A little to one of the thief's accounts at the exchange, the rest to a new address.
    fn peel(&mut self, outpoint: OutPoint, hops: u32) {
        if hops == 0 {
            return self.cash_out(outpoint);
        }
        let coin = self.town.take(self.cast.thief, outpoint);
        let value = self.town.rng.range(6 * BTC / 10, 35 * BTC / 10).min(coin.value / 3);
        let fee = self.town.fee(1, 2);
        let next = self.town.fresh(self.cast.thief);
        let outputs = vec![(self.mule().into(), value), (next.into(), coin.value - value - fee)];
        let txid = self.town.spend(self.cast.thief, vec![coin], outputs, Purpose::LootPeel);
        self.in_minutes(4, 55, Step::Peel(OutPoint { txid, index: 1 }, hops - 1));
    }

    /// Five accounts opened with forged papers.
    fn mule(&mut self) -> crate::keys::Slot {
        let nth = u32::try_from(self.town.rng.below(5)).expect("below five");
        self.town.slot(self.cast.exchange, super::town::DEPOSITS + 9_000 + nth)
    }

    /// Loot, the change of the small transfers and all honest coins into one transaction, loot in the middle.
    fn merge(&mut self, outpoint: OutPoint) {
        let thief = self.cast.thief;
        let loot = self.town.take(thief, outpoint);
        let honest = self.town.take_oldest(thief, 3, |coin| coin.slot.index != 0 && coin.height < loot.height - 40);
        let mut coins = honest[..1].to_vec();
        coins.push(loot);
        coins.extend(&honest[1..]);
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let fee = self.town.fee(coins.len(), 3);
        let payments = [self.broker_slot(), self.town.fresh(thief), self.town.fresh(thief)];
        let outputs =
            payments.into_iter().map(Payee::from).zip([60 * BTC, 40 * BTC, total - 100 * BTC - fee]).collect();
        let txid = self.town.spend(thief, coins, outputs, Purpose::LootMerge);
        self.later(4, 8, Step::AfterMerge(OutPoint { txid, index: 1 }));
    }

    fn after_merge(&mut self, outpoint: OutPoint) {
        let thief = self.cast.thief;
        let coin = self.town.take(thief, outpoint);
        let fee = self.town.fee(1, 2);
        let half = coin.value / 2;
        let outputs = vec![(self.broker_slot().into(), half), (self.town.fresh(thief).into(), coin.value - half - fee)];
        self.town.spend(thief, vec![coin], outputs, Purpose::LootDeposit);
    }

    fn broker_slot(&mut self) -> crate::keys::Slot {
        self.town.slot(self.cast.broker, super::town::DEPOSITS)
    }

    /// Two or three strangers buy at a discount; the rest waits for the next buyers.
    fn sell(&mut self, outpoint: OutPoint) {
        let coin = self.town.take(self.cast.thief, outpoint);
        let mut outputs: Vec<(Payee, u64)> = vec![];
        for _ in 0..self.town.rng.range(2, 3) {
            let buyer = one_of(&mut self.town, &self.cast.people);
            outputs.push((self.town.slot(buyer, 0).into(), self.town.rng.range(BTC / 2, 4 * BTC)));
        }
        let sold: u64 = outputs.iter().map(|(_, value)| value).sum();
        let fee = self.town.fee(1, outputs.len() + 1);
        let rest = coin.value - sold - fee;
        let index = u32::try_from(outputs.len()).expect("three at most");
        outputs.push((self.town.fresh(self.cast.thief).into(), rest));
        let txid = self.town.spend(self.cast.thief, vec![coin], outputs, Purpose::LootSale);
        if rest > 20 * BTC {
            self.in_minutes(25, 90, Step::Sell(OutPoint { txid, index }));
        }
    }

    /// A round; of the thief's two outputs one is cashed out later, the change goes into the next round.
    fn coin_join(&mut self, outpoint: OutPoint, rounds: u32) {
        let taken = self.town.take(self.cast.thief, outpoint);
        let (equal, change) = mixing::coin_join(&mut self.town, &self.cast, taken);
        self.later(6, 14, Step::CashOut(equal));
        if rounds > 1 {
            self.later(2, 5, Step::CoinJoin(change, rounds - 1));
        }
    }

    /// A whole coin to the exchange.
    fn cash_out(&mut self, outpoint: OutPoint) {
        let coin = self.town.take(self.cast.thief, outpoint);
        let fee = self.town.fee(1, 1);
        let slot = self.mule();
        let outputs = vec![(slot.into(), coin.value - fee)];
        self.town.spend(self.cast.thief, vec![coin], outputs, Purpose::LootDeposit);
    }

    fn enter_mix(&mut self, outpoint: OutPoint) {
        let coin = self.town.take(self.cast.thief, outpoint);
        mixing::enter(&mut self.town, &self.cast, self.cast.thief, vec![coin], 20);
    }

    /// Plans a step some hours from now.
    fn later(&mut self, low: u64, high: u64, step: Step) {
        let seconds = self.town.rng.range(low * HOUR, high * HOUR);
        self.in_seconds(seconds, step);
    }

    fn in_minutes(&mut self, low: u64, high: u64, step: Step) {
        let seconds = self.town.rng.range(low * MINUTE, high * MINUTE);
        self.in_seconds(seconds, step);
    }

    fn in_seconds(&mut self, seconds: u64, step: Step) {
        let seconds = u32::try_from(seconds).expect("hours are few");
        self.plan.at(self.town.time() + seconds, step);
    }
}
