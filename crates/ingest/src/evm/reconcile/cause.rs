//! Why a token's balances are not those of its logs, where a single place in the ledger shows it.
//!
//! Between the last block after which a holding was what its logs say and the first after which it was not, either the
//! holding was named by no log, and its balance moved without a word; or one transfer touched it, and what the sender lost
//! did not all arrive.

use coinhound_chains::evm::Address;
use coinhound_chains::evm::rpc::EvmError;
use coinhound_model::{AccountLedger, Height, HoldingId, MoveKind};
use ruint::aliases::U256;

use crate::evm::reconcile::account::{Change, changes};
use crate::evm::reconcile::compare::{Comparison, place};
use crate::evm::reconcile::error::ReconcileError;
use crate::evm::reconcile::result::Cause;

/// So many units may be lost to rounding.
const ROUNDED_UNITS_MAX: U256 = U256::from_limbs([2, 0, 0, 0]);
/// One part in so many may be lost to rounding: fees are larger.
const ROUNDED_SHARE_MAX: U256 = U256::from_limbs([100_000, 0, 0, 0]);

/// A height and what the logs say after it.
#[derive(Clone, Copy)]
struct Mark {
    height: Height,
    ours: Option<U256>,
    /// What moved in this very block.
    change: Option<Change>,
}

impl Comparison<'_, '_> {
    /// What one of the holdings shows. A fee goes before silence: who collects it gains without a word.
    pub(super) fn cause(
        &mut self,
        contract: Address,
        differ: &[(Address, HoldingId)],
    ) -> Result<Cause, ReconcileError> {
        let mut silent = Cause::NotShown;
        for &(account, holding) in differ {
            match self.cause_at(contract, account, holding) {
                Ok(Cause::NotShown) => {}
                Ok(cause @ Cause::MovesSilently { .. }) if silent == Cause::NotShown => silent = cause,
                Ok(Cause::MovesSilently { .. }) => {}
                Err(ReconcileError::Node(EvmError::StateGone { .. })) => return Ok(Cause::NoOldStates),
                other => return other,
            }
        }
        Ok(silent)
    }

    fn cause_at(&mut self, contract: Address, account: Address, holding: HoldingId) -> Result<Cause, ReconcileError> {
        let before = self.token_before(contract, account)?;
        let marks = marks(&changes(self.view, holding), before, self.view.as_of().height);
        // By bisection: everything before `sound` is what its logs say, what `off` marks is not.
        let (mut sound, mut off) = (0, marks.len() - 1);
        while sound < off {
            let middle = usize::midpoint(sound, off);
            let theirs = self.node.balance_of(contract, account, place(marks[middle].height))?;
            // Before it was there, a token gave nobody anything.
            if theirs.or(Some(U256::ZERO)) == marks[middle].ours { sound = middle + 1 } else { off = middle }
        }
        let after = off.checked_sub(1).map(|before| marks[before].height).or(self.since);
        match marks[off].change {
            Some(change) => self.fee(contract, &change),
            None => self.silent(contract, account, after, &marks[off]),
        }
    }

    fn silent(
        &mut self,
        contract: Address,
        account: Address,
        after: Option<Height>,
        mark: &Mark,
    ) -> Result<Cause, ReconcileError> {
        let theirs = self.node.balance_of(contract, account, place(mark.height))?;
        let (Some(ours), Some(theirs)) = (mark.ours, theirs) else { return Ok(Cause::NotShown) };
        Ok(Cause::MovesSilently { account, after, by: mark.height, ours, theirs })
    }

    /// Whether the one transfer of a block lost something on the way.
    fn fee(&mut self, contract: Address, change: &Change) -> Result<Cause, ReconcileError> {
        let row = self.view.movement(change.movement);
        let (MoveKind::Transfer, Some(from), Some(to)) = (row.kind, row.from, row.to) else {
            return Ok(Cause::NotShown);
        };
        let is_alone = |holding| {
            let changes = changes(self.view, holding);
            changes.iter().any(|other| other.height == change.height && other.movements == 1)
        };
        if from == to || !is_alone(from) || !is_alone(to) {
            return Ok(Cause::NotShown);
        }
        let Some((sender_before, sender)) = self.around(contract, from, change.height)? else {
            return Ok(Cause::NotShown);
        };
        let Some((receiver_before, receiver)) = self.around(contract, to, change.height)? else {
            return Ok(Cause::NotShown);
        };
        Ok(match (sender_before.checked_sub(sender), receiver.checked_sub(receiver_before)) {
            (Some(lost), Some(arrived)) if is_fee(lost, arrived) && (lost == row.units || arrived == row.units) => {
                Cause::FeeOnTransfer { movement: change.movement, said: row.units, lost, arrived }
            }
            _ => Cause::NotShown,
        })
    }

    /// A holding's balance before and after a block, by the node's word.
    fn around(
        &mut self,
        contract: Address,
        holding: HoldingId,
        height: Height,
    ) -> Result<Option<(U256, U256)>, ReconcileError> {
        let lock = self.view.lock(self.view.owner(holding));
        let account = lock.and_then(|lock| <[u8; 20]>::try_from(lock.payload).ok()).map(Address);
        let (Some(account), Some(below)) = (account, height.0.checked_sub(1).map(Height)) else { return Ok(None) };
        let before = self.node.balance_of(contract, account, place(below))?.unwrap_or(U256::ZERO);
        let after = self.node.balance_of(contract, account, place(height))?;
        Ok(after.map(|after| (before, after)))
    }
}

/// Whether more is missing than rounding takes: tokens that count shares lose a unit or two on the way.
fn is_fee(lost: U256, arrived: U256) -> bool {
    let missing = lost.saturating_sub(arrived);
    missing > ROUNDED_UNITS_MAX && missing > lost / ROUNDED_SHARE_MAX
}

/// Before and after each block that touches a holding, and at the end; the last one is known to differ.
fn marks(changes: &[Change], before: U256, end: Height) -> Vec<Mark> {
    let (mut marks, mut ours) = (Vec::<Mark>::new(), Some(before));
    for change in changes {
        let below = change.height.0.checked_sub(1).map(Height);
        let is_new = |below: &Height| marks.last().is_none_or(|last| last.height < *below);
        if let Some(height) = below.filter(is_new) {
            marks.push(Mark { height, ours, change: None });
        }
        ours = change.sums.balance(before);
        marks.push(Mark { height: change.height, ours, change: Some(*change) });
    }
    if marks.last().is_none_or(|last| last.height < end) {
        marks.push(Mark { height: end, ours, change: None });
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounding_takes_is_no_fee() {
        let is_fee = |lost: u64, arrived: u64| is_fee(U256::from(lost), U256::from(arrived));
        assert!(is_fee(40_000, 38_000) && is_fee(1_000_000, 999_900) && is_fee(100, 97));
        assert!(!is_fee(104_000, 103_999) && !is_fee(100, 98) && !is_fee(10_000_000, 9_999_999));
        assert!(!is_fee(5, 5) && !is_fee(5, 6));
    }
}
