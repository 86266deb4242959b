//! Undo data of blocks upon one parent, which the hash behind it does not tell apart.

use std::fs;

use coinhound_chains::bitcoin::encode::{TxOut, put_frame};
use coinhound_chains::bitcoin::undo::{encode, put_record};
use coinhound_chains::bitcoin::{BlockDir, UndoError, UndoFile, parse_block};
use coinhound_model::block::{CoinBlock, SpentCoin};
use coinhound_model::{Hash256, Height, LockKind};

use crate::made::{block, coinbase, regtest, spend};

/// A block upon the one parent: a transaction for each number, with that many inputs, paying 1,000 once.
fn child(name: u8, inputs: &[u8]) -> Vec<u8> {
    let mut txs = vec![coinbase(5, vec![0x51, name])];
    for &count in inputs {
        let mut tx = spend(Hash256([name; 32]), Vec::new(), vec![0x51]);
        let input = tx.inputs[0].clone();
        for more in 1..count {
            let mut input = input.clone();
            input.prev.index = u32::from(more);
            tx.inputs.push(input);
        }
        tx.outputs = vec![TxOut { value: 1_000, script: vec![0x51] }];
        txs.push(tx);
    }
    block(Hash256([9; 32]), 1_600_000_000 + u32::from(name), &txs)
}

fn coin(value: u64) -> SpentCoin {
    SpentCoin { value, kind: LockKind::NonStandard, payload: vec![0x51], height: Height(3), coinbase: false }
}

/// A folder of these blocks, with a record of these coins for each that has some.
struct Files {
    _folder: tempfile::TempDir,
    blocks: Vec<CoinBlock>,
    undo: UndoFile,
}

/// A block's bytes and, where it was connected, what its transactions spend.
type Part = (Vec<u8>, Option<Vec<Vec<SpentCoin>>>);

fn files(parts: &[Part]) -> Files {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut blk, mut rev, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    for (bytes, spent) in parts {
        put_frame(&mut blk, regtest().magic, bytes);
        let block = parse_block(bytes, regtest()).expect("a sound block");
        if let Some(spent) = spent {
            put_record(&mut rev, regtest().magic, block.prev, &encode(spent));
        }
        blocks.push(block);
    }
    fs::write(folder.path().join("blk00000.dat"), blk).expect("writable");
    fs::write(folder.path().join("rev00000.dat"), rev).expect("writable");
    let dir = BlockDir::open(folder.path(), regtest()).expect("a block folder");
    let undo = UndoFile::open(&dir, 0).expect("readable").expect("it is there");
    Files { _folder: folder, blocks, undo }
}

impl Files {
    /// What the file says each block spends: values, `None` where it cannot say whose a record is.
    fn told(&mut self) -> Vec<Option<Vec<u64>>> {
        let blocks = self.blocks.clone();
        let tell = |block: &CoinBlock| match self.undo.coins(block) {
            Ok(coins) => Some(coins.iter().map(|coin| coin.value).collect()),
            Err(UndoError::Ambiguous { hash, .. }) if hash == block.hash => None,
            Err(other) => panic!("{other}"),
        };
        blocks.iter().map(tell).collect()
    }
}

#[test]
fn blocks_of_one_parent_get_their_own_coins_where_they_spend_differently_many() {
    let (first, second) = (child(1, &[1, 2]), child(2, &[2, 1]));
    let (of_first, of_second) = (
        vec![vec![coin(5_000)], vec![coin(6_000), coin(7_000)]],
        vec![vec![coin(6_000), coin(7_000)], vec![coin(8_000)]],
    );
    let mut files = files(&[(first, Some(of_first)), (second, Some(of_second))]);
    assert_eq!(files.told(), [Some(vec![5_000, 6_000, 7_000]), Some(vec![6_000, 7_000, 8_000])]);
    files.blocks.reverse();
    assert_eq!(files.told(), [Some(vec![6_000, 7_000, 8_000]), Some(vec![5_000, 6_000, 7_000])]);
}

#[test]
fn a_block_beside_one_that_was_never_connected_keeps_its_coins() {
    let mut files = files(&[(child(1, &[1]), None), (child(2, &[2]), Some(vec![vec![coin(600), coin(700)]]))]);
    files.blocks.remove(0);
    assert_eq!(files.told(), [Some(vec![600, 700])]);
}

#[test]
fn nothing_is_told_of_blocks_of_one_parent_that_look_alike_and_spent_different_coins() {
    let (first, second) = (child(1, &[1]), child(2, &[1]));
    let mut both =
        files(&[(first.clone(), Some(vec![vec![coin(5_000)]])), (second.clone(), Some(vec![vec![coin(6_000)]]))]);
    assert_eq!(both.told(), [None, None]);
    let mut one = files(&[(first, Some(vec![vec![coin(5_000)]])), (second, None)]);
    assert_eq!(one.told(), [None, None], "the one record may be either's");
}

#[test]
fn blocks_that_look_alike_are_told_apart_where_they_spent_the_same_or_could_not_pay() {
    let (first, second) = (child(1, &[1]), child(2, &[1]));
    let same = Some(vec![vec![coin(5_000)]]);
    let mut files_of_same = files(&[(first, same.clone()), (second.clone(), same)]);
    assert_eq!(files_of_same.told(), [Some(vec![5_000]), Some(vec![5_000])]);
    let dear = |value: u64| {
        let mut tx = spend(Hash256([1; 32]), Vec::new(), vec![0x51]);
        tx.outputs[0].value = value;
        block(Hash256([9; 32]), 1_600_000_001, &[coinbase(5, vec![0x51, 1]), tx])
    };
    let mut unlike = files(&[(dear(8_000), Some(vec![vec![coin(9_000)]])), (second, Some(vec![vec![coin(6_000)]]))]);
    assert_eq!(unlike.told(), [Some(vec![9_000]), None], "only the first could not have spent the other's");
}
