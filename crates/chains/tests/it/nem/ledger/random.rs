//! Random transactions: whatever is read is booked or refused; what is booked adds up; what is taken back leaves
//! nothing behind.

use std::collections::VecDeque;

use coinhound_chains::nem::block::BlockKind;
use coinhound_chains::nem::tx::{LevyKind, LinkMode, SupplyDirection};
use coinhound_chains::nem::{Block, Body, NemLedger, Network, decode_block, encode};
use coinhound_model::{AccountBlock, MoveKind};
use proptest::prelude::*;
use ruint::aliases::U256;

use crate::nem::ledger::chain::{Chain, listed, modify, remote, supply};
use crate::nem::ledger::{Balances, Dice, xem};
use crate::nem::made;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_is_read_is_booked_or_refused(mut block in made::block()) {
        (block.kind, block.height) = (BlockKind::Regular, 2_000_000);
        let block = decode_block(&encode::block(&block)).expect("what is written reads back");
        let mut ledger = NemLedger::partial(Network::Main, block.height);
        let before = ledger.clone();
        match ledger.take(&block) {
            Ok(rows) => {
                prop_assert!(rows.txs.len() >= block.transactions.len());
                sides(&rows);
                ledger.unwind(1_999_999).expect("one block");
                prop_assert!(ledger == before);
            }
            Err(error) => {
                prop_assert!(!error.to_string().is_empty());
                prop_assert!(ledger == before);
            }
        }
    }
}

/// Every movement has the sides that its kind has.
fn sides(rows: &AccountBlock) {
    for moved in rows.txs.iter().flat_map(|tx| &tx.moves) {
        assert_eq!((moved.from.is_some(), moved.to.is_some()), (moved.kind.takes(), moved.kind.gives()), "{moved:?}");
    }
}

const COINS: [&str; 3] = ["a:one", "b:two", "c:three"];

/// Something that somebody may or may not be able to do.
fn deed(chain: &Chain, dice: &mut Dice) -> (char, u64, Body) {
    let (mut by, to, fee) = (dice.letter(), dice.letter(), dice.below(100));
    let shared = ['f', 'g'][usize::try_from(dice.below(2)).expect("small")];
    let coin = COINS[usize::try_from(dice.below(3)).expect("small")];
    let body = match dice.below(12) {
        0..=2 => chain.pay(to, dice.below(2_000_000)),
        3 => {
            let mosaics = [(coin, dice.below(50)), ("nem:xem", dice.below(9))];
            chain.send(to, 1_000_000 * (1 + dice.below(3)), Some(listed(&mosaics)))
        }
        4 => chain.send(to, 1_000_000, Some(listed(&[(coin, dice.below(2_000))]))),
        5 => {
            let kind = if dice.below(2) == 0 { LevyKind::Absolute } else { LevyKind::Percentile };
            let charged = ["nem:xem", COINS[usize::try_from(dice.below(3)).expect("small")]];
            let levy = chain.levy(kind, to, charged[usize::try_from(dice.below(2)).expect("small")], dice.below(90));
            let divisibility = dice.below(3).to_string();
            let properties = [("supplyMutable", "true"), ("divisibility", divisibility.as_str())];
            chain.define(by, coin, &properties, levy.filter(|_| dice.below(2) == 0))
        }
        6 => supply(coin, SupplyDirection::Increase, 1 + dice.below(50)),
        7 => supply(coin, SupplyDirection::Decrease, 1 + dice.below(50)),
        8 => chain.namespace("dim", dice.below(30)),
        9 => {
            by = shared;
            modify("a", "", None)
        }
        10 => remote(LinkMode::Link, 'h'),
        _ => {
            by = 'a';
            chain.multisig(shared, dice.below(20), chain.pay(to, 7), &[])
        }
    };
    (by, fee, body)
}

/// The blocks of a random chain that booked, each with its rows.
fn grow(chain: &mut Chain, dice: &mut Dice, tries: usize) -> Vec<(Block, AccountBlock)> {
    let mut grown = Vec::new();
    for _ in 0..tries {
        let bodies = (0..1 + dice.below(3)).map(|_| deed(chain, dice)).collect();
        let block = chain.next(bodies);
        let Ok(rows) = chain.ledger.take(&block) else { continue };
        let mut balances = Balances(chain.balances.0.clone());
        if balances.book(&rows).is_ok() {
            chain.balances = balances;
            grown.push((block, rows));
        } else {
            chain.ledger.unwind(block.height - 1).expect("somebody had too little: the last block goes");
        }
    }
    grown
}

