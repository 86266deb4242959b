//! Rows that cannot be read: each is named by file, line and column, with what was expected.

use coinhound_chains::table::{BAD_ROWS_NAMED_MAX, Problem, RECORD_BYTES_MAX, Table, TableError};
use coinhound_model::NoteKind;
use expect_test::expect;

use super::{HEADER, USUAL, blocks, file, hash, notes, transfers, usual};

fn refused(rows: impl AsRef<[u8]>) -> String {
    let text = [HEADER.as_bytes(), rows.as_ref()].concat();
    match Table::read(vec![file("a.csv", &transfers(USUAL), text)], None, false) {
        Err(TableError::BadRows { bad }) => bad.to_string(),
        other => panic!("expected bad rows, got {other:?}"),
    }
}

#[test]
fn every_bad_row_is_named_by_line_and_column() {
    let (one, two) = (hash('1'), hash('2'));
    let rows = format!(
        "2018-02-31,,a,b,1\n2018-01-26,0x12,a,b,1\n2018-01-26,,,b,1\n2018-01-26,,a,\"b\nc\",1\n2018-01-26,,a,b,1e18\n\
         2018-01-26,,a,b,-5\n2018-01-26,,a,b,\"1,000.5\"\n2018-01-26,,a,b,0x10\n2018-01-26,,a,b,1.001\n\
         2018-01-26,,a,b,\n2018-01-26,,a,b,=1+1\n2018-01-26,,a,b\n2018-01-26,,a,b,1,2\n\
         2018-01-26,{one},a,b,1\n2018-01-27,{one},a,b,1\n2018-01-26 12:00,{two},a,b,{}\n,,a,b,1\n",
        "9".repeat(90)
    );
    expect![[r#"
        16 rows cannot be read
          a.csv:2: column `time`: expected a time of the form `2018-01-26 00:02:13`, found `2018-02-31`
          a.csv:3: column `tx`: expected a transaction's hash, 64 hexadecimal digits, found `0x12`
          a.csv:4: column `from`: expected an account, found nothing
          a.csv:5: column `to`: expected an account of at most 256 bytes without control characters, found `b\nc`
          a.csv:7: column `amount`: expected digits with at most one decimal point, found `1e18`
          a.csv:8: column `amount`: expected an amount without a sign, found `-5`
          a.csv:9: column `amount`: expected no thousands separator: the map declares none, found `1,000.5`
          a.csv:10: column `amount`: expected digits with at most one decimal point, found `0x10`
          a.csv:11: column `amount`: expected at most 2 decimal places, found `1.001`
          a.csv:12: column `amount`: expected an amount, found nothing
          a.csv:13: column `amount`: expected digits with at most one decimal point, found `=1+1`
          a.csv:14: expected 5 cells, found 4
          a.csv:15: expected 5 cells, found 6
          a.csv:17: expected the time of line 16, which has the same transaction
          a.csv:18: column `amount`: expected an amount below 2^256 of the smallest unit, found `999999999999999999999999999999999999999999999999999999999999…`
          a.csv:19: column `time`: expected a time of the form `2018-01-26 00:02:13`"#]]
    .assert_eq(&refused(rows));
}

#[test]
fn bytes_that_are_no_table_are_named_by_line() {
    let row = "2018-01-26,,a,b,1\n";
    for (line, what) in [
        (&b"2018-01-26,,a,\xff,1\n"[..], "expected UTF-8"),
        (b"2018-01-26,,a,\0,1\n", "expected text without a zero byte"),
        (b"2018-01-26,,a,\"b,1\n", "expected a closing quote"),
        (b"2018-01-26,,a,b\"c,1\n", "expected a quote only around a whole cell, doubled inside it"),
        (b"2018-01-26,,a,b\rc,1\n", "expected lines that end with a line feed"),
    ] {
        let text = refused([row.as_bytes(), line, row.as_bytes()].concat());
        assert_eq!(text, format!("1 row cannot be read\n  a.csv:3: {what}"));
    }
    let long = vec![b'x'; 2 << 20];
    let text = refused([row.as_bytes(), &long, b"\n", row.as_bytes()].concat());
    assert!(text.starts_with("1 row cannot be read\n  a.csv:3: expected at most 1048576 bytes"), "{text}");
}

#[test]
fn a_header_or_a_row_one_byte_too_long_is_named_by_its_line() {
    for length in RECORD_BYTES_MAX - 2..=RECORD_BYTES_MAX + 4 {
        let is_long = length > RECORD_BYTES_MAX;
        for record in [format!("\"{}\",x\n", "a".repeat(length - 4)), format!("x,{}\n", "a".repeat(length - 2))] {
            let row = refused(format!("2018-01-26,,a,b,1\n{record}"));
            let want = if is_long { "expected at most 1048576 bytes" } else { "expected 5 cells, found 2" };
            assert!(row.starts_with(&format!("1 row cannot be read\n  a.csv:3: {want}")), "{length}: {row}");
            let header = Table::read(vec![file("a.csv", &transfers(USUAL), record)], None, false);
            let too_long = matches!(header, Err(TableError::Header { line: 1, source: Problem::TooLong { .. }, .. }));
            assert!(header.is_err() && too_long == is_long, "{length} bytes as a header");
        }
    }
}

#[test]
fn an_open_quote_does_not_take_the_rows_behind_it() {
    let text = refused("2018-01-26,,a,\"b,1\n2018-01-26,,a,b,x\n2018-01-26,,a,b,1\n");
    assert!(text.starts_with("2 rows") && text.contains("a.csv:2:") && text.contains("a.csv:3:"), "{text}");
}

#[test]
fn of_many_bad_rows_all_are_counted_and_the_first_are_named() {
    let rows = "2018-01-26,,a,b,x\n".repeat(5_000);
    let text = refused(&rows);
    assert!(text.starts_with("5000 rows cannot be read\n") && text.ends_with("\n  and 4980 more"));
    assert_eq!(text.lines().count(), BAD_ROWS_NAMED_MAX + 2);
}

#[test]
fn skipped_rows_are_counted_and_the_ledger_says_so() {
    let rows = "2018-01-26,,a,b,x\n2018-01-27,,a,b,1\n2018-01-25,,a,b,2\n,,,,\n";
    let files = |text: String| vec![file("a.csv", &transfers(USUAL), format!("{HEADER}{text}"))];
    assert!(usual(rows).is_err(), "unless they are to be skipped, nothing is taken");
    let table = Table::read(files(rows.to_owned()), None, true).expect("two rows can be read");
    let report = table.report();
    assert_eq!((report.bad.total, report.bad.first.len(), report.files[0].rows, report.files[0].bad), (2, 2, 4, 2));
    let blocks = blocks(&table);
    let flags: Vec<_> = blocks.iter().flat_map(|block| notes(block, NoteKind::Flag)).collect();
    let digest = report.files[0].digest;
    let said = format!("2 of 4 rows of the table with SHA-256 {digest} cannot be read and are left out of this ledger");
    assert_eq!(flags, [said]);
    assert_eq!(notes(&blocks[0], NoteKind::Flag).len(), 1, "at the first moment of that table");
    let nothing = Table::read(files(",,,,\n".to_owned()), None, true);
    assert!(matches!(nothing, Err(TableError::NothingTaken { rows: 1, bad: 1, .. })));
}

#[test]
fn formulas_and_markup_stay_text() {
    let rows = "2018-01-26,,=cmd|' /C calc'!A0,<script>,1\n";
    let text = super::told(&blocks(&usual(rows).expect("a name may be anything that has no control characters")));
    assert!(text.contains("=cmd|' /C calc'!A0 -> <script>"), "{text}");
}

#[test]
fn an_asset_keeps_its_decimals() {
    let other = transfers(USUAL).replace("decimals = 2", "decimals = 3");
    let files = vec![
        file("a.csv", &transfers(USUAL), format!("{HEADER}2018-01-26,,a,b,1\n")),
        file("b.csv", &other, format!("{HEADER}2018-01-27,,a,b,1\n")),
    ];
    let Err(TableError::BadRows { bad }) = Table::read(files, None, false) else { panic!("one asset, two scales") };
    assert_eq!(
        bad.to_string(),
        "1 row cannot be read\n  b.csv:2: expected 2 decimals as in an earlier row of this asset"
    );
    let by_column = "[time]\ncolumn = \"time\"\nformat = \"iso\"\nzone = \"UTC\"\n\
         [asset]\nid = \"tx\"\ndecimals_of = { XEM = 6 }\n";
    let rows = format!("{HEADER}2018-01-26,XEM,a,b,1\n2018-01-26,BTC,a,b,1\n");
    let Err(TableError::BadRows { bad }) = Table::read(vec![file("a.csv", &transfers(by_column), rows)], None, false)
    else {
        panic!("nobody told how many decimals BTC has")
    };
    let want =
        "1 row cannot be read\n  a.csv:3: column `tx`: expected an asset whose decimals the map gives, found `BTC`";
    assert_eq!(bad.to_string(), want);
}

#[test]
fn a_row_that_is_left_out_rules_over_no_other() {
    let asset = USUAL.replace("{ constant = \"COIN\" }", "\"asset\"");
    let fee = "[fee]\namount = \"fee\"\nasset = \"GAS\"\nrows = \"repeat\"\n";
    let (map, other) = (transfers(&format!("{asset}{fee}")), transfers(&asset.replace("decimals = 2", "decimals = 3")));
    let header = "time,tx,from,to,amount,asset,fee\n";
    let one = hash('1');
    let rows = format!(
        "{header}2018-01-26,{one},a,b,1,COIN,\n2018-01-27,{one},a,b,1,LATE,\n2018-01-26,{one},a,b,1,PAID,0.01\n"
    );
    let sound = format!("{header}2018-01-28,,a,b,1,LATE,\n2018-01-28,,a,b,1,PAID,\n2018-01-28,,a,b,1,GAS,\n");
    let table = Table::read(vec![file("a.csv", &map, rows), file("b.csv", &other, sound)], None, true);
    let table = table.expect("sound rows remain");
    let files: Vec<u64> = table.report().files.iter().map(|file| file.bad).collect();
    assert_eq!((files, table.rows()), (vec![2, 0], 4), "{}", table.report().bad);
    let kept: Vec<(&str, Option<u8>)> = table.assets().iter().map(|(id, decimals)| (id.as_str(), *decimals)).collect();
    assert_eq!(kept, [("COIN", Some(2)), ("GAS", Some(3)), ("LATE", Some(3)), ("PAID", Some(3))]);
}
