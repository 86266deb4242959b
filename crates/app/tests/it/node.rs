//! A running node through the binary: read, followed, displaced, refused, and named in `status`.

use std::fs;
use std::time::Duration;

use coinhound_chains::bitcoin::Network;
use coinhound_testkit::node::{Lie, ScriptedNode, made};
use serde_json::{Value, json};

use crate::follower::Follower;
use crate::run::{Home, Ran};

fn node(blocks: &[Vec<u8>]) -> ScriptedNode {
    ScriptedNode::start(Network::Regtest.params(), blocks)
}

/// The command line that reads this node into `store`.
fn ingest(node: &ScriptedNode) -> String {
    format!("ingest --rpc {} --network regtest --store store", node.url())
}

fn status(home: &Home) -> Value {
    serde_json::from_str(&home.ok("--store store --json status")).expect("JSON")
}

/// The store's files without what is this machine's own.
pub fn files(home: &Home) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![home.path().join("store")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("readable").path();
            let name = path.strip_prefix(home.path().join("store")).expect("below").display().to_string();
            if path.is_dir() && name != "local" {
                folders.push(path);
            } else if path.is_file() && name != "LOCK" {
                found.push((name, fs::read(&path).expect("readable")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_node_is_read_to_its_tip_and_again_only_what_is_new() {
    let chain = made::chain(40);
    let (home, node) = (Home::new(), node(&chain[..=30]));
    let ran = home.run(&format!("--json {}", ingest(&node)));
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let told: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&told["blocks"], &told["added"]), (&json!({ "first": 0, "last": 30 }), &json!(31)));
    assert_eq!((&told["node"], &told["store_lag"]), (&json!(node.url()), &json!(0)));
    assert_eq!(told["speed"]["blocks"], 31);
    assert!(ran.err.contains("read 31 blocks, ") && ran.err.contains(" blocks/s, "), "{}", ran.err);

    node.set_chain(&chain);
    let again = home.run(&ingest(&node));
    assert!(again.exit == 0 && again.out.contains("added                        10\n"), "{}{}", again.out, again.err);
    assert!(home.run(&ingest(&node)).err.contains("nothing new: the store is up to date"));
    let fresh = Home::new();
    fresh.ok(&ingest(&node));
    assert!(files(&home) == files(&fresh), "read in two parts or at once, the bytes are the same");
    home.ok("--store store store check");
}

#[test]
fn a_node_that_turned_is_followed_and_what_it_left_is_told() {
    let chain = made::chain(20);
    let (home, node) = (Home::new(), node(&chain));
    home.ok(&ingest(&node));
    node.set_chain(&made::fork(&chain, 14, 8, 1));
    let told = home.ok(&format!("--json {}", ingest(&node)));
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["displaced"], &told["added"], &told["blocks"]["last"]), (&json!(6), &json!(8), &json!(22)));
}

#[test]
fn a_name_and_password_or_a_cookie_open_the_node_and_are_never_told() {
    let (home, node) = (Home::new(), node(&made::chain(3)));
    node.let_in_only("analyst", "s3cret-word");
    let refused = home.run(&ingest(&node));
    assert!(refused.exit == 6 && refused.err.contains("none were given"), "{}", refused.err);
    assert!(refused.err.contains("hint: name the node's cookie file"), "{}", refused.err);
    let line = format!("{} --rpc-user analyst", ingest(&node));
    assert!(home.fails(&line, 2).contains("hint: set COINHOUND_RPC_PASSWORD"));
    let wrong = home.run_with(&[("COINHOUND_RPC_PASSWORD", "wr0ng-word")], &line);
    assert!(wrong.exit == 6 && wrong.err.contains("does not accept the name `analyst`"), "{}", wrong.err);
    let right = home.run_with(&[("COINHOUND_RPC_PASSWORD", "s3cret-word")], &line);
    assert_eq!(right.exit, 0, "{}", right.err);
    fs::write(home.path().join("password"), "s3cret-word\n").expect("writable");
    home.ok(&format!("{line} --rpc-password-file password"));

    fs::write(home.path().join("cookie"), "analyst:s3cret-word").expect("writable");
    let cookie = home.run(&format!("{} --rpc-cookie cookie", ingest(&node)));
    assert_eq!(cookie.exit, 0, "{}", cookie.err);
    let missing = home.run(&format!("{} --rpc-cookie nowhere", ingest(&node)));
    assert!(missing.exit == 7 && missing.err.contains("is it running"), "{}", missing.err);
    let url = node.url().replace("http://", "http://analyst:s3cret-word@");
    let inside = home.run(&format!("ingest --rpc {url} --network regtest --store store"));
    assert_eq!(inside.exit, 0, "{}", inside.err);

    let told: Vec<&Ran> = vec![&refused, &wrong, &right, &cookie, &missing, &inside];
    assert!(told.iter().all(|ran| !format!("{}{}", ran.out, ran.err).contains("-word")));
    let kept = fs::read_to_string(home.path().join("store/local/node.json")).expect("written");
    assert!(!kept.contains("word") && kept.contains("127.0.0.1"), "{kept}");
}

