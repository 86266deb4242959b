//! The demo, and every verb over the chain it leaves behind.

use std::fs;

use expect_test::expect;
use serde_json::{Value, json};

use crate::run::{Home, demo};

/// Options that point at the demo's store and case.
const AT: &str = "--store demo/store --case demo/demo.case";

fn ask(home: &Home, line: &str) -> Value {
    serde_json::from_str(&home.ok(&format!("{AT} --json {line}"))).expect("it is JSON")
}

#[test]
fn the_demo_traces_a_theft_and_names_its_report() {
    let (home, out) = demo();
    assert!(out.contains("every sum equals what was stolen"), "{out}");
    assert!(out.ends_with("report: demo/report/report.html\n"), "{out}");
    let told = |start: &str| {
        out.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no line `{start}` in {out}"))
    };
    // What was stolen is the published figure of 2018: eleven transfers, 526,300,010 units.
    assert_eq!(told("theft `theft`"), "theft `theft`: 526.30001000 BTC stolen in 11 coins");
    assert_eq!(
        told("WHERE IT ENDED").split_whitespace().skip(4).collect::<Vec<_>>(),
        ["FIFO", "LIFO", "HAIRCUT", "TIHO"]
    );
    assert_eq!(told("sum ").split_whitespace().skip(1).collect::<Vec<_>>(), ["526.30001000"; 4]);
    for end in ["at rest", "at service: Northgate Exchange", "mixed", "fee"] {
        assert!(told(end).ends_with(|last: char| last.is_ascii_digit()), "{end}");
    }
    for file in ["report.html", "report.json", "hops.csv", "ends.csv"] {
        assert!(home.path().join("demo/report").join(file).is_file(), "{file}");
    }
}

#[test]
fn the_loot_ends_where_the_thief_took_it() {
    let (home, _) = demo();
    let truth: Value =
        serde_json::from_str(&fs::read_to_string(home.path().join("demo/truth.json")).expect("written")).expect("JSON");
    let report: Value =
        serde_json::from_str(&fs::read_to_string(home.path().join("demo/report/report.json")).expect("written"))
            .expect("JSON");
    assert_eq!(report["thefts"][0]["stolen"], truth["theft"]["stolen"].as_u64().expect("a number").to_string());
    let ends = report["thefts"][0]["trails"][0]["ends"].as_array().expect("a list");
    let found = |coin: &Value| {
        let outpoint = format!("{}:{}", coin["txid"].as_str().unwrap_or_default(), coin["vout"]);
        ends.iter().any(|end| end["coin"]["outpoint"] == outpoint.as_str())
    };
    let resting = truth["theft"]["resting"].as_array().expect("a list");
    let reached = resting.iter().filter(|coin| found(coin)).count();
    assert!(reached > 0, "none of the {} coins the thief kept was reached", resting.len());
}

#[test]
fn two_demos_write_the_same_report_byte_for_byte() {
    let (one, _) = demo();
    let two = Home::new();
    two.ok("demo --story bitcoin --out elsewhere/deep");
    for file in ["report.html", "report.json", "hops.csv", "ends.csv"] {
        let (a, b) = (
            fs::read(one.path().join("demo/report").join(file)),
            fs::read(two.path().join("elsewhere/deep/report").join(file)),
        );
        assert!(a.expect("written") == b.expect("written"), "{file} differs");
    }
    let first = two.ok("demo --story bitcoin --out elsewhere/deep");
    assert!(first.contains("every sum equals"), "a demo replaces the one before");
    fs::write(two.path().join("elsewhere/deep/mine.txt"), "x").expect("writable");
    assert!(two.fails("demo --story bitcoin --out elsewhere/deep", 6).contains("which no demo made"));
}

#[test]
fn a_report_made_again_from_the_case_is_the_same() {
    let (home, _) = demo();
    home.ok(&format!("{AT} report --out again"));
    for file in ["report.html", "report.json", "hops.csv", "ends.csv"] {
        let (a, b) =
            (fs::read(home.path().join("demo/report").join(file)), fs::read(home.path().join("again").join(file)));
        assert!(a.expect("written") == b.expect("written"), "{file} differs");
    }
}

