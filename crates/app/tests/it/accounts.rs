//! Every verb over stores of accounts: a supplied table, and NEM as the demo's reconstruction leaves it.

use std::fs;

use coinhound_app::text;
use serde_json::Value;

use crate::run::{Home, coincheck};

/// A plain list of transfers: a theft, a split, an exchange that pays somebody else, and a token.
const TRANSFERS: &str = "\
time,tx,from,to,asset,amount
2018-01-01 00:00:00,t1,victim,thief,XEM,100
2018-01-01 01:00:00,t2,thief,mule,XEM,60
2018-01-01 02:00:00,t3,mule,exchange,XEM,50
2018-01-01 03:00:00,t4,exchange,bystander,XEM,70
2018-01-01 04:00:00,t5,mule,thief,XEM,5
";

const TAGS: &str = "title: T\ncreator: C\nsource: https://s.example\nconfidence: forensic\ncurrency: XEM\ntags:\n- {address: exchange, label: Example Exchange, category: exchange}\n";

const MAP: &str = "format = 1\nledger = \"small\"\n[time]\ncolumn = \"time\"\nformat = \"iso\"\nzone = \"UTC\"\n[transaction]\ncolumn = \"tx\"\nnames = \"text\"\n[asset]\nid = \"asset\"\ndecimals = 6\n[transfer]\nfrom = \"from\"\nto = \"to\"\namount = \"amount\"\n";

/// A home whose default table `small` holds these rows.
fn home(rows: &str) -> Home {
    let home = Home::new();
    fs::write(home.path().join("rows.csv"), rows).expect("writable");
    fs::write(home.path().join("map.toml"), MAP).expect("writable");
    fs::write(home.path().join("tags.yaml"), TAGS.replace("XEM", "OTHER")).expect("writable");
    home
}

fn loaded() -> Home {
    let home = home(TRANSFERS);
    home.ok("ingest --table rows.csv --map map.toml");
    home
}

fn ask(home: &Home, line: &str) -> Value {
    serde_json::from_str(&home.ok(&format!("--json {line}"))).expect("it is JSON")
}

/// What every rule says ended how, as (rule, end, units).
fn ends(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let trails = report["thefts"][0]["trails"].as_array().expect("a list");
    let of = |trail: &Value| {
        let rule = text(&trail["rule"]);
        let totals = trail["totals"].as_array().expect("a list").clone();
        totals.into_iter().map(move |total| (rule.clone(), text(&total["end"]), text(&total["units"])))
    };
    trails.iter().flat_map(of).collect()
}

#[test]
fn a_table_is_followed_from_seed_to_report() {
    let home = loaded();
    let at = "--store table-small";
    assert_eq!(ask(&home, &format!("{at} status"))["evidence"], "supplied, not verified against a chain");
    home.ok("case new heist");
    home.ok("tag import tags.yaml");
    let tx = ask(&home, &format!("{at} show 0"))["transaction_list"][0]["transaction"].clone();
    let tx = tx.as_str().expect("text");
    home.ok(&format!("{at} seed add {tx}"));
    let report = ask(&home, &format!("{at} trace"));
    let micro = |xem: u64| (xem * 1_000_000).to_string();
    for rule in ["fifo", "lifo", "haircut", "libr"] {
        let found = ends(&report);
        let at_service = found.iter().find(|(of, end, _)| of == rule && end == "at service").expect("an end");
        assert_eq!(at_service.2, micro(50), "{rule}: the exchange got loot alone");
        let rest = found.iter().find(|(of, end, _)| of == rule && end == "at rest").expect("an end");
        assert_eq!(rest.2, micro(50), "{rule}");
    }
    let printed = home.ok(&format!("{at} trace"));
    assert!(printed.contains("SUPPLIED, NOT VERIFIED AGAINST A CHAIN"), "{printed}");
    assert!(printed.contains("theft `theft`: 100.000000 XEM stolen in 1 transfer\n"), "{printed}");
    assert!(printed.contains("what 3 balances held before is not known"), "{printed}");
    home.ok(&format!("{at} report --out r"));
    let page = fs::read_to_string(home.path().join("r/report.html")).expect("written");
    for said in ["Supplied, not verified against a chain", "What each account received and passed on", "rows.csv"] {
        assert!(page.contains(said), "the page does not say `{said}`");
    }
    let csv = fs::read_to_string(home.path().join("r/ends.csv")).expect("written");
    assert!(csv.lines().skip(1).all(|line| line.contains("\"supplied, not verified against a chain\"")), "{csv}");
    let json: Value =
        serde_json::from_str(&fs::read_to_string(home.path().join("r/report.json")).expect("written")).expect("JSON");
    assert_eq!(json["supplied"]["files"][0]["name"], "rows.csv");
    assert_eq!(json["thefts"][0]["trails"][0]["openings_assumed"][0]["units"], "0");
}