#[test]
fn the_cookie_in_the_nodes_usual_folder_is_found() {
    let (home, node) = (Home::new(), node(&made::chain(3)));
    node.let_in_only("__cookie__", "found");
    let folder = home.path().join(".bitcoin/regtest");
    fs::create_dir_all(&folder).expect("writable");
    fs::write(folder.join(".cookie"), "__cookie__:found").expect("writable");
    let ran = home.run_with(&[("HOME", &home.path().display().to_string())], &ingest(&node));
    assert_eq!(ran.exit, 0, "{}", ran.err);
}

#[test]
fn what_is_no_nodes_address_is_refused_with_the_way_to_write_it() {
    let home = Home::new();
    for (url, said) in [
        ("https://127.0.0.1:8332", "through a tunnel"),
        ("127.0.0.1:8332", "write it as `http://127.0.0.1:8332`"),
        ("http://127.0.0.1", "add the node's `rpcport`"),
    ] {
        let told = home.fails(&format!("ingest --rpc {url} --store store"), 2);
        assert!(told.contains(said), "{url}: {told}");
    }
    for line in ["ingest --blocks b --follow", "ingest --rpc http://h:1 --blocks b", "ingest --rpc http://h:1 --poll 0"]
    {
        assert_eq!(home.run(line).exit, 2, "{line}");
    }
    assert!(home.fails("ingest", 2).contains("--rpc URL"));
}

