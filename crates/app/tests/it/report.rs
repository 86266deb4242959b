//! The report adds up, from its own bytes; it is the same every time; it says what it must.

use std::collections::BTreeMap;

use coinhound_app::report::{csv, html, json};

use crate::story::{self, Ask, BTC};

/// Satoshi of a decimal amount as the report prints it.
fn units(number: &str) -> u64 {
    let (whole, fraction) = number.split_once('.').expect("amounts are printed with every decimal place");
    assert_eq!(fraction.len(), 8, "{number}");
    format!("{whole}{fraction}").parse().expect("digits")
}

/// Rows of a CSV text as maps. Our own CSV quotes only where needed; this reader follows RFC 4180.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.split_terminator("\r\n").map(cells);
    let head = lines.next().expect("a heading");
    lines.map(|line| head.iter().cloned().zip(line).collect()).collect()
}

pub fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.push(chars.next().expect("peeked")),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

#[test]
fn the_ends_in_the_csv_sum_to_what_was_stolen_under_every_conserving_rule() {
    let text = csv::ends(&story::document(&Ask::default()));
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows(&text).iter().filter(|row| row["amount_is"] == "exact") {
        *sums.entry(row["rule"].clone()).or_default() += units(&row["amount"]);
    }
    assert_eq!(
        sums.into_iter().collect::<Vec<_>>(),
        ["fifo", "haircut", "lifo", "tiho"].map(|rule| (rule.to_owned(), 95 * BTC)).to_vec()
    );
}

#[test]
fn every_hop_in_the_csv_adds_up_in_both_columns() {
    let text = csv::hops(&story::document(&Ask::default()));
    let mut sums: BTreeMap<(String, String), [u64; 4]> = BTreeMap::new();
    for row in rows(&text).iter().filter(|row| row["rule"] != "poison") {
        let sum = sums.entry((row["rule"].clone(), row["hop"].clone())).or_default();
        let side = if row["side"] == "in" { 0 } else { 2 };
        sum[side] += units(&row["value"]);
        sum[side + 1] += units(&row["stolen"]);
    }
    assert!(sums.len() >= 4 * 5, "{} hops", sums.len());
    for (hop, [value_in, stolen_in, value_out, stolen_out]) in sums {
        assert_eq!((value_in, stolen_in), (value_out, stolen_out), "hop {hop:?}");
        assert!(stolen_in > 0);
    }
}

/// The text of every cell of a page's table rows.
fn page_rows(page: &str) -> Vec<Vec<String>> {
    let cell = |cell: &str| {
        let mut text = String::new();
        let mut inside = true;
        for c in cell.split("</td>").next().unwrap_or_default().chars() {
            match c {
                '<' => inside = false,
                '>' if !inside => inside = true,
                c if inside => text.push(c),
                _ => {}
            }
        }
        text
    };
    let row = |row: &str| {
        row.split("</tr>").next().unwrap_or_default().split("<td").skip(1).map(|td| cell(&format!("<td{td}"))).collect()
    };
    page.split("<tr").skip(1).map(row).collect()
}

#[test]
fn the_page_adds_up_from_its_own_cells() {
    let page = html::page(&story::document(&Ask::default()));
    let (mut hops, mut sums) = (0, [0; 2]);
    for row in page_rows(&page) {
        match row.first().map(String::as_str) {
            Some("in" | "out") => {
                assert_eq!([units(&row[2]), units(&row[3])], sums, "{row:?}");
                sums = [0; 2];
                hops += 1;
            }
            Some(side) if side.starts_with("in ") || side.starts_with("out ") || row[1] == "to the miner" => {
                sums[0] += units(&row[2]);
                sums[1] += units(&row[3]);
            }
            _ => {}
        }
    }
    assert_eq!(hops, 2 * 5, "five hops under the declared rule, each with two sums");
    assert!(page.contains("= 95.00000000."), "the summary adds up in one line");
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let (one, two) = (story::document(&Ask::default()), story::document(&Ask::default()));
    assert_eq!(html::page(&one), html::page(&two));
    assert_eq!(csv::hops(&one), csv::hops(&two));
    assert_eq!(json::value(&one), json::value(&two));
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let page = html::page(&story::document(&Ask::default()));
    for forbidden in
        ["<script", "javascript:", "onload", "<img", "<link", "<iframe", "@import", "url(", " style=", "src="]
    {
        assert!(!page.contains(forbidden), "the page holds `{forbidden}`");
    }
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    let outside: Vec<_> = page.match_indices("http").map(|(at, _)| &page[at..(at + 40).min(page.len())]).collect();
    let known = |text: &&str| {
        text.starts_with("http://www.w3.org/2000/svg")
            || text.starts_with("http-equiv")
            || text.starts_with("https://exchange.example")
    };
    assert!(outside.iter().all(known), "{outside:?}");
}

