//! Whatever is dropped, added, moved or changed is noticed.

use coinhound_chains::evm::{Block, BlockFault, MAINNET};

use super::recorded;

fn told(fault: &BlockFault) -> &'static str {
    match fault {
        BlockFault::Commitment { what, .. } => what,
        other => panic!("{other}"),
    }
}

#[test]
fn a_dropped_log_is_noticed() {
    for recorded in recorded("a_dropped_log_is_noticed") {
        let block = recorded.block();
        let with_logs = (0..recorded.receipts.len()).filter(|&at| !recorded.receipts[at].logs.is_empty());
        for at in with_logs.take(20) {
            let mut receipts = recorded.receipts.clone();
            receipts[at].logs.pop();
            let fault = block.check_receipts(&receipts).expect_err("a log is missing");
            assert_eq!(told(&fault), "receipts' root");
        }
    }
}

#[test]
fn dropped_added_and_swapped_transactions_are_noticed() {
    for recorded in recorded("dropped_added_and_swapped_transactions_are_noticed") {
        let mut dropped = recorded.parts.clone();
        let last = dropped.transactions.pop().expect("the blocks are not empty");
        let mut added = recorded.parts.clone();
        added.transactions.push(last);
        let mut swapped = recorded.parts.clone();
        swapped.transactions.reverse();
        for parts in [dropped, added, swapped] {
            if parts == recorded.parts {
                continue; // a block of one transaction reads the same backwards
            }
            let fault = Block::check(&parts, MAINNET).expect_err("another list");
            assert_eq!(told(&fault), "transactions' root");
        }
    }
}

#[test]
fn withdrawals_cannot_be_changed_or_withheld() {
    let blocks = recorded("withdrawals_cannot_be_changed_or_withheld");
    let with = blocks.iter().filter(|block| block.parts.withdrawals.as_ref().is_some_and(|list| !list.is_empty()));
    let mut tried = 0;
    for recorded in with {
        let mut withheld = recorded.parts.clone();
        withheld.withdrawals = None;
        let mut shorter = recorded.parts.clone();
        shorter.withdrawals.as_mut().and_then(Vec::pop).expect("not empty");
        for parts in [withheld, shorter] {
            let fault = Block::check(&parts, MAINNET).expect_err("other withdrawals");
            assert_eq!(told(&fault), "withdrawals' root");
            tried += 1;
        }
    }
    assert!(blocks.is_empty() || tried > 0);
}

#[test]
fn another_chain_s_transactions_are_refused() {
    for recorded in recorded("another_chain_s_transactions_are_refused").iter().rev().take(1) {
        let fault = Block::check(&recorded.parts, 56).expect_err("signed for mainnet");
        assert!(matches!(fault, BlockFault::Transaction { .. }), "{fault}");
    }
}

#[test]
fn damaged_bytes_are_refused_or_read_but_never_believed() {
    for recorded in recorded("damaged_bytes_are_refused_or_read_but_never_believed").iter().take(3) {
        for at in (0..recorded.parts.header.len()).step_by(23) {
            let mut parts = recorded.parts.clone();
            parts.header[at] ^= 0x40;
            if let Ok(block) = Block::check(&parts, MAINNET) {
                assert_ne!(block.header.hash, recorded.block().header.hash, "byte {at}");
            }
        }
        let envelope = &recorded.parts.transactions[0];
        for cut in (0..envelope.len()).step_by(5) {
            let mut parts = recorded.parts.clone();
            parts.transactions[0].truncate(cut);
            assert!(Block::check(&parts, MAINNET).is_err(), "{cut} bytes");
        }
    }
}
