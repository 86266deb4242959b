//! Several nodes: only what all tell is stored, and where they differ is told.

use coinhound_chains::nem::ledger::row_hash;
use coinhound_ingest::NisOutcome;
use coinhound_ingest::nis::{Agreement, NisRelation, Version};

use super::{Rig, chain, fork, fresh, height};
use crate::support::assert_same;

fn disagreed(outcome: &NisOutcome) -> (coinhound_model::Height, Vec<Version>) {
    match &outcome.report.agreement {
        Agreement::Disagreed { height, told } => (*height, told.clone()),
        other => panic!("they differ: {other:?}"),
    }
}

#[test]
fn nodes_that_agree_are_counted() {
    let whole = chain(25);
    let mut rig = Rig::of(&[&whole, &whole, &whole[..22]]);
    rig.nodes[1].set_local(false);
    let outcome = rig.load();
    assert_eq!((outcome.accounts.added, outcome.report.agreement), (22, Agreement::All { nodes: 3 }));
    assert_same(&rig.content(), &fresh(&whole[..22]), "as far as all are");
    let heights: Vec<_> = outcome.report.nodes.iter().map(|node| node.height.expect("asked") - super::FIRST).collect();
    assert_eq!(heights, [24, 24, 21]);
}

#[test]
fn nothing_is_stored_from_where_two_nodes_differ_on_and_both_hashes_are_told() {
    let one = chain(30);
    for (keep, local) in [(1, true), (10, true), (11, false), (29, true)] {
        let other = fork(&one, keep, 30 - keep, 3);
        let mut rig = Rig::of(&[&one, &other]);
        rig.nodes[0].set_local(local);
        let outcome = rig.load();
        let (at, told) = disagreed(&outcome);
        assert_eq!((at, outcome.accounts.added), (height(keep as u64), keep as u64));
        assert_eq!(
            told.iter().map(|told| told.hash).collect::<Vec<_>>(),
            [&one, &other].map(|chain| row_hash(&chain[keep].hash()))
        );
        assert!(told[1].url == rig.nodes[1].url() && outcome.report.lag() == Some(30 - keep as u64));
        assert_same(&rig.content(), &fresh(&one[..keep]), "below");
        rig.nodes[0].set_chain(&other);
        assert_eq!(rig.load().report.agreement, Agreement::All { nodes: 2 });
        assert_same(&rig.content(), &fresh(&other), "once they agree");
    }
}

#[test]
fn two_nodes_that_never_agreed_leave_nothing() {
    let (one, other) = (chain(12), fork(&chain(1), 1, 11, 5));
    let other = &other[1..];
    let mut rig = Rig::of(&[&one[1..], other]);
    let outcome = rig.load();
    assert_eq!(disagreed(&outcome).0, height(1));
    assert!(rig.content().is_empty() && outcome.accounts.range.is_none());
}

#[test]
fn one_node_that_left_alone_takes_nothing_back() {
    let one = chain(40);
    let mut rig = Rig::of(&[&one[..35], &one[..35]]);
    rig.load();
    let want = rig.content();
    let other = fork(&one, 28, 20, 4);
    rig.nodes[1].set_chain(&other);
    rig.nodes[0].set_chain(&one);
    let outcome = rig.load();
    assert_eq!((disagreed(&outcome).0, outcome.accounts.removed, outcome.accounts.added), (height(28), 0, 0));
    assert_same(&rig.content(), &want, "as it was");
    rig.nodes[0].set_chain(&other);
    let outcome = rig.load();
    assert_eq!((outcome.accounts.removed, outcome.accounts.added), (7, 20));
    assert_same(&rig.content(), &fresh(&other), "when both have left");
}

#[test]
fn a_branch_on_which_the_nodes_part_before_it_is_as_high_takes_nothing_back() {
    let one = chain(40);
    let mut rig = Rig::of(&[&one, &one]);
    rig.load();
    let want = rig.content();
    let other = fork(&one, 30, 15, 4);
    let third = fork(&other, 35, 10, 5);
    rig.nodes[0].set_chain(&other);
    rig.nodes[1].set_chain(&third);
    let outcome = rig.load();
    assert_eq!((disagreed(&outcome).0, outcome.accounts.removed), (height(35), 0));
    assert_same(&rig.content(), &want, "as it was");
}

#[test]
fn a_branch_that_is_not_as_high_is_told_and_waits() {
    let one = chain(40);
    let mut rig = Rig::loaded(&one);
    let want = rig.content();
    let other = fork(&one, 30, 20, 6);
    rig.node().set_chain(&other[..38]);
    let outcome = rig.load();
    assert_eq!(outcome.report.relation, NisRelation::LowerBranch { fork: height(29) });
    assert_same(&rig.content(), &want, "as it was");
    rig.node().set_chain(&other);
    assert_eq!(rig.load().accounts.removed, 10);
    assert_same(&rig.content(), &fresh(&other), "when it is higher");
}
