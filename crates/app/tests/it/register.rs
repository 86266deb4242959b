//! The register that ships: its facts against the list they were taken from, its addresses against their checksums,
//! what the verb prints, and the founding case.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use coinhound_app::register::coincheck::{self, INCIDENT, STOLEN_XEM, THIEF, VICTIM};
use coinhound_app::register::read::citations;
use coinhound_app::register::said::said;
use coinhound_app::register::{Anchor, Incident, Register};
use coinhound_app::tags::pack::{Pack, Reading};
use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::address::parse_address;
use coinhound_chains::nem;
use coinhound_chains::nem::hash::keccak256;
use coinhound_chains::table::{Start, Table, TableFile, TableMap};
use coinhound_model::{AccountBlock, AccountMove};
use expect_test::{expect, expect_file};
use ruint::aliases::U256;

use crate::run::{Home, data};

/// Whether mixed-case letters are those that EIP-55 derives from the address's Keccak-256; one case alone has no check.
fn is_evm(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("0x").filter(|digits| digits.len() == 40) else { return false };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return false;
    }
    if digits == digits.to_lowercase() {
        return true;
    }
    let hash = keccak256(digits.to_lowercase().as_bytes()).to_string();
    digits.chars().zip(hash.chars()).all(|(letter, nibble)| {
        letter.is_ascii_digit() || letter.is_ascii_uppercase() == nibble.to_digit(16).is_some_and(|nibble| nibble >= 8)
    })
}

fn base58_check(text: &str, alphabet: &bs58::Alphabet, version: u8) -> bool {
    let read = bs58::decode(text).with_alphabet(alphabet).with_check(Some(version)).into_vec();
    read.is_ok_and(|bytes| bytes.len() == 21)
}

fn is_solana(text: &str, bytes: usize) -> bool {
    bs58::decode(text).into_vec().is_ok_and(|read| read.len() == bytes)
}

fn is_thor(text: &str) -> bool {
    bech32::decode(text).is_ok_and(|(prefix, bytes)| prefix.as_str() == "thor" && bytes.len() == 20)
}

fn is_hash(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix);
    digits.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_sound(anchor: &Anchor) -> bool {
    let evm = matches!(anchor.chain.as_str(), "ethereum" | "bnb" | "polygon" | "arbitrum");
    match (anchor.chain.as_str(), &anchor.address, &anchor.tx) {
        ("bitcoin", Some(address), _) => parse_address(address, Network::Main.params()).is_ok(),
        ("nem", Some(address), _) => nem::Address::parse(address, nem::Network::Main).is_ok(),
        ("bitcoin" | "nem", _, Some(tx)) => is_hash(tx, ""),
        ("tron", Some(address), _) => base58_check(address, bs58::Alphabet::BITCOIN, 0x41),
        ("xrp", Some(address), _) => base58_check(address, bs58::Alphabet::RIPPLE, 0),
        ("solana", Some(address), _) => is_solana(address, 32),
        ("solana", _, Some(tx)) => is_solana(tx, 64),
        ("thorchain", Some(address), _) => is_thor(address),
        (_, Some(address), _) if evm => is_evm(address),
        (_, _, Some(tx)) if evm => is_hash(tx, "0x"),
        (chain, ..) => panic!("no check for anchors of `{chain}`"),
    }
}

#[test]
fn every_address_has_the_checksum_of_its_chain() {
    let mut checked: BTreeMap<&str, usize> = BTreeMap::new();
    for incident in &Register::shipped().incidents {
        for anchor in &incident.anchors {
            let (id, text) = (&incident.id, anchor.text());
            assert_eq!(is_sound(anchor), !anchor.malformed, "{id}: {text} ({})", anchor.role);
            *checked.entry(&anchor.chain).or_default() += 1;
        }
    }
    assert!(checked["bitcoin"] > 20 && checked["ethereum"] > 30 && checked["nem"] == 3, "{checked:?}");
}

#[test]
fn one_wrong_letter_is_seen_by_each_check() {
    let mut tried = BTreeSet::new();
    for anchor in Register::shipped().incidents.iter().flat_map(|incident| &incident.anchors) {
        let text = anchor.text();
        let mixed = text != text.to_lowercase();
        let has_check = anchor.address.is_some() && anchor.chain != "solana" && !anchor.malformed;
        if !has_check || (text.starts_with("0x") && !mixed) || !tried.insert(&anchor.chain) {
            continue;
        }
        let at = text.len() - 3;
        let other = if &text[at..=at] == "7" { "8" } else { "7" };
        let wrong = Anchor { address: Some(format!("{}{other}{}", &text[..at], &text[at + 1..])), ..anchor.clone() };
        assert!(!is_sound(&wrong), "{}: {}", anchor.chain, wrong.text());
    }
    assert!(tried.len() >= 6, "{tried:?}");
}

