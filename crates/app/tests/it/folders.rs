//! Folders that the program may use, and those it may not.

use std::fs;

use expect_test::expect;

use crate::run::{Home, demo};

#[test]
fn a_demo_clears_only_a_folder_that_a_demo_marked() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("node/blocks")).expect("writable");
    fs::write(home.path().join("node/blocks/blk00000.dat"), "years of work").expect("writable");
    expect![[r#"
        error: `node` holds `node/blocks`, which no demo made

        hint: name an empty or a new folder with --out
    "#]]
    .assert_eq(&home.fails("demo --out node", 6));
    let kept = fs::read_to_string(home.path().join("node/blocks/blk00000.dat"));
    assert_eq!(kept.expect("still there"), "years of work");
    assert_eq!(fs::read_dir(home.path().join("node")).expect("readable").count(), 1, "nothing was added either");
    assert!(demo().0.path().join("demo/.coinhound-demo").is_file(), "a demo marks what it made");
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let home = Home::new();
    home.ok("case new heist");
    fs::write(home.path().join("file"), "").expect("writable");
    for line in ["demo --out file/deep", "man --out file/deep", "tag export --out file/deep"] {
        let told = home.fails(line, 1);
        assert!(told.starts_with("error: cannot ") && told.contains(" `file/deep`\n  caused by: "), "{line}: {told}");
        assert!(told.contains("\n\nhint: something else stands there or above it"), "{line}: {told}");
    }
    let (made, _) = demo();
    let at = made.path().join("demo").display().to_string();
    let told = home.fails(&format!("--store {at}/store --case {at}/demo.case report --out file/deep"), 1);
    assert!(told.starts_with("error: cannot create `file/deep`\n"), "{told}");
    let told = home.fails(&format!("ingest --blocks {at}/blocks --network regtest --store file/deep"), 5);
    assert!(told.starts_with("error: cannot create ") && told.contains("file/deep"), "{told}");
    assert!(told.contains("\n\nhint: something else stands there"), "{told}");
}

#[test]
fn a_case_with_a_trace_is_shown_in_lines_that_fit() {
    let (home, _) = demo();
    let shown = home.ok("--case demo/demo.case case show");
    let longest = shown.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(longest < 250, "{longest} characters in a line");
    let whole: serde_json::Value =
        serde_json::from_str(&home.ok("--case demo/demo.case --json case show")).expect("it is JSON");
    let audit = whole["audit"].as_array().expect("lines");
    let trace = audit.iter().find(|line| line["what"] == "trace").expect("the demo traces");
    assert_eq!(trace["detail"]["parameters_blake3"].as_str().map(str::len), Some(64), "{trace}");
}
