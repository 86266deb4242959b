//! Spent coins from a node's undo files.

use std::fs;

use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::undo::{decode, encode, put_record};
use coinhound_chains::bitcoin::xor::XorKey;
use coinhound_chains::bitcoin::{BlockDir, Network, OwnedLock, UndoError, UndoFile, parse_block};
use coinhound_model::block::{CoinBlock, SpentCoin};
use coinhound_model::{Height, LockKind};
use coinhound_testkit::{floresta, tables};
use proptest::prelude::*;

/// A block's spent coins by transaction, as undo data has them.
fn by_tx(block: &CoinBlock, spent: &[SpentCoin]) -> Vec<Vec<SpentCoin>> {
    let ends = block.txs.iter().map(|tx| usize::try_from(tx.input_end).expect("small"));
    let starts = ends.clone();
    starts.zip(ends.skip(1)).map(|(start, end)| spent[start..end].to_vec()).collect()
}

/// A folder with the two full blocks and the undo records given, covered with a key.
fn folder(blocks: &[Vec<u8>], undo: &[u8]) -> (tempfile::TempDir, BlockDir) {
    let key = [9, 8, 7, 6, 5, 4, 3, 2];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut framed = Vec::new();
    blocks.iter().for_each(|block| put_frame(&mut framed, Network::Main.params().magic, block));
    for (name, mut bytes) in [("blk00000.dat", framed), ("rev00000.dat", undo.to_vec())] {
        XorKey(key).apply(&mut bytes, 0);
        fs::write(folder.path().join(name), bytes).expect("writable");
    }
    fs::write(folder.path().join("xor.dat"), key).expect("writable");
    let dir = BlockDir::open(folder.path(), Network::Main.params()).expect("a block folder");
    (folder, dir)
}

struct Full {
    bytes: Vec<Vec<u8>>,
    blocks: Vec<CoinBlock>,
    spent: Vec<Vec<SpentCoin>>,
}

fn full(test: &str) -> Option<Full> {
    let data = tables::data_folder(test)?;
    let bytes: Vec<Vec<u8>> = floresta::BLOCKS.iter().map(|(height, _)| floresta::block(&data, *height)).collect();
    let blocks = bytes.iter().map(|bytes| parse_block(bytes, Network::Main.params()).expect("a real block")).collect();
    let spent = floresta::BLOCKS.iter().map(|(height, _)| floresta::spent_coins(&data, *height)).collect();
    Some(Full { bytes, blocks, spent })
}

fn record(block: &CoinBlock, spent: &[SpentCoin]) -> Vec<u8> {
    let mut out = Vec::new();
    put_record(&mut out, Network::Main.params().magic, block.prev, &encode(&by_tx(block, spent)));
    out
}

#[test]
fn real_blocks_get_their_coins_back_in_any_order() {
    let Some(full) = full("real_blocks_get_their_coins_back_in_any_order") else { return };
    let records: Vec<Vec<u8>> =
        full.blocks.iter().zip(&full.spent).map(|(block, spent)| record(block, spent)).collect();
    for order in [[0, 1], [1, 0]] {
        let undo = [&records[order[0]][..], &records[order[1]], &[0; 1_000]].concat();
        let (_folder, dir) = folder(&full.bytes, &undo);
        let mut file = UndoFile::open(&dir, 0).expect("readable").expect("it is there");
        for _ in 0..2 {
            for (block, spent) in full.blocks.iter().zip(&full.spent) {
                assert_eq!(&file.coins(block).expect("recorded"), spent);
            }
        }
        assert!(UndoFile::open(&dir, 1).expect("readable").is_none(), "there is no second file");
    }
}

#[test]
fn missing_foreign_and_cut_records_are_named_and_cost_only_themselves_issue_e15() {
    let Some(full) = full("missing_foreign_and_cut_records_are_named_and_cost_only_themselves_issue_e15") else {
        return;
    };
    let records: Vec<Vec<u8>> =
        full.blocks.iter().zip(&full.spent).map(|(block, spent)| record(block, spent)).collect();
    let coins = |undo: &[u8]| -> Vec<Result<Vec<SpentCoin>, UndoError>> {
        let (_folder, dir) = folder(&full.bytes, undo);
        let mut file = UndoFile::open(&dir, 0).expect("readable").expect("it is there");
        full.blocks.iter().map(|block| file.coins(block)).collect()
    };
    let outcome = coins(&records[1]);
    assert!(matches!(outcome[0], Err(UndoError::Missing { .. })) && outcome[1].is_ok());
    let mut flipped = records[0].clone();
    flipped[5_000] ^= 1;
    let outcome = coins(&[flipped, records[1].clone()].concat());
    assert!(matches!(outcome[0], Err(UndoError::Missing { .. })) && outcome[1].is_ok());
    let cut = &records[0][..records[0].len() - 1];
    assert!(coins(cut).iter().all(|outcome| matches!(outcome, Err(UndoError::Missing { .. }))));
    let outcome = coins(&[cut, &records[1]].concat());
    assert!(matches!(outcome[0], Err(UndoError::Missing { .. })) && outcome[1].is_ok(), "the next record is found");
    let mut headless = records[0].clone();
    headless[1] ^= 1;
    let outcome = coins(&[headless, records[1].clone()].concat());
    assert!(matches!(outcome[0], Err(UndoError::Missing { .. })) && outcome[1].is_ok(), "the next record is found");
}

