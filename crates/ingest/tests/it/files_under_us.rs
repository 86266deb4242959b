//! Block files that change between runs: what was missing is taken when it is there.

use std::fs::OpenOptions;
use std::io::Write;

use coinhound_chains::bitcoin::files::Notice;
use coinhound_chains::bitcoin::headers::GapCause;
use coinhound_sim::Sealed;

use crate::forks::Branch;
use crate::support::{Content, Site, assert_same, framed, fresh};

const FILE: &str = "blk00000.dat";

/// A chain of forty blocks, and the stores of its first `n` blocks.
fn town() -> (Vec<Sealed>, impl Fn(usize) -> Content) {
    let blocks = Branch::random(300, 39).blocks;
    let copy = blocks.clone();
    (blocks, move |count: usize| fresh(&copy[..count]))
}

/// Where the frame of a block begins in a file of these blocks.
fn frame_start(blocks: &[Sealed], index: usize) -> usize {
    framed(&blocks[..index]).len()
}

#[test]
fn a_file_that_grows_is_taken_up_where_it_ended() {
    let (blocks, store_of) = town();
    let mut site = Site::new();
    let mut done = 0;
    for end in [1, 7, 8, 30, 40] {
        let path = site.blocks().join(FILE);
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("writable");
        file.write_all(&framed(&blocks[done..end])).expect("writable");
        assert_eq!(site.load_clean().added, (end - done) as u64);
        assert_same(&site.content(), &store_of(end), "grown");
        done = end;
    }
}

#[test]
fn a_torn_tail_is_not_yet_and_is_taken_when_it_is_whole() {
    let (blocks, store_of) = town();
    let whole = framed(&blocks);
    let start = frame_start(&blocks, 39);
    for cut in [start + 1, start + 5, start + 60, start + 100, whole.len() - 1] {
        let mut site = Site::new();
        site.put_bytes(FILE, &whole[..cut]);
        let outcome = site.load();
        let place = outcome.notices.iter().find_map(Notice::place);
        assert!(matches!(outcome.notices[..], [Notice::NotYet { .. }]), "cut at {cut}: {outcome:?}");
        assert_eq!(place, Some((0, start as u64)));
        assert_same(&site.content(), &store_of(39), "all but the torn block");
        site.put_bytes(FILE, &whole);
        assert_eq!(site.load_clean().added, 1);
        assert_same(&site.content(), &store_of(40), "completed");
    }
}

#[test]
fn space_set_aside_is_filled_later() {
    let (blocks, store_of) = town();
    let mut site = Site::new();
    for end in [0, 20, 40] {
        let mut bytes = framed(&blocks[..end]);
        bytes.resize(1 << 17, 0);
        site.put_bytes(FILE, &bytes);
        let outcome = site.load_clean();
        assert_eq!(outcome.range.map_or(0, |(_, tip, _)| tip.0 as usize + 1), end);
    }
    assert_same(&site.content(), &store_of(40), "a file of fixed size");
}

#[test]
fn a_block_whose_body_is_still_zeros_is_taken_when_it_is_written() {
    let (blocks, store_of) = town();
    let whole = framed(&blocks);
    let (start, end) = (frame_start(&blocks, 39), whole.len());
    let mut site = Site::new();
    let mut hollow = whole.clone();
    hollow[start + 88..end].fill(0);
    hollow.resize(1 << 17, 0);
    site.put_bytes(FILE, &hollow);
    let outcome = site.load();
    assert!(matches!(outcome.notices[..], [Notice::NotYet { file: 0, .. }]), "{outcome:?}");
    assert_same(&site.content(), &store_of(39), "all but the hollow block");
    hollow[..end].copy_from_slice(&whole);
    site.put_bytes(FILE, &hollow);
    site.load_clean();
    assert_same(&site.content(), &store_of(40), "written");
}

