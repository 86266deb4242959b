//! Changed real blocks, in RLP and in JSON: no panic, and what is accepted under a block's name is that block.

use std::env;

use coinhound_chains::evm::rlp::Writer;
use coinhound_chains::evm::trace::{parse_call_tracer, parse_trace_block};
use coinhound_chains::evm::{Block, MAINNET, Parts, Receipt, json};
use coinhound_testkit::tables;

use super::{Recorded, paths, recorded};

/// A sequence that is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound.max(1)
    }

    /// Flips, replaces, leaves out or repeats a few bytes.
    fn change(&mut self, bytes: &mut Vec<u8>, letters: &[u8]) {
        for _ in 0..=self.below(2) {
            let at = self.below(bytes.len());
            let end = (at + 1 + self.below(30)).min(bytes.len());
            match self.below(5) {
                0 | 1 => bytes[at] ^= 1 << self.below(8),
                2 => bytes[at] = letters[self.below(letters.len())],
                3 => drop(bytes.drain(at..end)),
                _ => {
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
            }
        }
    }
}

/// The everyday number of changes, or the full one.
fn count(everyday: usize, full: usize) -> usize {
    if env::var_os("COINHOUND_FULL").is_some() { full } else { everyday }
}

fn whole(recorded: &Recorded) -> Vec<u8> {
    let parts = &recorded.parts;
    let raw = |items: &[Vec<u8>]| {
        let mut list = Writer::new();
        items.iter().for_each(|item| list.raw(item));
        list.into_list()
    };
    let mut transactions = Writer::new();
    for tx in &parts.transactions {
        if tx[0] >= 0xc0 { transactions.raw(tx) } else { transactions.bytes(tx) }
    }
    let mut items = vec![parts.header.clone(), transactions.into_list(), raw(&parts.uncles)];
    items.extend(parts.withdrawals.as_ref().map(|items| raw(items)));
    raw(&items)
}

#[test]
fn a_changed_block_in_rlp_is_refused_or_has_another_name() {
    let mut dice = Dice(1);
    let mut blocks = recorded("a_changed_block_in_rlp_is_refused_or_has_another_name");
    // The short ones: most changes then hit something that matters.
    blocks.sort_by_key(|block| block.parts.transactions.len());
    blocks.truncate(4);
    let originals: Vec<_> = blocks.iter().map(|block| (whole(block), block.block())).collect();
    for (bytes, block) in &originals {
        assert_eq!(Parts::of_rlp(bytes).and_then(|parts| Block::check(&parts, MAINNET)).as_ref(), Ok(block));
    }
    let (mut refused, mut renamed) = (0, 0);
    for round in 0..if originals.is_empty() { 0 } else { count(300, 10_000) } {
        let (bytes, block) = &originals[round % originals.len()];
        let mut changed = bytes.clone();
        // The header is a small part of a block: half of the changes are there.
        let header = 700.min(changed.len());
        let mut part = if round % 2 == 0 { changed.drain(..header).collect() } else { std::mem::take(&mut changed) };
        dice.change(&mut part, &[0, 0x7f, 0x80, 0xb8, 0xc0, 0xf8, 0xff]);
        part.append(&mut changed);
        match Parts::of_rlp(&part).and_then(|parts| Block::check(&parts, MAINNET)) {
            Ok(other) if other.header.hash == block.header.hash => assert_eq!(other, *block, "round {round}"),
            Ok(_) => renamed += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(originals.is_empty() || refused > 0 && renamed > 0, "{refused} refused, {renamed} of another name");
}

#[test]
fn a_changed_block_in_json_is_refused_or_the_same() {
    let Some(data) = tables::data_folder("a_changed_block_in_json_is_refused_or_the_same") else { return };
    let mut texts: Vec<_> = paths(&data.join("ethereum/blocks"))
        .iter()
        .map(|folder| std::fs::read_to_string(folder.join("block.json")).expect("readable"))
        .collect();
    texts.sort_by_key(String::len);
    texts.truncate(4);
    let originals: Vec<_> =
        texts.iter().map(|text| (text, json::parse_block(text, Vec::new(), MAINNET).expect("a real block"))).collect();
    let mut dice = Dice(2);
    let (mut refused, mut same) = (0, 0);
    for round in 0..count(300, 10_000) {
        let (text, block) = &originals[round % originals.len()];
        let mut changed = text.as_bytes().to_vec();
        dice.change(&mut changed, b"0123456789abcdefABCDEF\"{}[],: x\\");
        let changed = String::from_utf8_lossy(&changed);
        match json::parse_block(&changed, Vec::new(), MAINNET) {
            Ok(other) => {
                assert_eq!(other, *block, "round {round}");
                same += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0 && same > 0, "{refused} refused, {same} the same");
}

#[test]
fn changed_receipts_are_refused_or_the_same() {
    let mut dice = Dice(3);
    let mut refused = 0;
    for recorded in recorded("changed_receipts_are_refused_or_the_same").iter().take(3) {
        let block = recorded.block();
        for round in 0..count(60, 3_000) {
            let mut receipts = recorded.receipts.clone();
            let at = round % receipts.len();
            let mut envelope = receipts[at].encode();
            dice.change(&mut envelope, &[0, 1, 0x80, 0xa0, 0xc0, 0xf9]);
            let Ok(receipt) = Receipt::decode(&envelope) else {
                refused += 1;
                continue;
            };
            receipts[at] = receipt;
            let accepted = block.check_receipts(&receipts).is_ok();
            assert_eq!(accepted, receipts == recorded.receipts, "round {round}");
        }
    }
    assert!(refused > 0 || recorded("changed_receipts_are_refused_or_the_same").is_empty());
}

#[test]
fn changed_traces_never_panic() {
    let Some(data) = tables::data_folder("changed_traces_never_panic") else { return };
    let path =
        data.join("ethereum/rpc-recordings/test_stream/blocks_508110_508110/web3_response.trace_block_0x7c0ce.json");
    let answer = std::fs::read_to_string(path).expect("readable");
    let text = serde_json::from_str::<serde_json::Value>(&answer).expect("JSON")["result"].to_string();
    let mut dice = Dice(4);
    let mut refused = 0;
    for _ in 0..count(300, 10_000) {
        let mut changed = text.clone().into_bytes();
        dice.change(&mut changed, b"0123456789abcdef\"{}[],:");
        let changed = String::from_utf8_lossy(&changed);
        refused += usize::from(parse_trace_block(&changed, 2).is_err());
        refused += usize::from(parse_call_tracer(&changed).is_err());
    }
    assert!(refused > 0);
}