#[test]
fn the_report_says_what_it_must_and_judges_nobody() {
    let page = html::page(&story::document(&Ask::default())).to_lowercase();
    for said in [
        "by the rule",
        "not measured",
        "what was cut",
        "what is not known",
        "miner's claim",
        "sources of labels",
        "as of",
        "who says so",
        "under every rule",
    ] {
        assert!(page.contains(said), "the page does not say `{said}`");
    }
    for verdict in ["guilty", "criminal", "launderer", "culprit", "suspect", "perpetrator"] {
        assert!(!page.contains(verdict), "the page says `{verdict}`");
    }
}

#[test]
fn a_finding_keeps_its_id_when_other_rules_stand_beside_it_and_not_when_a_parameter_changes() {
    use coinhound_analysis::taint::Rule;
    let all = story::document(&Ask::default());
    let alone = story::document(&Ask { rules: vec![Rule::Fifo], ..Ask::default() });
    let relabelled = story::document(&Ask { label: "Other".into(), ..Ask::default() });
    let ids = |doc: &coinhound_app::report::Document| -> Vec<String> {
        let trail = doc.thefts[0].trails.iter().find(|trail| trail.rule == "fifo").expect("fifo was run");
        trail.ends.iter().map(|end| end.finding.id.clone()).collect()
    };
    assert_eq!(ids(&all), ids(&alone));
    assert!(ids(&all).iter().zip(&ids(&relabelled)).all(|(a, b)| a != b));
    let mut unique = ids(&all);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids(&all).len(), "every end is a finding of its own");
}

#[test]
fn poison_is_a_bound_and_is_never_summed() {
    use coinhound_analysis::taint::Rule;
    let doc = story::document(&Ask { declared: Rule::Poison, ..Ask::default() });
    let page = html::page(&doc);
    assert!(page.contains("gives no amounts, only a bound of reach"));
    assert!(!page.contains("Sum, equal to what was stolen"));
    assert!(rows(&csv::ends(&doc)).iter().any(|row| row["rule"] == "poison" && row["amount_is"] == "upper bound"));
    let value = json::value(&story::document(&Ask::default()));
    let trails = value["thefts"][0]["trails"].as_array().expect("a list");
    for trail in trails {
        let claims = ["rest_is_clean", "unknown_beside"].map(|claim| trail.get(claim).is_some());
        assert_eq!(claims, [trail["rule"] != "poison"; 2], "{}: a bound says nothing of the rest", trail["rule"]);
    }
    assert!(trails.iter().any(|trail| trail["rule"] == "poison") && trails.len() > 1);
}

/// What a browser does with it was looked at: at 1100 pixels every column is on the page, at 500 the table scrolls.
#[test]
fn on_a_screen_a_wide_table_scrolls_by_itself_and_coins_wrap() {
    let page = html::page(&story::document(&Ask::default()));
    assert!(page.contains("@media screen { td.coin { min-width: 37ch; } section { overflow-x: auto; } }"));
    assert!(
        page.contains("overflow-wrap: anywhere") && !page.contains("(not print)"),
        "no browser reads `(not print)`"
    );
    let (tables, sections) = (page.matches("<table").count(), page.matches("<section").count());
    assert!(tables > 2 && sections > 2, "{tables} tables in {sections} sections");
}

#[test]
fn json_amounts_are_exact_text() {
    let value = json::value(&story::document(&Ask::default()));
    assert_eq!(value["schema_version"], 4);
    assert_eq!(value["thefts"][0]["stolen"], (95 * BTC).to_string());
    let trail = &value["thefts"][0]["trails"][0];
    let sum: u64 = trail["ends"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|end| end["units"].as_str().expect("text").parse::<u64>().expect("digits"))
        .sum();
    assert_eq!(sum, 95 * BTC);
}
