//! JoinMarket: a taker chooses an amount and pays makers to lend theirs to the crowd.
//!
//! Each maker gets the amount and its change, richer by its fee; the taker pays makers and miner. The
//! taker's amount may go to somebody else, and a taker who sweeps has no change. Makers refuse to be
//! left with change below the protocol's own dust limit.

use crate::software::Order;
use crate::world::joins::{Round, worth};
use crate::world::ledger::{Output, Spend};
use crate::world::people::Club;
use crate::world::scene::Scene;
use crate::world::truth::Purpose;

/// The least change that a maker accepts, in satoshi.
const CHANGE_MIN: u64 = 27_300;
/// Most coins that one party brings.
const COINS_MAX: usize = 8;

impl Scene {
    /// One round, if a taker and two makers can be found.
    pub(super) fn joinmarket_round(&mut self) {
        let mut members = self.members(Club::JoinMarket);
        let guest = self.joins.takers.pop();
        let height = self.ledger.height();
        let Some(taker) = guest.or_else(|| members.pop()) else { return };
        let balance = self.ledger.balance(taker);
        let amount = balance * self.ledger.rng.range(300, 700) / 1000;
        let sweeps = self.ledger.rng.chance(100);
        let Some(coins) = self.ledger.wallet(taker).take_worth(amount + balance / 20, COINS_MAX, height) else {
            return;
        };
        let wanted = if self.ledger.rng.chance(150) { 2 } else { self.ledger.rng.range(3, 9) };
        let amount = if sweeps { worth(&coins) * 99 / 100 } else { amount };
        let mut round = Round::default();
        let (makers, earned) = self.makers(&mut round, &members, taker, amount, wanted);
        if makers < 2 || amount < 200_000 || !self.taker_pays(&mut round, taker, coins.clone(), amount, earned, guest) {
            self.ledger.give_back(coins);
            return self.ledger.give_back(round.coins);
        }
        let mut spend = Spend::new(taker, Purpose::JoinMarket, round.coins, round.outputs);
        spend.order = Some(Order::Shuffled);
        self.ledger.spend(spend);
    }

    /// Adds makers who have the amount; returns how many there are and what they earn together.
    fn makers(&mut self, round: &mut Round, members: &[u32], taker: u32, amount: u64, wanted: u64) -> (u64, u64) {
        let (mut count, mut earned) = (0, 0);
        let height = self.ledger.height();
        for maker in members.iter().copied().filter(|maker| *maker != taker) {
            if count == wanted {
                break;
            }
            let offered = self.ledger.wallet(maker).take_worth(amount + CHANGE_MIN, COINS_MAX, height);
            let Some(coins) = offered else { continue };
            // Absolute or relative offers, as yield generators announce them.
            let fee =
                if self.ledger.rng.chance(500) { self.ledger.rng.range(100, 2_500) } else { amount * 3 / 100_000 };
            let by = self.ledger.party(maker);
            let (equal, change) = (self.ledger.fresh(maker), self.ledger.fresh_change(maker, None));
            round.outputs.push(Output::pay(by, equal, amount));
            round.outputs.push(Output::change(by, change, worth(&coins) + fee - amount));
            round.coins.extend(coins);
            (count, earned) = (count + 1, earned + fee);
        }
        (count, earned)
    }

    /// Adds the taker; false where his coins do not suffice.
    fn taker_pays(
        &mut self,
        round: &mut Round,
        taker: u32,
        coins: Vec<crate::world::wallet::Coin>,
        amount: u64,
        earned: u64,
        guest: Option<u32>,
    ) -> bool {
        let mut all = round.coins.clone();
        all.extend(&coins);
        let fee = self.ledger.fee(taker, &all, round.outputs.len() + 2);
        let Some(rest) = worth(&coins).checked_sub(amount + earned + fee) else { return false };
        let by = self.ledger.party(taker);
        let pays_somebody = guest.is_none() && self.ledger.rng.chance(300);
        let to = if pays_somebody {
            let shop = self.ledger.rng.index(self.shops.len());
            self.shops[shop].wallet
        } else {
            taker
        };
        let slot = self.ledger.fresh(to);
        round.outputs.push(Output::pay(by, slot, amount));
        if rest >= CHANGE_MIN {
            let slot = self.ledger.fresh_change(taker, None);
            round.outputs.push(Output::change(by, slot, rest));
        }
        round.coins = all;
        true
    }
}
