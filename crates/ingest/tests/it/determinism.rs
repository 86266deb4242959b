//! One chain by every way it can come in: the store's bytes are the same.

use std::ops::Range;

use coinhound_chains::bitcoin::xor::XorKey;
use coinhound_ingest::{Control, Progress};
use coinhound_sim::mainnet::{Chain, Shape};
use coinhound_sim::theft::{self, heist};
use coinhound_sim::{BlockWriter, Layout, Rng, Sealed};

use crate::forks::Branch;
use crate::support::{Content, Site, assert_clean, assert_same, content, fresh, load, store, tiny};

/// Mainnet's shape with few transactions a block, a theft with stale blocks, and a chain where few owners pay
/// each other in every kind of script.
fn chains() -> [(&'static str, Vec<Sealed>); 3] {
    let shape = Shape { seed: 7, bytes: 130_000, block_weight: 8_000, coins_max: 1_000, undo: true };
    let options = theft::Options { seed: 2018, people: 10, stale_every: 40 };
    [
        ("mainnet's shape", Chain::new(shape).collect()),
        ("the theft", heist(&options).blocks.into_iter().take(330).collect()),
        ("a small town", Branch::random(3, 80).blocks),
    ]
}

fn once(blocks: &[Sealed]) -> Content {
    let mut site = Site::of(blocks);
    assert_clean(&site.load());
    assert!(site.total.sealed > 10 && site.total.folded == 1, "{:?}", site.total);
    site.content()
}

fn for_each_chain(seeds: Range<u64>, check: impl Fn(&str, &[Sealed], &Content, Rng)) {
    for (name, blocks) in chains() {
        let want = once(&blocks);
        seeds.clone().for_each(|seed| check(&format!("{name}, seed {seed}"), &blocks, &want, Rng::new(seed)));
    }
}

#[test]
fn batches_of_any_size_leave_the_same_bytes() {
    for_each_chain(0..3, |about, blocks, want, mut rng| {
        let mut site = Site::of(blocks);
        site.options.batch_bytes = rng.range(1, 8_000);
        assert_clean(&site.load());
        assert!(site.commits > 5 && site.total.merged > 0 && site.total.folded > 2, "{about}: {:?}", site.total);
        assert_same(&site.content(), want, about);
    });
}

#[test]
fn commits_at_any_block_leave_the_same_bytes() {
    for_each_chain(10..12, |about, blocks, want, mut rng| {
        let mut site = Site::of(blocks);
        let outcome = site.try_load_watched(&mut |_| if rng.chance(150) { Control::Commit } else { Control::Go });
        assert_clean(&outcome.expect("loads"));
        assert!(site.commits > 5 && site.total.folded > 2, "{about}: {:?}", site.total);
        assert_same(&site.content(), want, about);
    });
}

#[test]
fn a_load_stopped_and_taken_up_again_leaves_the_same_bytes() {
    for_each_chain(20..22, |about, blocks, want, mut rng| {
        let mut site = Site::of(blocks);
        let mut runs = 1;
        loop {
            let stop = |progress: &Progress| {
                let at_block = matches!(progress, Progress::Block { .. });
                if at_block && rng.chance(120) { Control::Stop } else { Control::Go }
            };
            let outcome = site.try_load_watched(&mut { stop }).expect("loads");
            assert_clean(&outcome);
            if !outcome.stopped {
                break;
            }
            runs += 1;
        }
        assert!(runs > 4, "{about}: {runs} runs");
        assert_same(&site.content(), want, about);
    });
}

#[test]
fn two_threads_leave_the_bytes_of_one() {
    for_each_chain(30..31, |about, blocks, want, _| {
        for threads in [1, 2] {
            let mut site = Site::of(blocks);
            site.options.threads = threads;
            site.options.batch_bytes = 20_000;
            assert_clean(&site.load());
            assert_same(&site.content(), want, &format!("{about}, {threads} threads"));
        }
    });
}

#[test]
fn a_session_that_forgets_leaves_the_same_bytes() {
    for_each_chain(35..36, |about, blocks, want, _| {
        let mut site = Site::of(blocks);
        (site.options.session_txs, site.options.batch_bytes) = (30, 20_000);
        assert_clean(&site.load());
        assert!(site.commits > 4, "{about}: {} commits", site.commits);
        assert_same(&site.content(), want, about);
    });
}

#[test]
fn blocks_that_arrive_one_by_one_leave_the_same_bytes() {
    for_each_chain(40..41, |about, blocks, want, mut rng| {
        let mut site = Site::new();
        let mut have = 0;
        while have < blocks.len() {
            have = blocks.len().min(have + 1 + rng.index(4));
            site.put(0, &blocks[..have]);
            assert_clean(&site.load());
        }
        assert!(site.commits > 20 && site.total.folded >= 5, "{about}: {:?}", site.total);
        assert_same(&site.content(), want, about);
    });
}

#[test]
fn the_order_key_and_cut_of_the_files_do_not_matter() {
    let covered = Some(XorKey([1, 2, 3, 4, 5, 6, 7, 8]));
    let layouts = [
        Layout { window: 40, window_seed: 5, ..Layout::default() },
        Layout { file_bytes_max: 9_000, undo: false, ..Layout::default() },
        Layout { xor_key: covered, reserve_bytes: 1 << 16, ..Layout::default() },
        Layout {
            file_bytes_max: 20_000,
            xor_key: covered,
            undo: true,
            window: 1_000,
            window_seed: 6,
            reserve_bytes: 4_096,
        },
    ];
    for_each_chain(50..51, |about, blocks, want, _| {
        for layout in layouts {
            let mut site = Site::new();
            let mut writer = BlockWriter::create(site.blocks(), layout).expect("an empty folder");
            blocks.iter().for_each(|block| writer.write(block.clone()).expect("writable"));
            writer.finish().expect("writable");
            assert_clean(&site.load());
            assert_same(&site.content(), want, &format!("{about}, {layout:?}"));
        }
    });
}

#[test]
fn files_that_arrive_in_any_order_leave_the_same_bytes() {
    let blocks = Branch::random(60, 90).blocks;
    let want = fresh(&blocks);
    let mut rng = Rng::new(61);
    let mut parts: Vec<(u32, &[Sealed])> = (0..).zip(blocks.chunks(9)).collect();
    rng.shuffle(&mut parts);
    // The genesis block's file first: a store that begins later keeps its beginning.
    parts.sort_by_key(|(number, _)| *number > 0);
    let (mut site, mut gaps) = (Site::new(), 0);
    for (number, part) in parts {
        site.put(number, part);
        gaps += site.load().gaps.len();
    }
    assert!(gaps > 5, "files came out of order: {gaps}");
    assert_same(&site.content(), &want, "files in random order");
}

#[test]
fn a_real_folder_holds_what_the_simulated_disk_holds() {
    let blocks = Branch::random(4, 60).blocks;
    let site = Site::of(&blocks);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let storage = store(folder.path());
    load(site.network, site.blocks(), storage.clone(), &tiny()).expect("loads");
    assert_same(&content(&*storage), &fresh(&blocks), "on a real disk");
}
