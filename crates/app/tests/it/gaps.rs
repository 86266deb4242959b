//! Chains whose middle is missing: what lies behind the hole waits, and questions over it are refused by name.

use std::fs;

use coinhound_model::Height;
use coinhound_sim::block::Sealed;
use coinhound_sim::theft::{Options, heist};
use coinhound_sim::{BlockWriter, Layout};
use expect_test::expect;

use crate::run::Home;

/// The first 200 blocks of a made-up chain, no stale ones.
fn blocks() -> Vec<Sealed> {
    let mut blocks = heist(&Options { stale_every: 0, ..Options::default() }).blocks;
    blocks.truncate(200);
    blocks
}

/// Writes the blocks whose heights are asked for as a node's folder.
fn write(home: &Home, folder: &str, keep: impl Fn(u32) -> bool) {
    let mut writer = BlockWriter::create(&home.path().join(folder), Layout::default()).expect("writable");
    let kept = blocks().into_iter().filter(|block| keep(block.height.0));
    kept.for_each(|block| writer.write(block).expect("writable"));
    writer.finish().expect("writable");
}

/// Heights 0 to 100 in the store `store`, 101 to 149 missing, 150 to 199 waiting.
fn holey() -> Home {
    let home = Home::new();
    assert_eq!(blocks().last().map(|block| block.height), Some(Height(199)), "the chain has a block at each height");
    write(&home, "holey", |height| !(101..150).contains(&height));
    let ran = home.run("ingest --blocks holey --network regtest --store store");
    assert_eq!(ran.exit, 3, "{}{}", ran.out, ran.err);
    home
}

