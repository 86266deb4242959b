//! The binary follows a real node while either of them is killed.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use coinhound_sim::Rng;
use coinhound_testkit::litecoind::payments::{Payments, pay_every_kind};
use coinhound_testkit::litecoind::{Litecoind, start};
use serde_json::Value;

use crate::node::files;
use crate::run::Home;

/// Times that the binary is killed.
const KILLS: u32 = 12;

/// The longest it may follow before that: its start, what it has to catch up with, and one pause.
const LIFE_MAX_MILLIS: u64 = 1_500;

fn ingest(node: &Litecoind) -> String {
    let (url, cookie) = (node.url(), node.cookie());
    format!("ingest --rpc {url} --rpc-cookie {} --network litecoin-regtest --store store", cookie.display())
}

/// The binary, following; dropping it kills it.
struct Follower(Child);

impl Follower {
    fn start(home: &Home, node: &Litecoind) -> Self {
        let mut command = home.command(&format!("{} --follow", ingest(node)));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("the binary was built with the tests"))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        // It must not have ended by itself: `kill` sends SIGKILL.
        let ended = self.0.try_wait().expect("it is a child of ours");
        let _ = self.0.kill();
        let _ = self.0.wait();
        assert!(ended.is_none() || std::thread::panicking(), "the follower ended by itself: {ended:?}");
    }
}

/// What the node does while it is followed.
fn happens(node: &mut Litecoind, turn: u32, rng: &mut Rng) {
    match turn % 4 {
        0 => Payments::new(node).mine(u32::try_from(rng.range(1, 6)).expect("few")),
        1 => Payments::new(node).displace(u32::try_from(rng.range(1, 6)).expect("few")),
        2 => {
            node.kill_forgetting(3);
            node.run();
            // More blocks than it forgot: until then nothing that it says takes ours back.
            Payments::new(node).mine(4);
        }
        _ => {}
    }
}

#[test]
fn whichever_of_binary_and_real_node_is_killed_the_store_ends_with_the_bytes_of_a_fresh_load() {
    let Some(mut node) = start("whichever_of_binary_and_real_node_is_killed_..", &[]) else { return };
    pay_every_kind(&node);
    let (home, mut rng) = (Home::new(), Rng::new(2018));
    for turn in 0..KILLS {
        let follower = Follower::start(&home, &node);
        happens(&mut node, turn, &mut rng);
        sleep(Duration::from_millis(rng.below(LIFE_MAX_MILLIS)));
        drop(follower);
        if home.path().join("store/MANIFEST").exists() {
            home.ok("--store store store check");
        }
    }
    home.ok(&ingest(&node));
    let told: Value = serde_json::from_str(&home.ok("--store store --json status")).expect("JSON");
    assert_eq!(told["blocks"]["last"], node.height());
    let fresh = Home::new();
    let blocks = node.blocks();
    fresh.ok(&format!("ingest --blocks {} --network litecoin-regtest --store store", blocks.display()));
    assert!(
        files(&home) == files(&fresh),
        "followed with kills or loaded from the node's files, the bytes are the same"
    );
}
