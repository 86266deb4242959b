//! A report over accounts adds up from its own bytes, whatever people call their tokens and write into messages.

use std::collections::BTreeMap;

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, trace_accounts};
use coinhound_analysis::trace::{Part, ServiceTable, Stops};
use coinhound_app::case::Seed;
use coinhound_app::report::document::Link;
use coinhound_app::report::gather::{Beside, gather_accounts};
use coinhound_app::report::{Document, Names, Parameters, Question, csv, html, json};
use coinhound_app::text;
use coinhound_model::{AccountLedger, AddressId, MovementId, NoteKind};
use coinhound_testkit::accounts::bank::{Bank, bank, counted_in};
use ruint::aliases::U256;

use crate::story::{parameters, tag};

struct People<'a>(&'a Bank);

impl Names for People<'_> {
    fn address(&self, id: AddressId) -> String {
        self.0.person(id).to_owned()
    }
}

/// A theft that goes round in a circle, past an exchange, with a fee, a burn, and a message.
fn story(ticker: &str, message: &[u8]) -> Bank {
    bank()
        .mint("victim", 1_000, ticker)
        .mint("mule", 50, ticker)
        .block()
        .pay("victim", "thief", 600, ticker)
        .called("seed")
        .note(NoteKind::Message, message)
        .note(NoteKind::Encrypted, &[1, 2, 3])
        .block()
        .pay("thief", "mule", 500, ticker)
        .fee("thief", 7, ticker)
        .block()
        .pay("mule", "thief", 200, ticker)
        .pay("mule", "exchange", 150, ticker)
        .note(NoteKind::Message, message)
        .block()
        .burn("mule", 20, ticker)
        .pay("thief", "mule", 100, ticker)
}

fn seed(ledger: &impl AccountLedger<Units = U256>, movement: MovementId, theft: &str) -> Seed {
    let (fact, moved) = (ledger.fact(movement), ledger.movement(movement));
    let to = moved.to.expect("it credits somebody");
    Seed {
        theft: theft.into(),
        chain: ledger.as_of().chain.clone(),
        txid: fact.tx,
        vout: u32::try_from(movement.0 - ledger.siblings(movement).start).expect("few movements"),
        height: fact.height,
        block: fact.block,
        coin_units: moved.units,
        stolen_units: moved.units,
        position: None,
        address: Some("thief".into()),
        given: "movement".into(),
        asset: Some(ledger.token(ledger.asset(to)).into()),
    }
}

fn document(ticker: &str, message: &[u8], label: &str) -> Document {
    let bank = story(ticker, message);
    let ledger = counted_in(&bank, U256::from);
    let thefts = ["one", "two"];
    let part = AccountSeed { movement: bank.movement("seed"), part: Part::Whole };
    let starts: Vec<AccountTheft<U256>> = thefts.iter().map(|_| AccountTheft { seeds: vec![part] }).collect();
    let mut stops = Stops::none();
    stops.services = ServiceTable::new([(bank.address("exchange"), 0)]);
    let traced = trace_accounts(&ledger, &starts, &Rule::ACCOUNTS, &stops, 1).expect("the story is sound");
    let shared = parameters(&crate::story::Ask { label: label.into(), ..Default::default() });
    let question = Question {
        case: "heist",
        network: "bank",
        gaps: None,
        parameters: &Parameters {
            rules: Rule::ACCOUNTS.map(|rule| rule.name().to_owned()).to_vec(),
            collaborative: Vec::new(),
            ..shared
        },
        thefts: &thefts.map(|theft| (theft.to_owned(), vec![seed(&ledger, bank.movement("seed"), theft)])),
        tags: &[tag("exchange", label, "https://exchange.example/addresses")],
    };
    gather_accounts(&ledger, &People(&bank), Beside::default(), &question, &traced)
}