#[test]
fn a_part_of_a_credit_is_a_seed_and_an_account_is_listed_first() {
    let home = loaded();
    let at = "--store table-small";
    home.ok("case new heist");
    let tx = ask(&home, &format!("{at} show 1"))["transaction_list"][0]["transaction"].clone();
    let tx = tx.as_str().expect("text");
    assert!(home.fails(&format!("{at} seed add {tx}:0 --amount 5"), 2).contains("say where in the credit it lies"));
    assert!(
        home.fails(&format!("{at} seed add {tx}:0 --amount 61 --position front"), 6).contains("credits 60.000000 XEM")
    );
    assert!(home.fails(&format!("{at} seed add {tx}:7"), 4).contains("has 1 movements, numbered from 0"));
    home.ok(&format!("{at} seed add {tx}:0 --amount 5 --position back"));
    let ran = home.run(&format!("{at} seed add thief"));
    assert_eq!(ran.exit, 3, "{}", ran.err);
    assert!(ran.err.contains("nothing was added") && ran.out.lines().count() == 3, "{}", ran.out);
    home.ok(&format!("{at} seed add thief --yes --theft other"));
    let seeds = ask(&home, "seed list");
    assert_eq!(seeds.as_array().map(Vec::len), Some(3));
    assert_eq!(seeds[0]["asset"]["ticker"], "XEM");
    assert_eq!(seeds[0]["stolen"], "5000000");
    assert!(home.fails(&format!("{at} seed add stranger"), 4).contains("does not appear in moments 0 to 4"));
}

#[test]
fn what_is_not_defined_on_accounts_says_so() {
    let home = loaded();
    let at = "--store table-small";
    home.ok("case new heist");
    home.ok(&format!("{at} seed add thief --yes"));
    assert!(home.fails(&format!("{at} trace --rule tiho"), 6).contains("tiho is not defined on accounts"));
    assert!(home.fails(&format!("{at} why thief mule"), 6).contains("`why` is not defined on account ledgers yet"));
    let coin = format!("{}:0", "ab".repeat(32));
    assert!(home.fails(&format!("{at} source {coin}"), 6).contains("`source` is not defined on account ledgers yet"));
    assert!(home.fails(&format!("{at} cluster thief --tier co-spend"), 6).contains("not defined on accounts"));
    assert!(home.ok(&format!("{at} cluster thief")).contains("by the chain's own rules"));
    assert!(home.ok(&format!("{at} store check")).contains("sound"));
}

#[test]
fn a_bad_row_stops_everything_or_stays_visible() {
    let home = home(&format!("{TRANSFERS}2018-01-01 05:00:00,t6,mule,thief,XEM,many\n"));
    let refused = home.fails("ingest --table rows.csv --map map.toml", 6);
    assert!(
        refused.contains("rows.csv:7: column `amount`") && refused.contains("hint: nothing was stored"),
        "{refused}"
    );
    assert!(home.fails("--store table-small status", 4).contains("no store"));
    let ran = home.run("ingest --table rows.csv --map map.toml --skip-bad");
    assert_eq!(ran.exit, 3, "{}", ran.err);
    let status = ask(&home, "--store table-small status");
    assert_eq!((&status["skipped"], &status["skipped_rows"][0]["line"]), (&Value::from(1), &Value::from(7)));
    home.ok("case new heist");
    let tx = ask(&home, "--store table-small show 0")["transaction_list"][0]["transaction"].clone();
    home.ok(&format!("--store table-small seed add {}", tx.as_str().expect("text")));
    home.ok("--store table-small trace --rule fifo");
    home.ok("--store table-small report --out r");
    let page = fs::read_to_string(home.path().join("r/report.html")).expect("written");
    assert!(page.contains("1 rows could not be read and were left out") && page.contains("column `amount`"));
}

