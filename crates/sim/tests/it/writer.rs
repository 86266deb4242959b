//! Folders of block files: what is written is found again by the reader of nodes' folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use coinhound_chains::bitcoin::xor::XorKey;
use coinhound_chains::bitcoin::{BlockDir, UndoFile, parse_block};
use coinhound_model::BlockHash;
use coinhound_sim::mainnet::{self, Chain, Shape};
use coinhound_sim::regtest::params;
use coinhound_sim::theft::{Options, heist};
use coinhound_sim::{BlockWriter, Layout, Sealed, WriteError, Written};

fn small_chain() -> Vec<Sealed> {
    Chain::new(Shape { block_weight: 60_000, undo: true, ..Shape::of_bytes(8, 700_000) }).collect()
}

fn write(folder: &Path, layout: Layout, blocks: &[Sealed]) -> Written {
    let mut writer = BlockWriter::create(folder, layout).expect("an empty folder");
    blocks.iter().for_each(|block| writer.write(block.clone()).expect("room on disk"));
    writer.finish().expect("room on disk")
}

/// Reads a folder back: each block parsed with every check, and its spent coins where there is an undo record.
fn check_folder(folder: &Path, blocks: &[Sealed]) {
    let dir = BlockDir::open(folder, params()).expect("a blocks folder");
    let scan = dir.scan(&mut |_| {}).expect("readable");
    assert!(scan.notices.is_empty(), "{:?}", scan.notices);
    assert_eq!(scan.records.len(), blocks.len());
    let by_hash: BTreeMap<BlockHash, &Sealed> = blocks.iter().map(|block| (block.hash, block)).collect();
    let mut undo = BTreeMap::new();
    for record in &scan.records {
        let sealed = by_hash[&record.hash];
        let bytes = dir.read(record).expect("readable");
        assert_eq!(bytes, sealed.bytes);
        let block = parse_block(&bytes, params()).expect("valid");
        assert_eq!(block.txs.iter().map(|tx| tx.txid).collect::<Vec<_>>(), sealed.txids);
        if sealed.undo.is_some() {
            let file = undo.entry(record.file).or_insert_with(|| UndoFile::open(&dir, record.file).expect("readable"));
            let coins = file.as_mut().expect("written beside the blocks").coins(&block).expect("found by its checksum");
            let fees: u64 = coins.iter().map(|coin| coin.value).sum::<u64>() + params().subsidy(sealed.height)
                - block.outputs.iter().map(|output| output.value).sum::<u64>();
            assert_eq!(fees, 0, "what goes in comes out, fees in the coinbase");
        }
    }
}

#[test]
fn small_files_out_of_order_under_a_key_hold_every_block_and_its_coins() {
    let blocks = small_chain();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let layout = Layout {
        file_bytes_max: 100_000,
        xor_key: Some(XorKey([9, 8, 7, 6, 5, 4, 3, 2])),
        window: 20,
        window_seed: 4,
        ..Layout::default()
    };
    let written = write(folder.path(), layout, &blocks);
    assert!(written.files >= 7, "{} files", written.files);
    assert_eq!(written.blocks, blocks.len() as u64);
    check_folder(folder.path(), &blocks);
}

#[test]
fn a_heist_with_stale_blocks_and_reserved_space_is_read_back() {
    let heist = heist(&Options::default());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = heist.write(folder.path(), Layout { reserve_bytes: 1 << 20, ..Layout::default() }).expect("room");
    let len = fs::metadata(files.blocks.join("blk00000.dat")).expect("written").len();
    assert!(len > files.written.bytes && len.is_multiple_of(1 << 20));
    check_folder(&files.blocks, &heist.blocks);
}

#[test]
fn the_window_changes_the_order_and_nothing_else() {
    let blocks = small_chain();
    let read = |layout| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), layout, &blocks);
        fs::read(folder.path().join("blk00000.dat")).expect("written")
    };
    let kept = read(Layout::default());
    let mixed = read(Layout { window: 10, ..Layout::default() });
    assert_ne!(kept, mixed);
    assert_eq!(kept.len(), mixed.len());
    assert_eq!(mixed, read(Layout { window: 10, ..Layout::default() }));
}

#[test]
fn streaming_writes_the_same_bytes_as_collecting() {
    let shape = Shape { block_weight: 60_000, undo: true, ..Shape::of_bytes(8, 700_000) };
    let [streamed, collected] = [(); 2].map(|()| tempfile::tempdir().expect("a temporary folder"));
    mainnet::write(streamed.path(), shape, Layout::default()).expect("room");
    write(collected.path(), Layout::default(), &small_chain());
    for name in ["blk00000.dat", "rev00000.dat"] {
        let read = |folder: &Path| fs::read(folder.join(name)).expect("written");
        assert_eq!(read(streamed.path()), read(collected.path()));
    }
}

#[test]
fn block_files_are_never_overwritten() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), Layout::default(), &small_chain());
    let again = BlockWriter::create(folder.path(), Layout::default());
    assert!(matches!(again, Err(WriteError::Occupied { path }) if path == folder.path()));
}
