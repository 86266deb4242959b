//! Another branch: stored whole or not at all, however small the batches are.

use std::sync::Arc;
use std::time::Duration;

use coinhound_ingest::Control;
use coinhound_ingest::evm::{EvmLoadError, EvmProgress, EvmRelation, load_evm};

use super::{Rig, as_rows, chain, fork, fresh};
use crate::support::assert_same;

#[test]
fn no_commit_of_a_reorganisation_leaves_fewer_blocks_than_there_were() {
    let (one, other) = (chain(3, 40), fork(3, 25, 17, 1));
    for (batch_rows, wish) in [(1, Control::Go), (usize::MAX, Control::Commit)] {
        let mut rig = Rig::new(&one);
        rig.options.accounts.batch_rows = batch_rows;
        rig.load();
        rig.node.set_chain(&other);
        let (mut client, storage) = (rig.node.client(Duration::from_secs(2)), Arc::new(rig.disk.clone()));
        let mut commits = Vec::new();
        let loaded = load_evm(&mut client, storage, &rig.options, &mut |progress| {
            if let EvmProgress::Committed(committed) = &progress {
                commits.push(u64::from(committed.tip.0));
            }
            wish
        });
        assert_eq!(loaded.expect("an honest node").accounts.removed, 15);
        let before = one.last().expect("some blocks").header.number;
        assert!(commits.iter().all(|tip| *tip >= before) && commits.len() > 1, "{commits:?}");
        let rows: Vec<_> = other[1..].iter().map(|block| as_rows(block)).collect();
        assert_same(&rig.content(), &fresh(&rows), "the other branch");
    }
}

#[test]
fn a_lower_branch_is_told_and_takes_nothing_back() {
    let one = chain(4, 30);
    let rig = Rig::new(&one);
    rig.load();
    let held = rig.content();
    rig.node.set_chain(&fork(4, 20, 6, 1));
    assert_eq!(rig.load().report.relation, EvmRelation::LowerBranch);
    rig.node.set_chain(&one[..20]);
    assert_eq!(rig.load().report.relation, EvmRelation::NodeBehind);
    assert_same(&rig.content(), &held, "as it was");
}

#[test]
fn a_branch_deeper_than_allowed_or_from_the_very_beginning_is_refused_by_name() {
    let one = chain(5, 30);
    let mut rig = Rig::new(&one);
    rig.load();
    let held = rig.content();
    rig.options.reorg_blocks_max = 9;
    rig.node.set_chain(&fork(5, 20, 12, 1));
    let deep = rig.try_load().expect_err("ten blocks are displaced");
    assert!(matches!(deep, EvmLoadError::DeepReorg { most: 9, .. }), "{deep}");
    rig.options.reorg_blocks_max = 128;
    rig.node.set_chain(&chain(6, 31));
    let other = rig.try_load().expect_err("no block in common");
    assert!(matches!(other, EvmLoadError::OtherChain { .. }), "{other}");
    assert_same(&rig.content(), &held, "as it was");
    rig.node.set_chain(&fork(5, 20, 12, 1));
    assert_eq!(rig.load().accounts.removed, 10);
}
