//! Tier T1 of a whole ledger: every movement's co-spends, in order.

use coinhound_model::{InputId, Ledger, LedgerError, MovementId};

use crate::cluster::forest::Forest;
use crate::cluster::merge::co_spend_edges;
use crate::patterns::VetoSet;

/// The T1 forest that a ledger's movements make, with no veto but the set's.
///
/// Inputs are numbered from the ledger's first movement on, as a store does.
///
/// # Errors
/// The ledger's damage, if it met any.
pub fn co_spend_forest<L: Ledger>(ledger: &L, vetoes: VetoSet) -> Result<Forest, LedgerError> {
    let mut forest = Forest::default();
    forest.grow(ledger.addresses());
    let (mut debits, mut owners) = (Vec::new(), Vec::new());
    let mut input = InputId(0);
    for movement in ledger.movements().map(MovementId) {
        ledger.debits(movement, &mut debits);
        owners.clear();
        owners.extend(debits.iter().map(|debit| debit.owner));
        if !vetoes.forbids_movement(ledger.collab(movement), ledger.marks(movement)) {
            for edge in co_spend_edges(movement, input, &owners) {
                forest.apply(edge);
            }
        }
        input.0 += owners.len() as u64;
    }
    ledger.health()?;
    Ok(forest)
}
