//! Supplied tables into a store: once, again, further, and not twice.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use coinhound_chains::table::{TableError, TableFile, TableMap, ready};
use coinhound_ingest::accounts::AccountOptions;
use coinhound_ingest::{Control, LoadTableError, TableOptions, TableOutcome, TableProgress, load_table, open_table};
use coinhound_model::{AccountLedger, MovementId, NoteKind};
use coinhound_store::AccountView;
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::SimDisk;
use proptest::prelude::*;

use crate::support::{assert_same, content};

const HEADER: &str = "time,from,to,asset,amount,tx\n";

fn options() -> TableOptions {
    let accounts = AccountOptions { layout: LayoutParams::tiny(), threads: 1, ..AccountOptions::new(0) };
    TableOptions { accounts, ..TableOptions::new(0) }
}

fn plain() -> Arc<TableMap> {
    Arc::new(TableMap::parse(ready("transfers").expect("brought along").text).expect("sound"))
}

fn mapped(text: &str) -> Arc<TableMap> {
    Arc::new(TableMap::parse(text).expect("sound"))
}

fn file(name: &str, rows: &str) -> TableFile {
    TableFile { name: name.to_owned(), bytes: format!("{HEADER}{rows}").into_bytes(), map: plain() }
}

fn load(disk: &SimDisk, files: Vec<TableFile>) -> Result<TableOutcome, LoadTableError> {
    load_table(files, Arc::new(disk.clone()), &options(), &mut |_| Control::Go)
}

fn added(disk: &SimDisk, files: Vec<TableFile>) -> u64 {
    load(disk, files).unwrap_or_else(|error| panic!("{error}")).stored.added
}

/// Rows of these days of 2018, one an hour.
fn days(days: std::ops::Range<u32>) -> String {
    let mut rows = String::new();
    for hour in days.start * 24..days.end * 24 {
        let (day, hour) = (1 + hour / 24, hour % 24);
        writeln!(rows, "2018-01-{day:02} {hour:02}:00,a{},b,XEM,{day}.{hour},", hour % 3).expect("a string grows");
    }
    rows
}

#[test]
fn the_same_tables_again_add_nothing() {
    let disk = SimDisk::new();
    let both = || vec![file("a.csv", &days(0..2)), file("b.csv", &days(2..3))];
    let first = load(&disk, both()).expect("sound");
    assert_eq!((first.chain.0.as_str(), first.rows, first.stored.added), ("table:transfers", 72, 72));
    let want = content(&disk);
    assert_eq!(added(&disk, both()), 0);
    assert_eq!(added(&disk, vec![file("a.csv", &days(0..2))]), 0, "a part of what is stored");
    assert_same(&content(&disk), &want, "loaded again");
    let view = AccountView::open(&disk).expect("a healthy store opens");
    assert!(view.is_supplied() && !view.is_complete());
    assert_eq!(view.movements(), 0..72);
}

#[test]
fn tables_may_follow_what_is_stored() {
    let disk = SimDisk::new();
    assert_eq!(added(&disk, vec![file("a.csv", &days(0..2))]), 48);
    assert_eq!(added(&disk, vec![file("b.csv", &days(2..3))]), 24);
    assert_eq!(added(&disk, vec![file("b.csv", &days(2..3))]), 0, "it follows already");
    assert_eq!(
        added(&disk, vec![file("c.csv", &days(3..4)), file("b.csv", &days(2..3))]),
        24,
        "both, of which one is new"
    );
    let at_once = SimDisk::new();
    let all = vec![file("a.csv", &days(0..2)), file("b.csv", &days(2..3)), file("c.csv", &days(3..4))];
    assert_eq!(added(&at_once, all), 96);
    assert_same(&content(&disk), &content(&at_once), "one after the other");
}

#[test]
fn a_table_may_begin_at_the_last_stored_moment_and_counts_once() {
    let disk = SimDisk::new();
    let (day, more) = ("2018-01-26,a,b,XEM,1,\n", "2018-01-26,b,c,XEM,1,\n2018-01-27,c,d,XEM,1,\n");
    assert_eq!(added(&disk, vec![file("a.csv", day)]), 1);
    assert_eq!(added(&disk, vec![file("b.csv", more)]), 2);
    assert_eq!(added(&disk, vec![file("b.csv", more)]), 0);
    assert_eq!(added(&disk, vec![file("a.csv", day)]), 0);
    assert_eq!(AccountView::open(&disk).expect("opens").movements(), 0..3);
}

