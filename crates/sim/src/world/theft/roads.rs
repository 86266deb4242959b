//! The roads that shares of the loot take, one step at a time.

use crate::software::Order;
use crate::world::ledger::{Note, Output, Spend};
use crate::world::pay::Payee;
use crate::world::scene::{BTC, Scene};
use crate::world::theft::{Step, Theft};
use crate::world::truth::{Kind, Part, Purpose};
use crate::world::wallet::Coin;

/// What is left of a share is let lie when it is worth less, in satoshi.
const CRUMB: u64 = 150_000;
/// Most coins that a carrier spends together.
const COINS_MAX: usize = 60;

impl Scene {
    /// The largest confirmed coin of a wallet.
    fn largest(&mut self, wallet: u32) -> Option<Coin> {
        let height = self.ledger.height();
        self.ledger.wallet(wallet).take_worth(CRUMB, 1, height)?.pop()
    }

    /// Blocks to wait, from one to `most`.
    fn pause(&mut self, most: u32) -> u32 {
        1 + u32::try_from(self.ledger.rng.below(u64::from(most.max(1)))).expect("small")
    }

    /// One hop: a little to an exchange, the rest onwards.
    pub(super) fn peel(&mut self, theft: &mut Theft, wallet: u32, hops: u32, gap: u32) {
        let pause = self.pause(gap);
        let Some(coin) = self.largest(wallet) else { return };
        let value = (coin.value * self.ledger.rng.range(5, 60) / 1000).max(40_000);
        let Some((slot, note)) = self.account(theft, theft.thief) else {
            self.ledger.give_back(vec![coin]);
            return theft.after(&self.ledger, pause, Step::Peel { wallet, hops, gap });
        };
        if self.pay_loot(theft, wallet, vec![coin], Payee::noted(slot, value, note), Purpose::LootPeel).is_some() {
            self.sold_at(note.service, value);
        }
        if hops > 1 {
            theft.after(&self.ledger, pause, Step::Peel { wallet, hops: hops - 1, gap });
        }
    }

    /// Splits every coin of a wallet into pieces in the next; the leaves of the tree go their own ways.
    pub(super) fn fan(&mut self, theft: &mut Theft, wallet: u32, width: u64) {
        let height = self.ledger.height();
        let coins = self.ledger.wallet(wallet).take_oldest(COINS_MAX, height, |coin| coin.value > 2 * CRUMB);
        let Some(next) = theft.fans.get(&wallet).copied() else { return self.ledger.give_back(coins) };
        for coin in coins {
            self.fan_coin(theft, wallet, next, coin, width);
        }
        let (more, pause) = (!self.ledger.wallet(wallet).coins.is_empty(), self.pause(6));
        if !theft.fans.contains_key(&next) {
            theft.after(&self.ledger, pause, Step::Trickle { wallet: next });
        } else if more {
            // Coins of this block's other steps arrive later: look again.
            theft.after(&self.ledger, pause, Step::Fan { wallet, then: width });
        }
    }

    fn fan_coin(&mut self, theft: &Theft, wallet: u32, next: u32, coin: Coin, width: u64) {
        let width = width.min(coin.value / CRUMB).max(1);
        let fee = self.ledger.fee(wallet, &[coin], usize::try_from(width).expect("hundreds"));
        let mut left = coin.value.saturating_sub(fee);
        let mut outputs = vec![];
        for more in (0..width).rev() {
            let value = if more == 0 { left } else { left / (more + 1) * self.ledger.rng.range(700, 1250) / 1000 };
            left -= value;
            let slot = self.ledger.fresh(next);
            outputs.push(Output::pay(theft.thief, slot, value));
        }
        let mut spend = Spend::new(wallet, Purpose::LootSplit, vec![coin], outputs);
        spend.order = Some(if theft.plan.knobs.shuffled { Order::Shuffled } else { Order::Kept });
        self.ledger.spend(spend);
    }

    /// One leaf goes to a swap, a mixer or an exchange, or stays; then the next.
    pub(super) fn trickle(&mut self, theft: &mut Theft, wallet: u32) {
        if theft.plan.knobs.decoys && self.ledger.rng.chance(250) {
            self.decoy(theft, wallet);
        }
        let Some(coin) = self.largest(wallet) else { return };
        match self.ledger.rng.below(100) {
            0..45 => {
                let payee = self.swap.address(&mut self.ledger, theft.thief, 0);
                self.ledger.move_whole(wallet, vec![coin], payee, Purpose::LootDeposit);
            }
            45..60 => self.mix_coin(theft, wallet, coin),
            60..80 => self.deposit_coins(theft, wallet, vec![coin], theft.thief),
            _ => {
                // It moves once and is left alone.
                let kept = theft.wallet(&mut self.ledger);
                let slot = self.ledger.fresh(kept);
                self.ledger.move_whole(wallet, vec![coin], Payee::new(slot, 0), Purpose::LootMove);
            }
        }
        let pause = self.pause(4);
        theft.after(&self.ledger, pause, Step::Trickle { wallet });
    }

