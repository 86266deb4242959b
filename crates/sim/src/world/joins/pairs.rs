//! Transactions of two, and of one who looks like two: payments to which the payee adds a coin (PayJoin,
//! BIP 78), half-signed sales that a buyer completes, and payments in the form of a small CoinJoin (Stonewall).

use coinhound_chains::bitcoin::encode::Tx;

use crate::keys::Style;
use crate::rng::Rng;
use crate::software::Order;
use crate::world::joins::worth;
use crate::world::ledger::{DUST, Output, Spend};
use crate::world::scene::{PAYMENT, Scene};
use crate::world::truth::Purpose;

/// `SIGHASH_SINGLE | SIGHASH_ANYONECANPAY`: a seller signs his coin and his price, whatever else joins.
const SELLERS: u8 = 0x83;

impl Scene {
    /// A person pays a shop, and the shop adds a coin: two owners sign, and no output is the sum paid.
    pub(crate) fn pay_join(&mut self, who: usize) {
        let payer = self.people.wallet(who);
        let shop = self.ledger.rng.index(self.shops.len());
        let payee = self.shops[shop].wallet;
        let height = self.ledger.height();
        let Some(value) = self.amount(payer, PAYMENT) else { return self.withdraw(who) };
        let mut added = self.ledger.wallet(payee).take_oldest(1, height, |coin| coin.value > 20_000);
        let coins = self.ledger.wallet(payer).take_worth(value + value / 10 + 60_000, 20, height);
        let (Some(coins), false) = (&coins, added.is_empty()) else {
            self.ledger.give_back(coins.unwrap_or_default());
            self.ledger.give_back(added);
            return self.visit_shop(who);
        };
        let coins = coins.clone();
        // A careless payee is paid on the address that its own coin lay on.
        let careless = self.ledger.rng.chance(250);
        let slot = if careless { added[0].slot } else { self.ledger.fresh(payee) };
        let (from, to) = (self.ledger.party(payer), self.ledger.party(payee));
        let paid = value + worth(&added);
        let total = worth(&coins);
        let mut all = coins;
        all.append(&mut added);
        let change = (total - value).saturating_sub(self.ledger.fee(payer, &all, 2));
        let mut outputs = vec![Output::pay(to, slot, paid)];
        if change > DUST {
            let slot = self.ledger.fresh_change(payer, None);
            outputs.push(Output::change(from, slot, change));
        }
        let mut spend = Spend::new(payer, Purpose::PayJoin, all, outputs);
        spend.order = Some(Order::Shuffled);
        self.ledger.spend(spend);
    }

    /// A person sells one coin for more than it is worth (it carries an inscription) by a half-signed order.
    pub(crate) fn trade(&mut self, who: usize) {
        let buyer = self.people.draw(&mut self.ledger.rng);
        let (seller, buyer) = (self.people.wallet(who), self.people.wallet(buyer));
        let height = self.ledger.height();
        let single = |style| matches!(style, Style::Witness | Style::Taproot | Style::PubKeyHash);
        if seller == buyer {
            return;
        }
        let sold = self.ledger.wallet(seller).take_oldest(1, height, |coin| single(coin.slot.style));
        let price = worth(&sold) + self.ledger.rng.draw(PAYMENT);
        let coins = self.ledger.wallet(buyer).take_worth(price + price / 20 + 60_000, 20, height);
        let (Some(coins), false) = (&coins, sold.is_empty()) else {
            self.ledger.give_back(coins.unwrap_or_default());
            return self.ledger.give_back(sold);
        };
        let coins = coins.clone();
        let (from, to) = (self.ledger.party(seller), self.ledger.party(buyer));
        let (price_slot, coin_slot) = (self.ledger.receiving(seller), self.ledger.fresh(buyer));
        let bought = worth(&sold);
        let left = worth(&coins) + bought - price - bought;
        let all = [sold, coins].concat();
        let mut outputs = vec![Output::pay(from, price_slot, price), Output::pay(to, coin_slot, bought)];
        let change = left.saturating_sub(self.ledger.fee(buyer, &all, 3));
        if change > DUST {
            let slot = self.ledger.fresh_change(buyer, None);
            outputs.push(Output::change(to, slot, change));
        }
        let mut spend = Spend::new(buyer, Purpose::Trade, all, outputs);
        spend.order = Some(Order::Kept);
        spend.finish = Some(mark_sellers_signature);
        self.ledger.spend(spend);
    }

    /// A payment in the form of a CoinJoin of two: the payee's amount a second time, to the payer.
    pub(crate) fn stonewall(&mut self, who: usize) {
        let from = self.people.wallet(who);
        let Some(value) = self.amount(from, PAYMENT).map(|value| value / 2) else { return self.withdraw(who) };
        let height = self.ledger.height();
        let shop = self.ledger.rng.index(self.shops.len());
        let Some(first) = self.ledger.wallet(from).take_worth(value + 50_000, 10, height) else { return };
        let Some(second) = self.ledger.wallet(from).take_worth(value + 50_000, 10, height) else {
            self.ledger.give_back(first);
            return self.visit_shop(who);
        };
        let slot = self.ledger.fresh(self.shops[shop].wallet);
        let by = self.ledger.party(from);
        let mut outputs = vec![Output::pay(by, slot, value)];
        let half = self.ledger.fee(from, &[first.clone(), second.clone()].concat(), 4) / 2;
        let rests = [worth(&first) - value, worth(&second) - value].map(|rest| rest.saturating_sub(half));
        for value in [value].into_iter().chain(rests).filter(|value| *value > DUST) {
            let slot = self.ledger.fresh_change(from, None);
            outputs.push(Output::change(by, slot, value));
        }
        let mut spend = Spend::new(from, Purpose::Stonewall, [first, second].concat(), outputs);
        spend.order = Some(Order::Shuffled);
        self.ledger.spend(spend);
    }
}

/// The first input's signature says what it covers: one output, and whoever else pays.
fn mark_sellers_signature(tx: &mut Tx, _: &mut Rng) {
    let input = &mut tx.inputs[0];
    match input.witness.first_mut() {
        Some(signature) if signature.len() == 64 => signature.push(SELLERS),
        Some(signature) => *signature.last_mut().expect("a signature") = SELLERS,
        None => {
            let end = usize::from(input.script_sig[0]);
            input.script_sig[end] = SELLERS;
        }
    }
}
