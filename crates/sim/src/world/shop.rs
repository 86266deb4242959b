//! Shops and payment processors: an address for every invoice, everything sold for money by night.

use crate::world::era::Customs;
use crate::world::ledger::{Ledger, Note};
use crate::world::pay::Payee;
use crate::world::scene::{PAYMENT, Scene};
use crate::world::truth::{Kind, Part, Purpose};

/// Blocks after which a shop goes to the exchange with whatever there is.
const CASH_OUT_EVERY: u32 = 288;
/// Coins with which it goes at once; most of one transaction.
const COINS_MAX: usize = 90;

/// One shop.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) wallet: u32,
    party: u32,
}

impl Shop {
    pub(crate) fn new(ledger: &mut Ledger, customs: &Customs, nth: u32) -> Self {
        let party = ledger.join(Kind::Merchant, || format!("shop {}", nth + 1));
        let habits = customs.people[nth as usize * 5 % customs.people.len()].0;
        Self { wallet: ledger.open(party, habits, Part::Receive), party }
    }
}

impl Scene {
    /// A person pays an invoice.
    pub(crate) fn visit_shop(&mut self, who: usize) {
        let from = self.people.wallet(who);
        let Some(value) = self.amount(from, PAYMENT) else { return self.withdraw(who) };
        let shop = self.ledger.rng.index(self.shops.len());
        let slot = self.ledger.receiving(self.shops[shop].wallet);
        if self.ledger.pay(from, &[Payee::new(slot, value)], Purpose::Payment).is_none() {
            self.withdraw(who);
        }
        self.keep_tidy(from);
    }

    /// The day's takings go to an exchange and are sold.
    pub(crate) fn shop_cashes_out(&mut self, nth: usize) {
        let Shop { wallet, party } = self.shops[nth];
        let height = self.ledger.height();
        let home = nth % self.exchanges.len();
        if self.exchanges[home].closed_until > height {
            return;
        }
        let least = if (height + party).is_multiple_of(CASH_OUT_EVERY) { 1 } else { COINS_MAX };
        let ready = |ledger: &mut Ledger| {
            let confirmed = ledger.wallet(wallet).coins.iter().filter(|coin| coin.height < height).count();
            confirmed >= least && !ledger.is_full()
        };
        while ready(&mut self.ledger) && self.shop_visits(wallet, party, home) {}
    }

    /// Pays coins in; false where they are not worth the fee.
    fn shop_visits(&mut self, wallet: u32, party: u32, home: usize) -> bool {
        let height = self.ledger.height();
        let coins = self.ledger.wallet(wallet).take_oldest(COINS_MAX, height, |_| true);
        let value: u64 = coins.iter().map(|coin| coin.value).sum();
        let slot = self.ledger.fresh(self.exchanges[home].deposits);
        let note = Note { service: self.exchanges[home].party, customer: party, withdrawal: false };
        let sent = self.ledger.move_whole(wallet, coins, Payee::noted(slot, 0, note), Purpose::Deposit);
        if sent.is_some() {
            // The fee is the shop's loss, not the exchange's: sold is a little less than what left the wallet.
            let arrived = value - value / 20;
            self.exchanges[home].credit(arrived, arrived);
        }
        sent.is_some()
    }
}
