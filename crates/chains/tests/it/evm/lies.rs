//! Whatever is dropped, added, moved or changed in a block's bytes is noticed; what nodes say in JSON is lied about in
//! `ingest`'s tests, whole nodes at a time.

use coinhound_chains::evm::rlp::{Item, Reader, Writer};
use coinhound_chains::evm::{Block, BlockFault, Header, MAINNET, Parts, Receipt, Transaction};
use coinhound_sim::evm::Traffic;

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

/// Ten thousand lists inside each other.
fn nested() -> Vec<u8> {
    (0..10_000).fold(Vec::new(), |inner, _| {
        let mut list = Writer::new();
        list.raw(&inner);
        list.into_list()
    })
}

#[test]
fn lists_inside_lists_exhaust_nothing() {
    let nested = nested();
    let parts = Parts { header: nested.clone(), ..Parts::default() };
    assert!(Block::check(&parts, MAINNET).is_err());
    assert!(Header::decode(&nested).is_err() && Parts::of_rlp(&nested).is_err());
    assert!(Receipt::decode(&nested).is_err() && Receipt::decode_without_bloom(&nested).is_err());
    for kind in 0..=5 {
        let envelope: Vec<u8> = (kind != 0).then_some(kind).into_iter().chain(nested.iter().copied()).collect();
        assert!(Transaction::decode(&envelope, MAINNET).is_err(), "type {kind}");
    }
}

/// The list with its `nth` item in each encoding that is not the one; none where it has no other.
fn other_encodings(list: &[u8], nth: usize) -> Vec<Vec<u8>> {
    let mut items = Reader::of_list(list).expect("a list");
    let mut raws = Vec::new();
    while !items.is_empty() {
        raws.push(items.raw().expect("an item").to_vec());
    }
    let (is_list, payload) = match Reader::new(&raws[nth]).item().expect("an item") {
        Item::List(payload) => (true, payload.to_vec()),
        Item::Bytes(payload) => (false, payload.to_vec()),
    };
    let (short, long) = if is_list { (0xc0, 0xf8) } else { (0x80, 0xb8) };
    let mut others = Vec::new();
    match u8::try_from(payload.len()) {
        // A length that needs no byte of its own, in one.
        Ok(length) if length <= 55 => others.push([&[long, length][..], &payload].concat()),
        // A length of one byte, in two.
        Ok(length) => others.push([&[long + 1, 0, length][..], &payload].concat()),
        Err(_) => {}
    }
    if payload.len() == 1 && payload[0] < 0x80 && !is_list {
        others.push([&[short + 1][..], &payload].concat());
    }
    let whole = |other: Vec<u8>| {
        let mut list = Writer::new();
        raws.iter().enumerate().for_each(|(at, raw)| list.raw(if at == nth { &other } else { raw }));
        list.into_list()
    };
    others.into_iter().map(whole).collect()
}

/// Holds every other encoding of every item against `read`, which must refuse it.
fn refuse(list: &[u8], read: impl Fn(Vec<u8>) -> bool) -> usize {
    let mut items = Reader::of_list(list).expect("a list");
    let (mut nth, mut tried) = (0, 0);
    while !items.is_empty() {
        items.raw().expect("an item");
        for other in other_encodings(list, nth) {
            assert_ne!(other, list);
            assert!(!read(other), "item {nth}");
            tried += 1;
        }
        nth += 1;
    }
    tried
}

#[test]
fn every_item_has_one_encoding() {
    let mut tried = [0; 3];
    for block in Traffic::mainnet(0).blocks(20) {
        tried[0] += refuse(&block.parts.header, |other| Header::decode(&other).is_ok());
        for (envelope, receipt) in block.parts.transactions.iter().zip(&block.receipts) {
            let kinds = |bytes: &[u8]| bytes.iter().take_while(|byte| **byte < 0x80).count();
            let (kind, list) = envelope.split_at(kinds(envelope));
            let is_read = |other: Vec<u8>| Transaction::decode(&[kind, &other].concat(), MAINNET).is_ok();
            tried[1] += refuse(list, is_read);
            let receipt = receipt.encode();
            let (kind, list) = receipt.split_at(kinds(&receipt));
            tried[2] += refuse(list, |other| Receipt::decode(&[kind, &other].concat()).is_ok());
        }
    }
    assert!(tried.iter().all(|tried| *tried > 100), "{tried:?}");
}
