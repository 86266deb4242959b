//! An ordinary payment, as a wallet's software makes it: coins picked, fee found, change returned.

use crate::keys::Slot;
use crate::world::habits::ChangeTo;
use crate::world::ledger::{DUST, Ledger, Note, Output, Sent, Spend};
use crate::world::truth::Purpose;
use crate::world::wallet::{Coin, Want};

/// Who is to be paid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payee {
    pub(crate) slot: Slot,
    pub(crate) value: u64,
    pub(crate) note: Option<Note>,
}

impl Payee {
    pub(crate) fn new(slot: Slot, value: u64) -> Self {
        Self { slot, value, note: None }
    }

    pub(crate) fn noted(slot: Slot, value: u64, note: Note) -> Self {
        Self { slot, value, note: Some(note) }
    }
}

impl Ledger {
    /// Pays from a wallet; `None` when it is short of coins.
    pub(crate) fn pay(&mut self, from: u32, payees: &[Payee], purpose: Purpose) -> Option<Sent> {
        let paid = payees.iter().map(|payee| payee.value).sum();
        let rate = self.rate(from);
        let want = Want { paid, rate, base_vbytes: 11 + 33 * (payees.len() as u64 + 1), height: self.height() };
        let coins = self.wallets[from as usize].select(&want, &mut self.rng)?;
        Some(self.pay_with(from, coins, payees, rate, purpose))
    }

    /// Pays with these coins, which suffice; what they leave goes back.
    pub(crate) fn pay_with(
        &mut self,
        from: u32,
        coins: Vec<Coin>,
        payees: &[Payee],
        rate: u64,
        purpose: Purpose,
    ) -> Sent {
        let by = self.party(from);
        let mut outputs: Vec<_> = payees
            .iter()
            .map(|payee| Output { note: payee.note, ..Output::pay(by, payee.slot, payee.value) })
            .collect();
        if let Some(change) = self.change(from, &coins, payees, rate) {
            outputs.push(change);
        }
        self.spend(Spend::new(from, purpose, coins, outputs))
    }

    /// The change of a payment, unless it is too small to be worth having.
    fn change(&mut self, from: u32, coins: &[Coin], payees: &[Payee], rate: u64) -> Option<Output> {
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let paid: u64 = payees.iter().map(|payee| payee.value).sum();
        let vbytes: u64 = coins.iter().map(|coin| coin.slot.style.input_vbytes()).sum();
        let fee = rate * (11 + vbytes + 33 * (payees.len() as u64 + 1));
        let unit = self.wallet(from).habits().change_unit;
        let rest = (total - paid).saturating_sub(fee) / unit * unit;
        if rest <= DUST + rate * 100 {
            return None;
        }
        let slot = self.change_slot(from, coins, payees.first());
        Some(Output::change(self.party(from), slot, rest))
    }

    fn change_slot(&mut self, from: u32, coins: &[Coin], payee: Option<&Payee>) -> Slot {
        let habits = self.wallet(from).habits();
        // A coin of another of the owner's wallets may be first: change stays in the wallet that pays.
        if habits.software.self_change && coins[0].slot.owner == from {
            return coins[0].slot;
        }
        match habits.change {
            ChangeTo::Main => self.main(from),
            _ => self.fresh_change(from, habits.change_style(payee.map(|payee| payee.slot.style))),
        }
    }

    /// Moves coins whole to one address, less the fee; gives them back where the fee would eat them.
    pub(crate) fn move_whole(&mut self, from: u32, coins: Vec<Coin>, to: Payee, purpose: Purpose) -> Option<Sent> {
        let total: u64 = coins.iter().map(|coin| coin.value).sum();
        let fee = self.fee(from, &coins, 1);
        if coins.is_empty() || total < fee + 2 * DUST {
            self.give_back(coins);
            return None;
        }
        let by = self.party(from);
        let output = Output { note: to.note, ..Output::pay(by, to.slot, total - fee) };
        Some(self.spend(Spend::new(from, purpose, coins, vec![output])))
    }
}