    /// Own coins in, equal outputs and remainders out: a CoinJoin in form, of one.
    fn decoy(&mut self, theft: &Theft, wallet: u32) {
        let height = self.ledger.height();
        let coins = self.ledger.wallet(wallet).take_oldest(5, height, |coin| coin.value > CRUMB);
        let least = coins.iter().map(|coin| coin.value).min().unwrap_or(0);
        if coins.len() < 3 {
            return self.ledger.give_back(coins);
        }
        let equal = least * self.ledger.rng.range(700, 950) / 1000;
        let fee = self.ledger.fee(wallet, &coins, 2 * coins.len()) / coins.len() as u64;
        let mut outputs = vec![];
        for coin in &coins {
            let slot = self.ledger.fresh(wallet);
            outputs.push(Output::pay(theft.thief, slot, equal));
            if let Some(rest) = (coin.value - equal).checked_sub(fee).filter(|rest| *rest > 1_000) {
                let slot = self.ledger.fresh(wallet);
                outputs.push(Output::pay(theft.thief, slot, rest));
            }
        }
        let mut spend = Spend::new(wallet, Purpose::LootDecoy, coins, outputs);
        spend.order = Some(Order::Shuffled);
        self.ledger.spend(spend);
    }

    /// One whole coin to the mixer, whose answer comes to a new wallet.
    fn mix_coin(&mut self, theft: &Theft, wallet: u32, coin: Coin) {
        let value = coin.value;
        let (slot, note) = self.mixer.address(&mut self.ledger, theft.thief);
        let payee = Payee::noted(slot, 0, note);
        if self.ledger.move_whole(wallet, vec![coin], payee, Purpose::LootDeposit).is_some() {
            let clean = theft.wallet(&mut self.ledger);
            let slots = [self.ledger.fresh(clean)];
            self.mixer.agree(&mut self.ledger, value - value / 50, theft.thief, &slots);
        }
    }

    /// A deposit a little below the round amount; the next one only after this one is in a block.
    pub(super) fn mixer_deposit(&mut self, theft: &mut Theft, wallet: u32, clean: u32, unit: u64) {
        let height = self.ledger.height();
        let value = unit - unit * self.ledger.rng.range(1, 8) / 1000;
        let Some(coins) = self.ledger.wallet(wallet).take_worth(value + 60_000, COINS_MAX, height) else {
            let pause = self.pause(30) + 45;
            return theft.after(&self.ledger, pause, Step::CashOut { wallet: clean, customer: theft.thief });
        };
        let (slot, note) = self.mixer.address(&mut self.ledger, theft.thief);
        let payee = Payee::noted(slot, value, note);
        if self.pay_loot(theft, wallet, coins, payee, Purpose::LootDeposit).is_some() {
            let slots = [self.ledger.fresh(clean), self.ledger.fresh(clean)];
            self.mixer.agree(&mut self.ledger, value, theft.thief, &slots);
        }
        let pause = self.pause(2);
        theft.after(&self.ledger, pause, Step::MixerDeposit { wallet, clean, unit });
    }

    /// Waits for rounds with makers.
    pub(super) fn take_part(&mut self, theft: &mut Theft, wallet: u32, rounds: u32) {
        if !self.joins.takers.contains(&wallet) {
            self.joins.takers.push(wallet);
        }
        if rounds > 1 {
            let pause = self.profile.joins.joinmarket_every.max(5);
            theft.after(&self.ledger, pause, Step::Take { wallet, rounds: rounds - 1 });
        }
    }

    /// Waits for rounds of equal outputs.
    pub(super) fn join_round(&mut self, theft: &mut Theft, wallet: u32, rounds: u32) {
        if !self.joins.wasabi_guests.contains(&wallet) {
            self.joins.wasabi_guests.push(wallet);
        }
        if rounds > 1 {
            let pause = self.profile.joins.wasabi1_every.max(20);
            theft.after(&self.ledger, pause, Step::JoinRound { wallet, rounds: rounds - 1 });
        }
    }

    /// Strangers pay elsewhere and get coins here.
    pub(super) fn sell(&mut self, theft: &mut Theft, wallet: u32, buyers: u32) {
        let Some(coin) = self.largest(wallet) else { return };
        let buyer = self.people.draw(&mut self.ledger.rng);
        let slot = self.ledger.receiving(self.people.wallet(buyer));
        let value = (coin.value / u64::from(buyers.max(2)) * self.ledger.rng.range(600, 1300) / 1000).max(50_000);
        self.pay_loot(theft, wallet, vec![coin], Payee::new(slot, value), Purpose::LootSale);
        if buyers > 1 {
            let pause = self.pause(8);
            theft.after(&self.ledger, pause, Step::Sell { wallet, buyers: buyers - 1 });
        }
    }