#[test]
fn a_node_that_lies_is_named_and_nothing_of_it_is_stored() {
    let chain = made::chain(20);
    let (home, node) = (Home::new(), node(&chain[..=10]));
    home.ok(&ingest(&node));
    let before = files(&home);
    node.set_chain(&chain);
    for lie in [Lie::OtherBlock, Lie::OtherHeader, Lie::InvalidJson, Lie::MissingTx] {
        node.tell(lie);
        let ran = home.run(&ingest(&node));
        assert_eq!(ran.exit, 6, "{lie:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("hint: "), "{lie:?}: {}", ran.err);
        assert!(files(&home) == before, "{lie:?} left something");
        assert_eq!(status(&home)["node"]["states"], json!(["unreachable"]), "{lie:?}");
        node.tell_the_truth();
    }
    let other = home.run(&format!("ingest --rpc {} --network signet --store other", node.url()));
    assert!(other.exit == 6 && other.err.contains("hint: name the node's network"), "{}", other.err);
    home.ok(&ingest(&node));
    assert_eq!(status(&home)["node"]["states"], json!([]));
}

#[test]
fn status_names_a_node_that_loads_lags_warns_or_does_not_answer() {
    let chain = made::chain(20);
    let (home, node) = (Home::new(), node(&chain));
    home.ok(&ingest(&node));
    let told = status(&home);
    assert_eq!((&told["node"]["says"]["blocks"], &told["node"]["store_lag"]), (&json!(20), &json!(0)));
    assert_eq!(told["node"]["answered"], 1_767_225_600);
    let text = home.ok("--store store status");
    assert!(text.contains(": the store holds its newest block, height 20; asked 0 s ago"), "{text}");

    node.set_catching_up(true, 500);
    node.set_warnings(&["unknown new rules activated"]);
    home.run(&ingest(&node));
    let told = status(&home);
    assert_eq!(told["node"]["states"], json!(["initial download", "lagging"]));
    let text = home.ok("--store store status");
    for said in ["LOADING its chain", "LAGGING, 500 blocks behind", "it warns: unknown new rules activated"] {
        assert!(text.contains(said), "{text}");
    }

    node.set_catching_up(false, 0);
    node.set_chain(&chain[..=12]);
    node.forget_displaced();
    let ran = home.run(&ingest(&node));
    assert!(ran.exit == 3 && ran.err.contains("nothing was taken back"), "{}{}", ran.out, ran.err);
    assert_eq!(status(&home)["node"]["states"], json!(["behind the store"]));
    assert_eq!(status(&home)["blocks"]["last"], 20);

    let line = ingest(&node);
    drop(node);
    let ran = home.run(&line);
    assert!(ran.exit == 7 && ran.err.contains("hint: is the node running"), "{}", ran.err);
    let told = status(&home);
    assert_eq!(told["node"]["states"][0], "unreachable");
    assert_eq!((&told["node"]["error"]["attempts"], &told["node"]["says"]["blocks"]), (&json!(1), &json!(12)));
    assert!(home.ok("--store store status").contains("UNREACHABLE since 2026-01-01 00:00:00 UTC, failed once: "));
}

#[cfg(unix)]
#[test]
fn a_followed_node_is_told_block_by_block_through_a_reorganisation() {
    let chain = made::chain(24);
    let (home, node) = (Home::new(), node(&chain[..=20]));
    let mut follower = Follower::start(&home, &ingest(&node));
    let caught_up = follower.next();
    assert_eq!((&caught_up["event"], &caught_up["height"]), (&json!("caught up"), &json!(20)));
    assert_eq!(caught_up["speed"]["blocks"], 21);
    node.push(&chain[21]);
    let block = follower.next();
    assert_eq!((&block["event"], &block["height"], &block["transactions"]), (&json!("block"), &json!(21), &json!(3)));
    assert_eq!(block["block"], made::name(&chain[21]).to_string());
    assert!(block["latency_ms"].is_u64() && block["bytes"] == chain[21].len(), "{block}");

    let fork = made::fork(&chain, 18, 5, 1);
    node.set_chain(&fork);
    let turned = follower.next();
    assert_eq!(
        (&turned["event"], &turned["from_height"], &turned["displaced"]),
        (&json!("reorganisation"), &json!(19), &json!(3))
    );
    for (height, told) in fork.iter().enumerate().skip(19) {
        let block = follower.next();
        assert_eq!((&block["height"], &block["block"]), (&json!(height), &json!(made::name(told).to_string())));
    }
    let (last, exit) = follower.stop();
    assert_eq!((&last["height"], &last["displaced"], exit), (&json!(23), &json!(3), 0));
    let fresh = Home::new();
    fresh.ok(&ingest(&node));
    assert!(files(&home) == files(&fresh), "followed or read at once, the bytes are the same");
    home.ok("--store store store check");
    assert_eq!(status(&home)["gaps"], json!([]), "a node's chain has no gaps");
}

#[cfg(unix)]
#[test]
fn a_followed_node_that_is_behind_the_store_is_told_so_and_not_taken_for_caught_up() {
    let chain = made::chain(22);
    let (home, node) = (Home::new(), node(&chain[..=20]));
    home.ok(&ingest(&node));
    node.set_chain(&chain[..=10]);
    node.forget_displaced();
    let mut follower = Follower::start(&home, &ingest(&node));
    let behind = follower.next();
    assert_eq!((&behind["event"], &behind["height"]), (&json!("behind"), &json!(10)));
    node.set_chain(&chain);
    let caught_up = follower.next();
    assert_eq!((&caught_up["event"], &caught_up["height"]), (&json!("caught up"), &json!(22)));
    let (last, exit) = follower.stop();
    assert_eq!((&last["displaced"], exit), (&json!(0), 0));
}

#[cfg(unix)]
#[test]
fn a_followed_node_that_fails_is_named_and_tried_again() {
    let chain = made::chain(12);
    let (home, node) = (Home::new(), node(&chain[..=10]));
    let mut follower = Follower::start(&home, &ingest(&node));
    follower.event("caught up");
    node.tell(Lie::InvalidJson);
    node.push(&chain[11]);
    let trouble = follower.event("trouble");
    assert!(trouble["message"].is_string() && trouble["attempts"] == 1, "{trouble}");
    let named = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        status(&home)["node"]["states"] == json!(["unreachable"])
    });
    assert!(named, "status names it while it lasts: {}", status(&home)["node"]);
    node.tell_the_truth();
    let mut kinds = vec![follower.next(), follower.next()];
    kinds.sort_by_key(|event| event["event"].to_string());
    assert_eq!((&kinds[0]["height"], &kinds[1]["event"]), (&json!(11), &json!("recovered")), "{kinds:?}");
    let (_, exit) = follower.stop();
    assert_eq!(exit, 0);
    assert_eq!(status(&home)["node"]["states"], json!([]));
}

#[test]
fn files_and_node_take_turns_on_one_store() {
    let chain = made::chain(30);
    let (home, node) = (Home::new(), node(&chain[..=10]));
    home.ok(&ingest(&node));
    let folder = home.path().join("blocks");
    fs::create_dir_all(&folder).expect("writable");
    let mut bytes = Vec::new();
    for block in &chain[..=20] {
        bytes.extend([0xfa, 0xbf, 0xb5, 0xda]);
        bytes.extend(u32::try_from(block.len()).expect("a small block").to_le_bytes());
        bytes.extend(block);
    }
    fs::write(folder.join("blk00000.dat"), bytes).expect("writable");
    let ran = home.run("ingest --blocks blocks --network regtest --store store");
    assert!(ran.exit == 0 && ran.out.contains("added                        10\n"), "{}{}", ran.out, ran.err);
    node.set_chain(&chain);
    home.ok(&ingest(&node));
    let fresh = Home::new();
    fresh.ok(&ingest(&node));
    assert!(files(&home) == files(&fresh));
}
