//! Answers changed at random: whatever they become, the client neither fails nor believes them.

use std::cell::{Cell, RefCell};

use coinhound_chains::bitcoin::rpc::{Auth, Limits, NodeRpc};
use coinhound_chains::bitcoin::{Checks, Header, RpcError, parse_block_with};
use coinhound_model::{BlockHash, TxHash};
use coinhound_testkit::node::{ScriptedNode, made};
use coinhound_testkit::random::Dice;
use proptest::prelude::*;

use crate::made::{hash_of, regtest};
use crate::rpc::{client_with, names, tight};

/// What a change may put in: the words of JSON, and numbers at the edges.
const WORDS: &[&str] = &[
    "null",
    "true",
    "[",
    "]",
    "{",
    "}",
    "\"",
    ",",
    ":",
    "-1",
    "1e999",
    "18446744073709551616",
    "\\u0000",
    "\"id\":",
    "\"result\":",
    "\"error\":",
    "{\"code\":-5}",
    "{\"code\":-28,\"message\":\"x\"}",
    "\u{202e}",
    "[[[[",
    "00",
    "zz",
];

/// Changes a few places of an answer.
fn garble(seed: u64, mut text: Vec<u8>) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    for _ in 0..=dice.below(4) {
        if text.is_empty() {
            return text;
        }
        let (from, len) = (dice.index(text.len()), dice.index(40));
        let to = (from + len).min(text.len());
        match dice.below(6) {
            0 => text[from] = u8::try_from(dice.below(256)).expect("a byte"),
            1 => text[from] = b"0123456789abcdef"[dice.index(16)],
            2 => drop(text.drain(from..to)),
            3 => drop(text.splice(from..from, WORDS[dice.index(WORDS.len())].bytes())),
            4 => drop(text.splice(from..to, WORDS[dice.index(WORDS.len())].bytes())),
            _ => {
                let again = text[from..to].to_vec();
                let at = dice.index(text.len());
                text.splice(at..at, again);
            }
        }
    }
    text
}

struct Chain {
    hashes: Vec<BlockHash>,
    headers: Vec<Header>,
    txids: Vec<TxHash>,
}

fn chain(blocks: &[Vec<u8>]) -> Chain {
    let rows = |block: &Vec<u8>| parse_block_with(block, regtest(), Checks::ALL).expect("sound").txs;
    Chain {
        hashes: names(blocks),
        headers: blocks.iter().map(|block| Header::from_bytes(block.first_chunk().expect("a header"))).collect(),
        txids: blocks.iter().flat_map(rows).map(|tx| tx.txid).collect(),
    }
}

/// Asks everything; what is accepted is true where a hash can prove it.
fn ask(rpc: &mut NodeRpc<'_>, chain: &Chain) -> Vec<Result<(), RpcError>> {
    vec![
        rpc.check_network(),
        rpc.status().map(drop),
        rpc.hashes(0..=3).map(|hashes| assert_eq!(hashes.len(), 4)),
        rpc.headers(&chain.hashes).map(|headers| assert_eq!(headers, chain.headers)),
        rpc.standing(chain.hashes[1]).map(drop),
        rpc.blocks(&chain.hashes).map(|blocks| {
            assert_eq!(blocks.iter().map(|block| hash_of(block)).collect::<Vec<_>>(), chain.hashes);
        }),
        rpc.transactions(&chain.txids).map(|txs| {
            let found = txs.iter().zip(&chain.txids).filter(|(tx, _)| tx.is_some());
            assert!(found.clone().count() <= chain.txids.len());
            for (tx, txid) in found {
                let parsed = coinhound_chains::bitcoin::parse_tx(tx.as_deref().unwrap_or_default(), regtest());
                assert_eq!(parsed.expect("it was parsed").rows.txs[0].txid, *txid);
            }
        }),
    ]
}

#[test]
fn answers_changed_at_random_are_refused_or_still_true() {
    let blocks = made::chain(3);
    let (node, truth) = (ScriptedNode::start(regtest(), &blocks), chain(&blocks));
    let rpc = RefCell::new(client_with(&node, Auth::None, Limits { retries: 0, ..tight() }));
    let (refused, accepted) = (Cell::new(0), Cell::new(0));
    let config = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(seed in any::<u64>())| {
        let mut nth = 0;
        node.garble(move |text| {
            nth += 1;
            garble(seed.wrapping_add(nth), text)
        });
        for outcome in ask(&mut rpc.borrow_mut(), &truth) {
            match outcome {
                Ok(()) => accepted.set(accepted.get() + 1),
                Err(error) => {
                    refused.set(refused.get() + 1);
                    prop_assert!(!error.to_string().contains(char::is_control), "{error:?}");
                }
            }
        }
    });
    let (refused, accepted) = (refused.get(), accepted.get());
    assert!(refused > 2_500 && accepted > 10, "{refused} refused, {accepted} accepted");
}
