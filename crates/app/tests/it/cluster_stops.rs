//! Stops that a pack says hold for a whole cluster: widened by name, never in silence.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

use crate::run::{Home, demo};

/// A trace's answer from the demo's store.
fn ask(home: &Home, line: &str) -> Value {
    let (store, _) = demo();
    let line = format!("--store {}/demo/store --json {line}", store.path().display());
    serde_json::from_str(&home.ok(&line)).expect("it is JSON")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

/// An address where loot arrived at an exchange, and another of the same co-spend cluster.
fn pair() -> (String, String) {
    static PAIR: OnceLock<(String, String)> = OnceLock::new();
    let find = || {
        let (home, _) = demo();
        let report = fs::read_to_string(home.path().join("demo/report/report.json")).expect("written");
        let report: Value = serde_json::from_str(&report).expect("JSON");
        let ends = list(&report["thefts"][0]["trails"][0], "ends").iter().filter(|end| end["end"] == "at service");
        ends.map(|end| text(&end["coin"], "address").to_owned()).find_map(|arrived| {
            let cluster = ask(home, &format!("cluster {arrived} --tier co-spend --limit 1000"));
            let mut others = list(&cluster, "members").iter().map(|member| text(member, "address").to_owned());
            others.find(|other| *other != arrived).map(|other| (arrived, other))
        })
    };
    PAIR.get_or_init(|| find().expect("an exchange sweeps its deposits together")).clone()
}

/// A case with the demo's seeds, and one tag on an address that the loot did not reach.
fn heist(tags: &[(&str, &str)]) -> Home {
    let (home, (store, _)) = (Home::new(), demo());
    home.ok("case new heist");
    for seed in ask(store, "--case demo/demo.case seed list").as_array().expect("rows") {
        home.ok(&format!("--store {}/demo/store seed add {}", store.path().display(), text(seed, "coin")));
    }
    let mut pack = "title: Exchanges\ncreator: C\nsource: https://s.example\ncurrency: BTC\nnetwork: regtest\n\
                    confidence: service_data\ncategory: exchange\ntags:\n"
        .to_owned();
    for (address, rest) in tags {
        pack.push_str(&format!("- {{address: {address}, {rest}}}\n"));
    }
    fs::write(home.path().join("pack.yaml"), pack).expect("writable");
    home.ok("tag import pack.yaml");
    home
}

/// The first rule's ends at an address.
fn ends_at<'a>(answer: &'a Value, address: &str) -> Vec<&'a Value> {
    let ends = list(&answer["thefts"][0]["trails"][0], "ends").iter();
    ends.filter(|end| end["coin"]["address"] == address).collect()
}

#[test]
fn a_tag_that_defines_a_cluster_stops_at_the_whole_cluster_by_name() {
    let (arrived, tagged) = pair();
    let home = heist(&[(&tagged, "label: Northgate, is_cluster_definer: true")]);
    let answer = ask(&home, "trace --rule fifo,haircut --stop services");
    let stop = &list(&answer["parameters"], "stops")[0];
    let members = ask(&home, &format!("cluster {tagged} --tier co-spend"))["addresses"].clone();
    assert_eq!((text(stop, "address"), &stop["cluster"]["addresses"]), (tagged.as_str(), &members));
    assert_eq!((&stop["cluster"]["tier"], &stop["cluster"]["vetoes"]), (&"co-spend".into(), &"coinhound-1".into()));
    let ends = ends_at(&answer, &arrived);
    assert!(!ends.is_empty(), "the loot arrived at {arrived}");
    for end in ends {
        let told = ["end", "service", "cluster_of"].map(|key| text(end, key));
        assert_eq!(told, ["at service", "Northgate", tagged.as_str()], "{end}");
    }
    for trail in list(&answer["thefts"][0], "trails") {
        let units = list(trail, "ends").iter().map(|end| text(end, "units").parse::<u64>().expect("digits"));
        assert_eq!(units.sum::<u64>().to_string(), text(trail, "stolen"));
    }
}

