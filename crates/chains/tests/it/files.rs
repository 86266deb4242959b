//! A node's folder: keys, tails, strangers, damage; nothing good is ever lost.

use std::fs;
use std::path::Path;

use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::xor::XorKey;
use coinhound_chains::bitcoin::{BlockDir, BlockFileError, HeaderTree, Network, Notice, Record, Scan, parse_block};
use coinhound_model::{BlockHash, Height};

use crate::made::{chain, hash_of, regtest};

const KEY: [u8; 8] = [0x5a, 0x00, 0xff, 0x13, 0x37, 0xc0, 0xde, 0x01];

fn blocks(count: u32) -> Vec<Vec<u8>> {
    chain(regtest().genesis, 1, count, 1)
}

fn framed(blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    blocks.iter().for_each(|block| put_frame(&mut bytes, regtest().magic, block));
    bytes
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    fs::write(folder.join(name), bytes).expect("writable");
}

fn covered(mut bytes: Vec<u8>, key: [u8; 8]) -> Vec<u8> {
    XorKey(key).apply(&mut bytes, 0);
    bytes
}

fn scan(folder: &Path) -> (BlockDir, Scan) {
    let dir = BlockDir::open(folder, regtest()).expect("a block folder");
    let scan = dir.scan(&mut |_| ()).expect("readable");
    (dir, scan)
}

fn found(scan: &Scan) -> Vec<BlockHash> {
    scan.records.iter().map(|record| record.hash).collect()
}

fn named(blocks: &[Vec<u8>]) -> Vec<BlockHash> {
    blocks.iter().map(|block| hash_of(block)).collect()
}

/// Scans one file of these bytes.
fn scan_of(bytes: &[u8]) -> Scan {
    let folder = folder();
    write(folder.path(), "blk00000.dat", bytes);
    scan(folder.path()).1
}

#[test]
fn covered_files_read_as_plain_ones_issue_e7() {
    let blocks = blocks(5);
    let whole = framed(&blocks);
    for key in [KEY, [0; 8]] {
        let folder = folder();
        write(folder.path(), "xor.dat", &key);
        write(folder.path(), "blk00000.dat", &covered(whole.clone(), key));
        let (dir, scan) = scan(folder.path());
        assert_eq!((found(&scan), scan.notices.len()), (named(&blocks), 0));
        for (record, block) in scan.records.iter().zip(&blocks) {
            assert_eq!(&dir.read(record).expect("readable"), block);
            assert_eq!(dir.claimed_height(record).expect("readable").map(|h| h.0), Some(record_height(&scan, record)));
        }
    }
}

fn record_height(scan: &Scan, record: &Record) -> u32 {
    let at = scan.records.iter().position(|other| other == record).expect("it is one of them");
    u32::try_from(at).expect("small") + 1
}

#[test]
fn a_wrong_short_or_missing_key_is_named_issue_e7() {
    let whole = framed(&blocks(3));
    let open = |key: Option<&[u8]>, bytes: Vec<u8>| {
        let folder = folder();
        if let Some(key) = key {
            write(folder.path(), "xor.dat", key);
        }
        write(folder.path(), "blk00000.dat", &bytes);
        BlockDir::open(folder.path(), regtest()).expect_err("it must not open")
    };
    let hinted = |error: BlockFileError| {
        assert!(error.hint().is_some_and(|hint| hint.contains("xor.dat")), "{error}");
        error
    };
    assert!(matches!(hinted(open(Some(&KEY[..7]), whole.clone())), BlockFileError::KeyLength { at_least: 7, .. }));
    let missing = hinted(open(None, covered(whole.clone(), KEY)));
    assert!(matches!(missing, BlockFileError::Unrecognised { with_key: false, .. }));
    let wrong = hinted(open(Some(&[1, 2, 3, 4, 5, 6, 7, 8]), covered(whole.clone(), KEY)));
    assert!(matches!(wrong, BlockFileError::Unrecognised { with_key: true, .. }));
    assert!(matches!(hinted(open(Some(&KEY), whole)), BlockFileError::KeyNotUsed { .. }));
}

