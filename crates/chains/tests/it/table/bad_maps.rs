//! Maps that cannot be used, and tables that are not what their map says.

use std::error::Error;

use coinhound_chains::table::{MapError, Table, TableError, TableMap};

use super::{HEADER, USUAL, file, transfers};

fn refused(map: &str) -> String {
    let error = TableMap::parse(map).expect_err("the map cannot be used");
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

fn replaced(from: &str, to: &str) -> String {
    let map = transfers(USUAL);
    assert!(map.contains(from), "{from}");
    map.replace(from, to)
}

#[test]
fn a_key_that_no_map_has_is_refused_with_its_line() {
    for (key, at) in [("ledgr = \"x\"", "line 3"), ("[tiem]\nzone = 1", "line 3"), ("[fee]\namuont = 1", "line 4")] {
        let text = refused(&transfers(&format!("{key}\n{USUAL}")));
        assert!(text.contains("unknown field") && text.contains(at), "{key}: {text}");
    }
    assert!(refused("format = 1\n[").contains("malformed"));
    assert!(refused(&replaced("decimals = 2", "decimals = 256")).contains("line"));
}

#[test]
fn a_map_of_another_format_is_told_as_such() {
    let newer = TableMap::parse("format = 2\nunheard_of = true");
    assert!(matches!(newer, Err(MapError::OtherFormat { found: 2, known: 1 })));
}

#[test]
fn keys_that_make_no_sense_are_named() {
    for (from, to, key) in [
        ("\"town\"", "\"Town Hall\"", "ledger"),
        ("zone = \"UTC\"", "zone = \"Atlantis\"", "time.zone"),
        ("zone = \"UTC\"", "", "time.zone"),
        ("\"iso\"", "\"unix\"", "time.zone"),
        ("\"iso\"", "\"yesterday\"", "time.format"),
        ("decimals = 2", "decimals = 78", "asset.decimals"),
        ("[transaction]", "[file]\ndelimiter = \";;\"\n[transaction]", "file.delimiter"),
        ("[transaction]", "[file]\nencoding = \"shift_jis\"\n[transaction]", "file.encoding"),
        ("[transaction]", "[file]\nheader = false\n[transaction]", "file.header"),
        ("[transaction]", "[numbers]\nthousands = \".\"\n[transaction]", "numbers.thousands"),
        ("[transaction]", "[numbers]\ndecimal = \"x\"\n[transaction]", "numbers.decimal"),
        ("[transaction]", "[[filter]]\ncolumn = \"tx\"\n[transaction]", "filter"),
        ("from = \"from\"", "from = 0", "columns"),
        ("from = \"from\"", "from = []", "columns"),
        ("[transfer]", "[statement]\naccount = \"a\"\nsigned = \"b\"\n[transfer]", "transfer"),
        (
            "[transaction]",
            "[[opening]]\naccount = \"\"\nasset = \"COIN\"\namount = \"1\"\nsource = \"x\"\n[transaction]",
            "opening",
        ),
        (
            "[transaction]",
            "[[opening]]\naccount = \"a\"\nasset = \"COIN\"\namount = \"1.001\"\nsource = \"x\"\n[transaction]",
            "opening",
        ),
    ] {
        let text = refused(&replaced(from, to));
        assert!(text.contains(&format!("`{key}`")), "{to}: {text}");
    }
    let both = format!(
        "begins_empty = true\n{USUAL}[[opening]]\naccount = \"a\"\nasset = \"COIN\"\namount = \"1\"\nsource = \"x\"\n"
    );
    assert!(refused(&transfers(&both)).contains("begins_empty"));
}

fn unread(map: &str, text: &[u8]) -> TableError {
    Table::read(vec![file("a.csv", map, text)], None, false).expect_err("the table cannot be used")
}

#[test]
fn a_column_that_is_not_there_is_named_with_the_header_and_the_nearest() {
    let header = "time,tx,from,to,ammount\n2018-01-26,,a,b,1\n";
    let error = unread(&transfers(USUAL), header.as_bytes());
    assert_eq!(error.to_string(), "`a.csv` line 1 has no column `amount`; the nearest is `ammount`");
    let error = unread(&transfers(USUAL), format!("\n\n{header}").as_bytes());
    assert!(matches!(error, TableError::NoColumn { line: 3, .. }));
    let twice = unread(&transfers(USUAL), b"time,tx,from,to,amount,to\n");
    assert!(matches!(twice, TableError::TwoColumns { wanted, .. } if wanted == "to"));
    let unused = Table::read(
        vec![file("a.csv", &transfers(USUAL), "time,tx,from,to,amount,x,x\n2018-01-26,,a,b,1,,\n")],
        None,
        false,
    );
    assert!(unused.is_ok(), "a column that nobody asks for may be there twice");
    let position = unread(&replaced("\"from\"", "9"), format!("{HEADER}x\n").as_bytes());
    assert!(matches!(position, TableError::NoPosition { wanted: 9, columns: 5, .. }));
}

#[test]
fn a_table_with_nothing_in_it_is_told_as_such() {
    assert!(matches!(unread(&transfers(USUAL), b""), TableError::Empty { has_header: false, .. }));
    assert!(matches!(unread(&transfers(USUAL), b"\xEF\xBB\xBF\n\n"), TableError::Empty { has_header: false, .. }));
    assert!(matches!(unread(&transfers(USUAL), HEADER.as_bytes()), TableError::Empty { has_header: true, .. }));
    assert!(matches!(Table::read(Vec::new(), None, false), Err(TableError::NoTable)));
    let all_out = transfers(&format!("{USUAL}[[filter]]\ncolumn = \"to\"\nis = [\"nobody\"]\n"));
    let rows = format!("{HEADER}2018-01-26,,a,b,1\n2018-01-26,,a,b,1\n");
    assert!(matches!(unread(&all_out, rows.as_bytes()), TableError::NothingTaken { rows: 2, filtered: 2, bad: 0 }));
}

#[test]
fn a_table_of_another_encoding_is_told_as_such() {
    let utf16: Vec<u8> = "\u{feff}time".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(unread(&transfers(USUAL), &utf16), TableError::Utf16 { .. }));
    assert!(matches!(unread(&transfers(USUAL), b"time,\xff\n"), TableError::Header { line: 1, .. }));
}

#[test]
fn tables_that_do_not_belong_together_are_refused() {
    let (rows, other_rows) = (format!("{HEADER}2018-01-26,,a,b,1\n"), format!("{HEADER}2018-01-27,,a,b,1\n"));
    let one = || file("a.csv", &transfers(USUAL), &rows);
    let elsewhere = transfers(USUAL).replace("town", "village");
    let two = Table::read(vec![one(), file("b.csv", &elsewhere, &other_rows)], None, false);
    assert!(matches!(two, Err(TableError::TwoLedgers { .. })));
    let named = Table::read(vec![one(), file("b.csv", &elsewhere, &other_rows)], Some("case-7"), false);
    assert_eq!(named.map(|table| table.chain().0).ok().as_deref(), Some("table:case-7"));
    assert!(matches!(Table::read(vec![one()], Some("../x"), false), Err(TableError::LedgerName { .. })));
    let same = Table::read(vec![one(), file("b.csv", &transfers(USUAL), &rows)], None, false);
    assert!(matches!(same, Err(TableError::Twice { .. })));
    let empty = transfers(&format!("begins_empty = true\n{USUAL}"));
    let beginnings = Table::read(vec![one(), file("b.csv", &empty, &other_rows)], None, false);
    assert!(matches!(beginnings, Err(TableError::TwoBeginnings)));
}
