//! What a store holds beside what was decreed: balances at every height, and what rests on the node's word alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::evm::Address;
use coinhound_chains::evm::rows::{NO_TRACES, TRACES_TOLD};
use coinhound_chains::evm::rpc::Place;
use coinhound_ingest::Control;
use coinhound_ingest::evm::{EvmOptions, Opening, load_evm};
use coinhound_model::{AccountLedger, Height, MoveKind, MovementId};
use coinhound_sim::evm::{EvmLedger, Traffic};
use coinhound_store::AccountView;
use coinhound_store::storage::SimDisk;
use coinhound_testkit::evm::{EvmLie, Served};
use ruint::aliases::U256;

use super::{Rig, accounts, chain, fresh};
use crate::support::assert_same;

/// What everybody owns, by the asset's id and the account.
type Balances = BTreeMap<(String, Vec<u8>), U256>;

fn decreed(ledger: &EvmLedger) -> Balances {
    let name = |asset: Option<Address>| asset.map_or("slip44:60".to_owned(), |token| format!("erc20:{token}"));
    ledger.iter().map(|(asset, account, units)| ((name(asset), account.0.to_vec()), units)).collect()
}

/// What everybody owns after a height, by summing up the store's movements.
fn stored(view: &AccountView, height: Height) -> Balances {
    let view = view.at(height).expect("a stored height");
    let mut balances = Balances::new();
    for movement in view.movements().map(MovementId) {
        let row = view.movement(movement);
        let of = |holding| {
            let owner = view.lock(view.owner(holding)).expect("an owner");
            (view.token(view.asset(holding)).id, owner.payload.to_vec())
        };
        if let Some(from) = row.from {
            let balance = balances.entry(of(from)).or_default();
            *balance = balance.checked_sub(row.units).unwrap_or_else(|| panic!("{movement:?} takes what is not there"));
        }
        if let Some(to) = row.to {
            *balances.entry(of(to)).or_default() += row.units;
        }
    }
    balances.retain(|_, units| !units.is_zero());
    balances
}

