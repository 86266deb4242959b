//! Failures that come from disks, interruptions and repeated runs.

use std::sync::Arc;

use coinhound_ingest::{Control, LoadError, Outcome, Progress};
use coinhound_model::{Height, Ledger};
use coinhound_sim::{Rng, Sealed};
use coinhound_store::commit::LOCK;
use coinhound_store::digest::Digest;
use coinhound_store::failure::StoreError;
use coinhound_store::manifest::MANIFEST;
use coinhound_store::storage::{Failure, SimDisk, Storage, StorageError};
use coinhound_store::view::View;

use crate::forks::Branch;
use crate::support::{Content, Site, assert_same, content, count, fresh};

/// Loads in small commits.
fn load_by_little(site: &mut Site) -> Result<Outcome, LoadError> {
    site.options.batch_bytes = 9_000;
    site.try_load()
}

/// How many changes to the disk a load makes.
fn ops_of(site: &mut Site) -> u64 {
    let before = site.disk.ops();
    load_by_little(site).expect("a healthy disk");
    site.disk.ops() - before
}

/// A site with these files on a disk of its own.
fn with_disk(disk: SimDisk, files: &[&[Sealed]]) -> Site {
    let mut site = Site::new();
    site.disk = disk;
    (0..).zip(files).for_each(|(number, blocks)| site.put(number, blocks));
    site
}

/// Breaks loads of `files` into `disk` off at operations all over it; each must leave one of the `allowed` stores or
/// a commit between, and the next run must end in the last of them.
fn interrupted(disk: &SimDisk, files: &[&[Sealed]], failure: Failure, want: &Content, wanted: u64) -> u64 {
    let ops = ops_of(&mut with_disk(disk.copy(), files));
    let step = usize::try_from((ops / wanted).max(1)).expect("few operations");
    let mut done = 0;
    for op in (0..ops).step_by(step) {
        let mut site = with_disk(disk.copy(), files);
        site.disk.fail_at(site.disk.ops() + op, failure);
        if load_by_little(&mut site).is_ok() {
            assert_same(&site.content(), want, &format!("{failure:?} at {op} cost nothing"));
            continue;
        }
        let found = if failure == Failure::Power { site.disk.crash(op) } else { site.disk.copy() };
        found.heal();
        if found.length(MANIFEST).is_ok() {
            let view = View::open(&found).expect("a whole commit");
            view.health().expect("nothing is damaged");
        }
        site.disk = found;
        site.total = coinhound_store::writer::Tally::default();
        load_by_little(&mut site).unwrap_or_else(|error| panic!("{failure:?} at {op}: {error}"));
        assert_same(&site.content(), want, &format!("{failure:?} at {op}, run again"));
        done += 1;
    }
    done
}

#[test]
fn e02_a_first_load_cut_short_anywhere_is_taken_up_by_the_next_run() {
    let blocks = Branch::random(600, 40).blocks;
    let want = fresh(&blocks);
    for failure in [Failure::Power, Failure::Io, Failure::ShortWrite] {
        let done = interrupted(&SimDisk::new(), &[&blocks], failure, &want, count(60, 100_000));
        eprintln!("first loads cut short by {failure:?}: {done}");
        assert!(done > 40, "{done}");
    }
}

#[test]
fn e20_a_reorganisation_cut_short_anywhere_is_taken_up_by_the_next_run() {
    let old = Branch::random(601, 40);
    let mut new = old.fork(13, 602);
    (0..30).for_each(|_| new.grow(&[]));
    let mut site = Site::of(&old.blocks);
    site.load_clean();
    let (want, files) = (fresh(&new.blocks), [&old.blocks[..], &new.blocks[14..]]);
    for failure in [Failure::Power, Failure::Full] {
        let done = interrupted(&site.disk, &files, failure, &want, count(60, 100_000));
        eprintln!("reorganisations cut short by {failure:?}: {done}");
        assert!(done > 30, "{done}");
    }
}