#[test]
fn every_source_is_cited() {
    let register = Register::shipped();
    let of_incidents = register.incidents.iter().flat_map(citations);
    let of_actors = register.actors.values().flat_map(|actor| {
        actor.aliases.iter().flat_map(|alias| &alias.sources).chain(actor.under.iter().flat_map(|under| &under.sources))
    });
    let events = &coincheck::timeline().events;
    let of_events = events
        .iter()
        .flat_map(|event| event.sources.iter().chain(event.others.iter().flat_map(|other| &other.sources)));
    let of_marks = coincheck::marker_mosaics().iter().flat_map(|mark| &mark.sources);
    let of_unknowns = coincheck::unknowns().iter().flat_map(|unknown| &unknown.sources);
    let cited: BTreeSet<&str> = of_incidents
        .chain(of_actors)
        .chain(of_events)
        .chain(of_marks)
        .chain(of_unknowns)
        .map(|citation| citation.source.as_str())
        .collect();
    let idle: Vec<_> = register.sources.keys().filter(|id| !cited.contains(id.as_str())).collect();
    assert!(idle.is_empty(), "nothing rests on {idle:?}");
}

/// Every number of a cell, `9M` as 9000000, `ERC-20` as none.
fn numbers(cell: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut number = String::new();
    let mut before = ' ';
    for letter in cell.chars().chain([' ']) {
        let part_of = letter.is_ascii_digit() || (letter == '.' && !number.is_empty());
        if part_of {
            if number.is_empty() && (before.is_alphabetic() || before == '-') {
                number.push('-');
            }
            number.push(letter);
        } else if !number.is_empty() {
            let own = !number.starts_with('-');
            let text = number.trim_end_matches('.').to_owned();
            if own {
                found.push(if letter == 'M' { millions(&text) } else { text });
            }
            number.clear();
        }
        before = letter;
    }
    found
}

fn millions(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction}{}", "0".repeat(6 - fraction.len()))
}

/// Every word that may be an address or a transaction.
fn long_words(cell: &str) -> Vec<String> {
    let words = cell.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| word.len() >= 25).map(str::to_owned).collect()
}

/// What a row of the list says and the register does not.
fn differences(row: &BTreeMap<&str, &str>, incident: &Incident) -> Vec<String> {
    let mut missing = Vec::new();
    let date = row["date"].split(['/', ' ']).next().unwrap_or_default();
    if !incident.date.to_string().starts_with(date) {
        missing.push(format!("date {date}, not {}", incident.date));
    }
    let told: Vec<String> = said(incident).into_iter().map(|line| format!("{} {}", line.about, line.value)).collect();
    let told = told.join(" ").replace(',', "");
    let held = [told.as_str(), &incident.notes.join(" "), &incident.doubts.join(" ")].join(" ").replace(',', "");
    for number in numbers(row["units"]) {
        if !held.contains(&number) {
            missing.push(format!("units {number}"));
        }
    }
    for number in numbers(row["usd_at_time"]).into_iter().filter(|number| number.len() >= 4) {
        let whole = number.split('.').next().unwrap_or_default();
        if !told.contains(whole) {
            missing.push(format!("money {number}"));
        }
    }
    let anchors: BTreeSet<&str> = incident.anchors.iter().map(Anchor::text).collect();
    for word in long_words(row["onchain_anchor"]) {
        if !anchors.contains(word.as_str()) {
            missing.push(format!("anchor {word}"));
        }
    }
    missing.into_iter().map(|what| format!("{}: {what}", incident.id)).collect()
}

