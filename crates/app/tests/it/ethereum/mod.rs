//! Ethereum from a node or from files to a report: every verb over one made-up theft on the chain's own rules.

mod real;
mod world;

use std::fs;

use coinhound_testkit::evm::ScriptedEvm;
use serde_json::{Value, json};

pub use world::{BELOW, World, ingest};

use crate::follower::Follower;
use crate::run::Home;

const AT: &str = "--store eip155-1";

fn ask(home: &Home, line: &str) -> Value {
    let ran = home.run(&format!("--json {AT} {line}"));
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{line}: {}{}", ran.out, ran.err))
}

fn loaded(world: &World) -> (Home, ScriptedEvm) {
    let (home, node) = (Home::new(), world.node());
    home.ok(&ingest(&node));
    (home, node)
}

/// A case with the theft and the exchange's tag.
fn case(home: &Home, world: &World) {
    world.tags(home);
    home.ok("case new heist");
    home.ok("tag import tags.yaml");
    home.ok(&format!("{AT} seed add {}", world.theft));
}

fn units(value: &Value) -> u128 {
    value.as_str().expect("an amount").parse().expect("digits")
}

#[test]
fn ends_sum_to_what_was_stolen_and_opened_in_every_asset_by_every_rule() {
    let world = World::new();
    let (home, _node) = loaded(&world);
    case(&home, &world);
    let report = ask(&home, "trace --rule all --conversions follow");
    let trails = report["thefts"][0]["trails"].as_array().expect("a list");
    let mut assets = Vec::new();
    for trail in trails.iter().filter(|trail| trail["rule"] != "poison") {
        let sum: u128 = trail["ends"].as_array().expect("a list").iter().map(|end| units(&end["units"])).sum();
        let opened: u128 = trail["opened_by"].as_array().expect("a list").iter().map(|row| units(&row["opened"])).sum();
        assert_eq!((sum, opened), (units(&trail["entered"]), units(&trail["opened"])), "{}", trail["rule"]);
        assert_eq!(units(&trail["entered"]), units(&trail["stolen"]) + units(&trail["opened"]));
        if trail["rule"] == "lifo" {
            assets.push(trail["asset"]["ticker"].as_str().expect("text").to_owned());
        }
    }
    assert_eq!(assets, ["ETH", "USDT", "WETH"], "the loot was swapped and wrapped");
    let own = trails.iter().find(|trail| trail["rule"] == "lifo").expect("it was asked");
    let conversions = own["conversions"].as_array().expect("a list");
    let received: Vec<&Value> = conversions.iter().map(|row| &row["received"]["units"]).collect();
    assert_eq!(received, [&json!("8000000000"), &json!("2000000000000000000")]);
    assert_eq!(own["opened_by"][0]["given"]["units"], "2000000000", "the mule sold two thousand of them");
    let at_exchange = own["ends"].as_array().expect("a list").iter().find(|end| end["end"] == "at service");
    assert_eq!(at_exchange.expect("it went to the exchange")["units"], "1999000000000000000");

    let stopped = ask(&home, "trace --rule lifo --conversions stop");
    assert_eq!(stopped["parameters"]["conversions"], "stop");
    assert_eq!(stopped["thefts"][0]["trails"].as_array().map(Vec::len), Some(1), "the movements as they stand");
}

#[test]
fn a_swap_is_followed_where_only_accounts_known_to_exchange_gain_by_it() {
    let world = World::new();
    let (home, _node) = loaded(&world);
    case(&home, &world);
    let assets = |report: &Value| -> Vec<String> {
        let trails = report["thefts"][0]["trails"].as_array().expect("a list");
        trails.iter().filter_map(|trail| Some(trail["asset"]["ticker"].as_str()?.to_owned())).collect()
    };
    let untagged = ask(&home, "trace --rule lifo");
    assert_eq!(assets(&untagged), ["ETH", "WETH"], "a wrapper is known, a pool that nobody named is not");
    let declined = &untagged["thefts"][0]["trails"][0]["declined"];
    assert_eq!(declined.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&declined[0]["gainer"], &declined[0]["received"]["units"]),
        (&json!(world.pool.to_string()), &json!("8000000000"))
    );
    let printed = home.ok(&format!("{AT} trace --rule lifo"));
    assert!(printed.contains("what might be conversions by lifo") && printed.contains("--exchanger"), "{printed}");

    let named = ask(&home, &format!("trace --rule lifo --exchanger {}", world.pool));
    assert_eq!(assets(&named), ["ETH", "USDT", "WETH"]);
    assert!(named["parameters"]["exchangers"].as_array().expect("a list").contains(&json!(world.pool.to_string())));
    let pack = format!(
        "title: Pools\ncreator: Analyst\nsource: s\nconfidence: forensic\ncurrency: ETH\ntags:\n- {{address: '{}', label: Pool, category: defi_dex}}\n",
        world.pool
    );
    fs::write(home.path().join("pools.yaml"), pack).expect("writable");
    home.ok("tag import pools.yaml");
    let tagged = ask(&home, "trace --rule lifo");
    assert_eq!(assets(&tagged), ["ETH", "USDT", "WETH"], "a tagged pool does not stop a conversion that passes it");
}

