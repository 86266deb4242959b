//! Power loss and failing disks: the last acknowledged commit or a later one, never a mix.

use coinhound_store::campaign::power_loss::{by_chance, by_subset, failing_disk};
use coinhound_store::campaign::tally::Tally;
use coinhound_store::storage::Fault;

fn clean(tally: &Tally, least: u64) {
    println!("{tally}");
    assert_eq!(tally.failed, 0, "{tally}");
    assert!(tally.cases >= least, "only {tally}");
}

#[test]
fn what_power_loss_leaves_is_the_last_acknowledged_commit_or_a_later_one() {
    clean(&by_chance(1, 40, None), 10_000);
}

#[test]
fn every_subset_of_unsynced_changes_leaves_a_whole_commit() {
    clean(&by_subset(6, None), 5_000);
}

#[test]
fn a_failing_or_full_disk_stops_the_writer_and_costs_nothing() {
    clean(&failing_disk(1, 1), 1_000);
}

#[test]
fn a_writer_that_skips_data_syncs_is_caught() {
    assert!(by_chance(1, 2, Some(Fault::SkipDataFsync)).failed > 0);
}

#[test]
fn a_writer_that_skips_folder_syncs_is_caught() {
    assert!(by_chance(1, 2, Some(Fault::SkipDirFsync)).failed > 0);
}

#[test]
fn a_writer_that_publishes_before_the_data_is_durable_is_caught() {
    assert!(by_chance(1, 2, Some(Fault::PublishEarly)).failed > 0);
}