#[test]
fn the_report_says_which_stops_are_by_cluster_and_quotes_the_tag_they_rest_on() {
    let (_, tagged) = pair();
    let home = heist(&[(&tagged, "label: Northgate, is_cluster_definer: true")]);
    ask(&home, "trace --stop services");
    let store = demo().0.path().display().to_string();
    home.ok(&format!("--store {store}/demo/store report --out r"));
    let page = fs::read_to_string(home.path().join("r/report.html")).expect("written");
    assert!(page.contains(&format!("at service: Northgate (stop by cluster of {tagged})")), "{page}");
    assert!(page.contains(&format!("<dt>Stop by cluster</dt><dd>of {tagged}, tagged Northgate: ")), "{page}");
    let sources = page.rsplit("<h2>Sources of labels</h2>").next().expect("a section");
    assert!(sources.contains(&tagged) && sources.contains("https://s.example"), "{sources}");
    let csv = fs::read_to_string(home.path().join("r/ends.csv")).expect("written");
    assert!(csv.contains(&format!("at service: Northgate (stop by cluster of {tagged})")), "{csv}");
}

#[test]
fn without_the_packs_word_or_with_stop_exact_a_tag_stops_at_its_address_alone() {
    let (arrived, tagged) = pair();
    let silent = heist(&[(&tagged, "label: Northgate")]);
    let answer = ask(&silent, "trace --rule fifo --stop services");
    let claimed = heist(&[(&tagged, "label: Northgate, is_cluster_definer: true")]);
    let exact = ask(&claimed, "trace --rule fifo --stop services --stop-exact");
    for answer in [&answer, &exact] {
        assert!(answer["parameters"]["stops"][0].get("cluster").is_none(), "{}", answer["parameters"]);
        assert!(ends_at(answer, &arrived).iter().all(|end| end["end"] != "at service"));
    }
    assert_eq!(answer["thefts"][0]["trails"][0]["totals"], exact["thefts"][0]["trails"][0]["totals"]);
    assert_eq!(exact["parameters"]["stop_exact"], true);
}

#[test]
fn a_tagged_address_is_a_stop_by_itself_and_a_rival_label_in_the_cluster_is_told() {
    let (arrived, tagged) = pair();
    let rival = "label: Somebody Else";
    let home = heist(&[(&tagged, "label: Northgate, is_cluster_definer: true"), (&arrived, rival)]);
    let answer = ask(&home, "trace --rule fifo --stop services");
    for end in ends_at(&answer, &arrived) {
        assert_eq!((text(end, "service"), &end["cluster_of"]), ("Somebody Else", &Value::Null), "{end}");
    }
    let stop = list(&answer["parameters"], "stops").iter().find(|stop| stop["address"] == tagged.as_str());
    assert_eq!(stop.expect("it is a stop")["cluster"]["also"], serde_json::json!(["Somebody Else"]));
}

#[test]
fn the_cluster_is_the_one_of_the_height_asked_for() {
    let (_, tagged) = pair();
    let home = heist(&[(&tagged, "label: Northgate, is_cluster_definer: true")]);
    let seen = ask(&home, &format!("show {tagged}"))["first_seen"].as_u64().expect("a height");
    let tip = ask(&home, "status")["blocks"]["last"].as_u64().expect("a height");
    let members = |height: u64| {
        let answer = ask(&home, &format!("--as-of {height} cluster {tagged} --tier co-spend"));
        answer["addresses"].as_u64().expect("a number")
    };
    let widened = |height: u64| {
        let seed = text(&ask(&home, "seed list")[0], "coin").to_owned();
        let other = Home::new();
        other.ok("case new early");
        fs::copy(home.path().join("pack.yaml"), other.path().join("pack.yaml")).expect("readable");
        other.ok("tag import pack.yaml");
        ask(&other, &format!("seed add {seed}"));
        let answer = ask(&other, &format!("--as-of {height} trace --stop services"));
        answer["parameters"]["stops"][0]["cluster"]["addresses"].as_u64().expect("a number")
    };
    let seeded = ask(&home, "seed list")[0]["height"].as_u64().expect("a height").max(seen);
    assert!(members(seeded) < members(tip), "the cluster grew after the theft");
    assert_eq!([widened(seeded), widened(tip)], [members(seeded), members(tip)]);
}
