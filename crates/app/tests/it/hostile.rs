//! Text from chains and tags tries every output: none of it may run, move a cursor, or hide.

use coinhound_app::out::Sheet;
use coinhound_app::report::{csv, html, json};
use coinhound_app::text;

use crate::story::{self, Ask};

const HOSTILE: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><svg onload=alert(1)>",
    "'-->]]></style><style>*{}</style>",
    "=HYPERLINK(\"http://evil\",\"x\")",
    "+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(A1:A9)",
    "\u{1b}]0;owned\u{7}\u{1b}[31m",
    "\u{9b}31m\u{90}",
    "a\r\nb\tc\0d",
    "\u{202e}exe.gnp\u{2066}\u{200b}\u{feff}",
    "\u{e0041}\u{fffe}\u{2028}\u{ad}",
    "&lt;b&gt; &amp; {{ 7*7 }} {% raw %}",
    "１２３＝＠ ﷽ 𝕏 e\u{301}",
];

#[test]
fn a_page_shows_hostile_text_and_never_obeys_it() {
    for label in HOSTILE {
        let page = html::page(&story::document(&Ask { label: label.into(), ..Ask::default() }));
        let shown = html::escaped(label);
        assert!(page.contains(&shown), "{label:?} is not shown as {shown:?}");
        assert!(page.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{label:?} leaves a hidden character");
        assert_eq!(page.matches("<style>").count(), 1, "{label:?}");
        assert_eq!(page.matches("<script").count(), 0, "{label:?}");
        assert_eq!(page.matches("<svg").count(), 1, "{label:?}");
    }
}

#[test]
fn no_cell_of_any_csv_is_a_formula() {
    for label in HOSTILE {
        let doc = story::document(&Ask { label: label.into(), ..Ask::default() });
        for file in [csv::ends(&doc), csv::hops(&doc)] {
            assert!(file.chars().all(|c| c == '\r' || c == '\n' || !text::is_hidden(c)));
            for line in file.split_terminator("\r\n") {
                assert!(!line.contains(['\r', '\n']), "{label:?} breaks a line");
                for cell in line.split(',') {
                    let first = cell.trim_start_matches('"').trim_start();
                    assert!(
                        !first.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']),
                        "{label:?} gives the cell {cell:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn json_keeps_hostile_text_exactly_and_prints_it_safely() {
    for label in HOSTILE {
        let doc = story::document(&Ask { label: label.into(), ..Ask::default() });
        let printed = coinhound_app::out::json::pretty(&json::value(&doc));
        assert!(printed.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{label:?}");
        let back: serde_json::Value = serde_json::from_str(&printed).expect("it is JSON");
        assert_eq!(back["tags"][0]["label"], *label);
    }
}

#[test]
fn a_table_on_the_terminal_cannot_drive_it() {
    for label in HOSTILE {
        let mut sheet = Sheet::new(&["label", ">amount"]);
        sheet.push([label, "1"]);
        let table = sheet.table();
        assert_eq!(table.lines().count(), 2, "{label:?}");
        assert!(table.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{label:?}");
    }
}