#[test]
fn rows_before_what_is_stored_are_refused() {
    let disk = SimDisk::new();
    added(&disk, vec![file("b.csv", &days(2..3))]);
    let want = content(&disk);
    let earlier = load(&disk, vec![file("a.csv", &days(0..1))]);
    let text = earlier.as_ref().expect_err("it is too late").to_string();
    assert!(matches!(earlier, Err(LoadTableError::Earlier { first: 1_514_764_800, .. })), "{text}");
    assert!(text.contains("give all files in one command and into a new store"));
    let changed = load(&disk, vec![file("b.csv", &days(2..3).replace("23:00,a2", "23:00,a1"))]);
    assert!(matches!(changed, Err(LoadTableError::Earlier { .. } | LoadTableError::Differs { .. })), "{changed:?}");
    assert_same(&content(&disk), &want, "nothing was stored");
}

#[test]
fn one_file_under_two_maps_does_not_count_twice() {
    let disk = SimDisk::new();
    let rows = "2018-01-26,a,b,XEM,1,\n";
    added(&disk, vec![file("a.csv", rows)]);
    let text = ready("transfers").expect("brought along").text;
    for other in
        [text.replace("[transfer]", "[labels]\nwho = \"from\"\n[transfer]"), text.replace("\"UTC\"", "\"-09:00\"")]
    {
        let again = TableFile { map: mapped(&other), ..file("a.csv", rows) };
        let refused = load(&disk, vec![again]);
        assert!(matches!(refused, Err(LoadTableError::AlreadyStored { .. })), "{refused:?}");
    }
    let overlapping = format!("2018-01-27,a,b,XEM,1,{0:064x}\n", 7);
    added(&disk, vec![file("b.csv", &overlapping)]);
    let refused = load(&disk, vec![file("c.csv", &format!("{overlapping}2018-01-28,c,d,XEM,1,\n"))]);
    assert!(matches!(refused, Err(LoadTableError::AlreadyStored { .. })), "{refused:?}");
}

#[test]
fn moments_of_one_hash_are_taken_in_one_command_and_refused_in_two() {
    let text = ready("transfers").expect("brought along").text;
    let map = mapped(&text.replace("[transaction]", "[transaction]\ntimes = \"each\""));
    let of = |name: &str, day: u32| {
        let row = format!("2018-01-{day},a,b,XEM,1,{:064x}\n", 7);
        TableFile { map: map.clone(), ..file(name, &row) }
    };
    let (at_once, in_turn) = (SimDisk::new(), SimDisk::new());
    assert_eq!(added(&at_once, vec![of("a.csv", 26), of("b.csv", 27)]), 2);
    assert_eq!(added(&in_turn, vec![of("a.csv", 26)]), 1);
    let refused = load(&in_turn, vec![of("b.csv", 27)]).expect_err("it may be the same row under another map");
    assert!(refused.to_string().contains("give all files in one command and into a new store"), "{refused}");
}

#[test]
fn what_follows_must_fit_how_the_ledger_began() {
    let disk = SimDisk::new();
    added(&disk, vec![file("a.csv", &days(0..1))]);
    let text = ready("transfers").expect("brought along").text;
    let later = |map: &str| TableFile { map: mapped(map), ..file("b.csv", &days(2..3)) };
    let opening = "[[opening]]\naccount = \"a0\"\nasset = \"XEM\"\namount = \"5\"\nsource = \"audit\"\n";
    let late = load(&disk, vec![later(&format!("{text}{opening}"))]);
    assert!(matches!(late, Err(LoadTableError::LateOpening { account }) if account == "a0"));
    let empty = load(&disk, vec![later(&text.replace("ledger =", "begins_empty = true\nledger ="))]);
    assert!(matches!(empty, Err(LoadTableError::LateBeginning)));
    let scaled = load(&disk, vec![later(&text.replace("XEM = 6", "XEM = 7"))]);
    let Err(LoadTableError::OtherDecimals { stored: Some(6), supplied: Some(7), .. }) = scaled else {
        panic!("{scaled:?}")
    };
    let opened = SimDisk::new();
    let map = mapped(&format!("{text}{opening}"));
    added(&opened, vec![TableFile { map: map.clone(), ..file("a.csv", &days(0..1)) }]);
    let goes_on = added(&opened, vec![TableFile { map, ..file("b.csv", &days(2..3)) }]);
    assert_eq!(goes_on, 24, "the opening is stored already");
}

#[test]
fn nothing_is_stored_of_a_table_with_a_bad_row_unless_it_is_to_be_skipped() {
    let disk = SimDisk::new();
    let rows = format!("{}2018-02-01,a,b,XEM,many,\n", days(0..1));
    let refused = load(&disk, vec![file("a.csv", &rows)]);
    assert!(matches!(refused, Err(LoadTableError::Table(TableError::BadRows { .. }))));
    assert!(content(&disk).is_empty());
    let skip = TableOptions { skip_bad: true, ledger: Some("case-7".to_owned()), ..options() };
    let outcome = load_table(vec![file("a.csv", &rows)], Arc::new(disk.clone()), &skip, &mut |_| Control::Go);
    let outcome = outcome.expect("the rest can be read");
    assert_eq!((outcome.report.bad.total, outcome.rows, outcome.chain.0.as_str()), (1, 24, "table:case-7"));
    let view = AccountView::open(&disk).expect("opens");
    let flags: Vec<_> = view.notes(MovementId(0)).into_iter().filter(|note| note.kind == NoteKind::Flag).collect();
    assert!(flags.len() == 1 && flags[0].bytes.starts_with(b"1 of 25 rows of the table with SHA-256 "));
}