#[test]
fn a_report_has_a_part_for_every_asset_and_the_conversions_between_them() {
    let world = World::new();
    let (home, _node) = loaded(&world);
    case(&home, &world);
    let printed = home.ok(&format!("{AT} trace --rule lifo,haircut --conversions follow"));
    for said in [
        "theft `theft`: 10.000000000000000000 ETH stolen in 1 transfer",
        "theft `theft`, converted into USDT (erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7)",
        "every sum equals what was stolen with what conversions opened",
        "every sum equals what conversions opened",
        "conversions by lifo",
        "the issuer can freeze an address",
    ] {
        assert!(printed.contains(said), "`{said}` is not in\n{printed}");
    }
    home.ok(&format!("{AT} report --out r"));
    let read = |name: &str| fs::read_to_string(home.path().join("r").join(name)).expect("written");
    let page = read("report.html");
    for said in [
        "What was converted into other assets",
        "What conversions opened here",
        "Where it came to rest: theft, converted into USDT",
        "came back",
        "How it flowed: theft, converted into WETH",
        "Conversions into other assets",
    ] {
        assert!(page.contains(said) || said == "came back", "`{said}` is not in the page");
    }
    assert_eq!(read("conversions.csv").lines().count(), 1 + 2 * 3, "three conversions by each of two rules");
    home.ok(&format!("{AT} trace --rule fifo --conversions stop"));
    home.ok(&format!("{AT} report --out r"));
    assert!(!home.path().join("r/conversions.csv").exists(), "what an earlier report left is not this one's");
}

#[test]
fn addresses_are_told_with_their_checksum_and_a_wrong_one_is_refused() {
    let world = World::new();
    let (home, _node) = loaded(&world);
    let address = world.thief.to_string();
    let shown = home.ok(&format!("{AT} show {}", address.to_lowercase()));
    assert!(shown.contains(&format!("account                          {address}")), "{shown}");
    let turned: String = address
        .chars()
        .enumerate()
        .map(|(at, c)| match c {
            _ if at < 2 => c,
            c if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
            c => c.to_ascii_lowercase(),
        })
        .collect();
    let refused = home.fails(&format!("{AT} show {turned}"), 6);
    assert!(refused.contains("the checksum of") && refused.contains(&address), "{refused}");
    let tx = home.ok(&format!("{AT} show {}", world.theft));
    assert!(tx.contains(&format!("transaction    {}", world.theft)) && tx.contains("10.000000000000000000"), "{tx}");
    let bare = home.ok(&format!("{AT} show {}", world.theft.trim_start_matches("0x")));
    assert_eq!(bare, tx, "with or without 0x");
}

