//! A node that mines, reorganises, dies and comes back while it is followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant, SystemTime};

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::rpc::Limits;
use coinhound_ingest::{Clock, Control, FollowOptions, Progress, follow_node};
use coinhound_model::Ledger;
use coinhound_testkit::litecoind::payments::{Payments, pay_every_kind};
use coinhound_testkit::litecoind::{Litecoind, start};

use crate::litecoind::{Fed, assert_agrees, rpc_of};
use crate::support::assert_same;

/// How long a follower may take to reach the node.
const PATIENCE: Duration = Duration::from_secs(30);

const POLL: Duration = Duration::from_millis(40);

/// Time as it passes.
struct Real;

impl Clock for Real {
    fn now(&mut self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs()
    }

    fn sleep(&mut self, pause: Duration) {
        sleep(pause);
    }
}

/// What a follower is seen to do.
#[derive(Default)]
struct Seen {
    stop: AtomicBool,
    commits: AtomicU32,
    troubles: AtomicU32,
}

impl Seen {
    fn watch(&self, progress: &Progress<'_>) -> Control {
        match progress {
            Progress::Committed(_) => drop(self.commits.fetch_add(1, Ordering::Relaxed)),
            Progress::Node(report) if report.trouble.is_some() => {
                self.troubles.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
        if self.stop.load(Ordering::Relaxed) { Control::Stop } else { Control::Go }
    }
}

/// Follows the node in a thread of its own while `story` happens to it.
fn followed(fed: &Fed, node: &mut Litecoind, story: impl FnOnce(&mut Litecoind, &Seen)) -> Seen {
    let seen = Seen::default();
    // A call to a node that is down fails at once: to try again is the follower's.
    let limits = Limits { retries: 0, ..Limits::default() };
    let mut asked = rpc_of(node, Network::LitecoinRegtest, limits);
    let follow = FollowOptions { poll: POLL, back_off: POLL, back_off_max: 5 * POLL };
    scope(|threads| {
        let follower = threads.spawn(|| {
            let disk = Arc::new(fed.disk.clone());
            let watch = &mut |progress: Progress<'_>| seen.watch(&progress);
            follow_node(&mut asked, disk, &fed.options, &follow, &mut Real, watch)
        });
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| story(node, &seen)));
        // Else a failed story would wait for its follower for ever.
        seen.stop.store(true, Ordering::Relaxed);
        let outcome = follower.join().expect("a follower does not panic").expect("a follower goes on");
        assert!(outcome.stopped, "{outcome:?}");
        told.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    seen
}

/// Waits until the store's tip is the node's.
fn wait_for(fed: &Fed, node: &Litecoind) {
    let (start, tip) = (Instant::now(), node.tip());
    while !fed.has_manifest() || fed.view().as_of().block.to_string() != tip {
        assert!(start.elapsed() < PATIENCE, "the follower does not reach {tip}");
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_node_that_mines_reorganises_dies_and_returns_is_followed_to_the_same_bytes() {
    let Some(mut node) = start("a_node_that_mines_..", &[]) else { return };
    pay_every_kind(&node);
    let fed = Fed::new();
    let seen = followed(&fed, &mut node, |node, seen| {
        wait_for(&fed, node);
        for round in 0..4 {
            let payments = Payments::new(node);
            payments.pay_some(1);
            payments.mine(1 + round);
            wait_for(&fed, node);
            assert_agrees(&fed.view(), node, "mined");
            payments.displace(1 + round);
            wait_for(&fed, node);
            assert_agrees(&fed.view(), node, "reorganised");
            let troubles = seen.troubles.load(Ordering::Relaxed);
            if round % 2 == 0 {
                node.kill_forgetting(2);
            } else {
                node.stop();
            }
            while seen.troubles.load(Ordering::Relaxed) == troubles {
                sleep(POLL);
            }
            node.run();
            // What a killed node forgot stays until it has more blocks than that: nothing it says before takes ours back.
            Payments::new(node).mine(3);
            wait_for(&fed, node);
            assert_agrees(&fed.view(), node, "back");
        }
    });
    assert!(seen.commits.load(Ordering::Relaxed) > 10, "one commit for each change");
    let fresh = Fed::new();
    fresh.read_rpc(&node);
    assert_same(&fed.content(), &fresh.content(), "followed");
}