#[test]
fn another_networks_files_are_named() {
    let folder = folder();
    write(folder.path(), "blk00000.dat", &framed(&blocks(2)));
    let error = BlockDir::open(folder.path(), Network::Main.params()).expect_err("another network");
    assert_eq!(error.hint().as_deref(), Some("ask for the network regtest, or name another folder"));
    let expected = (Network::Regtest, Network::Main);
    assert!(matches!(error, BlockFileError::WrongNetwork { found, expected: want, .. } if (found, want) == expected));
}

#[test]
fn a_folder_without_block_files_is_named_and_a_data_folder_is_entered() {
    let data = folder();
    assert!(matches!(BlockDir::open(data.path(), regtest()), Err(BlockFileError::NoBlockFiles { .. })));
    assert!(matches!(BlockDir::open(&data.path().join("none"), regtest()), Err(BlockFileError::Read { .. })));
    fs::create_dir(data.path().join("blocks")).expect("writable");
    write(&data.path().join("blocks"), "blk00000.dat", &framed(&blocks(2)));
    assert_eq!(scan(data.path()).1.records.len(), 2);
}

#[test]
fn strangers_in_the_folder_are_ignored_issue_e13() {
    let folder = folder();
    let blocks = blocks(4);
    write(folder.path(), "blk00000.dat", &framed(&blocks[..2]));
    write(folder.path(), "blk00001.dat", &framed(&blocks[2..]));
    for stranger in ["CURRENT.bak", "._blk00000.dat", "blk0.dat", "blk00000.dat.old", "rev00000.dat", "lost.txt"] {
        write(folder.path(), stranger, b"not a block file");
    }
    fs::create_dir(folder.path().join("blk00002.dat")).expect("writable");
    assert_eq!(found(&scan(folder.path()).1), named(&blocks));
}

#[test]
fn blocks_out_of_order_in_several_files_are_put_in_order_issue_e12() {
    let blocks = blocks(40);
    let folder = folder();
    let mut shuffled: Vec<usize> = (0..40).map(|at| at * 7 % 40).collect();
    shuffled.push(3); // the same block twice
    let parts: Vec<Vec<Vec<u8>>> =
        shuffled.chunks(9).map(|part| part.iter().map(|at| blocks[*at].clone()).collect()).collect();
    for (number, part) in parts.iter().enumerate() {
        write(folder.path(), &format!("blk{number:05}.dat"), &framed(part));
    }
    let (dir, scan) = scan(folder.path());
    let mut tree = HeaderTree::new(regtest());
    tree.add_records(&scan.records);
    let plan = tree.plan(None, &mut |at| dir.claimed_height(&scan.records[at]).expect("readable")).expect("told");
    let ordered: Vec<BlockHash> = plan.blocks.iter().map(|planned| scan.records[planned.record].hash).collect();
    assert_eq!((plan.first, ordered), (Height(1), named(&blocks)));
    assert!(plan.gaps.is_empty());
}

#[test]
fn a_preallocated_tail_is_the_end_whatever_the_key() {
    let blocks = blocks(3);
    for key in [[0; 8], KEY] {
        let folder = folder();
        write(folder.path(), "xor.dat", &key);
        // Core sets space aside as plain zeros, covered or not.
        write(folder.path(), "blk00000.dat", &[covered(framed(&blocks), key), vec![0; 100_000]].concat());
        write(folder.path(), "blk00001.dat", &[0; 50_000]);
        write(folder.path(), "blk00002.dat", &[]);
        let (_, scan) = scan(folder.path());
        assert_eq!((found(&scan), scan.notices), (named(&blocks), vec![]));
    }
}

