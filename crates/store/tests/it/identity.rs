//! The files depend on the chain alone.

use coinhound_store::campaign::reorg::{batches, reorganisations, skipped_unwind_shows};

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
