//! Mining pools: coinbases mature, members are paid in one transaction, the rest is sold.

use crate::keys::Slot;
use crate::world::era::Customs;
use crate::world::ledger::{Ledger, Note};
use crate::world::pay::Payee;
use crate::world::scene::Scene;
use crate::world::truth::{Kind, Part, Purpose};

/// What is not worth a payout, in satoshi.
const PAYOUT_MIN: u64 = 60_000_000;

/// One pool.
#[derive(Debug)]
pub(crate) struct Pool {
    wallet: u32,
    party: u32,
    /// Coinbases that are paid out together.
    together: usize,
    /// The exchange that it sells at, and its address there.
    market: Option<(usize, Slot)>,
}

impl Pool {
    pub(crate) fn new(ledger: &mut Ledger, customs: &Customs, nth: u32) -> Self {
        let party = ledger.join(Kind::Pool, || format!("pool {}", nth + 1));
        let habits = customs.services[(nth as usize + 1) % customs.services.len()];
        let wallet = ledger.open(party, habits, Part::Mined);
        Self { wallet, party, together: [2, 4, 9][nth as usize % 3], market: None }
    }

    /// Where the pool's next block pays.
    pub(crate) fn target(&self, ledger: &mut Ledger) -> Slot {
        ledger.main(self.wallet)
    }
}

impl Scene {
    /// Pays members and sells the rest, when enough has matured.
    pub(crate) fn pool_pays(&mut self, nth: usize) {
        let Pool { wallet, together, .. } = self.pools[nth];
        let height = self.ledger.height();
        let ripe = self.ledger.wallet(wallet).coins.iter().filter(|coin| coin.height < height).count();
        if ripe < together {
            return;
        }
        let coins = self.ledger.wallet(wallet).take_oldest(100, height, |_| true);
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        if total < PAYOUT_MIN {
            return self.ledger.give_back(coins);
        }
        let payees = self.shares(nth, total);
        let rate = self.ledger.rate(wallet).min(total / 100_000);
        self.ledger.pay_with(wallet, coins, &payees, rate, Purpose::Payout);
    }

    /// A fifth at most goes to members by their work, most of the rest to an exchange, a little stays.
    fn shares(&mut self, nth: usize, total: u64) -> Vec<Payee> {
        let members = self.ledger.rng.range(8, 8 + (total / 4_000_000).clamp(4, 80));
        let mut payees = vec![];
        for _ in 0..members {
            let member = self.people.draw(&mut self.ledger.rng);
            let slot = self.ledger.main(self.people.wallet(member));
            payees.push(Payee::new(slot, self.ledger.rng.range(total / 100 / members, total / 5 / members)));
        }
        let party = self.pools[nth].party;
        let (home, slot) = self.market(nth);
        if self.exchanges[home].closed_until <= self.ledger.height() {
            let sold = total * 7 / 10;
            let note = Note { service: self.exchanges[home].party, customer: party, withdrawal: false };
            payees.push(Payee::noted(slot, sold, note));
            self.exchanges[home].credit(sold, sold);
        }
        payees
    }

    /// The exchange that a pool is a customer of, and the one address it has there.
    fn market(&mut self, nth: usize) -> (usize, Slot) {
        if let Some(market) = self.pools[nth].market {
            return market;
        }
        let home = nth % self.exchanges.len();
        let market = (home, self.ledger.fresh(self.exchanges[home].deposits));
        self.pools[nth].market = Some(market);
        market
    }
}