    /// Hands a part to each mule, who will pay it in under a name of his own.
    pub(super) fn pay_mules(&mut self, theft: &mut Theft, wallet: u32, count: u32) {
        let Some(coin) = self.largest(wallet) else { return };
        let Some((mule, to)) = theft.mules.get(theft.mules.len().saturating_sub(count as usize)).copied() else {
            return self.ledger.give_back(vec![coin]);
        };
        let slot = self.ledger.fresh(to);
        let value = coin.value / u64::from(count.max(1));
        let value = if count == 1 { value - value / 20 } else { value };
        self.pay_loot(theft, wallet, vec![coin], Payee::new(slot, value), Purpose::LootToMule);
        let pause = self.pause(10) + 2;
        theft.after(&self.ledger, pause, Step::CashOut { wallet: to, customer: mule });
        if count > 1 {
            let pause = self.pause(5);
            theft.after(&self.ledger, pause, Step::PayMules { wallet, count: count - 1 });
        }
    }

    /// Pays a wallet's coins in at exchanges, a few at a time.
    pub(super) fn cash_out(&mut self, theft: &mut Theft, wallet: u32, customer: u32) {
        let height = self.ledger.height();
        let most = 1 + self.ledger.rng.index(4);
        let coins = self.ledger.wallet(wallet).take_oldest(most, height, |_| true);
        if coins.is_empty() {
            return;
        }
        self.deposit_coins(theft, wallet, coins, customer);
        let pause = self.pause(12);
        theft.after(&self.ledger, pause, Step::CashOut { wallet, customer });
    }

    fn deposit_coins(&mut self, theft: &mut Theft, wallet: u32, coins: Vec<Coin>, customer: u32) {
        let value: u64 = coins.iter().map(|coin| coin.value).sum();
        let Some((slot, note)) = self.account(theft, customer) else { return self.ledger.give_back(coins) };
        let sent = self.ledger.move_whole(wallet, coins, Payee::noted(slot, 0, note), Purpose::LootDeposit);
        if sent.is_some() {
            self.sold_at(note.service, value - value / 20);
        }
    }

    /// Everything to the broker, in a few pieces.
    pub(super) fn pay_broker(&mut self, theft: &mut Theft, wallet: u32) {
        let Some(coin) = self.largest(wallet) else { return };
        let (party, till) = self.broker();
        let slot = self.ledger.fresh(till);
        let note = Note { service: party, customer: theft.thief, withdrawal: false };
        let value = coin.value * self.ledger.rng.range(250, 600) / 1000;
        self.pay_loot(theft, wallet, vec![coin], Payee::noted(slot, value, note), Purpose::LootDeposit);
        let pause = self.pause(10);
        theft.after(&self.ledger, pause, Step::PayBroker { wallet });
    }

    fn broker(&mut self) -> (u32, u32) {
        if let Some(broker) = self.thefts.broker {
            return broker;
        }
        let party = self.ledger.join(Kind::Broker, || "broker".to_owned());
        let vault = self.customs().vault;
        let broker = (party, self.ledger.open(party, vault, Part::Hot));
        self.thefts.broker = Some(broker);
        broker
    }

    /// The broker's buyers take what he bought.
    pub(super) fn broker_sells(&mut self) {
        let Some((service, till)) = self.thefts.broker else { return };
        if !self.ledger.rng.chance(200) || self.ledger.balance(till) < BTC / 100 {
            return;
        }
        let Some(value) = self.amount(till, crate::world::scene::TRANSFER) else { return };
        let buyer = self.people.draw(&mut self.ledger.rng);
        let wallet = self.people.wallet(buyer);
        let note = Note { service, customer: self.ledger.party(wallet), withdrawal: true };
        let slot = self.ledger.receiving(wallet);
        self.ledger.pay(till, &[Payee::noted(slot, value, note)], Purpose::Withdrawal);
    }

    /// To other chains, a piece at a time.
    pub(super) fn pay_swap(&mut self, theft: &mut Theft, wallet: u32) {
        let Some(coin) = self.largest(wallet) else { return };
        let value = (coin.value * self.ledger.rng.range(100, 350) / 1000).max(CRUMB / 2);
        let payee = self.swap.address(&mut self.ledger, theft.thief, value);
        self.pay_loot(theft, wallet, vec![coin], payee, Purpose::LootDeposit);
        let pause = self.pause(5);
        theft.after(&self.ledger, pause, Step::PaySwap { wallet });
    }

    /// After a long sleep: one move, then to exchanges.
    pub(super) fn wake(&mut self, theft: &mut Theft, wallet: u32) {
        let Some(coin) = self.largest(wallet) else { return };
        let next = theft.wallet(&mut self.ledger);
        let slot = self.ledger.fresh(next);
        self.ledger.move_whole(wallet, vec![coin], Payee::new(slot, 0), Purpose::LootMove);
        theft.after(&self.ledger, 2, Step::Peel { wallet: next, hops: 30, gap: 3 });
    }
}
