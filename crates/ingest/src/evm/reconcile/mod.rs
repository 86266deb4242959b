//! A stored ledger held against a node's balances: what blocks and logs say, beside what accounts have.
//!
//! Logs are proven to have been said, not to be true: a token may take a fee on the way, or let balances grow without a
//! word. Who adds up its logs then has another balance than the token. Here every holding chosen is compared with what the
//! node says of the same block: ether by `eth_getBalance`, tokens by `balanceOf`. Nothing of it is stored.
//!
//! A ledger from block 0 is compared as it stands; one that begins later by what changed since, for which the node must
//! still have the state below its first block. In reading order: what is compared ([`Choice`]), what comes out
//! ([`Reconciled`]), a holding's own sums (`account`), the questions (`compare`), and why a token differs (`cause`).

mod account;
mod cause;
mod choice;
mod compare;
mod error;
mod result;

use coinhound_chains::evm::rpc::{EvmNode, Place};
use coinhound_model::{AccountLedger, BlockHash, Height};
use coinhound_store::AccountView;

pub(in crate::evm) use account::sums;
pub use choice::Choice;
pub use error::ReconcileError;
pub use result::{Cause, Compared, Difference, ReconcileProgress, Reconciled, Standing, TokenStanding};

use crate::evm::evm_chain;
use crate::options::Control;
use compare::Comparison;

/// Compares balances as of the view's height with a node's. A wish to stop ends the comparing early: the result says
/// how far it came. [`Control::Commit`] means nothing here.
///
/// # Errors
/// [`ReconcileError`]: a ledger or a node of another chain, a block that the node does not have, a state that it does
/// not keep, a damaged store.
pub fn reconcile(
    view: &AccountView,
    node: &mut EvmNode<'_>,
    choice: &Choice,
    watch: &mut dyn FnMut(ReconcileProgress) -> Control,
) -> Result<Reconciled, ReconcileError> {
    let chain = &view.as_of().chain;
    if *chain != evm_chain(node.rules()) {
        return Err(ReconcileError::OtherLedger { chain: chain.clone() });
    }
    node.check_chain()?;
    let chosen = choice.pick(view);
    check_block(view, node)?;
    let mut comparison = Comparison::new(view, node);
    let compared = comparison.run(&chosen, watch).and_then(|()| comparison.finish(chosen.of));
    // Damage explains every difference better than a token does.
    view.health()?;
    let reconciled = compared?;
    check_block(view, node)?;
    Ok(reconciled)
}

/// States are asked for by height: before and after, that must be the block that the view has.
fn check_block(view: &AccountView, node: &mut EvmNode<'_>) -> Result<(), ReconcileError> {
    let (height, ours): (Height, BlockHash) = (view.as_of().height, view.as_of().block);
    let theirs = node.header(Place::Number(u64::from(height.0)))?.hash.row();
    if theirs == ours { Ok(()) } else { Err(ReconcileError::OtherBlock { height, ours, theirs }) }
}
