//! What a transfer moves.

use std::collections::BTreeMap;

use coinhound_model::{MoveKind, Token};
use ruint::aliases::U256;

use crate::nem::address::Address;
use crate::nem::ledger::LedgerError;
use crate::nem::ledger::asset::{Charge, is_full_name, name_of};
use crate::nem::ledger::booking::Booking;
use crate::nem::ledger::names::{XEM, xem};
use crate::nem::ledger::taking::Taking;
use crate::nem::tx::{Mosaic, MosaicId, Transfer};

/// The factor that leaves quantities as they are.
const WHOLE: u64 = 1_000_000;

/// What is sent: XEM, unless other mosaics are listed and it is not, and the mosaics as listed. One listed twice counts
/// once, with both quantities.
fn sent(transfer: &Transfer) -> (Option<U256>, Vec<(String, U256)>) {
    let listed = transfer.mosaics.as_deref().unwrap_or_default();
    if listed.is_empty() {
        return (Some(U256::from(transfer.amount)), Vec::new());
    }
    let mut places: BTreeMap<&MosaicId, usize> = BTreeMap::new();
    let mut quantities: Vec<(String, U256)> = Vec::new();
    for Mosaic { id, quantity } in listed {
        let place = *places.entry(id).or_insert(quantities.len());
        if place == quantities.len() {
            quantities.push((name_of(id), U256::ZERO));
        }
        quantities[place].1 += U256::from(*quantity);
    }
    let units = |quantity: U256| U256::from(transfer.amount) * quantity / U256::from(WHOLE);
    let (xem, others): (Vec<_>, Vec<_>) =
        quantities.into_iter().map(|(name, quantity)| (name, units(quantity))).partition(|(name, _)| name == XEM);
    (xem.first().map(|(_, units)| *units), others)
}

/// How much XEM a transfer moves.
pub(super) fn xem_units(transfer: &Transfer) -> U256 {
    sent(transfer).0.unwrap_or_default()
}

impl Taking<'_> {
    pub(super) fn sends(
        &mut self,
        sender: &Address,
        transfer: &Transfer,
        booking: &mut Booking,
    ) -> Result<(), LedgerError> {
        let (in_xem, mosaics) = sent(transfer);
        let sides = (sender, &transfer.recipient);
        if let Some(units) = in_xem {
            booking.pays(MoveKind::Transfer, xem(), sides, self.countable(XEM, units)?);
        }
        for (name, units) in mosaics {
            let units = self.countable(&name, units)?;
            let token = self.token(&name)?;
            booking.pays(MoveKind::Transfer, token, sides, units);
            self.levy(sender, &name, units, booking)?;
        }
        Ok(())
    }

    /// No node counts what does not fit a signed number of 64 bits.
    fn countable(&self, name: &str, units: U256) -> Result<U256, LedgerError> {
        if units > U256::from(i64::MAX) {
            return Err(LedgerError::Amount { height: self.height, index: self.index, mosaic: name.to_owned() });
        }
        Ok(units)
    }

    /// An asset by its mosaic's name, which counts as used from here on.
    fn token(&mut self, name: &str) -> Result<Token, LedgerError> {
        if name == XEM {
            return Ok(xem());
        }
        match self.state.mosaic(name) {
            Some(asset) => Ok(asset.token(name)),
            None if self.is_complete => Err(self.unknown(name)),
            None => self.undefined(name),
        }
    }

    /// A mosaic that was defined before this ledger begins. A name that none can have could be that of another asset.
    fn undefined(&mut self, name: &str) -> Result<Token, LedgerError> {
        if !is_full_name(name) {
            return Err(LedgerError::Name { height: self.height, index: self.index, mosaic: name.to_owned() });
        }
        let change = self.state.put_used(name);
        self.changes.extend(change);
        Ok(Token { id: name.to_owned(), ticker: name.to_owned(), decimals: None })
    }

    pub(super) fn unknown(&self, name: &str) -> LedgerError {
        LedgerError::UnknownMosaic { height: self.height, index: self.index, mosaic: name.to_owned() }
    }

    /// What the sender pays besides; levies are not levied upon.
    fn levy(&mut self, sender: &Address, name: &str, units: U256, booking: &mut Booking) -> Result<(), LedgerError> {
        let Some(asset) = self.state.mosaic(name) else {
            booking.flag(&format!("unknown whether {name} charges a levy: it was defined before this ledger begins"));
            return Ok(());
        };
        let Some(charge) = asset.terms.levy.clone() else { return Ok(()) };
        let Charge { recipient, mosaic, .. } = &charge;
        let amount = || LedgerError::Amount { height: self.height, index: self.index, mosaic: mosaic.clone() };
        let units = self.countable(mosaic, charge.of_units(units).ok_or_else(amount)?)?;
        let token = self.token(mosaic)?;
        booking.pays(MoveKind::Levy, token, (sender, recipient), units);
        Ok(())
    }
}