#[test]
fn a_stopped_load_goes_on() {
    let (stopped, whole) = (SimDisk::new(), SimDisk::new());
    let rows = days(0..3);
    added(&whole, vec![file("a.csv", &rows)]);
    let mut runs = 0;
    loop {
        runs += 1;
        // What is stored is passed over, and told like the rest.
        let stop = |at: TableProgress| if at.rows >= runs * 10 { Control::Stop } else { Control::Go };
        let files = vec![file("a.csv", &rows)];
        let outcome = load_table(files, Arc::new(stopped.clone()), &options(), &mut { stop }).expect("sound");
        if !outcome.stopped {
            break;
        }
        assert_eq!(outcome.stored.added, 10);
    }
    assert_eq!(runs, 8);
    assert_same(&content(&stopped), &content(&whole), "stopped and taken up again");
}

#[test]
fn files_are_read_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.csv");
    assert!(matches!(open_table(&path, plain()), Err(LoadTableError::Read { .. })));
    std::fs::write(&path, format!("{HEADER}{}", days(0..1))).expect("writable");
    let table = open_table(&path, plain()).expect("readable");
    assert_eq!(added(&SimDisk::new(), vec![table]), 24);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_stored_ledger_sums_to_what_its_rows_sum_to(rows in prop::collection::vec((0_u32..60, 0..7_u8, 0..7_u8, 0..3_u8, any::<u64>()), 1..120)) {
        let mut want: BTreeMap<(String, String), i128> = BTreeMap::new();
        let mut text = String::new();
        for (hour, from, to, asset, units) in rows {
            let (asset, places) = [("XEM", 6), ("BTC", 8), ("ETH", 18)][usize::from(asset)];
            let one = 10_u64.pow(places.min(18));
            let width = usize::try_from(places).expect("few");
            let (day, hour) = (1 + hour / 24, hour % 24);
            writeln!(text, "2018-01-{day:02} {hour:02},p{from},p{to},{asset},{}.{:0width$},", units / one, units % one).expect("a string grows");
            *want.entry((format!("p{from}"), asset.to_owned())).or_default() -= i128::from(units);
            *want.entry((format!("p{to}"), asset.to_owned())).or_default() += i128::from(units);
        }
        let disk = SimDisk::new();
        added(&disk, vec![file("a.csv", &text)]);
        let view = AccountView::open(&disk).expect("opens");
        let name = |holding| {
            let lock = view.lock(view.owner(holding)).expect("it is stored");
            (String::from_utf8(lock.payload.to_vec()).expect("ASCII"), view.token(view.asset(holding)).id)
        };
        let mut got: BTreeMap<(String, String), i128> = BTreeMap::new();
        for id in view.movements() {
            let one = view.movement(MovementId(id));
            let units = i128::try_from(one.units).expect("64 bits");
            *got.entry(name(one.from.expect("a transfer"))).or_default() -= units;
            *got.entry(name(one.to.expect("a transfer"))).or_default() += units;
        }
        prop_assert_eq!(got, want);
    }
}

/// Everyday a tenth of it; `COINHOUND_FULL` asks for all, and for a store of the usual layout.
#[test]
fn a_million_rows_take_seconds() {
    let count = crate::support::count(100_000, 1_000_000);
    let mut rows = String::new();
    for row in 0..count {
        let (second, minute, hour, day) = (row % 60, row / 60 % 60, row / 3_600 % 24, 1 + row / 86_400);
        let (from, to) = (row * 7 % 5_003, row * 13 % 4_001);
        writeln!(
            rows,
            "2018-01-{day:02} {hour:02}:{minute:02}:{second:02},a{from},a{to},XEM,{row}.{:06},",
            row % 1_000_000
        )
        .expect("a string grows");
    }
    let (disk, began) = (SimDisk::new(), std::time::Instant::now());
    let options = TableOptions::new(0);
    let outcome = load_table(vec![file("a.csv", &rows)], Arc::new(disk.clone()), &options, &mut |_| Control::Go);
    assert_eq!(outcome.expect("sound").rows, count);
    println!("{count} rows in {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(AccountView::open(&disk).expect("opens").movements(), 0..count);
}
