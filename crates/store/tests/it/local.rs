//! The local logs: torn and damaged records cost themselves alone.

use coinhound_model::{Hash256, Height};
use coinhound_store::digest::Digest;
use coinhound_store::local::{BlockPlace, add_blocks, add_commit, blocks, commits};
use coinhound_store::storage::{SimDisk, Storage};

const BLOCKS: &str = "local/blocks.1";

fn place(number: u8) -> (Hash256, BlockPlace) {
    let offset = (1 << 40) + u64::from(number);
    (Hash256([number; 32]), BlockPlace { file: u32::from(number), offset, length: 1000 })
}

fn log_of(numbers: std::ops::Range<u8>) -> SimDisk {
    let disk = SimDisk::new();
    let places: Vec<_> = numbers.map(place).collect();
    add_blocks(&disk, &places).expect("nothing fails");
    disk
}

#[test]
fn blocks_are_found_again_and_later_places_win() {
    let disk = log_of(0..3);
    let moved = BlockPlace { file: 9, ..place(1).1 };
    add_blocks(&disk, &[(place(1).0, moved), place(7)]).expect("nothing fails");
    let found = blocks(&disk).expect("readable");
    assert_eq!(found.len(), 4);
    assert_eq!(found[&place(1).0], moved);
    assert_eq!(found[&place(7).0], place(7).1);
    assert!(blocks(&SimDisk::new()).expect("an empty folder").is_empty());
}

#[test]
fn a_log_cut_anywhere_keeps_its_whole_records_and_goes_on() {
    let whole = log_of(0..4).read(BLOCKS).expect("written").len();
    for len in 0..=whole {
        let disk = log_of(0..4);
        disk.corrupt(BLOCKS, |bytes| bytes.truncate(len)).expect("exists");
        assert_eq!(blocks(&disk).expect("readable").len(), len / 64);
        add_blocks(&disk, &[place(9)]).expect("nothing fails");
        let found = blocks(&disk).expect("readable");
        assert_eq!((found.len(), found.get(&place(9).0)), (len / 64 + 1, Some(&place(9).1)));
    }
}

#[test]
fn a_flipped_bit_costs_one_record() {
    let disk = log_of(0..4);
    let bits = disk.read(BLOCKS).expect("written").len() * 8;
    for bit in 0..bits {
        let flip = |bytes: &mut Vec<u8>| bytes[bit / 8] ^= 1 << (bit % 8);
        disk.corrupt(BLOCKS, flip).expect("exists");
        let found = blocks(&disk).expect("readable");
        assert!(found.len() == 3 && found.iter().all(|(hash, at)| place(hash.0[0]).1 == *at), "bit {bit}");
        disk.corrupt(BLOCKS, flip).expect("exists");
    }
}

#[test]
fn a_record_of_one_log_is_none_of_the_other() {
    let disk = log_of(0..4);
    let bytes = disk.read(BLOCKS).expect("written").to_vec();
    add_commit(&disk, Digest([1; 32]), Height(5), 6).expect("nothing fails");
    disk.corrupt("local/commits.1", |log| log.extend_from_slice(&bytes)).expect("exists");
    let history = commits(&disk).expect("readable");
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].generation, history[0].height, history[0].time), (1, Height(5), 6));
    let next = add_commit(&disk, Digest([2; 32]), Height(6), 7).expect("nothing fails");
    assert_eq!(next.generation, 2);
}

#[test]
fn power_loss_never_invents_a_place() {
    for seed in 0..500 {
        let disk = log_of(0..4);
        disk.fail_at(disk.ops() + 3, coinhound_store::storage::Failure::Power);
        add_blocks(&disk, &[place(5), place(6)]).expect_err("planned");
        let found = blocks(&disk.crash(seed)).expect("readable");
        assert!(found.len() >= 4, "what was acknowledged stays");
        assert!(found.iter().all(|(hash, at)| place(hash.0[0]).1 == *at));
    }
}