#[test]
fn what_every_account_received_is_what_it_passed_on_and_what_ended_there() {
    let doc = document("XEM", b"hello", "Example Exchange");
    for trail in doc.thefts[0].trails.iter().filter(|trail| trail.conserves) {
        let ended: U256 = trail.ends.iter().map(|end| end.units).sum();
        assert_eq!(ended, U256::from(600), "{}", trail.rule);
        let mut sums: BTreeMap<String, [U256; 2]> = BTreeMap::new();
        sums.entry("thief".into()).or_default()[0] += U256::from(600);
        for hop in &trail.hops {
            assert!(hop.stolen_in <= hop.value_in);
            for side in &hop.ins {
                sums.entry(side.place.address.0.clone()).or_default()[1] += side.stolen;
            }
            for side in &hop.outs {
                let sum = sums.entry(side.place.address.0.clone()).or_default();
                sum[0] += side.stolen;
                sum[1] += if let Link::End(..) = side.link { side.stolen } else { U256::ZERO };
            }
        }
        for end in trail.ends.iter().filter(|end| end.is_in_place()) {
            let place = end.place.as_ref().expect("a balance");
            sums.entry(place.address.0.clone()).or_default()[1] += end.units;
        }
        for (account, [received, gone]) in sums {
            assert_eq!(received, gone, "{} under {}", account, trail.rule);
        }
    }
}

#[test]
fn two_thefts_of_the_same_credit_contest_it() {
    let doc = document("XEM", b"hello", "Example Exchange");
    assert!(!doc.contested.is_empty());
    let page = html::page(&doc);
    assert!(page.contains("Contested balances and movements"), "the page says so");
    assert!(doc.contested.iter().all(|row| row.claims.len() == 2));
}

#[test]
fn the_picture_of_a_circle_has_the_account_twice_and_every_unit() {
    let page = html::page(&document("XEM", b"hello", "Example Exchange"));
    assert_eq!(page.matches("<svg").count(), 2, "one for each theft");
    assert!(page.contains("aria-label=\"Flow of the stolen value\""));
    assert!(page.contains("encrypted message, 3 bytes, readable by its parties alone"), "what nobody reads is said");
}

const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><svg onload=alert(1)>",
    "=HYPERLINK(\"http://evil\",\"x\")",
    "+cmd|' /C calc'!A0",
    "@SUM(A1:A9)/2",
    "\u{1b}]0;owned\u{7}\u{1b}[31m",
    "\u{202e}exe.gnp\u{2066}\u{200b}\u{feff}",
    "&lt;b&gt; {{ 7*7 }} '-->]]></style>",
];

#[test]
fn messages_and_names_of_tokens_are_shown_and_never_obeyed() {
    for text in HOSTILE {
        let doc = document(text, text.as_bytes(), text);
        let page = html::page(&doc);
        assert!(page.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{text:?} leaves a hidden character");
        assert_eq!((page.matches("<style>").count(), page.matches("<script").count()), (1, 0), "{text:?}");
        assert_eq!(page.matches("<svg").count(), 2, "{text:?}");
        assert!(page.contains(&format!("message &#34;{}&#34;", html::escaped(text))), "{text:?} is quoted");
        for file in [csv::ends(&doc), csv::hops(&doc)] {
            assert!(file.chars().all(|c| c == '\r' || c == '\n' || !text::is_hidden(c)), "{text:?}");
            for cell in file.split_terminator("\r\n").flat_map(crate::report::cells) {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{text:?} gives the cell {cell:?}");
            }
        }
        let printed = coinhound_app::out::json::pretty(&json::value(&doc));
        assert!(printed.chars().all(|c| c == '\n' || !text::is_hidden(c)), "{text:?}");
        let back: serde_json::Value = serde_json::from_str(&printed).expect("it is JSON");
        assert_eq!(back["thefts"][0]["seeds"][0]["made_by"]["notes"][0]["text"], *text, "JSON keeps it exactly");
    }
}

#[test]
fn a_finding_on_accounts_keeps_its_id_and_says_what_it_rests_on() {
    let (one, two) = (document("XEM", b"a", "Example Exchange"), document("XEM", b"b", "Example Exchange"));
    let ids = |doc: &Document| -> Vec<String> {
        doc.thefts[0].trails.iter().flat_map(|trail| trail.ends.iter().map(|end| end.finding.id.clone())).collect()
    };
    assert_eq!(ids(&one), ids(&two), "a message is no part of a claim");
    let claim = &one.thefts[0].trails[0].ends[0].finding.claim;
    assert_eq!(claim["evidence"], "blocks of the chain");
    assert!(claim["movements"].is_array() && claim["account"].is_string());
    let mut unique = ids(&one);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids(&one).len(), "every end is a finding of its own");
}
