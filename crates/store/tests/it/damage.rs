//! Damage anywhere in a store: told, never answered from, healed where it can be.

use coinhound_store::campaign::damage::flips;
use coinhound_store::error::Health;

#[test]
fn a_flipped_bit_anywhere_is_told_by_name_and_derived_tables_heal() {
    let report = flips(1, 400, Health::new);
    println!("{report:?}");
    assert_eq!(report.tally.failed, 0, "{}", report.tally);
    assert!(report.met > 300 && report.rebuilt > 200, "{report:?}");
}

#[test]
fn a_store_that_skips_checksums_is_caught() {
    assert!(flips(1, 100, Health::blind).tally.failed > 0);
}
