//! The split of the loot, and the first step of each share's road.

use crate::software::Order;
use crate::world::habits::{CHAUMIAN, POOLED};
use crate::world::ledger::{Output, Spend};
use crate::world::scene::Scene;
use crate::world::theft::{Leg, Step, Theft};
use crate::world::truth::{Part, Purpose};

/// A share below this is not worth a road of its own, in satoshi.
const SHARE_MIN: u64 = 400_000;

impl Scene {
    /// Sends each leg's share to a wallet of its own and plans what happens there.
    pub(super) fn split(&mut self, theft: &mut Theft) {
        let height = self.ledger.height();
        let coins = self.ledger.wallet(theft.main).take_oldest(150, height, |_| true);
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let legs = theft.plan.legs;
        let fee = self.ledger.fee(theft.main, &coins, legs.len());
        let Some(mut left) = total.checked_sub(fee).filter(|left| *left > SHARE_MIN * legs.len() as u64) else {
            return self.ledger.give_back(coins);
        };
        let usable = left;
        let mut outputs = vec![];
        for (nth, (leg, share)) in legs.iter().enumerate() {
            let value = if nth + 1 == legs.len() { left } else { usable * share / 1000 };
            left -= value;
            let habits = self.software_for(theft, *leg);
            let wallet = self.ledger.open(theft.thief, habits, Part::Loot);
            let slot = self.ledger.fresh(wallet);
            outputs.push(Output::pay(theft.thief, slot, value));
            self.set_out(theft, *leg, wallet);
        }
        let mut spend = Spend::new(theft.main, Purpose::LootSplit, coins, outputs);
        spend.order = Some(if theft.plan.knobs.shuffled { Order::Shuffled } else { Order::Kept });
        self.ledger.spend(spend);
    }

    /// Whoever joins a kind of round runs its client.
    fn software_for(&mut self, theft: &Theft, leg: Leg) -> u8 {
        match leg {
            Leg::JoinMarket(_) => self.customs().maker,
            Leg::Wasabi(_) => CHAUMIAN,
            Leg::Whirlpool(_) => POOLED,
            _ => self.ledger.wallet(theft.main).habits,
        }
    }

    /// Plans the first step of a leg.
    fn set_out(&mut self, theft: &mut Theft, leg: Leg, wallet: u32) {
        let ledger = &mut self.ledger;
        let pause = 2 + u32::try_from(ledger.rng.below(12)).expect("small");
        let step = match leg {
            Leg::Rest => return,
            Leg::Dormant(blocks) => return theft.after(ledger, blocks, Step::Wake { wallet }),
            Leg::Peel { hops, gap } => Step::Peel { wallet, hops, gap },
            Leg::FanOut { first, then } => {
                theft.after(ledger, pause, Step::Fan { wallet, then: first });
                let pieces = theft.wallet(ledger);
                theft.fans.insert(wallet, pieces);
                let leaves = theft.wallet(ledger);
                theft.fans.insert(pieces, leaves);
                Step::Fan { wallet: pieces, then }
            }
            Leg::Mixer(unit) => Step::MixerDeposit { wallet, clean: theft.wallet(ledger), unit },
            Leg::JoinMarket(rounds) => Step::Take { wallet, rounds },
            Leg::Wasabi(rounds) => Step::JoinRound { wallet, rounds },
            Leg::Whirlpool(pool) => Step::Enter { wallet, pool: pool % self.joins.pools.len() },
            Leg::Sale(buyers) => Step::Sell { wallet, buyers },
            Leg::Mules(count) => Step::PayMules { wallet, count },
            Leg::Broker => Step::PayBroker { wallet },
            Leg::Swap => Step::PaySwap { wallet },
        };
        theft.after(&self.ledger, pause + 3, step);
    }
}
