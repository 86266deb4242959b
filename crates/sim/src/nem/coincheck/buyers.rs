//! What buyers do with their parcels: a second account, deposits in pieces with own XEM in between, a swap.

use coinhound_chains::nem::tx::{Message, MessageKind};

use crate::nem::body::plain;
use crate::nem::coincheck::Stage;
use crate::nem::coincheck::cast::{Person, Service};
use crate::nem::coincheck::control::Prefer;
use crate::nem::coincheck::plan::{DAY, Errand, HOUR, MINUTE, Step, XEM};
use crate::nem::coincheck::town::{Id, Payment};
use crate::nem::coincheck::truth::Purpose;
use crate::rng::Quantiles;

/// What an account without other means keeps back for fees, in millionths of a XEM.
const KEPT: u64 = 2 * XEM;

/// What a trader takes out at a time, in XEM.
const RESTOCK: Quantiles = Quantiles(&[(0, 30_000), (600, 700_000), (950, 3_000_000), (1000, 8_000_000)]);

impl Stage {
    pub(crate) fn run_errand(&mut self, errand: Errand) {
        match errand {
            Errand::Hop { account, parcel, pieces } => self.hop(account, parcel, pieces),
            Errand::PayIn { account, parcel, pieces } => self.pay_in(account, parcel, pieces),
            Errand::Swap { account, parcel } => {
                let units = self.spendable(account, parcel);
                self.swap(account, units, Prefer::Parcel(parcel), Purpose::BuyerDeposit, 1);
            }
        }
    }

    fn buyer_of(&self, account: Id) -> &Person {
        let owner = self.town.accounts[account].owner;
        let is_his = |buyer: &&Person| self.town.accounts[buyer.main].owner == owner;
        self.cast.buyers.iter().find(is_his).expect("errands are buyers'")
    }

    /// All of a parcel, less what its account needs for fees.
    fn spendable(&self, account: Id, parcel: u32) -> u64 {
        let held = self.town.control.held(account, parcel);
        held.min(self.town.xem(account).saturating_sub(KEPT))
    }

    fn hop(&mut self, account: Id, parcel: u32, pieces: u32) {
        let second = self.buyer_of(account).second.expect("only those who have one hop");
        let units = self.spendable(account, parcel);
        let prefer = Prefer::Parcel(parcel);
        let payment = Payment { prefer, ..Payment::new(account, second, units, Purpose::BuyerMove) };
        if self.town.pay(&payment).is_some() {
            let wait = u32::try_from(self.town.rng.range(20, 26 * 60)).expect("a day") * MINUTE;
            self.plan.at(self.town.now + wait, Step::Buyer(Errand::PayIn { account: second, parcel, pieces }));
        }
    }

    /// One piece of a parcel, often with some of the buyer's own XEM in the same deposit; or own XEM first.
    fn pay_in(&mut self, account: Id, parcel: u32, pieces: u32) {
        let left = self.spendable(account, parcel);
        if self.town.rng.chance(300) && self.pay_in_own(account, left / u64::from(pieces)) {
            return self.pay_in_later(account, parcel, pieces);
        }
        let last = pieces <= 1;
        let rng = &mut self.town.rng;
        let piece = if last { left } else { left / u64::from(pieces) / 100 * rng.range(60, 130) };
        let own = self.town.xem(account).saturating_sub(self.town.control.loot(account) + 200 * XEM);
        let rng = &mut self.town.rng;
        let own = if rng.chance(400) { own.min(piece / 100 * rng.range(1, 30)) } else { 0 };
        let units = if last || piece < 1_000 * XEM { piece + own } else { (piece + own) / (100 * XEM) * 100 * XEM };
        if units == 0 {
            return;
        }
        let customers = self.buyer_of(account).customers.clone();
        let customer = *self.town.rng.pick(&customers);
        self.deposit(account, customer, units, Prefer::Parcel(parcel), Purpose::BuyerDeposit);
        if !last {
            self.pay_in_later(account, parcel, pieces - 1);
        }
    }

    fn pay_in_later(&mut self, account: Id, parcel: u32, pieces: u32) {
        let wait = u32::try_from(self.town.rng.range(u64::from(5 * MINUTE), u64::from(DAY + 6 * HOUR)));
        let errand = Errand::PayIn { account, parcel, pieces };
        self.plan.at(self.town.now + wait.expect("a day"), Step::Buyer(errand));
    }

    /// Own XEM of about this worth; loot stays where it is, as far as its holder is concerned.
    fn pay_in_own(&mut self, account: Id, about: u64) -> bool {
        let own = self.town.xem(account).saturating_sub(self.town.control.loot(account) + 200 * XEM);
        let units = own.min(about / 100 * self.town.rng.range(50, 150)) / XEM * XEM;
        if units < 5_000 * XEM {
            return false;
        }
        let customers = self.buyer_of(account).customers.clone();
        let customer = *self.town.rng.pick(&customers);
        self.deposit(account, customer, units, Prefer::Clean, Purpose::Deposit);
        true
    }

    /// A buyer who trades takes XEM out again, bought at the exchange: nobody's loot.
    pub(crate) fn restock(&mut self) {
        let buyer = self.town.rng.pick(&self.cast.buyers).clone();
        let service = self.cast.service_of(buyer.customers[0]);
        let units = self.town.rng.draw(RESTOCK) * XEM;
        let to = if self.town.rng.chance(250) { buyer.second.unwrap_or(buyer.main) } else { buyer.main };
        self.town.pay(&Payment::new(service.hot, to, units, Purpose::Withdrawal));
    }

    /// Pays in at the service of a customer, whose number the message tells.
    pub(crate) fn deposit(&mut self, from: Id, customer: usize, units: u64, prefer: Prefer, purpose: Purpose) {
        let service = self.cast.service_of(customer);
        let message = Some(self.customer_message(service, customer));
        let payment = Payment::new(from, service.deposit, units, purpose);
        self.town.pay(&Payment { prefer, message, customer: Some(customer), ..payment });
    }

    fn customer_message(&mut self, service: Service, customer: usize) -> Message {
        let rng = &mut self.town.rng;
        if service.reads_encrypted && rng.chance(250) {
            // Salt, initial vector, one block or two: the form of an encrypted message. Nothing decrypts it.
            let mut payload = vec![0; if rng.chance(500) { 64 } else { 80 }];
            rng.fill(&mut payload);
            return Message { kind: MessageKind::Encrypted, payload };
        }
        plain(&self.cast.customers[customer].id)
    }

    /// XEM go to the swap service under a new order; bitcoin comes back elsewhere.
    pub(crate) fn swap(&mut self, from: Id, units: u64, prefer: Prefer, purpose: Purpose, decoys: u64) {
        let owner = self.town.accounts[from].owner;
        let customer = self.cast.order(&mut self.town, owner);
        let message = Some(plain(&self.cast.customers[customer].id));
        let payment = Payment::new(from, self.cast.swap.deposit, units, purpose);
        let payment = Payment { prefer, message, customer: Some(customer), ..payment };
        if let Some(hash) = self.town.pay(&payment) {
            let now = self.town.now;
            self.desk.answer(&mut self.town.rng, now, (hash, owner), units, decoys);
        }
    }
}
