//! What the node takes back, we take back.

use coinhound_testkit::litecoind::payments::{Payments, pay_every_kind};
use coinhound_testkit::litecoind::{FIRST_MWEB_HEIGHT, start};

use crate::litecoind::{Fed, assert_agrees};
use crate::support::assert_same;

/// The deepest reorganisation tried.
const DEPTH_MAX: u32 = 20;

#[test]
fn after_a_real_nodes_reorganisations_of_every_depth_to_20_both_hold_the_same_coins() {
    let Some(node) = start("after_a_real_nodes_reorganisations_..", &[]) else { return };
    pay_every_kind(&node);
    let payments = Payments::new(&node);
    // The deepest reorganisation comes first and takes back what went into the pool and out of it, but not the first
    // block with a pool: the node itself then fails to mine what it took back.
    payments.mine(FIRST_MWEB_HEIGHT + DEPTH_MAX + 1 - node.height());
    let fed = Fed::default();
    fed.from_files(&node);
    for depth in (1..=DEPTH_MAX).rev() {
        let about = format!("depth {depth}, height {}", node.height());
        payments.displace(depth);
        let outcome = fed.from_files(&node);
        assert_eq!((outcome.added, outcome.removed), (u64::from(depth) + 1, u64::from(depth)), "{about}");
        assert_agrees(&fed.view(), &node, &about);
    }
    let fresh = Fed::default();
    fresh.from_files(&node);
    assert_same(&fed.content(), &fresh.content(), "after all of them");
}
