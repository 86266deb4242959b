//! A node's active chain is followed: any depth, down to less work where the node says so, never to nothing where
//! it has merely forgotten.

use coinhound_ingest::node::Relation;
use coinhound_ingest::{Control, LoadError, NodeError, Outcome, Progress};
use coinhound_model::Ledger;
use coinhound_sim::Rng;
use coinhound_testkit::node::{Lie, Script};

use crate::forks::Branch;
use crate::node::{Rig, raw};
use crate::support::{assert_same, count, fresh};

#[test]
fn reorganisations_of_every_depth_leave_what_a_fresh_load_leaves() {
    let (mut below_fold, mut rng) = (0, Rng::new(720));
    let mut branch = Branch::random(721, 40);
    let mut rig = Rig::loaded(&raw(&branch.blocks));
    for depth in 1..=usize::try_from(count(20, 40)).expect("small") {
        let fork = branch.tip() - depth;
        let mut other = branch.fork(fork, rng.next_u64());
        (0..depth + rng.index(3)).for_each(|_| other.grow(&[]));
        let removed = rig.total.filtered;
        rig.node.reorg_to(u32::try_from(fork).expect("small"), &raw(&other.blocks[fork + 1..]));
        let outcome = rig.load();
        let added = (other.tip() - fork) as u64;
        assert_eq!((outcome.added, outcome.removed), (added, depth as u64), "depth {depth}");
        assert_same(&rig.content(), &fresh(&other.blocks), &format!("depth {depth}"));
        below_fold += u32::from(rig.total.filtered > removed);
        branch = other;
    }
    assert!(below_fold > 5, "{below_fold} of them below the base");
}

#[test]
fn of_two_branches_with_equal_work_the_nodes_own_is_followed_whatever_its_hash() {
    let base = Branch::random(722, 20);
    let (mut one, mut other) = (base.fork(17, 1), base.fork(17, 2));
    (0..3).for_each(|_| {
        one.grow(&[]);
        other.grow(&[]);
    });
    let mut rig = Rig::loaded(&raw(&base.blocks));
    for branch in [&one, &other, &one, &base] {
        rig.node.set_chain(&raw(&branch.blocks));
        assert_eq!(rig.load().removed, 3);
        assert_same(&rig.content(), &fresh(&branch.blocks), "the node's own");
    }
    assert_eq!(rig.node.calls("getblockheader"), 21 + 4 * 3, "nobody is asked what became of a branch of equal work");
}

#[test]
fn blocks_that_the_node_has_left_without_others_are_taken_back() {
    let branch = Branch::random(723, 45);
    let mut rig = Rig::loaded(&raw(&branch.blocks));
    for tip in [44, 41, 30, 3] {
        let before = rig.height().0;
        rig.node.reorg_to(tip, &[]);
        let outcome = rig.load();
        assert_eq!((outcome.added, outcome.removed), (0, u64::from(before - tip)));
        assert_same(&rig.content(), &fresh(&branch.blocks[..=tip as usize]), "invalidated");
    }
    rig.node.set_chain(&raw(&branch.blocks));
    assert_eq!(rig.load().added, 42);
    assert_same(&rig.content(), &fresh(&branch.blocks), "and back");
}

#[test]
fn a_lighter_branch_is_followed_when_the_node_has_left_the_heavier() {
    let branch = Branch::random(724, 30);
    let mut other = branch.fork(20, 725);
    (0..4).for_each(|_| other.grow(&[]));
    let mut rig = Rig::loaded(&raw(&branch.blocks));
    rig.node.reorg_to(20, &raw(&other.blocks[21..]));
    let outcome = rig.load();
    assert_eq!((outcome.added, outcome.removed), (4, 10));
    assert_same(&rig.content(), &fresh(&other.blocks), "lighter");
}

#[test]
fn a_node_that_forgot_or_is_on_its_way_takes_nothing_back_and_is_said_to_be_behind() {
    let branch = Branch::random(726, 30);
    let mut other = branch.fork(20, 727);
    (0..4).for_each(|_| other.grow(&[]));
    let want = fresh(&branch.blocks);
    for ahead in [0, 30] {
        for chain in [&branch.blocks[..8], &branch.blocks[..1], &other.blocks[..]] {
            let mut rig = Rig::loaded(&raw(&branch.blocks));
            rig.node.set_chain(&raw(chain));
            if ahead == 0 {
                // Indexed anew: it has never heard of our blocks.
                rig.node.forget_displaced();
            } else {
                // It knows all headers and connects its blocks again.
                rig.node.set_catching_up(true, ahead);
            }
            let outcome = rig.load();
            assert_eq!((outcome.added, outcome.removed), (0, 0));
            let report = outcome.node.expect("a node was asked");
            assert_eq!(report.relation, Relation::NodeBehind, "{report:?}");
            assert_same(&rig.content(), &want, "as it was");
            rig.node.set_catching_up(false, 0);
            let mut grown = branch.clone();
            grown.grow(&[]);
            rig.node.set_chain(&raw(&grown.blocks));
            assert_eq!(rig.load().added, 1, "when it is there again");
        }
    }
}