#[test]
fn what_leaves_arrives_and_fees_are_the_reward() {
    let (mut kinds, mut blocks) = (std::collections::BTreeSet::new(), 0);
    for seed in 0..20 {
        let mut chain = Chain::whole(Network::Mijin);
        for (_, rows) in grow(&mut chain, &mut Dice(seed), 150) {
            let units = |kind: MoveKind, asset: &str| {
                let moves = rows.txs.iter().flat_map(|tx| &tx.moves);
                let found = moves.filter(|moved| moved.kind == kind && moved.token.id == asset);
                found.map(|moved| moved.units).sum::<U256>()
            };
            sides(&rows);
            assert_eq!(units(MoveKind::Fee, "nem:xem"), units(MoveKind::Reward, "nem:xem"));
            kinds.extend(rows.txs.iter().flat_map(|tx| &tx.moves).map(|moved| moved.kind));
            blocks += 1;
        }
        let held: U256 = chain.balances.0.iter().filter(|((_, asset), _)| asset == "nem:xem").map(|(_, u)| *u).sum();
        assert_eq!(held, xem(7_000), "no XEM is made or lost");
    }
    assert!(blocks > 500, "{blocks} blocks");
    let all = [MoveKind::Transfer, MoveKind::Levy, MoveKind::Fee, MoveKind::Burn, MoveKind::Reward, MoveKind::Mint];
    assert!(all.iter().chain([&MoveKind::Rental]).all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn blocks_that_are_taken_back_and_taken_again_give_the_same_rows_and_the_same_ledger() {
    let mut chain = Chain::whole(Network::Mijin);
    let grown = grow(&mut chain, &mut Dice(7), 2_500);
    assert!(grown.len() > 400, "{} blocks", grown.len());
    let tip = chain.ledger.height().expect("grown");
    let whole = chain.ledger.clone();
    let deepest = tip - whole.lowest(); // 360, or less where the last try was taken back
    assert!(deepest >= 359);
    for depth in [1, 2, 17, 358, deepest] {
        chain.ledger.unwind(tip - depth).expect("within the limit");
        assert_eq!(chain.ledger.height(), Some(tip - depth));
        let mut restarted = NemLedger::from_bytes(&chain.ledger.to_bytes()).expect("what was written");
        assert!(restarted == chain.ledger);
        let again = grown.iter().skip(grown.len() - usize::try_from(depth).expect("short"));
        for (block, rows) in again {
            assert!(restarted.take(block).as_ref() == Ok(rows), "at {}", block.height);
        }
        assert!(restarted == whole && restarted.to_bytes() == whole.to_bytes());
        chain.ledger = restarted;
    }
    let error = chain.ledger.unwind(tip - deepest - 1).expect_err("more than is remembered");
    assert_eq!((error.to, error.lowest), (tip - deepest - 1, tip - deepest));
    assert!(chain.ledger == whole);
}

#[test]
fn a_saved_ledger_of_another_format_or_a_damaged_one_is_refused() {
    let mut chain = Chain::whole(Network::Main);
    let last = grow(&mut chain, &mut Dice(3), 20).pop().expect("some booked").0;
    let bytes = chain.ledger.to_bytes();
    let text = String::from_utf8(bytes.clone()).expect("JSON");
    let error = NemLedger::from_bytes(text.replacen("\"format\":2", "\"format\":3", 1).as_bytes()).expect_err("newer");
    assert_eq!(error.to_string(), "the saved ledger has format 3, this build reads 2");
    let cuts: VecDeque<_> = (0..bytes.len()).step_by(97).collect();
    assert!(cuts.iter().all(|cut| NemLedger::from_bytes(&bytes[..*cut]).is_err()));
    let mut read = NemLedger::from_bytes(&bytes).expect("what was written");
    assert!(read.take(&last).is_err(), "the block is there already");
}
