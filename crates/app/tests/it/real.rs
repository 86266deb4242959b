//! The first weeks of Bitcoin, through the binary.

use std::fs;

use serde_json::json;

use crate::json::undocumented;
use crate::run::{Home, data};

/// Heights 0 to 4312 in a node's folder, ingested.
fn weeks() -> Option<Home> {
    let file = data("bitcoin/blk00000-heights-0-4312.dat")?;
    let home = Home::new();
    fs::create_dir(home.path().join("blocks")).expect("writable");
    fs::copy(file, home.path().join("blocks/blk00000.dat")).expect("readable");
    home.ok("ingest --blocks blocks");
    Some(home)
}

#[test]
fn the_coinbase_of_block_9_rests_in_five_places() {
    let Some(home) = weeks() else { return };
    home.ok("case new nine");
    home.ok("seed add 0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0");
    let csv = home.ok("trace --format csv");
    let ends = |rule: &str| -> Vec<(String, String)> {
        let rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter(|row| row[2] == rule);
        rows.map(|row| (row[10].to_owned(), row[12].to_owned())).collect()
    };
    let expected = [("18", "18"), ("11", "61"), ("10", "10"), ("10", "10"), ("1", "1")];
    let expected: Vec<_> =
        expected.map(|(stolen, coin)| (format!("{stolen}.00000000"), format!("{coin}.00000000"))).to_vec();
    for rule in ["fifo", "lifo", "haircut", "tiho"] {
        assert_eq!(ends(rule), expected, "{rule}");
    }
    let report = home.ok("report --out report");
    assert_eq!(report, "report/report.html\n");
    let page = fs::read_to_string(home.path().join("report/report.html")).expect("written");
    assert!(page.contains("50.00000000 = 50.00000000."));
    assert!(page.contains("00000000a9da635727dce622d78361b153ce3334e6a60d4377fad529abfc7863"), "the block it holds at");
}

#[test]
fn a_store_grows_by_what_is_new_and_answers_about_the_past() {
    let Some(home) = weeks() else { return };
    let again: serde_json::Value = serde_json::from_str(&home.ok("--json ingest --blocks blocks")).expect("JSON");
    assert_eq!((&again["added"], &again["blocks"]), (&json!(0), &json!({ "first": 0, "last": 4312 })));
    let counts = home.ok("status --format csv");
    for line in ["transactions,4371", "inputs,247", "addresses,4359"] {
        assert!(counts.contains(line), "{counts}");
    }
    let hint = home.fails("show 12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX", 4);
    assert!(hint.contains("hint: the same key was paid as pk:0496b538e853519c726a2c91e61ec11600ae1390813a627c66fb8be7947be63c52da7589379515d4e0a604f8141781e62294721166bf621e73a82cbf2342c858ee"), "{hint}");
}

/// The blocks of a file from the `nth` on, as a file.
fn from_the(nth: usize, file: &[u8]) -> &[u8] {
    (0..nth).fold(file, |rest, _| {
        let length = u32::from_le_bytes(*rest[4..].first_chunk().expect("magic and length stand before a block"));
        &rest[8 + usize::try_from(length).expect("short")..]
    })
}

#[test]
fn a_target_whose_period_is_not_in_the_files_is_named_as_unchecked() {
    let Some(file) = data("bitcoin/blk00000-heights-0-4312.dat") else { return };
    let bytes = fs::read(file).expect("readable");
    let home = Home::new();
    fs::create_dir(home.path().join("blocks")).expect("writable");
    fs::write(home.path().join("blocks/blk00000.dat"), from_the(3_000, &bytes)).expect("writable");
    let ran = home.run("--json ingest --blocks blocks --start-height 3000");
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(
        (&told["blocks"], &told["unchecked_targets"]),
        (&json!({ "first": 3000, "last": 4312 }), &json!([4032]))
    );
    assert!(ran.err.contains("warning: the target of block 4032, the first of its period, could not"), "{}", ran.err);
    assert_eq!(undocumented("ingest", &[told]), Vec::<String>::new());
}

#[test]
fn the_real_ofac_pack_needs_the_importers_word() {
    let Some(pack) = data("labels/tagpacks/ofac.yaml") else { return };
    let home = Home::new();
    home.ok("case new sanctions");
    let line = format!("tag import {}", pack.display());
    assert!(home.fails(&line, 6).contains("vouch for it yourself with --confidence ID"));
    let ran = home.run(&format!("{line} --confidence authority_data --skip-invalid"));
    assert!(ran.out.contains("BTC"), "{}{}", ran.out, ran.err);
}
