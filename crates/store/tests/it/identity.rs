//! The files depend on the chain alone.

use std::sync::Arc;

use coinhound_model::Height;
use coinhound_store::campaign::reorg::{batches, every_pair, reorganisations, skipped_unwind_shows};
use coinhound_store::campaign::rig::{above, assert_same, chain_id, commit, files, fresh, tiny_params, writer};
use coinhound_store::campaign::toy::ToyChain;
use coinhound_store::facts::Facts;
use coinhound_store::layout::Span;
use coinhound_store::page::PAGE_LEN;
use coinhound_store::storage::{Dice, DiskStorage, SimDisk, Storage};
use coinhound_store::{Note, Writer};

#[test]
fn batches_of_any_size_leave_the_same_files() {
    let report = batches(1, 12, 70);
    assert!(report.total.sealed > 100 && report.total.merged > 100, "{report:?}");
    assert!(report.total.folded > 40 && report.total.swept > 100, "{report:?}");
}

#[test]
fn a_reorganisation_leaves_what_a_fresh_load_leaves() {
    let report = reorganisations(7, 60, 300);
    assert!(report.below_fold > 50 && report.total.cut > 50 && report.total.filtered > 50, "{report:?}");
}

#[test]
fn a_writer_that_forgets_to_unwind_a_row_is_caught() {
    assert!((1..=3).all(skipped_unwind_shows));
}

#[test]
fn every_depth_at_every_height_unwinds() {
    let report = every_pair(5, 24);
    assert_eq!(report.pairs, 24 * 23 / 2);
}

#[test]
fn a_real_disk_holds_the_same_bytes() {
    let facts = ToyChain::random(0, 37, &mut Dice::new(4)).facts();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = DiskStorage::new(folder.path());
    let mut writer =
        Writer::open_or_create(Arc::new(disk.clone()), chain_id(), tiny_params()).expect("an empty folder");
    writer.commit(None, &facts.slice(facts.span()), Note::default()).expect("room enough");
    writer.commit(Some(Height(20)), &above(&facts, Height(20)), Note::default()).expect("room enough");
    for (path, bytes) in fresh(&facts) {
        assert!(*disk.read(&path).expect("the same names") == bytes, "{path}");
    }
}

#[test]
fn a_writer_never_copies_damage() {
    let mut refused = 0;
    for seed in 0..6 {
        let facts = ToyChain::random(0, 18, &mut Dice::new(seed)).facts();
        let kept = facts.slice(Span { start: 0, end: 17 });
        for (path, bytes) in fresh(&kept) {
            // Opening reads the first and the last page of data; damage in between is met by the commit or not at all.
            if path.starts_with("facts/") && bytes.len() > 4 * PAGE_LEN {
                // Keeping 2 cuts the first segment, 13 the fourth, and both derive a base from what is kept.
                let met = [2, 6, 10, 13].into_iter().filter(|&keep| !unread(&path, &kept, &facts, Height(keep)));
                refused += met.count();
            }
        }
    }
    assert!(refused >= 3, "{refused}");
}

/// Damages one file, then commits above `keep`: says whether that went through without reading the damage.
fn unread(path: &str, kept: &Facts, facts: &Facts, keep: Height) -> bool {
    let disk = SimDisk::new();
    commit(&mut writer(&disk), None, kept);
    disk.corrupt(path, |bytes| bytes[PAGE_LEN + 100] ^= 1).expect("just written");
    let before = files(&disk);
    let mut writer = writer(&disk);
    match writer.commit(Some(keep), &above(facts, keep), Note::default()) {
        Ok(_) => {
            let (mut got, mut want) = (files(&disk), fresh(facts));
            assert_eq!(
                got.remove(path).is_some(),
                want.remove(path).is_some(),
                "{path} stays as damaged as it was, or is gone"
            );
            assert_same(&got, &want, path);
            true
        }
        Err(error) => {
            assert!(error.to_string().contains(path), "{path}: {error}");
            assert!(before["MANIFEST"] == files(&disk)["MANIFEST"], "nothing was published");
            false
        }
    }
}
