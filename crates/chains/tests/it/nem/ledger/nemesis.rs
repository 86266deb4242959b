//! The first blocks of the main and the test network as rows.

use std::collections::BTreeMap;
use std::fs;

use coinhound_chains::nem::ledger::{account, mosaic_name};
use coinhound_chains::nem::{Block, NemLedger, Network, check_block, decode_block, parse_block};
use coinhound_model::{Account, AccountBlock, MoveKind, NoteKind};
use coinhound_testkit::tables;
use ruint::aliases::U256;

use crate::nem::ledger::{Balances, xem};

pub fn block_of(test: &str, file: &str) -> Option<Block> {
    let path = tables::data_folder(test)?.join("nem").join(file);
    Some(decode_block(&fs::read(path).expect("readable")).expect("sound"))
}

/// The block, checked and booked.
fn taken(block: &Block) -> AccountBlock {
    let mut ledger = NemLedger::from_nemesis(block.network);
    check_block(block, &ledger.parent()).expect("the first block");
    ledger.take(block).expect("bookable")
}

#[test]
fn after_the_nemesis_block_all_balances_are_known_to_the_unit() {
    let test = "after_the_nemesis_block_all_balances_are_known_to_the_unit";
    let Some(block) = block_of(test, "nemesis-mainnet.bin") else { return };
    let rows = taken(&block);
    let mut balances = Balances::default();
    balances.book(&rows).expect("no balance is ever below zero");
    let maker = account(&block.harvested_by());
    let supply: U256 = balances.0.values().copied().sum();
    assert_eq!(supply, xem(9_000_000_240));
    assert_eq!(balances.of(&maker, "nem:xem"), xem(240), "the fees of six modifications came back");
    assert_eq!(supply - balances.of(&maker, "nem:xem"), xem(9_000_000_000));
    assert!(balances.0.keys().all(|(_, asset)| asset == "nem:xem"));
}

#[test]
fn the_rows_of_the_nemesis_block_are_its_transactions_in_their_order() {
    let test = "the_rows_of_the_nemesis_block_are_its_transactions_in_their_order";
    let Some(block) = block_of(test, "nemesis-mainnet.bin") else { return };
    let rows = taken(&block);
    assert_eq!(rows.hash.to_string(), "438cf6375dab5a0d32f9b7bf151d4539e00a590f7c022d5572c7d41815a24be4");
    assert_eq!((rows.height.0, rows.time, rows.prev.0), (1, 1_427_587_585, [0; 32]));
    assert_eq!(rows.maker, block.harvester.0);
    assert_eq!(rows.txs.len(), 1_354, "the last is the block's own");
    for (row, signed) in rows.txs.iter().zip(&block.transactions) {
        assert_eq!(row.hash.to_string(), signed.hash().to_string());
    }
    let first = &rows.txs[0];
    let kinds: Vec<_> = first.moves.iter().map(|moved| moved.kind).collect();
    assert_eq!(kinds, [MoveKind::Mint, MoveKind::Transfer]);
    assert_eq!(first.moves[0].units, xem(9_000_000_240));
    assert_eq!((first.notes[1].kind, first.notes[1].bytes.as_slice()), (NoteKind::Message, b"Good luck!".as_slice()));
    let last = rows.txs.last().expect("there");
    assert_eq!((last.hash, last.moves[0].kind, last.moves[0].units), (rows.hash, MoveKind::Reward, xem(240)));
    let kinds = kinds_of(&rows);
    let expected = [(MoveKind::Transfer, 1_347), (MoveKind::Fee, 6), (MoveKind::Reward, 1), (MoveKind::Mint, 1)];
    assert_eq!(kinds, BTreeMap::from(expected));
    assert_eq!(rows.txs.iter().map(|tx| tx.links.len()).sum::<usize>(), 30, "cosignatories of six accounts");
}

fn kinds_of(rows: &AccountBlock) -> BTreeMap<MoveKind, usize> {
    let mut kinds = BTreeMap::new();
    for moved in rows.txs.iter().flat_map(|tx| &tx.moves) {
        *kinds.entry(moved.kind).or_default() += 1;
    }
    kinds
}

#[test]
fn the_test_network_s_rows_are_the_same_from_json_and_from_bytes() {
    let test = "the_test_network_s_rows_are_the_same_from_json_and_from_bytes";
    let Some(block) = block_of(test, "nemesis-testnet.bin") else { return };
    let path = tables::data_folder(test).expect("found above").join("nem/nemesis-testnet.json");
    let from_json = parse_block(&fs::read_to_string(path).expect("readable")).expect("sound");
    let rows = taken(&block);
    assert!(rows == taken(&from_json), "row by row");
    let mut balances = Balances::default();
    balances.book(&rows).expect("no balance is ever below zero");
    let maker: Account = account(&block.harvested_by());
    let supply: U256 = balances.0.values().copied().sum();
    assert_eq!((supply, balances.of(&maker, "nem:xem")), (xem(8_000_000_000), xem(44)));
    assert_eq!(rows.txs[0].moves[0].token.decimals, Some(6));
    assert_eq!(mosaic_name(&rows.txs[0].moves[0].token.id), "nem:xem");
}

#[test]
fn another_first_block_is_another_chain() {
    let Some(block) = block_of("another_first_block_is_another_chain", "nemesis-testnet.bin") else { return };
    let mut forged = block.clone();
    forged.timestamp = 1;
    let error = NemLedger::from_nemesis(Network::Test).take(&forged).expect_err("refused");
    assert!(format!("{error:?}").contains("Nemesis"), "{error:?}");
    let error = NemLedger::from_nemesis(Network::Main).take(&block).expect_err("refused");
    assert!(format!("{error:?}").contains("Nemesis"), "{error:?}");
    NemLedger::from_own_nemesis(Network::Test, forged.hash()).take(&forged).expect("its owner says so");
}