#[test]
fn a_file_written_anew_in_another_order_changes_nothing() {
    let (blocks, store_of) = town();
    let mut site = Site::of(&blocks);
    site.load_clean();
    let mut turned = blocks.clone();
    turned.reverse();
    site.put(0, &turned);
    let outcome = site.load();
    assert_eq!(outcome.notices, [Notice::Rewritten { file: 0 }]);
    assert_eq!(outcome.added, 0);
    assert_same(&site.content(), &store_of(40), "rewritten");
    site.load_clean();
}

#[test]
fn a_file_that_is_gone_is_told_and_what_was_loaded_stays() {
    let (blocks, store_of) = town();
    let mut site = Site::of(&blocks[..20]);
    site.put(1, &blocks[20..]);
    site.load_clean();
    std::fs::remove_file(site.blocks().join(FILE)).expect("removable");
    let outcome = site.load();
    assert!(outcome.notices.contains(&Notice::Gone { file: 0 }), "{outcome:?}");
    assert!(outcome.notices.contains(&Notice::StartsLate { first: 1 }), "{outcome:?}");
    assert_same(&site.content(), &store_of(40), "pruned by the node");
}

/// Damages block 12 of 40 as `damage` says, loads, and loads again after `repair`.
fn gap_closes(damage: impl Fn(&mut Vec<u8>, usize), repair: impl Fn(&Site, &[Sealed])) {
    let (blocks, store_of) = town();
    let mut bytes = framed(&blocks);
    damage(&mut bytes, frame_start(&blocks, 12));
    let mut site = Site::new();
    site.put_bytes(FILE, &bytes);
    for _ in 0..2 {
        let outcome = site.load();
        let gap = outcome.gaps[0];
        assert_eq!((gap.from.0, gap.missing, gap.waiting), (12, Some(1), 27), "{outcome:?}");
        let places = outcome.unusable.iter().map(|block| (block.file, block.offset));
        let place = places.chain(outcome.notices.iter().filter_map(Notice::place)).next().expect("told where");
        let frame = frame_start(&blocks, 12) as u64;
        assert!(place.0 == 0 && (frame..=frame + 8).contains(&place.1), "{place:?}, the frame is at {frame}");
        assert_same(&site.content(), &store_of(12), "up to the damage");
    }
    repair(&site, &blocks);
    let outcome = site.load();
    assert!(outcome.gaps.is_empty(), "{outcome:?}");
    assert_same(&site.content(), &store_of(40), "repaired");
}

fn good_copy_in_another_file(site: &Site, blocks: &[Sealed]) {
    site.put(1, &blocks[12..13]);
}

fn same_file_copied_again(site: &Site, blocks: &[Sealed]) {
    site.put(0, blocks);
}

#[test]
fn a_damaged_body_is_replaced_by_a_copy_in_another_file() {
    gap_closes(|bytes, frame| bytes[frame + 140] ^= 1, good_copy_in_another_file);
}

#[test]
fn a_damaged_body_is_repaired_by_copying_the_file_again() {
    gap_closes(|bytes, frame| bytes[frame + 140] ^= 1, same_file_copied_again);
}

#[test]
fn a_damaged_frame_is_replaced_by_a_copy_in_another_file() {
    gap_closes(|bytes, frame| bytes[frame] ^= 1, good_copy_in_another_file);
}

#[test]
fn a_damaged_frame_is_repaired_by_copying_the_file_again() {
    gap_closes(|bytes, frame| bytes[frame] ^= 1, same_file_copied_again);
}

#[test]
fn a_damaged_length_is_repaired_by_copying_the_file_again() {
    gap_closes(|bytes, frame| bytes[frame + 4] ^= 1, same_file_copied_again);
}

#[test]
fn the_cause_of_a_gap_tells_damage_from_absence() {
    let (blocks, _) = town();
    let mut site = Site::of(&blocks[..10]);
    site.put(1, &blocks[11..]);
    let outcome = site.load();
    assert_eq!(outcome.gaps[0].cause, GapCause::Absent);
    let mut bytes = framed(&blocks[10..11]);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    site.put_bytes("blk00002.dat", &bytes);
    assert_eq!(site.load().gaps[0].cause, GapCause::Damaged(blocks[10].hash));
}
