//! A swap service: coins of this chain against coins of others, one address for each order, no accounts.

use crate::world::era::Customs;
use crate::world::ledger::{Ledger, Note};
use crate::world::pay::Payee;
use crate::world::scene::{Scene, TRANSFER};
use crate::world::truth::{Kind, Part, Purpose};

/// The service.
#[derive(Debug)]
pub(crate) struct Swap {
    pub(crate) party: u32,
    pub(crate) wallet: u32,
}

impl Swap {
    pub(crate) fn new(ledger: &mut Ledger, customs: &Customs) -> Self {
        let party = ledger.join(Kind::Swap, || "swap".to_owned());
        let wallet = ledger.open(party, customs.services[1], Part::Hot);
        Self { party, wallet }
    }

    /// Where this order is paid in.
    pub(crate) fn address(&self, ledger: &mut Ledger, customer: u32, value: u64) -> Payee {
        let slot = ledger.fresh(self.wallet);
        Payee::noted(slot, value, Note { service: self.party, customer, withdrawal: false })
    }
}

impl Scene {
    /// A person gives coins for another chain's.
    pub(crate) fn swap_in(&mut self, who: usize) {
        let from = self.people.wallet(who);
        let Some(value) = self.amount(from, TRANSFER) else { return self.withdraw(who) };
        let customer = self.ledger.party(from);
        let payee = self.swap.address(&mut self.ledger, customer, value);
        self.ledger.pay(from, &[payee], Purpose::Deposit);
    }

    /// A person takes coins for another chain's.
    pub(crate) fn swap_out(&mut self, who: usize) {
        let to = self.people.wallet(who);
        let Some(value) = self.amount(self.swap.wallet, TRANSFER) else { return };
        let note = Note { service: self.swap.party, customer: self.ledger.party(to), withdrawal: true };
        let slot = self.ledger.receiving(to);
        self.ledger.pay(self.swap.wallet, &[Payee::noted(slot, value, note)], Purpose::Withdrawal);
    }
}
