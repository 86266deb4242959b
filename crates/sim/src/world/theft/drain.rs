//! The stealing: a test where the plan has one, then the transfers, then the victim notices.

use crate::software::Order;
use crate::world::ledger::{Ledger, Output, Spend};
use crate::world::scene::Scene;
use crate::world::theft::{Step, Theft};
use crate::world::truth::Purpose;

/// What the test takes, in satoshi: ten XEM were about as much.
const TEST: u64 = 1_000;
/// Blocks that a robbed exchange stays closed.
const CLOSED: u32 = 120;

impl Theft {
    /// Plans the night.
    pub(super) fn schedule(&mut self, ledger: &Ledger) {
        let drain = self.plan.drain;
        if drain.tests {
            self.after(ledger, 0, Step::Test);
        }
        for (nth, (blocks, _)) in drain.transfers.iter().enumerate() {
            self.after(ledger, blocks + u32::from(drain.tests), Step::Transfer(nth));
        }
        self.after(ledger, self.plan.split_after, Step::Split);
    }
}

impl Scene {
    /// The wallet that is robbed.
    fn robbed(&mut self, theft: &Theft) -> u32 {
        let cold = theft.plan.drain.cold;
        let exchange = self.exchange(theft.plan.victim);
        if cold { exchange.cold } else { exchange.hot }
    }

    pub(super) fn theft_test(&mut self, theft: &mut Theft) {
        self.take(theft, TEST, Purpose::TheftTest);
    }

    pub(super) fn theft_transfer(&mut self, theft: &mut Theft, nth: usize) {
        if theft.loot == 0 {
            let victim = self.robbed(theft);
            theft.loot = self.ledger.balance(victim) * theft.plan.drain.share / 1000;
            let noticed = self.ledger.height() + theft.plan.drain.noticed_after;
            self.exchange(theft.plan.victim).closes = Some((noticed, noticed + CLOSED));
        }
        let value = theft.loot * theft.plan.drain.transfers[nth].1 / 1000;
        self.take(theft, value, Purpose::TheftDrain);
    }

    /// One transfer with the victim's keys: what the coins leave returns to the victim's own address.
    fn take(&mut self, theft: &Theft, value: u64, purpose: Purpose) {
        let (victim, height) = (self.robbed(theft), self.ledger.height());
        let by = self.ledger.party(victim);
        let least = value + 20_000;
        let most = self.ledger.balance(victim);
        let Some(coins) = self.ledger.wallet(victim).take_worth(least.min(most), 300, height) else { return };
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let fee = self.ledger.fee(theft.main, &coins, 2).min(total / 2);
        let value = value.min(total - fee);
        let target = self.ledger.main(theft.main);
        let mut outputs = vec![Output::pay(by, target, value)];
        if total - fee - value > 1_000 {
            let slot = self.ledger.main(victim);
            outputs.push(Output::change(by, slot, total - fee - value));
        }
        let mut spend = Spend::new(theft.main, purpose, coins, outputs);
        spend.order = Some(if theft.plan.knobs.shuffled { Order::Shuffled } else { Order::Kept });
        spend.steals = Some(theft.number);
        self.ledger.spend(spend);
    }
}
