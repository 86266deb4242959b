//! What touches an address, and who signed for a transaction: the first look of every rule about accounts.

use coinhound_model::{AccountLedger, AddressId, Move, MoveKind, MovementId, Units};

use crate::trace::accounts::{AccountFault, list};

/// A movement that touches an address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch<U> {
    /// Which.
    pub(crate) movement: MovementId,
    /// In which asset.
    pub(crate) asset: u32,
    /// What it does.
    pub(crate) step: Move<U>,
    /// Whose value moves; none where nobody's does.
    pub(crate) from: Option<AddressId>,
    /// Who receives; none where nobody does.
    pub(crate) to: Option<AddressId>,
}

impl<U: Units> Touch<U> {
    /// Whether value goes from one owner to another: neither nothing, nor to oneself, nor made, nor destroyed.
    pub(crate) fn is_payment(&self) -> bool {
        !self.step.units.is_zero() && self.is_between_two()
    }

    /// Whether it names two different owners, whatever it moves.
    pub(crate) fn is_between_two(&self) -> bool {
        self.from.is_some() && self.to.is_some() && self.from != self.to
    }
}

/// The movements that touch an address, ascending; `None` where there are more than `limit`.
///
/// # Errors
/// [`AccountFault::Contradiction`] when a holding's list does not fit its movements.
pub(crate) fn touches<L: AccountLedger>(
    ledger: &L,
    address: AddressId,
    limit: u64,
) -> Result<Option<Vec<Touch<L::Units>>>, AccountFault> {
    let mut holdings = Vec::new();
    ledger.holdings(address, &mut holdings);
    let start = MovementId(ledger.movements().start);
    let mut touches = Vec::new();
    for holding in holdings {
        let asset = ledger.asset(holding);
        for item in list(ledger, holding, start) {
            let (movement, step) = item?;
            if touches.len() as u64 == limit {
                return Ok(None);
            }
            let (from, to) = (step.from.map(|side| ledger.owner(side)), step.to.map(|side| ledger.owner(side)));
            touches.push(Touch { movement, asset, step, from, to });
        }
    }
    touches.sort_unstable_by_key(|touch| touch.movement);
    Ok(Some(touches))
}

/// Whether more movements than `limit` touch an address; looks at no more than that.
///
/// # Errors
/// [`AccountFault::Contradiction`] when a holding's list does not fit its movements.
pub(crate) fn is_busy<L: AccountLedger>(ledger: &L, address: AddressId, limit: u64) -> Result<bool, AccountFault> {
    let mut holdings = Vec::new();
    ledger.holdings(address, &mut holdings);
    let start = MovementId(ledger.movements().start);
    let mut number = 0;
    for item in holdings.into_iter().flat_map(|holding| list(ledger, holding, start)) {
        item?;
        number += 1;
        if number > limit {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Who signed for a movement's transaction: whoever pays its fee, which stands at its end. A fee that is burnt to the last
/// unit is a burn of the asset that fees are paid in, and stands last. `None` where nobody pays.
pub(crate) fn signer<L: AccountLedger>(ledger: &L, native: u32, movement: MovementId) -> Option<AddressId> {
    for at in ledger.siblings(movement).rev().map(MovementId) {
        let step = ledger.movement(at);
        match (step.kind, step.from) {
            // What the fee's receiver gets of it.
            (MoveKind::Reward, _) => {}
            (MoveKind::Fee, Some(payer)) => return Some(ledger.owner(payer)),
            (MoveKind::Burn, Some(payer)) if ledger.asset(payer) == native => return Some(ledger.owner(payer)),
            _ => return None,
        }
    }
    None
}
