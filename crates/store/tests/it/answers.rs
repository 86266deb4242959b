//! What a view says, at its tip and as of every height below.

use coinhound_store::campaign::{account_answers, answers};

#[test]
fn every_answer_at_every_height_is_that_of_a_linear_scan() {
    let report = answers::all(3, 6, 45);
    assert!(report.below_base > 60 && report.answers > 100_000, "{report:?}");
    assert!(report.duplicates > 10 && report.clusters > 1_000, "{report:?}");
}

#[test]
fn every_answer_about_accounts_at_every_height_is_that_of_a_linear_scan() {
    let report = account_answers::all(3, 6, 45);
    assert!(report.below_base > 60 && report.answers > 100_000, "{report:?}");
    assert!(report.duplicates > 10 && report.clusters > 1_000 && report.kinds == 10, "{report:?}");
}