#[test]
fn a_torn_tail_is_not_yet_and_is_taken_when_it_is_whole_issue_e9() {
    let blocks = blocks(3);
    let whole = framed(&blocks);
    let start_of_last = framed(&blocks[..2]).len();
    for tail in [&[][..], &[0; 4_000]] {
        for cut in start_of_last + 1..whole.len() {
            let bytes = [&whole[..cut], tail].concat();
            if bytes.starts_with(&whole) {
                continue; // what was cut off and what is there instead are both zeros
            }
            let folder = folder();
            write(folder.path(), "blk00000.dat", &bytes);
            let (dir, first) = scan(folder.path());
            assert_eq!(found(&first), named(&blocks[..2]), "cut at {cut}");
            let told = matches!(first.notices.as_slice(), [Notice::NotYet { .. } | Notice::Gap { .. }]);
            assert!(told, "cut at {cut}: {:?}", first.notices);
            write(folder.path(), "blk00000.dat", &[&whole, tail].concat());
            let second = dir.rescan(first, &mut |_| ()).expect("readable");
            assert_eq!((found(&second), second.known, second.notices), (named(&blocks), 2, vec![]), "cut at {cut}");
        }
    }
}

#[test]
fn a_second_scan_reads_only_what_is_new() {
    let blocks = blocks(9);
    let folder = folder();
    write(folder.path(), "blk00000.dat", &framed(&blocks[..3]));
    let (dir, first) = scan(folder.path());
    let saved = Scan::from_bytes(&first.to_bytes()).expect("just written");
    assert_eq!(saved, Scan { known: 3, ..first });
    write(folder.path(), "blk00000.dat", &framed(&blocks[..5]));
    write(folder.path(), "blk00001.dat", &framed(&blocks[5..]));
    let second = dir.rescan(saved, &mut |_| ()).expect("readable");
    assert_eq!((found(&second), second.known), (named(&blocks), 3));
    let third = dir.rescan(second.clone(), &mut |_| ()).expect("readable");
    assert_eq!(third, Scan { known: 9, ..second });
}

#[test]
fn files_that_changed_or_went_are_noticed_issue_e14() {
    let blocks = blocks(9);
    let folder = folder();
    for (number, part) in blocks.chunks(3).enumerate() {
        write(folder.path(), &format!("blk{number:05}.dat"), &framed(part));
    }
    let (dir, first) = scan(folder.path());
    fs::remove_file(folder.path().join("blk00000.dat")).expect("removable");
    write(folder.path(), "blk00001.dat", &framed(&[blocks[5].clone(), blocks[4].clone(), blocks[3].clone()]));
    let second = dir.rescan(first, &mut |_| ()).expect("readable");
    let expected = [Notice::Gone { file: 0 }, Notice::Rewritten { file: 1 }, Notice::StartsLate { first: 1 }];
    assert_eq!(second.notices, expected);
    assert_eq!(second.records.len(), 6);
}