#[test]
fn what_is_known_of_contracts_warnings_and_deposits_is_told_with_whose_word_it_is() {
    let world = World::new();
    let (home, _node) = loaded(&world);
    case(&home, &world);
    let safe = ask(&home, &format!("show {}", world.safe));
    assert_eq!((&safe["what"], &safe["threshold"]), (&json!("account"), &json!(2)), "{safe}");
    let proxy = ask(&home, &format!("show {}", world.proxy));
    assert_eq!((&proxy["what"], &proxy["balances"]), (&json!("contract"), &Value::Null), "it never held anything");
    assert_eq!(safe["owners"].as_array().map(Vec::len), Some(2));
    assert_eq!(safe["code"]["source"], "the contract's own word, in a log");

    let thief = ask(&home, &format!("show {}", world.thief));
    let kinds: Vec<&str> =
        thief["warnings"].as_array().expect("a list").iter().filter_map(|row| row["warning"].as_str()).collect();
    assert!(kinds.contains(&"transfer of nothing") && kinds.contains(&"dust"), "{kinds:?}");
    assert!(home.ok(&format!("{AT} show {}", world.thief)).contains("receiving accuses nobody"));
    let odd = thief["odd_tokens"][0].as_str().expect("USDT may charge a fee");
    assert!(odd.contains("tether"), "each with its source: {odd}");

    let cluster = ask(&home, &format!("cluster {}", world.deposit));
    assert_eq!(cluster["customers"][0]["users"], json!([world.thief.to_string()]));
    assert_eq!(cluster["deposits"][0]["forwarded"], "1999000000000000000");
    assert_eq!(cluster["deposit_rule"]["name"], "deposit-address-reuse");
    assert_eq!(cluster["deposit_error_rate"], Value::Null, "nobody measured it");
    home.ok("case new empty");
    let silent = home.ok(&format!("{AT} cluster {}", world.deposit));
    assert!(silent.contains("not looked for: no tag of the case names an address of an exchange"), "{silent}");
}

