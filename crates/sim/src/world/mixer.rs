//! A custodial mixer: takes coins, keeps a fee, pays others' coins hours later, often in pieces.

use std::collections::BTreeMap;

use crate::keys::Slot;
use crate::world::era::Customs;
use crate::world::ledger::{DUST, Ledger, Note};
use crate::world::pay::Payee;
use crate::world::scene::{Scene, TRANSFER};
use crate::world::truth::{Kind, Part, Purpose};

/// Blocks within which it pays.
const DELAY_MAX: u64 = 40;

/// A payment that the mixer owes.
#[derive(Clone, Copy, Debug)]
struct Due {
    slot: Slot,
    value: u64,
    customer: u32,
}

/// The mixer.
#[derive(Debug)]
pub(crate) struct Mixer {
    pub(crate) party: u32,
    pub(crate) wallet: u32,
    due: BTreeMap<u32, Vec<Due>>,
}

impl Mixer {
    pub(crate) fn new(ledger: &mut Ledger, customs: &Customs) -> Self {
        let party = ledger.join(Kind::Mixer, || "mixer".to_owned());
        let wallet = ledger.open(party, customs.services[customs.services.len() - 2], Part::Hot);
        Self { party, wallet, due: BTreeMap::new() }
    }

    /// An address for one deposit.
    pub(crate) fn address(&self, ledger: &mut Ledger, customer: u32) -> (Slot, Note) {
        let note = Note { service: self.party, customer, withdrawal: false };
        (ledger.fresh(self.wallet), note)
    }

    /// Agrees to pay what was paid in, less a fee between one and three per cent, to these addresses.
    pub(crate) fn agree(&mut self, ledger: &mut Ledger, value: u64, customer: u32, slots: &[Slot]) {
        let keeps = value * ledger.rng.range(10, 30) / 1000 + 5_000 * slots.len() as u64;
        let mut left = value.saturating_sub(keeps);
        for (nth, slot) in slots.iter().enumerate() {
            let more = (slots.len() - nth - 1) as u64;
            let piece = if more == 0 { left } else { left * ledger.rng.range(200, 800) / 1000 / more.max(1) };
            left -= piece;
            let when = ledger.height() + 1 + u32::try_from(ledger.rng.below(DELAY_MAX)).expect("small");
            self.due.entry(when).or_default().push(Due { slot: *slot, value: piece, customer });
        }
    }

    /// Pays what is due; what the till cannot pay waits.
    pub(crate) fn work(&mut self, ledger: &mut Ledger) {
        let height = ledger.height();
        let later = self.due.split_off(&(height + 1));
        let now = std::mem::replace(&mut self.due, later);
        for due in now.into_values().flatten().filter(|due| due.value >= DUST) {
            let note = Note { service: self.party, customer: due.customer, withdrawal: true };
            let payee = Payee::noted(due.slot, due.value, note);
            if ledger.is_full() || ledger.pay(self.wallet, &[payee], Purpose::MixerPayout).is_none() {
                self.due.entry(height + 3).or_default().push(due);
            }
        }
    }
}

impl Scene {
    /// A person has coins mixed.
    pub(crate) fn mix(&mut self, who: usize) {
        let from = self.people.wallet(who);
        let Some(value) = self.amount(from, TRANSFER).filter(|value| *value > 100_000) else {
            return self.withdraw(who);
        };
        let customer = self.ledger.party(from);
        let (slot, note) = self.mixer.address(&mut self.ledger, customer);
        if self.ledger.pay(from, &[Payee::noted(slot, value, note)], Purpose::Deposit).is_none() {
            return;
        }
        let pieces = self.ledger.rng.range(1, 3);
        let slots: Vec<_> = (0..pieces).map(|_| self.ledger.fresh(from)).collect();
        self.mixer.agree(&mut self.ledger, value, customer, &slots);
    }
}
