//! Whole stores, interrupted anywhere.

use coinhound_store::Family;
use coinhound_store::campaign::crash::{failing_disk, interruptions};
use coinhound_store::campaign::tally::Tally;
use coinhound_store::storage::Fault;

fn clean(tally: &Tally, least: u64) {
    println!("{tally}");
    assert_eq!(tally.failed, 0, "{tally}");
    assert!(tally.cases >= least, "only {tally}");
}

#[test]
fn an_interruption_anywhere_leaves_a_whole_commit_to_go_on_from() {
    for family in Family::ALL {
        clean(&interruptions(family, 1, 2, 2, None), 600);
    }
}

#[test]
fn a_disk_that_fails_anywhere_costs_nothing_committed() {
    for family in Family::ALL {
        clean(&failing_disk(family, 2, 3), 400);
    }
}

#[test]
fn a_store_whose_data_is_not_synced_is_caught() {
    assert!(
        Family::ALL.into_iter().all(|family| interruptions(family, 1, 20, 3, Some(Fault::SkipDataFsync)).failed > 0)
    );
}

#[test]
fn a_store_whose_folders_are_not_synced_is_caught() {
    assert!(
        Family::ALL.into_iter().all(|family| interruptions(family, 1, 20, 3, Some(Fault::SkipDirFsync)).failed > 0)
    );
}

#[test]
fn a_store_published_before_its_data_is_caught() {
    assert!(Family::ALL.into_iter().all(|family| interruptions(family, 1, 1, 1, Some(Fault::PublishEarly)).failed > 0));
}
