//! Warnings in the history of one account.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{AccountLedger, AddressId, MoveKind, MovementId, Units};

use crate::flags::alike::Met;
use crate::flags::parameters::FlagParameters;
use crate::flags::warning::{FlagError, Warning, WarningKind, Warnings, warned};
use crate::touch::{Touch, signer, touches};

/// Looks for warnings in the history of an account.
///
/// # Errors
/// [`FlagError`] when there is more than the parameters allow, or the ledger is damaged or contradicts itself.
pub fn account_warnings<L: AccountLedger>(
    ledger: &L,
    address: AddressId,
    parameters: FlagParameters<L::Units>,
) -> Result<Warnings<L::Units>, FlagError> {
    let found = touches(ledger, address, parameters.movements_max);
    ledger.health()?;
    let limit = parameters.movements_max;
    let touches = found?.ok_or(FlagError::TooMany { address, limit })?;
    let account = History::new(ledger, address, &parameters, touches);
    let mut found: Vec<_> = account.steps.iter().filter_map(|step| account.of_step(step)).collect();
    found.extend(account.of_assets());
    found.extend(account.of_addresses());
    ledger.health()?;
    Ok(warned(ledger.as_of().clone(), parameters, found))
}

/// A movement of the account, and whether the account signed for it.
struct Step<U> {
    touch: Touch<U>,
    is_signed: bool,
}

struct History<'a, L: AccountLedger> {
    ledger: &'a L,
    address: AddressId,
    parameters: &'a FlagParameters<L::Units>,
    steps: Vec<Step<L::Units>>,
    /// Assets that the account sent in transactions that it signed.
    sent: BTreeSet<u32>,
    /// Assets under a well-known name, and under which.
    fake: BTreeMap<u32, u32>,
    /// Assets that are what they are called.
    known: BTreeSet<u32>,
}

impl<'a, L: AccountLedger> History<'a, L> {
    fn new(
        ledger: &'a L,
        address: AddressId,
        parameters: &'a FlagParameters<L::Units>,
        touches: Vec<Touch<L::Units>>,
    ) -> Self {
        let step = |touch: Touch<L::Units>| Step {
            is_signed: signer(ledger, parameters.native, touch.movement) == Some(address),
            touch,
        };
        let steps: Vec<_> = touches.into_iter().map(step).collect();
        let gave = |step: &&Step<L::Units>| step.is_signed && step.touch.from == Some(address) && is_meant(&step.touch);
        let sent = steps.iter().filter(gave).map(|step| step.touch.asset).collect();
        let assets: BTreeSet<_> = steps.iter().map(|step| step.touch.asset).collect();
        let fake = assets.iter().filter_map(|&asset| Some((asset, parameters.imitates(ledger, asset)?))).collect();
        let known = assets.into_iter().filter(|&asset| parameters.is_known(ledger, asset)).collect();
        Self { ledger, address, parameters, steps, sent, fake, known }
    }

    fn other(&self, touch: &Touch<L::Units>) -> Option<AddressId> {
        let other = if touch.from == Some(self.address) { touch.to } else { touch.from };
        other.filter(|other| other.is_some() && *other != self.address)
    }

    fn of_step(&self, step: &Step<L::Units>) -> Option<Warning> {
        let Step { touch, is_signed } = step;
        let is_debit = touch.from == Some(self.address);
        let is_transfer = matches!(touch.step.kind, MoveKind::Transfer | MoveKind::Internal);
        let warn = |kind| Some(Warning::new(kind, touch.movement, touch.asset, self.other(touch)));
        if touch.step.units.is_zero() {
            return if touch.is_between_two() { warn(WarningKind::ZeroValue) } else { None };
        }
        if is_debit {
            let is_said = !is_signed && touch.asset != self.parameters.native && touch.from != touch.to;
            return if is_said { warn(WarningKind::Unsigned) } else { None };
        }
        let is_dust = is_transfer && !is_signed && self.is_dust(touch);
        if is_dust { warn(WarningKind::Dust) } else { None }
    }

    fn is_dust(&self, touch: &Touch<L::Units>) -> bool {
        self.parameters.dust_of(touch.asset).is_some_and(|dust| touch.step.units <= dust)
    }

    /// One warning for each token under a false name, and for each that was never sent on.
    fn of_assets(&self) -> Vec<Warning> {
        let mut rows: BTreeMap<(WarningKind, u32), Warning> = BTreeMap::new();
        for Step { touch, is_signed } in &self.steps {
            let came = touch.to == Some(self.address) && is_meant(touch) && !is_signed;
            let well_known = self.fake.get(&touch.asset).copied();
            let is_unsolicited = came && !self.sent.contains(&touch.asset) && !self.known.contains(&touch.asset);
            let kinds =
                [well_known.map(|_| WarningKind::FakeToken), is_unsolicited.then_some(WarningKind::Unsolicited)];
            for kind in kinds.into_iter().flatten() {
                let row = rows.entry((kind, touch.asset));
                row.and_modify(|row| row.number += 1).or_insert_with(|| {
                    let row = Warning::new(kind, touch.movement, touch.asset, self.other(touch));
                    Warning { well_known: well_known.filter(|_| kind == WarningKind::FakeToken), ..row }
                });
            }
        }
        rows.into_values().collect()
    }

    /// One warning for each address that looks like one that the account dealt with before.
    fn of_addresses(&self) -> Vec<Warning> {
        let mut met = Met::new(self.parameters.digits);
        let mut rows: BTreeMap<(AddressId, AddressId), Warning> = BTreeMap::new();
        for step in &self.steps {
            let touch = &step.touch;
            let Some(other) = self.other(touch).filter(|_| touch.is_between_two()) else { continue };
            if !met.knows(other) {
                for (like, since) in met.like(self.ledger, other) {
                    let row = Warning::new(WarningKind::LookAlike, touch.movement, touch.asset, Some(other));
                    let row = Warning { number: 0, like: Some((like, since)), ..row };
                    rows.entry((other, like)).or_insert(row);
                }
            }
            for (_, row) in rows.range_mut((other, AddressId(0))..=(other, AddressId(u64::MAX))) {
                row.number += 1;
                row.paid = row.paid.or(self.paid(step));
            }
            if self.is_real(step) {
                met.meet(self.ledger, other, touch.movement);
            }
        }
        rows.into_values().collect()
    }

    /// A payment that the account signed.
    fn paid(&self, step: &Step<L::Units>) -> Option<MovementId> {
        let pays = step.is_signed && step.touch.from == Some(self.address) && step.touch.is_payment();
        pays.then_some(step.touch.movement)
    }

    /// Whether a movement shows that the account really deals with somebody: it paid him in a transaction that it signed,
    /// or he paid it more than dust in an asset that is known or that the account itself sends.
    fn is_real(&self, step: &Step<L::Units>) -> bool {
        let touch = &step.touch;
        let asset = touch.asset;
        let is_trusted = self.known.contains(&asset) || self.sent.contains(&asset) && !self.fake.contains_key(&asset);
        let received = touch.to == Some(self.address) && touch.is_payment() && !self.is_dust(touch);
        self.paid(step).is_some() || received && is_trusted
    }
}

/// Whether a movement transfers something.
fn is_meant<U: Units>(touch: &Touch<U>) -> bool {
    !touch.step.units.is_zero() && touch.from != touch.to
}