#[test]
fn a_saved_scan_that_was_altered_is_refused() {
    let bytes = scan_of(&framed(&blocks(3))).to_bytes();
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(Scan::from_bytes(&altered).is_err(), "byte {at}");
        assert!(Scan::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert!(Scan::from_bytes(&bytes).is_ok());
}

#[test]
fn a_body_cut_short_costs_only_itself_issue_e8() {
    let blocks = blocks(6);
    let mut torn = Vec::new();
    put_frame(&mut torn, regtest().magic, &blocks[2]);
    torn.truncate(torn.len() - 40);
    let before = framed(&blocks[..2]);
    let bytes = [before.clone(), torn.clone(), framed(&blocks[3..])].concat();
    let scan = scan_of(&bytes);
    assert_eq!(found(&scan), named(&[&blocks[..2], &blocks[3..]].concat()));
    let Notice::Damaged { offset, hash, .. } = &scan.notices[0] else { panic!("{:?}", scan.notices) };
    assert_eq!((*offset, *hash), (before.len() as u64 + 8, hash_of(&blocks[2])));
    assert_eq!(scan.notices[1], Notice::Gap { file: 0, offset: before.len() as u64, len: torn.len() as u64 });
}

#[test]
fn garbage_and_holes_between_blocks_are_stepped_over_and_told() {
    let blocks = blocks(4);
    let noise: Vec<u8> = (0..3_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    // Noise that holds the magic, and a frame whose header proves nothing.
    let feint =
        [regtest().magic.to_vec(), regtest().magic.to_vec(), 300_u32.to_le_bytes().to_vec(), vec![7; 90]].concat();
    for filling in [noise.clone(), feint.clone(), vec![0; 5_000], [noise, feint, vec![0; 9]].concat()] {
        let (head, tail) = (framed(&blocks[..2]), framed(&blocks[2..]));
        let scan = scan_of(&[head.clone(), filling.clone(), tail].concat());
        assert_eq!(found(&scan), named(&blocks));
        assert_eq!(scan.notices, [Notice::Gap { file: 0, offset: head.len() as u64, len: filling.len() as u64 }]);
        let first = scan_of(&[filling.clone(), head].concat());
        assert_eq!(found(&first), named(&blocks[..2]), "also at the start of a file");
    }
}

#[test]
fn a_wrong_length_swallows_no_good_block() {
    let blocks = blocks(6);
    let whole = framed(&blocks);
    let length_at = framed(&blocks[..2]).len() + 4;
    for bit in 0..32 {
        let mut bytes = whole.clone();
        bytes[length_at + bit / 8] ^= 1 << (bit % 8);
        for tail in [0, 10_000] {
            let scan = scan_of(&[bytes.clone(), vec![0; tail]].concat());
            assert_eq!(found(&scan), named(&[&blocks[..2], &blocks[3..]].concat()), "bit {bit}, tail {tail}");
            assert!(!scan.notices.is_empty());
        }
    }
}

#[test]
fn a_short_read_is_an_error_and_not_a_block() {
    let blocks = blocks(3);
    let folder = folder();
    let whole = framed(&blocks);
    write(folder.path(), "blk00000.dat", &whole);
    let (dir, scan) = scan(folder.path());
    for lost in 1..50 {
        write(folder.path(), "blk00000.dat", &whole[..whole.len() - lost]);
        let error = dir.read(&scan.records[2]).expect_err("the file ends inside the block");
        let want = blocks[2].len() as u64;
        assert!(
            matches!(&error, BlockFileError::Truncated { got, want: w, .. } if (*got, *w) == (want - lost as u64, want)),
            "{error}"
        );
    }
    write(folder.path(), "blk00000.dat", &[vec![1], whole].concat());
    assert!(matches!(dir.read(&scan.records[0]), Err(BlockFileError::Changed { offset: 8, .. })));
}

#[test]
fn a_snapshot_node_has_two_ends_and_a_hole_issue_e12() {
    let blocks = blocks(60);
    let folder = folder();
    write(folder.path(), "blk00000.dat", &framed(&blocks[..20]));
    write(folder.path(), "blk00001.dat", &framed(&blocks[45..]));
    let (dir, scan) = scan(folder.path());
    let mut tree = HeaderTree::new(regtest());
    tree.add_records(&scan.records);
    let plan = tree.plan(None, &mut |at| dir.claimed_height(&scan.records[at]).expect("readable")).expect("told");
    assert_eq!((plan.first, plan.blocks.len()), (Height(1), 20));
    assert_eq!(
        plan.gaps.iter().map(|gap| (gap.from, gap.missing, gap.waiting)).collect::<Vec<_>>(),
        [(Height(21), Some(25), 15)]
    );
}

#[test]
fn progress_reaches_its_end() {
    let folder = folder();
    let blocks = blocks(6);
    for (number, part) in blocks.chunks(2).enumerate() {
        write(folder.path(), &format!("blk{number:05}.dat"), &framed(part));
    }
    let mut seen = Vec::new();
    let dir = BlockDir::open(folder.path(), regtest()).expect("a block folder");
    dir.scan(&mut |progress| seen.push((progress.files, progress.blocks))).expect("readable");
    assert_eq!(seen, [(0, 0), (1, 2), (2, 4), (3, 6)]);
}

#[test]
fn every_found_block_parses() {
    let folder = folder();
    let blocks = blocks(8);
    write(folder.path(), "blk00000.dat", &framed(&blocks));
    let (dir, scan) = scan(folder.path());
    let mut reader = dir.reader();
    for record in &scan.records {
        let block = parse_block(reader.read(record).expect("readable"), regtest()).expect("sound");
        assert_eq!(block.hash, record.hash);
    }
}
