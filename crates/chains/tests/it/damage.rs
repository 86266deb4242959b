//! Damaged block files: each truncation and each flipped bit costs at most the block it hits.
//!
//! The file is the first 64 KiB of real mainnet blocks. Every day a sample runs; all cases run with
//! `COINHOUND_DAMAGE_CASES=all cargo test --release -p coinhound-chains --test it damage -- --nocapture`.

use std::fs;
use std::path::Path;

use coinhound_chains::bitcoin::{BlockDir, BlockFileError, Network, Notice, Params, Scan, parse_block, parse_tx};
use coinhound_model::BlockHash;
use coinhound_testkit::tables;
use proptest::prelude::*;

const FILE_LEN: usize = 64 * 1024;
const SAMPLE: usize = 1_500;

fn main_net() -> &'static Params {
    Network::Main.params()
}

/// How the cases of a campaign ended.
#[derive(Debug, Default)]
struct Outcomes {
    cases: usize,
    blocks_lost: usize,
    refused_when_opened: usize,
    refused_by_scan: usize,
    refused_by_parser: usize,
    unharmed: usize,
}

/// The file's bytes, and where each whole block's frame begins and ends, with its hash.
struct Sound {
    bytes: Vec<u8>,
    blocks: Vec<(usize, usize, BlockHash)>,
}

fn sound(data: &Path) -> Sound {
    let mut bytes = fs::read(data.join("bitcoin/blk00000-heights-0-4312.dat")).expect("readable");
    bytes.truncate(FILE_LEN);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_, scan) = scan(folder.path(), &bytes).expect("a sound file");
    let place = |r: &coinhound_chains::bitcoin::Record| {
        let start = usize::try_from(r.offset).expect("small") - 8;
        (start, start + 8 + r.len as usize, r.hash)
    };
    Sound { bytes, blocks: scan.records.iter().map(place).collect() }
}

fn scan(folder: &Path, bytes: &[u8]) -> Result<(BlockDir, Scan), BlockFileError> {
    fs::write(folder.join("blk00000.dat"), bytes).expect("writable");
    let dir = BlockDir::open(folder, main_net())?;
    let scan = dir.scan(&mut |_| ())?;
    Ok((dir, scan))
}

/// The blocks that are found, read and parsed.
fn good_blocks(dir: &BlockDir, scan: &Scan, outcomes: &mut Outcomes) -> Vec<BlockHash> {
    let mut reader = dir.reader();
    let mut good = Vec::new();
    for record in &scan.records {
        match parse_block(reader.read(record).expect("readable"), main_net()) {
            Ok(block) => good.push(block.hash),
            Err(_) => outcomes.refused_by_parser += 1,
        }
    }
    good
}

fn expect_all_but(sound: &Sound, good: &[BlockHash], hit: impl Fn(usize, usize) -> bool, what: &str) -> usize {
    let untouched = sound.blocks.iter().filter(|(start, end, _)| !hit(*start, *end)).map(|(.., hash)| *hash);
    assert!(untouched.eq(good.iter().copied()), "{what}: every block but the one hit, and no other");
    sound.blocks.len() - good.len()
}

fn truncations(sound: &Sound, lengths: impl Iterator<Item = usize>) -> Outcomes {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut outcomes = Outcomes::default();
    for len in lengths {
        outcomes.cases += 1;
        let (dir, scan) = scan(folder.path(), &sound.bytes[..len]).expect("a shorter file opens");
        let good = good_blocks(&dir, &scan, &mut outcomes);
        outcomes.blocks_lost += expect_all_but(sound, &good, |_, end| end > len, &format!("cut at {len}"));
        let torn = sound.blocks.iter().all(|(start, end, _)| len == *start || len == *end) || len == 0;
        let at_edge = torn || sound.blocks.iter().any(|(start, end, _)| len == *start || len == *end);
        let told = matches!(scan.notices.as_slice(), [Notice::NotYet { .. }]);
        assert!(told || (at_edge && scan.notices.is_empty()), "cut at {len}: {:?}", scan.notices);
        if told { outcomes.refused_by_scan += 1 } else { outcomes.unharmed += 1 }
    }
    outcomes
}

fn flips(sound: &Sound, bits: impl Iterator<Item = usize>) -> Outcomes {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut outcomes = Outcomes::default();
    for bit in bits {
        outcomes.cases += 1;
        let (at, mask) = (bit / 8, 1 << (bit % 8));
        let mut bytes = sound.bytes.clone();
        bytes[at] ^= mask;
        let Ok((dir, scan)) = scan(folder.path(), &bytes) else {
            outcomes.refused_when_opened += 1;
            continue;
        };
        let before = outcomes.refused_by_parser;
        let good = good_blocks(&dir, &scan, &mut outcomes);
        let lost = expect_all_but(sound, &good, |start, end| (start..end).contains(&at), &format!("bit {bit} flipped"));
        outcomes.blocks_lost += lost;
        if lost == 0 {
            outcomes.unharmed += 1;
        } else if outcomes.refused_by_parser == before {
            assert!(!scan.notices.is_empty(), "bit {bit} flipped: what is lost is told");
            outcomes.refused_by_scan += 1;
        }
    }
    outcomes
}

/// All of `count` cases, or an even sample with a stride that is prime to most lengths.
fn chosen(count: usize) -> impl Iterator<Item = usize> {
    let all = std::env::var("COINHOUND_DAMAGE_CASES").is_ok_and(|wish| wish == "all");
    let stride = if all { 1 } else { (count / SAMPLE) | 1 };
    (0..count).step_by(stride)
}

#[test]
fn every_truncation_costs_only_what_is_cut() {
    let Some(data) = tables::data_folder("every_truncation_costs_only_what_is_cut") else { return };
    let sound = sound(&data);
    let outcomes = truncations(&sound, chosen(FILE_LEN + 1));
    eprintln!("truncations of a 64 KiB block file: {outcomes:?}");
    assert_eq!(outcomes.refused_by_scan + outcomes.unharmed, outcomes.cases);
}

#[test]
fn every_flipped_bit_costs_at_most_its_block() {
    let Some(data) = tables::data_folder("every_flipped_bit_costs_at_most_its_block") else { return };
    let sound = sound(&data);
    let outcomes = flips(&sound, chosen(FILE_LEN * 8));
    eprintln!("bit flips of a 64 KiB block file: {outcomes:?}");
    let classified =
        outcomes.refused_when_opened + outcomes.refused_by_scan + outcomes.refused_by_parser + outcomes.unharmed;
    assert_eq!(classified, outcomes.cases, "each case ends in exactly one way");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0..3_usize) {
        // Half-sound beginnings reach deeper than noise.
        let prefix: &[u8] = [&[][..], &[1, 0, 0, 0, 0, 1, 1], &[1, 0, 0, 0, 1]][start];
        let bytes = [prefix, &bytes].concat();
        let _ = parse_tx(&bytes, main_net());
        let _ = parse_block(&bytes, Network::Regtest.params());
        let _ = Scan::from_bytes(&bytes);
    }
}
