//! The files depend on the chain alone.

use std::sync::Arc;

use coinhound_model::Height;
use coinhound_store::campaign::ledger::ToyLedger;
use coinhound_store::campaign::reorg::{batches, every_pair, reorganisations, skipped_unwind_shows};
use coinhound_store::campaign::rig::{above, assert_same, chain_id, commit, files, fresh, tiny_params, writer};
use coinhound_store::facts::Facts;
use coinhound_store::layout::Span;
use coinhound_store::page::PAGE_LEN;
use coinhound_store::storage::{Dice, DiskStorage, SimDisk, Storage};
use coinhound_store::{Family, Note, Writer};

#[test]
fn batches_of_any_size_leave_the_same_files() {
    for family in Family::ALL {
        let report = batches(family, 1, 12, 70);
        assert!(report.total.sealed > 100 && report.total.merged > 100, "{family}: {report:?}");
        assert!(report.total.folded > 40 && report.total.swept > 100, "{family}: {report:?}");
    }
}

#[test]
fn a_reorganisation_leaves_what_a_fresh_load_leaves() {
    for family in Family::ALL {
        let report = reorganisations(family, 7, 60, 300);
        let total = report.total;
        assert!(report.below_fold > 50 && total.cut > 50 && total.filtered > 50, "{family}: {report:?}");
    }
}

#[test]
fn a_writer_that_forgets_to_unwind_a_row_is_caught() {
    assert!(Family::ALL.into_iter().all(|family| (1..=3).all(|seed| skipped_unwind_shows(family, seed))));
}

#[test]
fn every_depth_at_every_height_unwinds() {
    for family in Family::ALL {
        let report = every_pair(family, 5, 24);
        assert_eq!(report.pairs, 24 * 23 / 2, "{family}");
    }
}

#[test]
fn a_real_disk_holds_the_same_bytes() {
    for family in Family::ALL {
        let facts = ToyLedger::random(family, 0, 37, &mut Dice::new(4)).facts();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let disk = DiskStorage::new(folder.path());
        let mut writer =
            Writer::open_or_create(Arc::new(disk.clone()), chain_id(), tiny_params(family)).expect("an empty folder");
        writer.commit(None, &facts.slice(facts.span()), Note::default()).expect("room enough");
        writer.commit(Some(Height(20)), &above(&facts, Height(20)), Note::default()).expect("room enough");
        for (path, bytes) in fresh(family, &facts) {
            assert!(*disk.read(&path).expect("the same names") == bytes, "{path}");
        }
    }
}

#[test]
fn a_writer_never_copies_damage() {
    for family in Family::ALL {
        let refused: usize = (0..6).map(|seed| commits_refused(family, seed)).sum();
        assert!(refused >= 3, "{family}: {refused}");
    }
}

/// How many commits on a store with a damaged file refuse it.
fn commits_refused(family: Family, seed: u64) -> usize {
    let mut refused = 0;
    {
        let facts = ToyLedger::random(family, 0, 18, &mut Dice::new(seed)).facts();
        let kept = facts.slice(Span { start: 0, end: 17 });
        for (path, bytes) in fresh(family, &kept) {
            // Opening reads the first and the last page of data; damage in between is met by the commit or not at all.
            if path.starts_with("facts/") && bytes.len() > 4 * PAGE_LEN {
                // Keeping 2 cuts the first segment, 13 the fourth, and both derive a base from what is kept.
                let met =
                    [2, 6, 10, 13].into_iter().filter(|&keep| !unread(family, &path, &kept, &facts, Height(keep)));
                refused += met.count();
            }
        }
    }
    refused
}

/// Damages one file, then commits above `keep`: says whether that went through without reading the damage.
fn unread(family: Family, path: &str, kept: &Facts, facts: &Facts, keep: Height) -> bool {
    let disk = SimDisk::new();
    commit(&mut writer(family, &disk), None, kept);
    disk.corrupt(path, |bytes| bytes[PAGE_LEN + 100] ^= 1).expect("just written");
    let before = files(&disk);
    let mut writer = writer(family, &disk);
    match writer.commit(Some(keep), &above(facts, keep), Note::default()) {
        Ok(_) => {
            let (mut got, mut want) = (files(&disk), fresh(family, facts));
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
