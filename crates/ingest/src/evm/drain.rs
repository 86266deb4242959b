//! What the accounts held that the network emptied at block 1,920,000: counted where every movement is known, else asked of
//! the node, else not known.

use coinhound_chains::evm::Address;
use coinhound_chains::evm::dao::{Drain, FORK, drained};
use coinhound_chains::evm::rows::{ENDING_NOT_TOLD, NO_TRACES, ether};
use coinhound_chains::evm::rpc::{EvmError, EvmNode, Place};
use coinhound_model::{AccountLedger, LedgerError, NoteKind};
use coinhound_store::AccountView;
use ruint::aliases::U256;

use crate::evm::reconcile::sums;

/// Counted from a ledger that begins where every balance is known, and that knows what contracts passed on; `None` for any
/// other ledger.
///
/// # Errors
/// The store's damage.
pub(super) fn counted(view: &AccountView) -> Result<Option<Drain>, LedgerError> {
    let held = if knows_all(view) { held(view) } else { None };
    view.health()?;
    Ok(held.map(|held| Drain { held, is_told: false }))
}

fn knows_all(view: &AccountView) -> bool {
    let mut is_known = view.is_complete();
    if is_known {
        let gaps = [NO_TRACES, ENDING_NOT_TOLD].map(str::as_bytes);
        view.each_note(NoteKind::Flag, &mut |_, said| is_known &= !gaps.contains(&said));
    }
    is_known
}

fn held(view: &AccountView) -> Option<Vec<(Address, U256)>> {
    let asset = view.asset_of(&ether().id)?;
    let of = |account: Address| {
        let owner = view.find_account(&account.account());
        let holding = owner.and_then(|owner| view.holding_of(owner, asset));
        Some((account, holding.map_or(Some(U256::ZERO), |holding| sums(view, holding).balance(U256::ZERO))?))
    };
    drained().into_iter().map(of).collect()
}

/// The node's word; `None` where it does not keep states that old.
///
/// # Errors
/// The error of asking.
pub(super) fn told(node: &mut EvmNode<'_>) -> Result<Option<Drain>, EvmError> {
    let mut held = Vec::new();
    for account in drained() {
        match node.balance(account, Place::Number(FORK - 1)) {
            Ok(units) => held.push((account, units)),
            Err(EvmError::StateGone { .. } | EvmError::NotOffered { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(Drain { held, is_told: true }))
}