#[test]
fn status_names_the_gap_that_the_load_met() {
    let home = holey();
    let told = home.ok("--store store status");
    assert!(told.contains("gaps      heights 101 to 149 are missing, 50 blocks wait behind them\n"), "{told}");
    expect![[r"
        GAP FROM HEIGHT  TO HEIGHT  BLOCKS MISSING  BLOCKS WAITING BEHIND  WHY
                    101        149              49                     50  no block file holds it
    "]]
    .assert_eq(told.rsplit("\n\n").next().unwrap_or_default());
    let status: serde_json::Value = serde_json::from_str(&home.ok("--store store --json status")).expect("JSON");
    let expected = serde_json::json!([{
        "from": 101, "to": 149, "missing": 49, "waiting": 50, "cause": { "kind": "missing" }
    }]);
    assert_eq!((&status["gaps"], &status["unusable_blocks"]), (&expected, &serde_json::json!([])));
    assert!(home.ok("--store store store check").contains("sound"));
}

#[test]
fn a_damaged_block_is_named_with_its_place() {
    let home = Home::new();
    write(&home, "blocks", |_| true);
    let file = home.path().join("blocks/blk00000.dat");
    let mut bytes = fs::read(&file).expect("block files are plain");
    let magic = [0xfa, 0xbf, 0xb5, 0xda];
    let frames = bytes.windows(4).enumerate().filter(|(_, four)| *four == magic).map(|(at, _)| at);
    let frames: Vec<usize> = frames.take(122).collect();
    let begins = frames[120] + 8;
    // A lock time belongs to what the header vouches for.
    bytes[frames[121] - 1] ^= 1;
    fs::write(&file, bytes).expect("writable");
    let ran = home.run("ingest --blocks blocks --network regtest --store store");
    assert_eq!(ran.exit, 3, "{}{}", ran.out, ran.err);
    let told = format!("damaged: block {} in blk00000.dat at byte {begins}\n", blocks()[120].hash);
    assert!(ran.out.contains(&told), "{told}{}", ran.out);
    assert!(home.ok("--store store status").contains(&told), "{told}");
}

#[test]
fn every_question_over_a_gap_is_refused_by_its_name() {
    let home = holey();
    expect![[r"
        error: height 160 lies behind a gap: heights 101 to 149 are missing, 50 blocks wait behind them

        hint: put the missing block files beside the others and run `coinhound ingest` again
    "]]
    .assert_eq(&home.fails("--store store show 160", 4));
    let inside = "height 120 lies in a gap: heights 101 to 149 are missing";
    home.ok("case new heist");
    let early = blocks()[1].reward_outpoint();
    let (txid, vout) = (early.txid, early.index);
    home.ok(&format!("--store store seed add {txid}:{vout}"));
    for line in ["show 120", "--as-of 120 status", "--as-of 120 trace", "trace --until-height 120"] {
        assert!(home.fails(&format!("--store store {line}"), 4).contains(inside), "{line}");
    }
    assert!(home.fails(&format!("--store store --as-of 120 seed add {txid}:{vout} --theft b"), 4).contains(inside));
    let late = blocks()[160].reward_outpoint().txid;
    for line in [format!("show {late}"), format!("seed add {late}:0")] {
        let told = home.fails(&format!("--store store {line}"), 4);
        assert!(told.contains("hint: it may lie in or behind a gap: heights 101 to 149 are missing"), "{told}");
    }
    home.ok("--store store show 100");
    home.ok("--store store trace --until-height 100");
}

#[test]
fn a_seed_behind_a_gap_is_refused_by_the_gaps_name() {
    let home = holey();
    write(&home, "whole", |_| true);
    home.ok("ingest --blocks whole --network regtest --store other");
    home.ok("case new heist");
    home.ok(&format!("--store other seed add {}:0", blocks()[160].reward_outpoint().txid));
    assert!(home.fails("--store store trace", 4).contains("height 160 lies behind a gap: heights 101 to 149"));
}

#[test]
fn a_report_names_the_gaps_of_the_store_it_was_made_from() {
    let home = holey();
    home.ok("case new heist");
    home.ok(&format!("--store store seed add {}:0", blocks()[1].reward_outpoint().txid));
    home.ok("--store store trace");
    home.ok("--store store report --out holes");
    let read = |file: &str| fs::read_to_string(home.path().join(file)).expect("written");
    let told = "heights 101 to 149 are missing, 50 blocks wait behind them";
    let page = read("holes/report.html");
    assert!(page.contains(&format!("<dt>Gaps in the blocks</dt><dd class=\"warn\">{told}</dd>")), "{page}");
    assert!(page.contains(&format!("made from: {told}. Nothing in this report speaks of them.")), "{page}");
    let json: serde_json::Value = serde_json::from_str(&read("holes/report.json")).expect("JSON");
    assert_eq!((&json["gaps"][0]["from"], &json["gaps"][0]["missing"]), (&101.into(), &49.into()));
    for file in ["holes/ends.csv", "holes/hops.csv"] {
        let text = read(file);
        assert!(text.split("\r\n").next().is_some_and(|head| head.contains(",store_gaps,")), "{text}");
        assert!(text.split_terminator("\r\n").skip(1).all(|row| row.contains(told)), "{text}");
    }

    fs::remove_file(home.path().join("store/local/gaps.json")).expect("the load wrote it");
    home.ok("--store store report --out unknown");
    assert!(read("unknown/report.html").contains("Whether the last load of this store met gaps in its blocks"));
    let json: serde_json::Value = serde_json::from_str(&read("unknown/report.json")).expect("JSON");
    assert_eq!(json["gaps"], serde_json::Value::Null);
    assert!(read("unknown/ends.csv").contains(",not known,"));

    write(&home, "whole", |_| true);
    home.ok("ingest --blocks whole --network regtest --store other");
    home.ok("--store other trace");
    home.ok("--store other report --out whole-report");
    assert!(read("whole-report/report.html").contains("<dt>Gaps in the blocks</dt><dd>none</dd>"));
    assert!(!read("whole-report/report.html").contains("Nothing in this report speaks of them"));
}

#[test]
fn a_gap_that_is_filled_is_forgotten() {
    let home = holey();
    write(&home, "whole", |_| true);
    home.ok("ingest --blocks whole --network regtest --store store");
    assert!(home.ok("--store store status").contains("gaps      none\n"));
    home.ok("--store store show 160");
    assert!(home.fails("--store store show 200", 4).contains("the store ends at 199"));
}

#[test]
fn a_note_that_is_lost_damaged_or_of_another_tip_means_not_known_and_fails_nothing() {
    let home = holey();
    let note = home.path().join("store/local/gaps.json");
    let text = fs::read_to_string(&note).expect("the load wrote it");
    let other = text.replace(&blocks()[100].hash.to_string(), &blocks()[99].hash.to_string());
    assert_ne!(text, other, "the note names the tip");
    for bytes in [&b""[..], b"{", b"\xff\xfe", &text.as_bytes()[..text.len() / 2], other.as_bytes()] {
        fs::write(&note, bytes).expect("writable");
        assert!(home.ok("--store store status").contains("gaps      not known\n"));
        assert!(home.fails("--store store show 160", 4).contains("the store ends at 100"));
    }
    fs::remove_file(&note).expect("it is there");
    assert!(home.ok("--store store status").contains("gaps      not known\n"));
    assert_eq!(home.run("ingest --blocks holey --network regtest --store store").exit, 3);
    assert_eq!(fs::read_to_string(&note).expect("written again"), text);
}