#[test]
fn every_balance_at_every_block_is_what_was_decreed() {
    let mut story = Traffic::elsewhere(7, 31_337);
    let openings = decreed(story.ledger());
    let openings = openings.iter().map(|((_, account), wei)| Opening {
        account: Address(account.as_slice().try_into().expect("20 bytes")),
        wei: *wei,
    });
    let openings = Some(openings.collect());
    let blocks = story.blocks(40);
    let options = EvmOptions { until: Place::Latest, openings, accounts: accounts(), ..EvmOptions::new(0) };
    let rig = Rig { options, ..Rig::new(&blocks) };
    rig.load();
    let view = AccountView::open(&rig.disk).expect("a healthy store");
    assert!(view.is_complete(), "it begins with block 0 and what was owned then");
    for block in &blocks {
        let height = Height(u32::try_from(block.header.number).expect("a short chain"));
        assert_eq!(stored(&view, height), decreed(&block.after), "after block {}", height.0);
    }
    let kinds: Vec<_> = view.movements().map(|one| view.movement(MovementId(one)).kind).collect();
    for kind in [MoveKind::Transfer, MoveKind::Internal, MoveKind::Burn, MoveKind::Mint, MoveKind::Withdrawal] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

#[test]
fn receipts_one_by_one_and_the_other_form_of_traces_give_the_same_bytes() {
    let chain = chain(0, 24);
    let rows: Vec<_> = chain[1..].iter().map(|block| super::as_rows(block)).collect();
    let rig = Rig::new(&chain);
    rig.node.hide(&["debug_traceBlockByNumber", "eth_getBlockReceipts"]);
    rig.load();
    assert_same(&rig.content(), &fresh(&rows), "asked another way");
    assert!(rig.node.questions("trace_block") > 0 && rig.node.questions("eth_getTransactionReceipt") > 0);
}

#[test]
fn an_amount_that_only_traces_tell_is_believed_and_said_to_be_the_node_s_word() {
    let chain = chain(0, 24);
    let rig = Rig::new(&chain);
    rig.load();
    let truth = AccountView::open(&rig.disk).expect("a healthy store");
    let lied = Rig::new(&chain);
    lied.node.tell(EvmLie::OtherCallValue);
    lied.load();
    assert!(lied.node.told() > 0);
    assert!(assert_only_traces_differ(&lied.disk, &chain, 0) > 0, "a lie that nothing commits to is stored");
    assert_eq!(AccountView::open(&lied.disk).expect("healthy").as_of().block, truth.as_of().block);
}

#[test]
fn a_node_without_traces_leaves_a_store_that_says_so() {
    let chain = chain(0, 24);
    let rig = Rig::new(&chain);
    rig.node.hide(&["debug_traceBlockByNumber", "trace_block"]);
    let untraced = rig.load().report.untraced_blocks;
    let with_txs = chain[1..].iter().filter(|block| !block.txs.is_empty()).count();
    assert_eq!(untraced, with_txs as u64);
    let view = AccountView::open(&rig.disk).expect("a healthy store");
    let transfers = view.movements().map(MovementId).filter(|one| view.movement(*one).kind == MoveKind::Transfer);
    let is_said = |movement: MovementId| view.notes(movement).iter().any(|note| note.bytes == NO_TRACES.as_bytes());
    let (said, unsaid): (Vec<_>, Vec<_>) = transfers.partition(|one| is_said(*one));
    assert!(!said.is_empty() && unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn the_finalized_and_the_safe_block_are_where_the_node_says_they_are() {
    let chain = chain(0, 24);
    for (until, want) in [(Place::Finalized, 15), (Place::Safe, 19), (Place::Latest, 23)] {
        let mut rig = Rig::new(&chain);
        rig.node.set_depths(8, 4);
        rig.options.until = until;
        assert_eq!(rig.load().accounts.added, want, "{until:?}");
        let storage = Arc::new(rig.disk.clone());
        let again = load_evm(&mut rig.node.client(Duration::from_secs(2)), storage, &rig.options, &mut |_| Control::Go);
        assert_eq!(again.expect("an honest node").accounts.added, 0);
    }
}

/// Fails unless what a store holds differs from the written chain in internal transfers that are said to be told, and
/// in nothing else that moves; in how many transactions they differ.
pub fn assert_only_traces_differ(disk: &SimDisk, chain: &Served, seed: u64) -> usize {
    let view = AccountView::open(disk).expect("a healthy store");
    let mut differing = 0;
    let written = chain[1..].iter().map(|block| super::as_rows(block));
    for block in written.take_while(|block| block.height <= view.as_of().height) {
        assert_eq!(view.block(block.height).expect("stored").hash, block.hash, "seed {seed}");
        for (tx, written) in view.block_txs(block.height).expect("stored").map(MovementId).zip(&block.txs) {
            let stored = view.tx_moves(tx).map(|one| view.movement(MovementId(one)));
            let (told, proven) = parted(stored.map(|row| (row.kind, row.units)));
            let (wanted, decreed) = parted(written.moves.iter().map(|row| (row.kind, row.units)));
            assert_eq!(proven, decreed, "seed {seed}, block {}", block.height);
            if told != wanted {
                differing += 1;
                let is_said = view.tx_notes(tx).iter().any(|note| note.bytes == TRACES_TOLD.as_bytes());
                assert!(told.is_empty() || is_said, "seed {seed}: not said to be told");
            }
        }
    }
    differing
}

type Moved = Vec<(MoveKind, U256)>;

/// What rests on traces, and what was recomputed.
fn parted(moves: impl Iterator<Item = (MoveKind, U256)>) -> (Moved, Moved) {
    moves.partition(|(kind, _)| *kind == MoveKind::Internal)
}