#[test]
fn loading_again_adds_nothing_and_a_map_is_found_by_name() {
    let home = loaded();
    let again = ask(&home, "ingest --table rows.csv --map map.toml");
    assert_eq!((&again["added"], &again["rows"]), (&Value::from(0), &Value::from(5)));
    assert!(home.fails("ingest --table rows.csv --map nonsense", 4).contains("etherscan-erc20"));
    assert!(home.fails("ingest --table none.csv --map map.toml", 6).contains("cannot read `none.csv`"));
    assert!(home.fails("ingest --map map.toml", 2).contains("--table"));
}

/// Text that a table's author, or who made a token, may choose.
const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "+cmd|' /C calc'!A0",
    "\u{1b}]0;owned\u{7}\u{1b}[31m",
    "\u{202e}exe.gnp\u{2066}\u{200b}",
    "'-->]]></style><style>*{}</style>",
    "@SUM(A1)/x",
];

#[test]
fn hostile_accounts_and_assets_are_shown_and_never_obeyed() {
    for name in HOSTILE {
        let rows = format!(
            "time,tx,from,to,asset,amount\n2018-01-01 00:00:00,t1,victim,\"{0}\",\"{0}\",100\n2018-01-01 00:00:01,t2,\"{0}\",other,\"{0}\",7\n",
            name.replace('"', "\"\"")
        );
        let home = home(&rows);
        if name.chars().any(char::is_control) {
            let refused = home.fails("ingest --table rows.csv --map map.toml", 6);
            assert!(refused.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{name:?}: {refused}");
            continue;
        }
        home.ok("ingest --table rows.csv --map map.toml");
        let at = "--store table-small";
        home.ok("case new heist");
        let tx = ask(&home, &format!("{at} show 0"))["transaction_list"][0]["transaction"].clone();
        home.ok(&format!("{at} seed add {}", tx.as_str().expect("text")));
        let shown = format!(
            "{}{}{}",
            home.ok(&format!("{at} trace")),
            home.ok(&format!("{at} show other")),
            home.ok(&format!("{at} show {}", tx.as_str().expect("text")))
        );
        assert!(shown.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{name:?}: {shown}");
        home.ok(&format!("{at} report --out r"));
        let read = |file: &str| fs::read_to_string(home.path().join("r").join(file)).expect("written");
        let page = read("report.html");
        assert!(page.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{name:?}");
        assert_eq!((page.matches("<style>").count(), page.matches("<script").count()), (1, 0), "{name:?}");
        assert!(page.contains(&coinhound_app::report::html::escaped(name)), "{name:?} is not shown");
        for file in ["ends.csv", "hops.csv"] {
            for cell in read(file).split_terminator("\r\n").flat_map(crate::report::cells) {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{name:?} gives the cell {cell:?}");
            }
        }
        let json: Value = serde_json::from_str(&read("report.json")).expect("JSON");
        assert_eq!(json["thefts"][0]["asset"]["ticker"], *name, "JSON keeps text exactly");
    }
}

#[test]
fn the_demo_tells_the_coincheck_theft_and_a_reconstruction() {
    let (home, out) = coincheck();
    for said in [
        "theft `theft`: 526300010.000000 XEM stolen in 11 transfers",
        "SUPPLIED, NOT VERIFIED AGAINST A CHAIN",
        "the first transfer went unnoticed for 11 h 23 min",
        "amounts not known",
        "matched by amount and time, not linked",
        "held against the truth of the made chain",
    ] {
        assert!(out.contains(said), "the demo does not say `{said}`:\n{out}");
    }
    assert_eq!(out.matches("every sum equals what was stolen").count(), 2);
    let told = fs::read_to_string(home.path().join("demo/coincheck/report/report.html")).expect("written");
    for said in [
        "11 h 23 min",
        "Supplied, not verified against a chain",
        "the hash is not known",
        "Where sources contradict each other",
        "Who is said to have done it, and by whom",
        "What nobody tells",
        "NDODXOWEIZGJSMAEURXACF4IEHC2CB7Q6T56V7SQ",
    ] {
        assert!(told.contains(said), "the page does not say `{said}`");
    }
    let made = fs::read_to_string(home.path().join("demo/reconstruction/report/report.html")).expect("written");
    for said in [
        "RECONSTRUCTION",
        "Made by coinhound-sim",
        "class=\"notice\"",
        "matches, not links",
        "Customers at shared deposit addresses",
    ] {
        assert!(made.contains(said), "the page does not say `{said}`");
    }
}

#[test]
fn two_demos_of_the_coincheck_story_are_the_same_byte_for_byte() {
    let (one, _) = coincheck();
    let two = Home::new();
    two.ok("demo --out elsewhere/deep");
    for part in ["coincheck", "reconstruction"] {
        for file in ["report.html", "report.json", "hops.csv", "ends.csv"] {
            let read = |home: &Home, at: &str| {
                fs::read(home.path().join(at).join(part).join("report").join(file)).expect("written")
            };
            assert!(read(one, "demo") == read(&two, "elsewhere/deep"), "{part}/{file} differs");
        }
    }
}

#[test]
fn a_store_of_nem_answers_by_account_transaction_and_message() {
    let (home, _) = coincheck();
    let at = "--store demo/reconstruction/store --case demo/reconstruction/reconstruction.case";
    let seeds = ask(home, &format!("{at} seed list"));
    assert_eq!(seeds.as_array().map(Vec::len), Some(11));
    let thief = seeds[0]["address"].as_str().expect("text");
    let account = ask(home, &format!("{at} show {thief}"));
    assert_eq!(account["balances"][0]["opening_known"], true, "the chain begins at its first block");
    // Lower case and hyphens are how people write it; a slip is told with what was meant.
    let hyphens = format!("{}-{}", &thief[..6], thief[6..].to_lowercase());
    assert_eq!(ask(home, &format!("{at} show {hyphens}")), account);
    let wrong = format!("{}{}", if thief.starts_with("MA") { "MB" } else { "MA" }, &thief[2..]);
    assert!(home.fails(&format!("{at} show {wrong}"), 6).contains("checksum"), "a wrong checksum is named");
    let other = home.fails(&format!("{at} show NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"), 6);
    assert!(other.contains("nem"), "another network's address is told as one: {other}");
    let truth: Value =
        serde_json::from_str(&fs::read_to_string(home.path().join("demo/reconstruction/truth.json")).expect("written"))
            .expect("JSON");
    let accounts = truth["accounts"].as_array().expect("a list");
    let shared = accounts.iter().find(|account| account["usage"] == "deposit").expect("exchanges share addresses");
    let customers = ask(home, &format!("{at} customers {}", shared["address"].as_str().expect("text")));
    assert!(customers["customer_list"].as_array().is_some_and(|list| list.len() > 1), "{customers}");
    let mosaic = truth["tags"][0]["mosaic"].as_str().expect("text");
    assert!(home.fails(&format!("{at} tag from-mosaic {mosaic}:nothing"), 4).contains("none of these mosaics"));
    let tags = ask(home, &format!("{at} tag list --limit 1000"));
    let marked = tags["tags"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|tag| tag["label"].as_str().is_some_and(|l| l.contains(mosaic)));
    assert!(marked.count() > 0, "marks are tags with their sender");
    assert!(home.ok(&format!("{at} store check")).contains("sound"));
}
