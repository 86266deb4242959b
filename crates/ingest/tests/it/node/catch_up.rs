//! Catching up with a node: the bytes that its block files leave, however it is cut.

use std::sync::Arc;

use coinhound_chains::bitcoin::Network;
use coinhound_ingest::node::Relation;
use coinhound_ingest::{Control, NodeError, Progress};
use coinhound_sim::Rng;

use crate::forks::{Branch, Raw, coinbase, slot};
use crate::node::{Rig, raw};
use crate::support::{Site, assert_clean, assert_same, fresh, load};

#[test]
fn a_node_leaves_the_bytes_that_its_files_leave_with_one_thread_or_two_and_in_batches_of_any_size() {
    let blocks = Branch::random(700, 90).blocks;
    let want = fresh(&blocks);
    for (threads, batch_bytes) in [(1, u64::MAX), (2, u64::MAX), (1, 1), (2, 3_000)] {
        let mut rig = Rig::new(&raw(&blocks));
        (rig.options.threads, rig.options.batch_bytes) = (threads, batch_bytes);
        let outcome = rig.load();
        assert_clean(&outcome);
        assert_eq!((outcome.added, outcome.removed), (91, 0));
        assert!(batch_bytes == u64::MAX || (rig.commits > 4 && rig.total.folded > 2), "{:?}", rig.total);
        assert_same(&rig.content(), &want, &format!("{threads} threads, {batch_bytes} bytes"));
        let report = outcome.node.expect("a node was asked");
        assert_eq!((report.lag(), report.relation, report.trouble.clone()), (Some(0), Relation::Following, None));
        assert_eq!(rig.load().added, 0, "nothing new");
    }
}

#[test]
fn files_and_a_node_in_turns_leave_the_bytes_of_either() {
    let blocks = Branch::random(701, 80).blocks;
    let want = fresh(&blocks);
    let mut rng = Rng::new(702);
    for first_from_node in [true, false] {
        let (mut site, mut rig) = (Site::new(), Rig::new(&raw(&blocks[..1])));
        let (mut have, mut from_node) = (0, first_from_node);
        while have < blocks.len() {
            have = blocks.len().min(have + 1 + rng.index(12));
            if from_node {
                rig.node.set_chain(&raw(&blocks[..have]));
                rig.load();
            } else {
                site.put(0, &blocks[..have]);
                load(Network::Regtest, site.blocks(), Arc::new(rig.disk.clone()), &site.options).expect("loads");
            }
            from_node = !from_node;
        }
        site.total = rig.total;
        assert_same(&rig.content(), &want, "in turns");
    }
}

#[test]
fn a_catch_up_stopped_anywhere_and_taken_up_again_leaves_the_same_bytes() {
    let blocks = Branch::random(703, 60).blocks;
    let want = fresh(&blocks);
    for seed in 0..3 {
        let mut rng = Rng::new(seed);
        let mut rig = Rig::new(&raw(&blocks));
        rig.options.threads = 1 + rng.index(2);
        let mut runs = 1;
        while rig
            .try_load_watched(&mut |progress| {
                let may_stop = matches!(progress, Progress::Block { .. } | Progress::Headers { .. });
                if may_stop && rng.chance(80) { Control::Stop } else { Control::Go }
            })
            .expect("a stop is no error")
            .stopped
        {
            runs += 1;
        }
        assert!(runs > 2, "{runs} runs");
        assert_same(&rig.content(), &want, &format!("seed {seed}, {runs} runs"));
    }
}

#[test]
fn headers_come_first_and_blocks_in_few_questions() {
    let blocks = Branch::random(704, 80).blocks;
    let mut rig = Rig::new(&raw(&blocks));
    let mut order = Vec::new();
    let outcome = rig.try_load_watched(&mut |progress| {
        order.push(match progress {
            Progress::Headers { .. } => 'h',
            Progress::Block { .. } => 'b',
            _ => return Control::Go,
        });
        Control::Go
    });
    outcome.expect("loads");
    order.dedup();
    assert_eq!(order, ['h', 'b']);
    assert_eq!(rig.node.calls("getblock"), 81, "each block once");
    assert!(rig.node.requests() < 25, "{} requests", rig.node.requests());
}

#[test]
fn a_block_that_breaks_a_rule_is_named_and_those_before_it_stay() {
    let branch = Branch::random(705, 20);
    let greedy = Raw::on(&branch.blocks[20]).seal(&[coinbase(
        b"\x01\x15greedy",
        5_000_000_001,
        slot(coinhound_sim::Style::PubKey, 1),
    )]);
    let mut chain = raw(&branch.blocks);
    chain.push(greedy.bytes.clone());
    let mut rig = Rig::new(&chain);
    for added in [21, 0] {
        let error = rig.load_badly();
        let named = matches!(&error, NodeError::BadBlock { hash, height, reason }
            if *hash == greedy.hash && height.0 == 21 && reason.contains("pays out 5000000001"));
        assert!(named && !error.is_transient(), "{error}");
        assert_same(&rig.content(), &fresh(&branch.blocks), &format!("after {added} blocks"));
    }
}

#[test]
fn a_node_that_has_pruned_what_is_next_is_told_with_what_to_do() {
    let blocks = raw(&Branch::random(706, 20).blocks);
    let mut rig = Rig::new(&blocks);
    rig.node.set_pruned(Some(10));
    let error = rig.load_badly();
    assert!(error.to_string().contains("pruned") && error.hint().expect("a hint").contains("--start"), "{error}");
    assert!(rig.content().is_empty(), "nothing was stored");
    rig.node.set_pruned(None);
    rig.node.set_chain(&blocks[..12]);
    rig.load();
    rig.node.set_chain(&blocks);
    rig.node.set_pruned(Some(10));
    assert_eq!(rig.load().added, 9, "what is new is there");
}

#[test]
fn another_networks_node_is_refused_before_anything_is_stored() {
    let blocks = raw(&Branch::random(707, 5).blocks);
    let mut rig = Rig::new(&blocks[1..]);
    let error = rig.load_badly();
    assert!(error.to_string().contains("begins with block"), "{error}");
    assert!(rig.content().is_empty());
}
