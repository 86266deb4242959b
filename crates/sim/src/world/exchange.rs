//! Exchanges: one address for each customer, a working wallet, a reserve, and accounts within which
//! coins change hands without touching the chain.

use std::collections::VecDeque;

use crate::keys::Slot;
use crate::world::era::Customs;
use crate::world::ledger::{Ledger, Note};
use crate::world::pay::Payee;
use crate::world::people::Club;
use crate::world::profile::Profile;
use crate::world::scene::{BTC, Scene, TRANSFER};
use crate::world::truth::{Kind, Part, Purpose};

/// What a withdrawal costs the customer, in satoshi.
const WITHDRAWAL_FEE: u64 = 8_000;
/// The smallest withdrawal, in satoshi.
const WITHDRAWAL_MIN: u64 = 30_000;
/// Most payees of one transaction, and most inputs of a sweep.
const BATCH_MAX: usize = 200;
const SWEEP_MAX: usize = 150;
/// Blocks after which nobody waits any longer for a batch to fill.
const PAY_EVERY: u32 = 36;
/// Blocks between looks at the reserve.
const LOOK_EVERY: u32 = 18;

/// A withdrawal that waits.
#[derive(Clone, Copy, Debug)]
struct Request {
    slot: Slot,
    value: u64,
    customer: u32,
}

/// One exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) party: u32,
    pub(crate) hot: u32,
    pub(crate) deposits: u32,
    pub(crate) cold: u32,
    /// Coins that customers sold and others may buy, in satoshi.
    market: u64,
    queue: VecDeque<Request>,
    /// Withdrawals that wait until there are so many, or for the hour.
    batch_at: usize,
    /// Whether each withdrawal is a transaction of its own.
    singles: bool,
    /// Deposits of at least this move on at once, in satoshi.
    sweep_at: u64,
    /// Blocks between collections of the rest.
    sweep_every: u32,
    /// No business before this height.
    pub(crate) closed_until: u32,
    /// From when to when it will be closed, because of what it does not know yet.
    pub(crate) closes: Option<(u32, u32)>,
}

impl Exchange {
    pub(crate) fn new(ledger: &mut Ledger, customs: &Customs, nth: u32, profile: &Profile) -> Self {
        let party = ledger.join(Kind::Exchange, || format!("exchange {}", nth + 1));
        let habits = customs.services[nth as usize % customs.services.len()];
        let (hot, deposits) = (ledger.open(party, habits, Part::Hot), ledger.open(party, habits, Part::Deposit));
        let cold = ledger.open(party, customs.vault, Part::Cold);
        Self {
            party,
            hot,
            deposits,
            cold,
            market: 0,
            queue: VecDeque::new(),
            batch_at: [10, 25, 60, 16][nth as usize % 4],
            singles: nth % 4 == profile.single_payouts,
            sweep_at: [20_000_000, 3_000_000, 100_000_000, 8_000_000][nth as usize % 4],
            sweep_every: [72, 144, 100, 288][nth as usize % 4],
            closed_until: 0,
            closes: None,
        }
    }

    /// A customer's coins arrive; what is sold goes to the market, the rest is returned as the account's gain.
    pub(crate) fn credit(&mut self, value: u64, sold: u64) -> u64 {
        self.market += sold.min(value);
        value - sold.min(value)
    }

    /// What a customer may take out who has `account` and wants `value`, buying what is missing; the new account.
    fn debit(&mut self, account: u64, value: u64) -> (u64, u64) {
        let bought = value.saturating_sub(account).min(self.market);
        self.market -= bought;
        let taken = value.min(account + bought);
        (taken, account + bought - taken)
    }

    /// Sweeps, pays out, minds the reserve.
    pub(crate) fn work(&mut self, ledger: &mut Ledger) {
        let height = ledger.height();
        if let Some((_, until)) = self.closes.take_if(|(from, _)| *from <= height) {
            self.closed_until = until;
        }
        if height < self.closed_until {
            return;
        }
        self.sweep_large(ledger);
        if (height + self.party).is_multiple_of(self.sweep_every) {
            self.sweep_all(ledger);
        }
        let the_hour = (height + self.party).is_multiple_of(PAY_EVERY);
        if !self.queue.is_empty() && (self.singles || the_hour || self.queue.len() >= self.batch_at) {
            self.pay_out(ledger);
        }
        if (height + self.party).is_multiple_of(LOOK_EVERY) {
            self.mind_reserve(ledger);
        }
    }

    fn sweep_large(&mut self, ledger: &mut Ledger) {
        let (height, least) = (ledger.height(), self.sweep_at);
        for coin in ledger.wallet(self.deposits).take_oldest(4, height, |coin| coin.value >= least) {
            self.collect(ledger, vec![coin]);
        }
    }

    fn sweep_all(&mut self, ledger: &mut Ledger) {
        let height = ledger.height();
        let coins = ledger.wallet(self.deposits).take_oldest(usize::MAX, height, |coin| coin.value >= 2_000);
        for chunk in coins.chunks(SWEEP_MAX) {
            // What finds no room in this block waits for the next night.
            if ledger.is_full() { ledger.give_back(chunk.to_vec()) } else { self.collect(ledger, chunk.to_vec()) }
        }
    }