#[test]
fn blocks_transactions_and_addresses_can_be_looked_up() {
    let (home, _) = demo();
    let seeds = ask(home, "seed list");
    let (coin, address) = (seeds[1]["coin"].as_str().expect("text"), seeds[1]["address"].as_str().expect("text"));
    let txid = coin.split(':').next().expect("txid:vout");
    let tx = ask(home, &format!("show {txid}"));
    assert_eq!(tx["transaction"], txid);
    assert!(
        tx["entries"]
            .as_array()
            .expect("rows")
            .iter()
            .any(|row| row["address"] == address && row["value"] == "10000000000")
    );
    let held = ask(home, &format!("show {address}"));
    let height = seeds[1]["height"].as_u64().expect("a number");
    let then = ask(home, &format!("--as-of {height} show {address}"));
    assert_ne!(held["holds"], then["holds"], "the stolen coins have moved on since");
    let block = ask(home, &format!("show {height}"));
    assert_eq!(ask(home, &format!("show {}", block["block"].as_str().expect("text"))), block);
    assert!(
        home.fails(&format!("{AT} show 99999"), 4).contains("height 99999 was not ingested: the store holds 0 to ")
    );
    assert!(home.fails(&format!("{AT} show {}", "ab".repeat(32)), 4).contains("no transaction abab"));
    assert!(
        home.fails(&format!("{AT} show bcrt1qarj0jqr7gwd9a6ymjeh3nd4pk3vd3rzc8w6mkv"), 6)
            .contains("hint: did you mean")
    );
    assert!(home.fails(&format!("{AT} show 1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), 6).contains("address of main"));
}

#[test]
fn clusters_say_what_they_rest_on() {
    let (home, _) = demo();
    let tags = ask(home, "tag list --category exchange --limit 400");
    let subjects: Vec<&str> =
        tags["tags"].as_array().expect("rows").iter().map(|tag| tag["subject"].as_str().expect("text")).collect();
    let cluster = subjects
        .iter()
        .map(|address| ask(home, &format!("cluster {address} --limit 1000")))
        .find(|found| found["addresses"] != 1);
    let cluster = cluster.expect("an exchange sweeps its deposits together");
    assert_eq!((&cluster["evidence"], &cluster["error_rate"]), (&json!(["same key", "co-spend"]), &Value::Null));
    let members = cluster["members"].as_array().expect("rows");
    let (a, b) = (members[0]["address"].as_str().expect("text"), members[1]["address"].as_str().expect("text"));
    let why = ask(home, &format!("why {a} {b}"));
    assert_eq!(why["answer"], "linked");
    assert!(!why["shortest_chain"].as_array().expect("rows").is_empty());
    assert_eq!(ask(home, &format!("why {a} {a}"))["answer"], "same address");
    let spent = home.run(&format!("{AT} why {a} {b} --budget 1"));
    assert_eq!(spent.exit, 3, "{}", spent.out);
    assert!(spent.out.contains("not decided"));
}

#[test]
fn seeds_are_listed_confirmed_and_refused_with_reason() {
    let (home, _) = demo();
    let seeds = ask(home, "seed list");
    let coin = seeds[1]["coin"].as_str().expect("text");
    let here = Home::new();
    let at = format!("--store {}/demo/store", home.path().display());
    here.ok("case new heist");
    assert!(
        here.fails(&format!("{at} seed add {coin} --amount 2.5"), 2)
            .contains("hint: add --position front or --position back")
    );
    assert!(here.fails(&format!("{at} seed add {coin} --amount 100.1"), 6).contains("the coin holds 100.00000000 BTC"));
    assert!(here.fails(&format!("{at} seed add {coin} --position back"), 2).contains("the whole coin has no position"));
    here.ok(&format!("{at} seed add {coin} --amount 2.5 --position back"));
    assert!(here.fails(&format!("{at} seed add {coin}"), 6).contains("is already a seed of theft `theft`"));
    let sum = here.ok(&format!("{at} trace --rule fifo,haircut --stop none --hops 2"));
    assert!(sum.contains("every sum equals what was stolen"), "{sum}");
    let address = seeds[1]["address"].as_str().expect("text");
    let listed = here.run(&format!("{at} --as-of {} seed add {address} --theft other", seeds[1]["height"]));
    assert_eq!(listed.exit, 3);
    assert!(listed.err.contains("nothing was added"));
    here.ok(&format!("{at} --as-of {} seed add {address} --theft other --yes", seeds[1]["height"]));
    let both = here.ok(&format!("{at} trace"));
    assert!(both.contains("contested: coins that several thefts claim beyond their value"), "{both}");
    here.ok(&format!("{at} report --out r"));
    let page = fs::read_to_string(here.path().join("r/report.html")).expect("written");
    assert!(page.contains("<h2>Contested coins</h2>") && page.contains("Where it came to rest: other"));
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "two thefts share an anchor");
    here.ok(&format!("seed remove {coin}"));
    assert!(here.fails(&format!("{at} report --out r"), 6).contains("seeds were changed since"));
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let (home, _) = demo();
    for line in [
        "trace --rule fifa",
        "trace --rule fifo --declare lifo",
        "trace --stop none,services",
        "trace --dust 1e8",
        "trace --until-time yesterday",
        "trace --stop-confidence 101",
    ] {
        assert_eq!(home.run(&format!("{AT} {line}")).exit, 2, "{line}");
    }
    assert!(home.fails(&format!("{AT} --as-of 100000 trace"), 4).contains("the store ends at"));
    assert!(home.fails(&format!("{AT} --as-of 10 trace"), 4).contains("no transaction"));
}

#[test]
fn a_damaged_store_is_named_and_answers_nothing() {
    let home = Home::new();
    home.ok("demo --story bitcoin --out demo");
    expect!["verdict                                sound"]
        .assert_eq(home.ok(&format!("{AT} store check")).lines().last().unwrap_or_default());
    let files = fs::read_dir(home.path().join("demo/store/facts")).expect("a folder");
    let file = files
        .map(|entry| entry.expect("readable").path())
        .max_by_key(|path| fs::metadata(path).map_or(0, |meta| meta.len()))
        .expect("facts");
    let mut bytes = fs::read(&file).expect("readable");
    bytes.iter_mut().for_each(|byte| *byte ^= 1);
    fs::write(&file, bytes).expect("writable");
    assert_eq!(home.run(&format!("{AT} store check")).exit, 5);
    let traced = home.run(&format!("{AT} trace"));
    assert_eq!((traced.exit, traced.out.as_str()), (5, ""), "{}", traced.err);
    let report = home.run(&format!("{AT} report --out r"));
    assert_eq!((report.exit, report.out.as_str()), (5, ""), "{}", report.err);
}

#[test]
fn the_wrong_network_is_named() {
    let (home, _) = demo();
    let told = home.fails("ingest --blocks demo/blocks --store elsewhere", 6);
    expect![[r#"
        error: `demo/blocks/blk00000.dat` holds blocks of regtest, not of main

        hint: ask for the network regtest, or name another folder
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_store_that_cannot_be_used_is_told_with_what_to_do() {
    let home = Home::new();
    home.ok("demo --story bitcoin --out demo");
    let ingest = "ingest --blocks demo/blocks --network regtest --store demo/store";
    assert!(home.ok(ingest).contains("added                        0"));

    let lock = fs::File::create(home.path().join("demo/store/LOCK")).expect("writable");
    lock.lock().expect("nobody else writes");
    expect![[r#"
        error: `demo/store/LOCK` is locked: another process is writing this store

        hint: wait until the other `coinhound ingest` has finished; questions can be asked meanwhile
    "#]]
    .assert_eq(&home.fails(ingest, 5));
    home.ok(&format!("{AT} status"));
    drop(lock);

    let main = "ingest --blocks demo/blocks --network regtest --store elsewhere";
    home.ok(main);
    let manifest = home.path().join("demo/store/MANIFEST");
    let text = fs::read_to_string(&manifest).expect("text");
    let newer = text.replacen("coinhound store 1", "coinhound store 2", 1);
    let body = &newer[..newer.rfind("blake3 ").expect("the last line")];
    fs::write(&manifest, format!("{body}blake3 {}\n", blake3::hash(body.as_bytes()).to_hex())).expect("writable");
    expect![[r#"
        error: store at `demo/store/MANIFEST` has format 2, this build reads 1 to 1

        hint: use the release that wrote it, or read the block files into a new store
    "#]]
    .assert_eq(&home.fails(&format!("{AT} trace"), 5));
    fs::write(&manifest, text.replacen("\"first\":0", "\"first\":1", 1)).expect("writable");
    assert!(home.fails(&format!("{AT} trace"), 5).contains("hint: restore the folder from a backup"));
}

#[test]
fn a_gap_is_a_named_state_and_the_rest_waits() {
    let home = Home::new();
    home.ok("demo --story bitcoin --out demo");
    let file = home.path().join("demo/blocks/blk00000.dat");
    let mut bytes = fs::read(&file).expect("block files are plain");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4_000].fill(0x55);
    fs::write(&file, bytes).expect("writable");
    let ran = home.run("ingest --blocks demo/blocks --network regtest --store holey");
    assert_eq!(ran.exit, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("GAP FROM HEIGHT"), "{}", ran.out);
    assert!(ran.err.contains("warning: "), "{}", ran.err);
    let seeds = ask(&home, "seed list");
    let last =
        seeds.as_array().and_then(|rows| rows.last()).expect("a seed")["coin"].as_str().expect("text").to_owned();
    let told = home.run(&format!("--store holey show {last}"));
    assert!(told.exit == 0 || told.err.contains("no transaction"), "{}", told.err);
    assert!(home.fails("--store holey --as-of 540 status", 4).contains(" a gap: height"));
}
