//! What the accounts held that the network emptied at block 1,920,000: counted where no movement is missing (what contracts
//! passed on by the word of who told it), else asked of the node, else not known.

use coinhound_chains::evm::Address;
use coinhound_chains::evm::dao::{Drain, FORK, drained};
use coinhound_chains::evm::rows::{ENDING_NOT_TOLD, NO_TRACES, ether};
use coinhound_chains::evm::rpc::{EvmError, EvmNode, Place};
use coinhound_model::{AccountLedger, LedgerError, NoteKind};
use coinhound_store::AccountView;
use ruint::aliases::U256;

use crate::evm::reconcile::sums;

/// Counted from a ledger that begins where every balance is known, and that was told what contracts passed on; `None` for
/// any other ledger.
///
/// # Errors
/// The store's damage.
pub(super) fn counted(view: &AccountView) -> Result<Option<Drain>, LedgerError> {
    let held = if was_told_all(view) { held(view) } else { None };
    view.health()?;
    Ok(held.map(|held| Drain { held, is_told: false }))
}

fn was_told_all(view: &AccountView) -> bool {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coinhound_chains::evm::rows::TRACES_TOLD;
    use coinhound_model::{AccountBlock, AccountMove, AccountTx, ChainId, Hash256, Height, MoveKind, Note};
    use coinhound_store::storage::SimDisk;

    use super::*;
    use crate::accounts::{AccountOptions, AccountSession};

    fn moved(kind: MoveKind, from: Option<Address>, to: Address, units: u64) -> AccountMove {
        let (from, to) = (from.map(|from| from.account()), Some(to.account()));
        AccountMove { kind, token: ether(), from, to, units: U256::from(units) }
    }

    fn block(height: u8, first: u8, moves: Vec<AccountMove>, said: &str) -> AccountBlock {
        let name = |height: u8| if height < first { Hash256::ZERO } else { Hash256([height + 1; 32]) };
        let notes = vec![Note { kind: NoteKind::Flag, bytes: said.as_bytes().to_vec() }];
        let tx = AccountTx { hash: Hash256([0x80 + height; 32]), moves, notes, links: Vec::new() };
        let prev = height.checked_sub(1).map_or(Hash256::ZERO, name);
        let (height, hash) = (Height(u32::from(height)), name(height));
        AccountBlock { height, hash, prev, time: 0, size: 0, maker: [0; 32], txs: vec![tx] }
    }

    fn view(blocks: &[AccountBlock]) -> AccountView {
        let disk = Arc::new(SimDisk::new());
        let chain = ChainId("eip155:1".to_owned());
        let mut session = AccountSession::open(disk.clone(), chain, AccountOptions::new(0)).expect("opens");
        for block in blocks {
            session.push(block).expect("taken");
        }
        session.finish().expect("commits");
        AccountView::open(&*disk).expect("a store")
    }

    fn story(said: &str) -> [AccountBlock; 2] {
        let accounts = drained();
        let given = [(0, 10), (3, 7)].map(|(at, units)| moved(MoveKind::Opening, None, accounts[at], units));
        let passed = vec![
            moved(MoveKind::Transfer, Some(accounts[0]), accounts[5], 4),
            moved(MoveKind::Internal, Some(accounts[3]), Address([1; 20]), 7),
        ];
        [block(0, 0, given.to_vec(), "supplied"), block(1, 0, passed, said)]
    }

    #[test]
    fn a_ledger_that_was_told_every_movement_counts_what_the_accounts_held() {
        let counted = counted(&view(&story(TRACES_TOLD))).expect("healthy").expect("it was told all");
        assert_eq!((counted.held.len(), counted.is_told), (116, false));
        let some: Vec<_> = (0..).zip(&counted.held).filter(|(_, (_, units))| !units.is_zero()).collect();
        let some: Vec<_> = some.into_iter().map(|(at, (_, units))| (at, units.to::<u64>())).collect();
        assert_eq!(some, [(0, 6), (5, 4)]);
    }

    #[test]
    fn a_ledger_that_does_not_counts_nothing() {
        for said in [NO_TRACES, ENDING_NOT_TOLD] {
            assert_eq!(counted(&view(&story(said))).expect("healthy"), None, "{said}");
        }
        let late = [block(5, 0, vec![moved(MoveKind::Mint, None, drained()[0], 3)], "late")];
        assert_eq!(counted(&view(&late)).expect("healthy"), None, "what was before is not known");
    }
}