#[test]
fn e05_a_full_disk_stops_the_load_by_name_and_costs_nothing() {
    let blocks = Branch::random(603, 40).blocks;
    let want = fresh(&blocks);
    let ops = ops_of(&mut Site::of(&blocks));
    for op in (0..ops).step_by(usize::try_from(ops / 40).expect("few")) {
        let mut site = Site::of(&blocks);
        site.disk.fill_from(op);
        let Err(error) = load_by_little(&mut site) else { continue };
        assert!(is_full(&error), "full from operation {op}: {error}");
        let held = if site.disk.length(MANIFEST).is_ok() { Some(site.view().as_of().height) } else { None };
        site.disk.heal();
        let added = load_by_little(&mut site).expect("there is space again").added;
        assert_eq!(added, 41 - held.map_or(0, |tip| u64::from(tip.0) + 1), "only what was not committed");
        assert_same(&site.content(), &want, "after the disk was full");
    }
}

/// Whether an error's chain of causes says that the disk is full.
fn is_full(error: &LoadError) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(at) = cause {
        let io = at.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull) {
            return true;
        }
        cause = at.source();
    }
    false
}

#[test]
fn e06_a_damaged_store_is_told_by_file_or_does_no_harm() {
    let blocks = Branch::random(604, 60).blocks;
    let mut site = Site::of(&blocks[..50]);
    site.load_clean();
    let (files, want) = (site.content(), fresh(&blocks));
    site.put(1, &blocks[50..]);
    let (mut rng, mut told) = (Rng::new(605), 0);
    for (path, bytes) in &files {
        for _ in 0..count(4, 200) {
            let mut hurt = with_disk(site.disk.copy(), &[&blocks[..50], &blocks[50..]]);
            let bit = rng.below(bytes.len() as u64 * 8);
            let at = usize::try_from(bit / 8).expect("small");
            hurt.disk.corrupt(path, |bytes| bytes[at] ^= 1 << (bit % 8)).expect("the file is there");
            match load_by_little(&mut hurt) {
                Ok(_) => assert!(holds(&hurt, &want, path), "bit {bit} of `{path}`: a silent difference"),
                Err(error) => {
                    let text = chain_of(&error);
                    let named = text.contains(path.as_str()) || text.contains("damaged") || path == MANIFEST;
                    assert!(named, "bit {bit} of `{path}`: {text}");
                    told += 1;
                }
            }
        }
    }
    assert!(told > 20, "{told}");
}

/// Whether the store is the wanted one, but for the damaged file, which no one had to read.
fn holds(site: &Site, want: &Content, damaged: &str) -> bool {
    let got = site.content();
    got.keys().eq(want.keys()) && got.iter().all(|(path, bytes)| path == damaged || *bytes == want[path])
}

fn chain_of(error: &LoadError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(at) = cause {
        text = format!("{text}: {at}");
        cause = at.source();
    }
    text
}

#[test]
fn a_store_of_a_newer_format_or_another_chain_is_refused_and_left_alone() {
    let mut site = Site::of(&Branch::random(606, 20).blocks);
    site.load_clean();
    let sound = site.disk.copy();
    let body = "coinhound store 7\nanything\n";
    let newer = format!("{body}blake3 {}\n", Digest::of(body.as_bytes()));
    site.disk.corrupt(MANIFEST, |bytes| *bytes = newer.into_bytes()).expect("there");
    let before = site.content();
    let error = chain_of(&site.try_load().expect_err("a newer format"));
    assert!(error.contains("format 7") && error.contains("reads 1 to 1"), "{error}");
    assert_same(&site.content(), &before, "left alone");

    site.disk = sound;
    let before = site.content();
    site.network = coinhound_chains::bitcoin::Network::Signet;
    let magic = site.network.params().magic;
    site.put_bytes("blk00000.dat", &magic);
    let error = chain_of(&site.try_load().expect_err("another chain"));
    assert!(error.contains("holds chain bip122:0f9188f1"), "{error}");
    assert_same(&site.content(), &before, "left alone");
}