    fn collect(&self, ledger: &mut Ledger, coins: Vec<crate::world::wallet::Coin>) {
        let slot = ledger.receiving(self.hot);
        let from = coins.first().map_or(self.deposits, |coin| coin.slot.owner);
        ledger.move_whole(from, coins, Payee::new(slot, 0), Purpose::Sweep);
    }

    fn pay_out(&mut self, ledger: &mut Ledger) {
        let most = if self.singles { 1 } else { BATCH_MAX };
        let rounds = if self.singles { 8 + self.queue.len() / 4 } else { 1 + self.queue.len() / BATCH_MAX };
        for _ in 0..rounds {
            if ledger.is_full() {
                return;
            }
            let mut due = vec![];
            let mut left = ledger.balance(self.hot) * 9 / 10;
            while due.len() < most
                && let Some(request) = self.queue.front().filter(|request| request.value < left)
            {
                left -= request.value;
                let note = Note { service: self.party, customer: request.customer, withdrawal: true };
                due.push(Payee::noted(request.slot, request.value, note));
                self.queue.pop_front();
            }
            if due.is_empty() {
                return self.refill(ledger);
            }
            // Short only when dust makes up the balance: the customers are told to ask again.
            ledger.pay(self.hot, &due, Purpose::Withdrawal);
        }
    }

    /// Fetches coins for what waits.
    fn refill(&mut self, ledger: &mut Ledger) {
        let Some(front) = self.queue.front().copied() else { return };
        let wanted = front.value * 4 + ledger.balance(self.cold) / 20;
        let slot = ledger.receiving(self.hot);
        let value = wanted.min(ledger.balance(self.cold) / 2);
        if value < BTC / 100 || ledger.pay(self.cold, &[Payee::new(slot, value)], Purpose::FromCold).is_none() {
            // Nothing to fetch: whoever asks for more than there is goes to the end of the queue.
            self.queue.rotate_left(1);
        }
    }

    fn mind_reserve(&mut self, ledger: &mut Ledger) {
        let (hot, cold) = (ledger.balance(self.hot), ledger.balance(self.cold));
        if hot > (hot + cold) / 5 + BTC {
            let slot = ledger.receiving(self.cold);
            let value = (hot - (hot + cold) / 8) / 1_000_000 * 1_000_000;
            ledger.pay(self.hot, &[Payee::new(slot, value)], Purpose::ToCold);
        }
    }
}

impl Scene {
    /// A person pays in at the home exchange, and sells some or all of it.
    pub(crate) fn deposit(&mut self, who: usize) {
        let person = self.people.list[who];
        let home = usize::from(person.home);
        if self.exchanges[home].closed_until > self.ledger.height() {
            return;
        }
        let Some(value) = self.amount(person.wallet, TRANSFER) else { return self.withdraw(who) };
        let slot = self.deposit_slot(who);
        let (service, customer) = (self.exchanges[home].party, self.ledger.party(person.wallet));
        let payee = Payee::noted(slot, value, Note { service, customer, withdrawal: false });
        if self.ledger.pay(person.wallet, &[payee], Purpose::Deposit).is_some() {
            let sold = value * self.ledger.rng.range(300, 1000) / 1000;
            self.people.list[who].account += self.exchanges[home].credit(value, sold);
        }
        self.keep_tidy(person.wallet);
    }

    /// A person asks the home exchange for coins, bought where the account is short.
    pub(crate) fn withdraw(&mut self, who: usize) {
        let person = self.people.list[who];
        // Whoever joins coins for privacy fetches larger sums.
        let scale = if person.club == Club::None { 1 } else { 40 };
        let wanted = self.ledger.rng.draw(TRANSFER) * scale;
        let exchange = &mut self.exchanges[usize::from(person.home)];
        if exchange.queue.len() > 2_000 {
            return;
        }
        let (taken, account) = exchange.debit(person.account, wanted);
        self.people.list[who].account = account;
        if taken < WITHDRAWAL_MIN {
            self.people.list[who].account += taken;
            return;
        }
        let slot = self.ledger.receiving(person.wallet);
        let customer = self.ledger.party(person.wallet);
        exchange.queue.push_back(Request { slot, value: taken - WITHDRAWAL_FEE, customer });
    }

    /// Orders coins for a wallet at an exchange, as far as there are any for sale.
    pub(crate) fn buy(&mut self, nth: usize, wallet: u32, wanted: u64) {
        let slot = self.ledger.receiving(wallet);
        let customer = self.ledger.party(wallet);
        let exchange = self.exchange(nth);
        let (taken, _) = exchange.debit(0, wanted);
        if taken < WITHDRAWAL_MIN {
            exchange.market += taken;
            return;
        }
        exchange.queue.push_back(Request { slot, value: taken - WITHDRAWAL_FEE, customer });
    }

    /// An exchange by number, as a victim or a market.
    pub(crate) fn exchange(&mut self, nth: usize) -> &mut Exchange {
        let count = self.exchanges.len();
        &mut self.exchanges[nth % count]
    }
}
