//! Other branches: followed as deep as nodes exchange blocks, deeper only when somebody says so.

use coinhound_chains::nem::ledger::row_hash;
use coinhound_ingest::NisLoadError;
use coinhound_testkit::nis::{NisLie, NisScript};

use super::{Rig, chain, fork, fresh, height};
use crate::support::assert_same;

#[test]
fn after_a_reorganisation_of_any_depth_the_store_is_as_if_freshly_loaded() {
    let mut branch = chain(45);
    let mut rig = Rig::loaded(&branch);
    for depth in 1..=20_usize {
        rig.node().set_local(depth % 2 == 0);
        // Equal and greater heights, across segments and folds of the tiny layout.
        let other = fork(&branch, branch.len() - depth, depth + depth % 3, depth as u64);
        rig.node().set_chain(&other);
        let outcome = rig.load();
        assert_eq!(outcome.accounts.removed, depth as u64, "depth {depth}");
        assert_same(&rig.content(), &fresh(&other), &format!("depth {depth}"));
        branch = other;
    }
}

#[test]
fn a_branch_as_deep_as_nodes_exchange_is_followed_and_a_deeper_one_when_it_is_accepted() {
    let one = chain(375);
    let base = Rig::loaded(&one);
    let held = base.content();
    let case = |keep: usize, accept| {
        let other = fork(&one, keep, 378 - keep, 9);
        let mut rig = Rig::new(&other);
        rig.disk = base.disk.copy();
        rig.options.accept_reorg = accept;
        let result = rig.try_load();
        (rig, other, result)
    };
    let (rig, other, result) = case(15, None);
    assert_eq!(result.expect("360 blocks are exchanged").accounts.removed, 360);
    assert_same(&rig.content(), &fresh(&other), "360");

    let other_way = row_hash(&one[200].hash());
    for accept in [None, Some(other_way)] {
        let (rig, other, result) = case(14, accept);
        let error = result.expect_err("361 are not");
        let NisLoadError::DeepReorg { fork, depth, ours, theirs } = &error else { panic!("{error}") };
        assert_eq!((*fork, *depth), (height(13), 361));
        assert_eq!((*ours, *theirs), (row_hash(&one[14].hash()), row_hash(&other[14].hash())));
        assert!(error.hint().expect("a hint").contains(&other[14].hash().to_string()));
        assert_same(&rig.content(), &held, "as it was");
    }
    for keep in [14, 3] {
        let other = fork(&one, keep, 1, 9);
        let (rig, other, result) = case(keep, Some(row_hash(&other[keep].hash())));
        assert_eq!(result.expect("accepted").accounts.removed, 375 - keep as u64);
        assert_same(&rig.content(), &fresh(&other), &format!("accepted, above block {keep}"));
    }
}

#[test]
fn a_lie_within_a_reorganisation_leaves_the_store_as_it_was() {
    let one = chain(40);
    let base = Rig::loaded(&one);
    let held = base.content();
    let other = fork(&one, 30, 14, 8);
    for (above, stays) in [(30, true), (35, true), (39, true), (41, false)] {
        let mut rig = Rig::new(&other);
        rig.disk = base.disk.copy();
        rig.options.accounts.batch_rows = 1;
        rig.node().tell(NisScript::from(NisLie::OtherTime).from_height(super::FIRST + above));
        let error = rig.try_load().expect_err("a lie");
        assert!(matches!(error, NisLoadError::BadBlock { .. }), "{error}");
        let want = if stays { held.clone() } else { fresh(&other[..41]) };
        assert_same(&rig.content(), &want, &format!("a lie at {above}"));
        rig.node().tell_the_truth();
        rig.load();
        assert_same(&rig.content(), &fresh(&other), "the truth");
    }
}

#[test]
fn nodes_of_another_chain_are_told_by_the_first_block() {
    let one = chain(30);
    let mut rig = Rig::loaded(&one);
    let held = rig.content();
    let other = coinhound_testkit::nis::made::grow(
        coinhound_testkit::nis::made::Stem::at(coinhound_chains::nem::Network::Main, super::FIRST),
        40,
        77,
    );
    rig.node().set_chain(&other);
    let error = rig.try_load().expect_err("another chain");
    let NisLoadError::OtherChain { first, ours, theirs } = &error else { panic!("{error}") };
    assert_eq!((*first, *ours, *theirs), (height(0), row_hash(&one[0].hash()), row_hash(&other[0].hash())));
    assert_same(&rig.content(), &held, "as it was");
}
