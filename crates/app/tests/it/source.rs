//! The way back from a coin: it adds up, and it agrees with the way forward.

use serde_json::Value;

use crate::run::{Home, demo};

/// Options that point at the demo's store and case.
const AT: &str = "--store demo/store --case demo/demo.case";

fn json(home: &Home, line: &str) -> Value {
    serde_json::from_str(&home.ok(line)).expect("it is JSON")
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {row}"))
}

/// An amount of the smallest unit.
fn units(amount: &str) -> u64 {
    amount.parse().expect("digits")
}

/// Coins where a made-up thief's loot rests, by the demo's report.
fn resting(home: &Home) -> Vec<String> {
    let page = std::fs::read_to_string(home.path().join("demo/report/report.json")).expect("written");
    let report: Value = serde_json::from_str(&page).expect("JSON");
    let ends = report["thefts"][0]["trails"][0]["ends"].as_array().expect("a list");
    let rest = ends.iter().filter(|end| end["end"] == "at rest");
    rest.map(|end| text(&end["coin"], "outpoint").to_owned()).collect()
}

#[test]
fn the_sources_of_a_coin_sum_to_it_under_every_rule() {
    let (home, _) = demo();
    for coin in resting(home).iter().take(5) {
        let told = json(home, &format!("{AT} --json source {coin}"));
        let totals = told["totals"].as_array().expect("rows");
        let (asked, parts) = totals.split_last().expect("a last row");
        let (sum, kinds) = parts.split_last().expect("a sum");
        let holds = text(&told, "holds");
        for rule in ["fifo", "lifo", "haircut"] {
            let of_kinds: u64 = kinds.iter().map(|row| units(text(row, rule))).sum();
            let sources = told["sources"].as_array().expect("rows").iter().filter(|row| row["rule"] == rule);
            let of_sources: u64 = sources.map(|row| units(text(row, "units"))).sum();
            assert_eq!([of_kinds, of_sources, units(text(sum, rule)), units(text(asked, rule))], [units(holds); 4]);
        }
    }
}

#[test]
fn the_way_back_agrees_with_the_way_forward() {
    let (home, _) = demo();
    let back = |coin: &String| json(home, &format!("{AT} --json source {coin} --rule fifo,lifo --stop none"));
    let coins = resting(home);
    let merged = |told: &Value| told["sources"].as_array().is_some_and(|rows| (4..=60).contains(&rows.len()));
    let told = coins.iter().map(back).find(merged).expect("some coin comes of a few coinbases");
    let (coin, rows) = (text(&told, "coin"), told["sources"].as_array().expect("rows"));

    let here = Home::new();
    let store = format!("--store {}/demo/store", home.path().display());
    here.ok("case new back");
    for row in rows {
        assert_eq!(text(row, "source"), "coinbase", "with no stop and no gap everything was mined");
        // Each coinbase is a theft of its own; one that both rules name is a seed once.
        here.run(&format!("{store} seed add {0} --theft {0}", text(row, "coin")));
    }
    let forward = json(&here, &format!("{store} --json trace --rule fifo,lifo --stop none"));
    for row in rows {
        let theft = forward["thefts"].as_array().expect("a list").iter().find(|theft| theft["name"] == row["coin"]);
        let mut trails = theft.expect("it was added")["trails"].as_array().expect("a list").iter();
        let trail = trails.find(|trail| trail["rule"] == row["rule"]).expect("it was applied");
        let ends = trail["ends"].as_array().expect("a list").iter().filter(|end| end["coin"]["outpoint"] == coin);
        let reached: u64 = ends.map(|end| text(end, "units").parse::<u64>().expect("units")).sum();
        assert_eq!(reached, units(text(row, "units")), "{row}");
    }
}

#[test]
fn tagged_services_end_the_way_back_and_parts_are_asked_by_position() {
    let (home, _) = demo();
    let coins = resting(home);
    let tagged = coins.iter().map(|coin| home.ok(&format!("{AT} source {coin} --rule fifo")));
    let told: Vec<String> = tagged.collect();
    assert!(told.iter().any(|told| told.contains("at service: ")), "{}", told[0]);
    assert!(told[0].contains("WHERE IT CAME FROM, BTC") && told[0].contains("\nasked about  "), "{}", told[0]);

    let coin = &coins[0];
    let half = json(home, &format!("{AT} --json source {coin} --amount 0.5 --position back --stop none"));
    assert_eq!(half["asked_about"], serde_json::json!({ "units": "50000000", "position": "back" }));
    assert_eq!(half["totals"].as_array().and_then(|rows| rows.last()).expect("a row")["haircut"], "50000000");
    let near = home.ok(&format!("{AT} source {coin} --stop none --hops 1"));
    assert!(near.contains("pruned: hops"), "{near}");
    let csv = home.ok(&format!("{AT} --format csv source {coin}"));
    assert!(csv.starts_with("rule,source,coin,BTC,address,height,steps_back\r\n"), "{csv}");
}

#[test]
fn what_cannot_be_gone_back_from_is_refused() {
    let (home, _) = demo();
    let coin = &resting(home)[0];
    for line in [
        "source nonsense".to_owned(),
        format!("source {coin} --rule tiho"),
        format!("source {coin} --stop none,services"),
    ] {
        assert_eq!(home.run(&format!("{AT} {line}")).exit, 2, "{line}");
    }
    assert!(home.fails(&format!("{AT} source {}:0", "ab".repeat(32)), 4).contains("no transaction abab"));
    let bare = home.run(&format!("--store demo/store source {coin}"));
    assert!(bare.exit == 0 && bare.err.contains("no case is in hand"), "{}", bare.err);
}