#[test]
fn e25_every_stage_tells_how_far_it_is_and_ends_at_its_total() {
    let blocks = Branch::random(607, 40).blocks;
    let mut site = Site::of(&blocks[..20]);
    site.put(1, &blocks[20..]);
    site.options.batch_bytes = 9_000;
    let (mut scans, mut heights, mut commits, mut last) = (Vec::new(), Vec::new(), 0, (0, 0));
    let outcome = site.try_load_watched(&mut |progress| {
        match progress {
            Progress::Scanning(scan) => scans.push((scan.files, scan.files_total)),
            Progress::Block { height, done, total, .. } => {
                heights.push(height.0);
                last = (*done, *total);
            }
            Progress::Committed(_) => commits += 1,
            _ => {}
        }
        Control::Go
    });
    outcome.expect("loads");
    assert_eq!(scans, [(0, 2), (1, 2), (2, 2)]);
    assert!(heights.iter().copied().eq(0..=40) && commits > 3, "{heights:?}");
    assert_eq!(last, (41, 41));
}

#[test]
fn e26_every_commit_is_a_chain_without_a_hole() {
    let blocks = Branch::random(608, 50).blocks;
    let mut site = Site::of(&blocks[30..]);
    site.put(1, &blocks[..30]);
    site.options.batch_bytes = 5_000;
    let disk = site.disk.clone();
    let mut checked = 0;
    let outcome = site.try_load_watched(&mut |progress| {
        if let Progress::Committed(committed) = progress {
            let view = View::open(&disk).expect("a commit opens");
            let hashes: Vec<_> = (0..=committed.tip.0).map(|h| view.block(Height(h)).expect("no hole").hash).collect();
            assert!(hashes.iter().zip(&blocks).all(|(hash, block)| *hash == block.hash));
            assert!(view.block(committed.tip.next()).is_err());
            checked += 1;
        }
        Control::Go
    });
    outcome.expect("loads");
    assert!(checked > 5, "{checked}");
}

#[test]
fn e29_a_second_writer_is_refused_by_name() {
    let mut site = Site::of(&Branch::random(609, 20).blocks);
    site.load_clean();
    let before = site.content();
    let held = site.disk.lock(LOCK).expect("free");
    let error = site.try_load().expect_err("somebody writes");
    let locked = matches!(&error, LoadError::Store(StoreError::Storage(StorageError::Locked { .. })));
    assert!(locked && error.to_string().contains(LOCK), "{error}");
    assert_same(&site.content(), &before, "left alone");
    drop(held);
    site.load_clean();
}

#[test]
fn e31_no_blocks_are_no_failure_and_a_second_run_changes_nothing() {
    let mut site = Site::new();
    site.put_bytes("blk00000.dat", b"");
    for empty in [0, 1 << 16] {
        site.put_bytes("blk00000.dat", &vec![0; empty]);
        for _ in 0..2 {
            let outcome = site.load_clean();
            assert_eq!((outcome.range, outcome.added), (None, 0));
            assert!(site.content().is_empty());
        }
    }
    let blocks = Branch::random(610, 20).blocks;
    site.put(0, &blocks);
    assert_eq!(site.load().added, 21);
    let (once, commits) = (site.content(), site.commits);
    for _ in 0..3 {
        let outcome = site.load_clean();
        assert_eq!((outcome.added, outcome.last.is_none()), (0, true));
    }
    assert_eq!(site.commits, commits, "nothing new, no commit");
    assert_same(&site.content(), &once, "run again");
    assert_same(&once, &fresh(&blocks), "after an empty start");
    let storage: Arc<dyn Storage> = Arc::new(site.disk.copy());
    assert_same(&content(&*storage), &once, "read by another");
}

#[test]
fn e32_a_block_that_never_becomes_usable_is_told_each_run_and_loops_in_none() {
    let blocks = Branch::random(611, 30).blocks;
    let mut bad = blocks[15].clone();
    let end = bad.bytes.len();
    bad.bytes[end - 6] ^= 1;
    let mut site = Site::of(&[&blocks[..15], &[bad.clone()], &blocks[16..]].concat());
    site.put(1, &[bad.clone(), bad]);
    let mut outcomes = Vec::new();
    for run in 0..3 {
        let outcome = site.load();
        assert_eq!(outcome.added, if run == 0 { 15 } else { 0 }, "{outcome:?}");
        assert_eq!(outcome.unusable.len(), 3, "each copy was tried once: {outcome:?}");
        outcomes.push((outcome.unusable, outcome.gaps));
    }
    assert!(outcomes.windows(2).all(|pair| pair[0].1 == pair[1].1));
    assert_same(&site.content(), &fresh(&blocks[..15]), "up to the bad block");
}