#[test]
fn a_reorganisation_below_a_range_is_a_named_error_and_the_range_stays() {
    let branch = Branch::random(728, 40);
    let mut rig = Rig::new(&raw(&branch.blocks));
    rig.options.start = Some(coinhound_model::Height(25));
    rig.load();
    let want = rig.content();
    let mut other = branch.fork(10, 729);
    (0..40).for_each(|_| other.grow(&[]));
    rig.node.set_chain(&raw(&other.blocks));
    let error = rig.load_badly();
    assert!(matches!(&error, NodeError::OtherChain { first, .. } if first.0 == 25), "{error}");
    rig.node.reorg_to(12, &[]);
    let error = rig.load_badly();
    assert!(matches!(&error, NodeError::OtherChain { .. }), "{error}");
    rig.node.forget_displaced();
    assert_eq!(rig.load().node.expect("asked").relation, Relation::NodeBehind);
    assert_same(&rig.content(), &want, "as it was");
}

#[test]
fn a_deep_reorganisation_is_committed_once_it_outranks_and_goes_on_in_parts() {
    let branch = Branch::random(730, 30);
    let mut other = branch.fork(20, 731);
    (0..40).for_each(|_| other.grow(&[]));
    let mut rig = Rig::loaded(&raw(&branch.blocks));
    (rig.options.batch_bytes, rig.commits) = (1, 0);
    rig.node.set_chain(&raw(&other.blocks));
    let disk = rig.disk.clone();
    let mut tips = Vec::new();
    let outcome = rig.try_load_watched(&mut |progress| {
        if let coinhound_ingest::Progress::Committed(_) = progress {
            tips.push(coinhound_store::view::View::open(&disk).expect("opens").as_of().height.0);
        }
        coinhound_ingest::Control::Go
    });
    assert_eq!(outcome.expect("loads").removed, 10);
    assert!(tips.iter().copied().eq(30..=60), "ten blocks in one, then each alone: {tips:?}");
    assert_same(&rig.content(), &fresh(&other.blocks), "the other branch");
}

/// A store with a branch that ends at height 40, and its node, which has left it at height 20 for a lighter one that
/// ends at height 35.
fn left_for_a_lighter() -> (Rig, Branch, Branch) {
    let branch = Branch::random(732, 40);
    let mut other = branch.fork(20, 733);
    (0..15).for_each(|_| other.grow(&[]));
    let rig = Rig::loaded(&raw(&branch.blocks));
    rig.node.reorg_to(20, &raw(&other.blocks[21..]));
    (rig, branch, other)
}

/// Loads, and tells after how many blocks each commit came.
fn blocks_per_commit(rig: &mut Rig) -> (Result<Outcome, LoadError>, Vec<u32>) {
    let (mut held, mut commits) = (0, Vec::new());
    let outcome = rig.try_load_watched(&mut |progress| {
        match progress {
            Progress::Block { .. } => held += 1,
            Progress::Committed(_) => commits.push(std::mem::take(&mut held)),
            _ => {}
        }
        Control::Go
    });
    (outcome, commits)
}

#[test]
fn of_a_long_lighter_branch_no_more_than_a_batch_is_held() {
    let (mut rig, _, other) = left_for_a_lighter();
    rig.options.batch_bytes = other.blocks[21..25].iter().map(|block| block.bytes.len() as u64).sum();
    let (outcome, commits) = blocks_per_commit(&mut rig);
    let outcome = outcome.expect("an honest node");
    assert_eq!((outcome.added, outcome.removed, commits[0]), (15, 20, 4));
    assert!(commits.len() > 2 && commits.iter().all(|held| *held < 10), "{commits:?}");
    assert_same(&rig.content(), &fresh(&other.blocks), "lighter");
}

#[test]
fn a_lighter_branch_within_a_batch_displaces_as_a_whole_or_not_at_all() {
    let (mut rig, branch, other) = left_for_a_lighter();
    rig.node.tell(Script::from(Lie::MissingTx).from_height(30));
    let (outcome, commits) = blocks_per_commit(&mut rig);
    assert!(
        matches!(&outcome, Err(LoadError::Node(NodeError::BadBlock { height, .. })) if height.0 == 30),
        "{outcome:?}"
    );
    assert!(commits.is_empty(), "nothing is given up for a branch with a hole");
    assert_same(&rig.content(), &fresh(&branch.blocks), "as it was");
    rig.node.tell_the_truth();
    assert_eq!(blocks_per_commit(&mut rig).1, [15]);
    assert_same(&rig.content(), &fresh(&other.blocks), "lighter");
}

#[test]
fn a_lighter_branch_that_breaks_off_after_a_batch_ends_at_its_last_proven_block() {
    let (mut rig, branch, other) = left_for_a_lighter();
    rig.options.batch_bytes = other.blocks[21..25].iter().map(|block| block.bytes.len() as u64).sum();
    rig.node.tell(Script::from(Lie::MissingTx).from_height(30));
    let error = rig.load_badly();
    assert!(matches!(&error, NodeError::BadBlock { height, .. } if height.0 == 30), "{error}");
    assert_same(&rig.content(), &fresh(&other.blocks[..30]), "up to the hole");
    rig.node.tell_the_truth();
    rig.load();
    assert_same(&rig.content(), &fresh(&other.blocks), "lighter");
    rig.node.set_chain(&raw(&branch.blocks));
    rig.load();
    assert_same(&rig.content(), &fresh(&branch.blocks), "and back to the heavier");
}
