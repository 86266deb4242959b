//! Who may sign for an account.
//!
//! The account itself signs nothing in a multisig transaction: without these rules anybody could move anybody's coins
//! in a block of his own making.

use std::collections::BTreeSet;

use crate::nem::address::Address;
use crate::nem::check::COSIGNATORIES_MAX;
use crate::nem::fork;
use crate::nem::ledger::LedgerError;
use crate::nem::ledger::booking::Booking;
use crate::nem::ledger::state::Cosignatories;
use crate::nem::ledger::taking::Taking;
use crate::nem::tx::{Body, ChangeKind, Head, Modification, Multisig};

impl Taking<'_> {
    /// An account that others sign for does not sign by itself.
    pub(super) fn alone(&self, account: &Address) -> Result<(), LedgerError> {
        if self.state.multisig(account).is_none() || fork::reissuance(self.network) == Some(self.height) {
            return Ok(());
        }
        Err(LedgerError::SignsAlone { height: self.height, index: self.index, account: *account })
    }

    /// Those who sign for an account must be its cosignatories, and as many as it asks for.
    pub(super) fn cosigned(&self, head: &Head, multisig: &Multisig, booking: &mut Booking) -> Result<(), LedgerError> {
        let account = multisig.inner.head.sender();
        let others: BTreeSet<Address> = multisig.cosignatures.iter().map(|signed| signed.head.sender()).collect();
        booking.flag(&brought(multisig, &head.sender(), &others));
        let mut signers = others;
        signers.insert(head.sender());
        match self.state.multisig(&account) {
            Some(cosignatories) => self.enough(&account, signers, cosignatories, multisig),
            None if self.is_complete => Err(self.stranger(account, head.sender())),
            None => {
                booking.flag(&format!("unknown who may sign for {account}: it was said before this ledger begins"));
                Ok(())
            }
        }
    }

    fn stranger(&self, account: Address, signer: Address) -> LedgerError {
        LedgerError::NotCosignatory { height: self.height, index: self.index, account, signer }
    }

    /// Where all must sign, one who is being removed need not; where fewer must, he does not count.
    fn enough(
        &self,
        account: &Address,
        mut signers: BTreeSet<Address>,
        cosignatories: &Cosignatories,
        multisig: &Multisig,
    ) -> Result<(), LedgerError> {
        if let Some(signer) = signers.iter().find(|signer| !cosignatories.all.contains(signer)) {
            return Err(self.stranger(*account, *signer));
        }
        let mut needed = cosignatories.all.clone();
        for removed in self.removed(multisig) {
            signers.remove(&removed);
            needed.remove(&removed);
        }
        let minimum = usize::try_from(cosignatories.minimum).expect("held within bounds where it changes and is read");
        let all = minimum == 0 || minimum == cosignatories.all.len();
        let expected = if all { needed.len() } else { minimum };
        let got = signers.len();
        if got >= expected {
            return Ok(());
        }
        Err(LedgerError::TooFewSign { height: self.height, index: self.index, account: *account, expected, got })
    }

    fn removed(&self, multisig: &Multisig) -> Vec<Address> {
        let Body::Modification(modification) = &multisig.inner.body else { return Vec::new() };
        let removed = modification.changes.iter().filter(|change| change.kind == ChangeKind::Delete);
        removed.map(|change| Address::of_key(&change.cosignatory, self.network)).collect()
    }

    /// An account changes who signs for it.
    ///
    /// In a ledger that begins late this is booked only where all cosignatories are known: an account that signed this
    /// by itself had none before.
    pub(super) fn modification(
        &mut self,
        account: &Address,
        modification: &Modification,
        booking: &mut Booking,
    ) -> Result<(), LedgerError> {
        for change in modification.changes.iter().filter(|change| change.kind == ChangeKind::Add) {
            booking.link(account, &Address::of_key(&change.cosignatory, self.network));
        }
        let before = self.state.multisig(account);
        if before.is_none() && !self.is_complete && self.is_inner {
            return Ok(());
        }
        let after = self.modified(account, before.cloned().unwrap_or_default(), modification)?;
        let change = self.state.put_multisig(*account, after);
        self.changes.push(change);
        Ok(())
    }

    fn modified(
        &self,
        account: &Address,
        mut cosignatories: Cosignatories,
        modification: &Modification,
    ) -> Result<Cosignatories, LedgerError> {
        for change in &modification.changes {
            let cosignatory = Address::of_key(&change.cosignatory, self.network);
            match change.kind {
                ChangeKind::Add => cosignatories.all.insert(cosignatory),
                ChangeKind::Delete => cosignatories.all.remove(&cosignatory),
            };
        }
        cosignatories.minimum += i64::from(modification.minimum.flatten().unwrap_or(0));
        let (count, account) = (cosignatories.all.len(), *account);
        if count > COSIGNATORIES_MAX {
            return Err(LedgerError::Cosignatories { height: self.height, index: self.index, account, got: count });
        }
        match usize::try_from(cosignatories.minimum) {
            Ok(minimum) if minimum <= count => Ok(cosignatories),
            _ => Err(LedgerError::Minimum {
                height: self.height,
                index: self.index,
                account,
                cosignatories: count,
                got: cosignatories.minimum,
            }),
        }
    }
}

/// Who did what, since the movements name the account alone.
fn brought(multisig: &Multisig, bringer: &Address, others: &BTreeSet<Address>) -> String {
    let mut text = format!("multisig transaction with {} inside, brought by {bringer}", multisig.inner.hash());
    for (at, other) in others.iter().enumerate() {
        text.push_str(if at == 0 { "; signed by " } else { ", " });
        text.push_str(&other.to_string());
    }
    text
}
