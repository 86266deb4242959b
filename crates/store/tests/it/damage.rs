//! Damage anywhere in a store: told, never answered from, healed where it can be.

use coinhound_store::Family;
use coinhound_store::base::BaseTable;
use coinhound_store::campaign::damage::{cuts, every_column, flips};
use coinhound_store::campaign::forged::forgeries;
use coinhound_store::error::Health;
use coinhound_store::overlay::OVERLAY;
use coinhound_store::segment::FACTS;

#[test]
fn a_flipped_bit_anywhere_is_told_by_name_and_derived_tables_heal() {
    for family in Family::ALL {
        let report = flips(family, 1, 400, Health::new);
        println!("{report:?}");
        assert_eq!(report.tally.failed, 0, "{family}: {}", report.tally);
        assert!(report.met > 300 && report.rebuilt > 200, "{family}: {report:?}");
    }
}

#[test]
fn a_cut_anywhere_is_told_by_name_and_derived_tables_heal() {
    for family in Family::ALL {
        let report = cuts(family, 2, 200);
        assert_eq!(report.tally.failed, 0, "{family}: {}", report.tally);
        assert!(report.met == 200 && report.rebuilt > 100, "{family}: {report:?}");
    }
}

#[test]
fn damage_in_every_column_is_met_and_told() {
    let mut hurt = std::collections::BTreeSet::new();
    for (family, seed) in Family::ALL.into_iter().flat_map(|family| [(family, 3), (family, 4)]) {
        let (report, columns) = every_column(family, seed);
        assert_eq!(report.tally.failed, 0, "{family}: {}", report.tally);
        hurt.extend(columns);
    }
    let schemas = [&FACTS, &OVERLAY].into_iter().chain(BaseTable::ALL.map(BaseTable::schema));
    for schema in schemas {
        for column in schema.columns {
            let name = format!("{} {}", schema.kind, column.name);
            assert!(hurt.contains(&name), "nothing of column {name} was damaged");
        }
    }
}

#[test]
fn a_store_that_skips_checksums_is_caught() {
    assert!(Family::ALL.into_iter().all(|family| flips(family, 1, 100, Health::blind).tally.failed > 0));
}

#[test]
fn a_forged_file_under_good_checksums_panics_nobody_and_a_forged_derived_table_is_told() {
    for family in Family::ALL {
        let report = forgeries(family, 5, 400);
        assert_eq!(report.tally.failed, 0, "{family}: {}", report.tally);
        assert!(report.refused > 50 && report.found > 250, "{family}: {report:?}");
    }
}