#[test]
fn the_register_holds_every_incident_of_the_list_it_was_made_from() {
    let Some(path) = data("../facts/heists.tsv") else { return };
    let text = fs::read_to_string(path).expect("readable");
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let heading = lines.next().expect("a heading");
    let mut wrong = Vec::new();
    let mut rows = 0;
    for cells in lines {
        let row: BTreeMap<&str, &str> = heading.iter().copied().zip(cells).collect();
        rows += 1;
        match Register::shipped().find(row["id"]) {
            Some(incident) => wrong.extend(differences(&row, incident)),
            None => wrong.push(format!("{} is missing", row["id"])),
        }
    }
    assert_eq!(rows, 79);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn numbers_of_a_cell_are_read() {
    assert_eq!(numbers("BTC 107; TRX 9M; ERC-20 USD 60M"), ["107", "9000000", "60000000"]);
    assert_eq!(numbers("DOGE 39.4M, 2016 BTC (1993 traced)"), ["39400000", "2016", "1993"]);
}

#[test]
fn the_list_is_as_written_down() {
    let home = Home::new();
    let path = format!("{}/tests/it/manual/register-list-2018.out", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&home.ok("register list --from 2018-01-01 --to 2018-12-31"));
    let csv = home.ok("--format csv register list --chain nem");
    assert!(csv.starts_with("id,date,until,victim,kind,usd_low,usd_high,statements,"), "{csv}");
    assert!(csv.contains("coincheck-2018,2018-01-26,,Coincheck,exchange,530000000,534000000,"), "{csv}");
}

#[test]
fn an_entry_shows_its_contradictions_side_by_side() {
    let home = Home::new();
    let path = format!("{}/tests/it/manual/register-show-bithumb.out", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&home.ok("register show bithumb-2019"));
    let shown = home.ok("register show coincheck-2018");
    for line in
        ["526,300,010", "1 of 3", "about 520,000,000", "3 of 3", "North Korea (DPRK)", "denied", "Mokes", VICTIM]
    {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let csv = home.ok("--format csv register show coincheck-2018");
    assert!(csv.contains("\"taken, XEM\",\"523,000,000\",2 of 3,"), "{csv}");
}

#[test]
fn a_mistyped_id_is_answered_with_the_nearest() {
    let home = Home::new();
    expect![[r#"
        error: no incident `coinchek-2018` is in the register

        hint: did you mean `coincheck-2018`?
    "#]]
    .assert_eq(&home.fails("register show coinchek-2018", 4));
    let hint = home.fails("register show MtGox", 4);
    for id in ["mtgox-2011-03", "mtgox-2011-06", "mtgox-2014"] {
        assert!(hint.contains(id), "{hint}");
    }
    assert!(home.fails("register show qqqqqqqqqqqq", 4).contains("`coinhound register list` prints the ids"));
    assert_eq!(home.run("register list --kind piracy").exit, 2);
}

/// The rows of the table of transfers, by their headings.
fn transfers() -> Vec<BTreeMap<&'static str, &'static str>> {
    let mut lines = coincheck::transfers_csv().lines().map(|line| line.split(',').collect::<Vec<_>>());
    let heading = lines.next().expect("a heading");
    lines
        .map(|cells| {
            assert_eq!(cells.len(), heading.len(), "no cell needs quotes: {cells:?}");
            heading.iter().copied().zip(cells).collect()
        })
        .collect()
}

#[test]
fn eleven_transfers_come_to_what_was_stolen() {
    let rows = transfers();
    let sum: u64 = rows.iter().map(|row| row["amount"].parse::<u64>().expect("whole XEM")).sum();
    assert_eq!((rows.len(), sum), (11, STOLEN_XEM));
    for row in &rows {
        assert_eq!((row["from"], row["to"], row["asset"]), (VICTIM, THIEF, "XEM"));
        assert!(row["time"] <= row["until"], "{row:?}");
    }
    let entry = Register::shipped().find(INCIDENT).expect("the founding case");
    assert!(entry.lost.iter().any(|lost| lost.units == STOLEN_XEM.to_string()));
}

#[test]
fn the_table_reader_takes_the_transfers_as_they_ship() {
    let map = Arc::new(TableMap::parse(coincheck::map_toml()).unwrap_or_else(|error| panic!("{error}: {error:?}")));
    let bytes = coincheck::transfers_csv().as_bytes().to_vec();
    let file = TableFile { name: "transfers.csv".to_owned(), bytes, map };
    let table = Table::read(vec![file], None, false).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((table.chain().0, table.rows()), (format!("table:{}", coincheck::LEDGER), 11));
    assert!(!table.begins_empty(), "what the wallet held before is not known");
    let blocks: Vec<AccountBlock> = table.blocks(Start::Ledger).collect();
    let first = coincheck::timeline().event("first-transfer").expect("it is there");
    assert_eq!(i64::from(blocks[0].time), coincheck::timeline().first_at(first).as_second());
    let moves: Vec<&AccountMove> = blocks.iter().flat_map(|block| &block.txs).flat_map(|tx| &tx.moves).collect();
    let sum = moves.iter().fold(U256::ZERO, |sum, one| sum + one.units);
    assert_eq!((moves.len(), sum), (11, U256::from(STOLEN_XEM) * U256::from(1_000_000)));
    assert!(moves.iter().all(|one| one.to.as_ref().is_some_and(|to| to.0 == THIEF.as_bytes())));
}

#[test]
fn the_table_and_the_timeline_tell_the_same_minutes() {
    let timeline = coincheck::timeline();
    let minute = |row: &BTreeMap<&str, &str>, key: &str| row[key].replace(' ', "T");
    let rows = transfers();
    for (event, row) in [
        ("first-transfer", 0),
        ("five-hundred-million", 1),
        ("five-hundred-million", 6),
        ("three-million", 7),
        ("ninth-transfer", 8),
        ("tenth-transfer", 9),
        ("last-transfer", 10),
    ] {
        let event = timeline.event(event).expect("it is there");
        let until = event.until.unwrap_or(event.at).to_string();
        assert_eq!((event.at.to_string(), until), (minute(&rows[row], "time"), minute(&rows[row], "until")));
    }
}

/// The tags of the case's pack, each address checked as one of NEM.
fn tags() -> Pack {
    let check = |_: &_, text: &str| {
        let read = nem::Address::parse(text, nem::Network::Main);
        read.map(|address| address.to_string()).map_err(|error| error.to_string())
    };
    let reading = Reading { check_address: &check, confidence: None, skip_invalid: false };
    Pack::read(coincheck::tagpack().as_bytes(), &reading).expect("the pack that ships is sound")
}

#[test]
fn the_pack_tags_both_first_accounts_and_ten_more_and_warns_of_nothing() {
    let pack = tags();
    assert!(pack.warnings.is_empty() && pack.skipped.is_empty(), "{:?}", pack.warnings);
    let tagged: BTreeSet<&str> = pack.tags.iter().map(|tag| tag.subject.text()).collect();
    assert_eq!(tagged.len(), 12);
    assert!(tagged.contains(VICTIM) && tagged.contains(THIEF));
    let by_the_blog = pack.tags.iter().filter(|tag| tag.source.contains("hage4242")).count();
    let by_the_program = pack.tags.iter().filter(|tag| tag.source.contains("Crypto_Panopticon")).count();
    assert_eq!((by_the_blog, by_the_program), (9, 10), "one account is named by the program alone");
}

#[test]
fn the_published_addresses_are_those_of_the_pack() {
    let Some(path) = data("nem/coincheck_addresses.json") else { return };
    let list: serde_json::Value = serde_json::from_slice(&fs::read(path).expect("readable")).expect("JSON");
    let texts = |value: &serde_json::Value| -> BTreeSet<String> {
        value.as_array().expect("a list").iter().map(|item| item.as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(list["thief_main"], THIEF);
    let pack = tags();
    let onward =
        pack.tags.iter().map(|tag| tag.subject.text().to_owned()).filter(|text| text != VICTIM && text != THIEF);
    assert_eq!(texts(&list["early_hop_addresses"]), onward.collect());
    let hash = coincheck::unknowns().iter().find_map(|unknown| unknown.hash.as_deref()).expect("one is published");
    assert_eq!(list["example_theft_tx"], hash);
    for mosaic in list["marker_mosaics"].as_array().expect("a list") {
        let (space, name) = (mosaic["namespaceId"].as_str().expect("text"), mosaic["name"].as_str().expect("text"));
        let told = coincheck::marker_mosaics().iter().any(|mark| mark.namespace == space && mark.name == name);
        assert!(told, "{space}:{name}");
    }
}

#[test]
fn statements_stand_in_time_order_and_contradict_each_other() {
    let said = coincheck::statements();
    let times: Vec<_> = said.iter().map(|said| said.when.map(|when| when.first())).collect();
    let told = times.iter().flatten().collect::<Vec<_>>();
    assert!(told.is_sorted(), "{told:?}");
    let words: BTreeSet<&str> = said.iter().map(|said| said.firmly.word()).collect();
    assert!(words.contains("denied") && words.contains("claimed") && words.contains("suspected"), "{words:?}");
    assert!(said.iter().any(|said| said.refuted.is_some()), "one of them cannot be right");
}