#[test]
fn files_make_the_same_store_as_a_node_and_a_damaged_one_is_named() {
    let world = World::new();
    let (by_node, _node) = loaded(&world);
    let by_files = Home::new();
    world.write(&by_files.path().join("blocks"));
    let line = format!("ingest --blocks blocks --network ethereum --start {}", BELOW + 1);
    let printed = by_files.ok(&line);
    assert!(
        printed.contains(&format!("{} to {}", BELOW + 1, u64::from(BELOW) + world.blocks.len() as u64 - 1)),
        "{printed}"
    );
    for line in ["status", &format!("show {}", world.thief), &format!("show {}", world.pool)] {
        let without_node = |home: &Home| {
            let mut value = ask(home, line);
            value.as_object_mut().expect("an object").retain(|field, _| field != "node" && field != "store");
            value
        };
        assert_eq!(without_node(&by_node), without_node(&by_files), "{line}");
    }
    let holey = Home::new();
    world.write(&holey.path().join("blocks"));
    fs::write(holey.path().join("blocks").join(format!("{}.json", BELOW + 4)), "{\"number\":").expect("writable");
    let ran = holey.run(&line);
    assert_eq!(ran.exit, 3, "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains(&format!("{}.json", BELOW + 4)) && ran.out.contains("are missing"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn that_traces_are_missing_is_said_on_every_answer() {
    let world = World::new();
    let (home, node) = (Home::new(), world.node());
    node.hide(&["debug_traceBlockByNumber", "trace_block"]);
    let ran = home.run(&ingest(&node));
    assert_eq!(ran.exit, 3, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("told no traces of 6 blocks"), "{}", ran.err);
    case(&home, &world);
    let said = "INCOMPLETE";
    for line in [
        "status".to_owned(),
        format!("show {}", world.mule),
        format!("show {}", world.theft),
        format!("show {}", BELOW + 2),
        format!("show {}", world.safe),
        format!("cluster {}", world.mule),
        "trace --rule fifo".to_owned(),
    ] {
        let printed = home.ok(&format!("{AT} {line}"));
        assert!(printed.contains(said), "{line}: {printed}");
    }
    home.ok(&format!("{AT} report --out r"));
    let trail = home.ok(&format!("{AT} trace --rule fifo"));
    let page = fs::read_to_string(home.path().join("r/report.html")).expect("written");
    for printed in [&trail, &page] {
        assert!(printed.contains("nobody told their traces; swaps there are judged without it"), "{printed}");
    }
    assert!(page.contains("<b>Incomplete:</b> what contracts passed on is not known in 6 blocks"));
    assert_eq!(ask(&home, &format!("--as-of {} status", BELOW + 2))["untraced"]["blocks"], 2);
    fs::remove_file(home.path().join("coinhound/stores/eip155-1/local/untraced.json")).expect("it is there");
    assert_eq!(ask(&home, "status")["untraced"]["blocks"], 6, "the store itself says so");
}

#[test]
fn balances_are_held_against_the_node_s() {
    let world = World::new();
    let (home, node) = loaded(&world);
    let equal = home.ok(&format!("{AT} balances --evm {}", node.url()));
    assert!(equal.contains("differ") && equal.contains("follows its logs"), "{equal}");
    let of_thief = ask(&home, &format!("balances --evm {} --address {}", node.url(), world.thief));
    assert_eq!((&of_thief["differ"], &of_thief["since"]), (&json!(0), &json!(BELOW)));
    let tokens = ask(&home, &format!("tokens --evm {}", node.url()));
    let usdt = tokens["token_list"].as_array().expect("a list").iter().find(|row| row["symbol"] == "USDT");
    assert_eq!(usdt.expect("it moved")["told_by"], "the table of well-known tokens");

    let untraced = Home::new();
    node.hide(&["debug_traceBlockByNumber", "trace_block"]);
    untraced.run(&ingest(&node));
    let ran = untraced.run(&format!("{AT} balances --evm {} --address {}", node.url(), world.mule));
    assert_eq!(ran.exit, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("1 DIFFER") && ran.err.contains("without traces"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_node_is_known_to_status_and_what_it_is_not_is_refused_by_name() {
    let world = World::new();
    let (home, node) = loaded(&world);
    let status = home.ok(&format!("{AT} status"));
    assert!(
        status.contains(&node.url()) && status.contains("the store holds its newest block, height 21,000,006"),
        "{status}"
    );
    assert!(status.contains("OLD, the newest block is 430 days old"), "by the fixed clock: {status}");
    let keyed = node.url().replace("http://", "http://analyst:sesame@") + "/v3/sesame";
    let line = format!("ingest --evm {keyed} --until latest");
    drop(node);
    let ran = home.run(&line);
    assert_eq!(ran.exit, 7, "{}{}", ran.out, ran.err);
    let status = home.ok(&format!("{AT} status"));
    assert!(status.contains("UNREACHABLE"), "{status}");
    let note = fs::read_to_string(home.path().join("coinhound/stores/eip155-1/local/nodes.json")).expect("kept");
    for text in [&ran.out, &ran.err, &status, &note] {
        assert!(!text.contains("sesame"), "a key is never printed nor kept: {text}");
    }
    for (line, exit, said) in [
        ("ingest --evm 127.0.0.1:8545", 2, "8545"),
        ("ingest --evm https://node.example:8545", 2, "tunnel"),
        ("ingest --evm http://127.0.0.1:1 --network main", 2, "--evm reads Ethereum"),
        ("ingest --evm http://127.0.0.1:1 --network evm-test:56", 2, "BNB Smart Chain"),
        ("ingest --evm http://127.0.0.1:1 --until yesterday", 2, "finalized"),
        ("ingest --rpc http://127.0.0.1:1 --network ethereum", 2, "--evm URL"),
        ("--store eip155-1 source 00:0", 6, "not defined on account ledgers"),
    ] {
        let ran = home.run(line);
        assert_eq!((ran.exit, ran.err.contains(said)), (exit, true), "{line}: {}", ran.err);
    }
}

#[cfg(unix)]
#[test]
fn a_followed_node_is_told_block_by_block_and_an_interrupt_keeps_what_was_committed() {
    let world = World::new();
    let (home, node) = (Home::new(), world.node());
    node.set_chain(&world.blocks[..4]);
    let mut follower = Follower::start(&home, &ingest(&node));
    let caught_up = follower.event("caught up");
    assert_eq!((&caught_up["height"], &caught_up["speed"]["blocks"]), (&json!(BELOW + 3), &json!(3)));
    node.set_chain(&world.blocks);
    for height in BELOW + 4..=BELOW + 6 {
        let block = follower.event("block");
        assert_eq!(block["height"], height);
        assert_eq!(
            block["block"],
            world.blocks[usize::try_from(height - BELOW).expect("a short chain")].hash.to_string()
        );
    }
    let (last, exit) = follower.stop();
    assert_eq!((&last["height"], &last["added"], exit), (&json!(BELOW + 6), &json!(6), 0));
    home.ok(&format!("{AT} store check"));
    let (whole, _node) = loaded(&world);
    let facts = |home: &Home| ask(home, &format!("show {}", world.thief));
    assert_eq!(facts(&home), facts(&whole), "followed or read at once");
}