#[test]
fn undo_data_that_fits_by_hash_but_not_by_count_is_refused() {
    let Some(full) = full("undo_data_that_fits_by_hash_but_not_by_count_is_refused") else { return };
    let mut txs = by_tx(&full.blocks[0], &full.spent[0]);
    txs[0].pop();
    let mut undo = Vec::new();
    put_record(&mut undo, Network::Main.params().magic, full.blocks[0].prev, &encode(&txs));
    let (_folder, dir) = folder(&full.bytes, &undo);
    let mut file = UndoFile::open(&dir, 0).expect("readable").expect("it is there");
    let inputs = full.blocks[0].inputs.len();
    let refused = file.coins(&full.blocks[0]);
    assert!(matches!(refused, Err(UndoError::Mismatch { got, want, .. }) if (got, want) == (inputs - 1, inputs)));
}

#[test]
fn every_key_of_2009_survives_compression() {
    let Some(data) = tables::data_folder("every_key_of_2009_survives_compression") else { return };
    let bytes = fs::read(data.join("bitcoin/blk00000-heights-0-4312.dat")).expect("readable");
    let mut rest = bytes.as_slice();
    let mut coins = Vec::new();
    while let Some((frame, after)) = rest.split_first_chunk::<8>() {
        let len = u32::from_le_bytes([frame[4], frame[5], frame[6], frame[7]]);
        let (block, next) = after.split_at(usize::try_from(len).expect("small"));
        let block = parse_block(block, Network::Main.params()).expect("a real block");
        let locks = (0..block.outputs.len()).map(|index| block.lock(index));
        coins.extend(locks.filter(|lock| lock.kind == LockKind::PubKey).map(|lock| SpentCoin {
            value: 1,
            kind: lock.kind,
            payload: lock.payload.to_vec(),
            height: Height(1),
            coinbase: true,
        }));
        rest = next;
    }
    assert!(coins.len() > 4_000 && coins.iter().all(|coin| coin.payload.len() == 65));
    let undo = encode(&[coins.clone()]);
    assert!(undo.len() < coins.len() * 38, "each key lies there as 33 bytes");
    assert_eq!(decode(&undo), Ok(vec![coins]));
}

#[test]
fn the_form_of_old_nodes_reads_too() {
    // Before 0.15: no height but for a transaction's last coin, and the version of the transaction.
    let p2pkh = [vec![0], vec![7; 20]].concat();
    let without_height = [&[0x00, 0x09], p2pkh.as_slice()].concat();
    let with_height = [&[0x90, 0x11, 0x81, 0x00, 0x09], p2pkh.as_slice()].concat();
    let coins = decode(&[&[1, 2], &without_height[..], &with_height[..]].concat()).expect("the old form");
    let told: Vec<(u32, bool, u64)> = coins[0].iter().map(|c| (c.height.0, c.coinbase, c.value)).collect();
    assert_eq!(told, [(0, false, 100_000_000), (1_096, true, 100_000_000)]);
}

fn script() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..80),
        proptest::array::uniform20(any::<u8>()).prop_map(|h| [&[0x76, 0xa9, 20], &h[..], &[0x88, 0xac]].concat()),
        proptest::array::uniform20(any::<u8>()).prop_map(|h| [&[0xa9, 20], &h[..], &[0x87]].concat()),
        proptest::array::uniform32(any::<u8>()).prop_map(|x| [&[33, 2 + (x[0] & 1)], &x[..], &[0xac]].concat()),
        proptest::array::uniform32(any::<u8>()).prop_map(|x| [
            &[65, [4, 6, 7][usize::from(x[0]) % 3]],
            &x[..],
            &x[..],
            &[0xac]
        ]
        .concat()),
        proptest::array::uniform32(any::<u8>()).prop_map(|x| [&[0x51, 32], &x[..]].concat()),
    ]
}

fn coin() -> impl Strategy<Value = SpentCoin> {
    (0..2_100_000_000_000_000_u64, script(), 0..1_000_000_u32, any::<bool>()).prop_map(
        |(value, script, height, coinbase)| {
            let OwnedLock { kind, payload } = OwnedLock::of_script(&script);
            SpentCoin { value, kind, payload, height: Height(height), coinbase }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn writing_and_reading_loses_nothing(txs in proptest::collection::vec(proptest::collection::vec(coin(), 1..5), 0..5)) {
        prop_assert_eq!(decode(&encode(&txs)).ok(), Some(txs.clone()));
        let bytes = encode(&txs);
        for cut in 0..bytes.len() {
            prop_assert!(decode(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn no_bytes_make_undo_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
    }
}
