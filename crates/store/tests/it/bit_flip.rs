//! Bit flips and cuts: every one is told, by the name of its file.

use coinhound_store::campaign::bit_flip::{cuts, manifest_bits, table_bits, table_bits_by_chance};
use coinhound_store::campaign::tally::Tally;
use coinhound_store::error::Health;
use coinhound_store::storage::{Fault, SimDisk};

fn clean(tally: &Tally, least: u64) {
    println!("{tally}");
    assert_eq!(tally.failed, 0, "{tally}");
    assert!(tally.cases >= least, "only {tally}");
}

#[test]
fn every_bit_flip_of_a_manifest_is_told() {
    clean(&manifest_bits(), 5_000);
}

#[test]
fn every_bit_flip_of_a_table_is_told() {
    clean(&table_bits(Health::new), 100_000);
}

#[test]
fn every_cut_is_told_as_a_cut() {
    clean(&cuts(SimDisk::new()), 10_000);
}

#[test]
fn a_reader_that_skips_checksums_is_caught() {
    assert!(table_bits_by_chance(1, 2_000, Health::blind).failed > 0);
}

#[test]
fn a_reader_that_ignores_short_reads_is_caught() {
    assert!(cuts(SimDisk::with_fault(Fault::IgnoreShortRead)).failed > 0);
}
