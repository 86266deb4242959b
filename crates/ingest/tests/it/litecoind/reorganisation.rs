//! What the node takes back, we take back.

use coinhound_ingest::Outcome;
use coinhound_testkit::litecoind::payments::{Payments, pay_every_kind};
use coinhound_testkit::litecoind::{FIRST_MWEB_HEIGHT, Litecoind, start};

use crate::litecoind::{Fed, assert_agrees};
use crate::support::assert_same;

/// The deepest reorganisation tried.
const DEPTH_MAX: u32 = 20;

#[test]
fn after_a_real_nodes_reorganisations_of_every_depth_to_20_both_hold_the_same_coins() {
    let Some(node) = start("after_a_real_nodes_reorganisations_..", &[]) else { return };
    pay_every_kind(&node);
    let payments = Payments::new(&node);
    payments.mine(FIRST_MWEB_HEIGHT + DEPTH_MAX + 1 - node.height());
    let (files, asked, both) = (Fed::new(), Fed::new(), Fed::new());
    let displace = |depth: u32| {
        bring_up(&files, &asked, &both, depth, &node);
        let about = format!("depth {depth}, height {}", node.height());
        payments.displace(depth);
        let outcomes = bring_up(&files, &asked, &both, depth, &node);
        let want = (u64::from(depth) + 1, u64::from(depth));
        assert_eq!(outcomes.map(|outcome| (outcome.added, outcome.removed)), [want; 3], "{about}");
        assert_agrees(&files.view(), &node, &about);
        assert_same(&asked.content(), &files.content(), &format!("{about}: over RPC"));
        assert_same(&both.content(), &files.content(), &format!("{about}: from files and over RPC in turn"));
    };
    // The deepest comes first and takes back what went into the pool and out of it.
    (1..=DEPTH_MAX).rev().for_each(displace);
    let fresh = Fed::new();
    fresh.read_rpc(&node);
    assert_same(&files.content(), &fresh.content(), "after all of them");
}

/// One store from the node's files, one over RPC, one from either in turn.
fn bring_up(files: &Fed, asked: &Fed, both: &Fed, turn: u32, node: &Litecoind) -> [Outcome; 3] {
    let in_turn = if turn.is_multiple_of(2) { both.read_files(node) } else { both.read_rpc(node) };
    [files.read_files(node), asked.read_rpc(node), in_turn]
}
