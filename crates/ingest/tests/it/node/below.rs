//! Ranges that begin above the genesis block: what they spend from below is asked of the node, each coin proven by
//! its transaction's hash.

use coinhound_ingest::NodeError;
use coinhound_model::{Height, HoldingId, Ledger, MovementId, MovementMarks};
use coinhound_sim::{BlockWriter, Layout, Sealed};
use coinhound_store::facts::ForeignRow;
use coinhound_testkit::node::Lie;

use crate::forks::Branch;
use crate::node::{Rig, raw};
use crate::support::{Content, Site, assert_clean, assert_same};

const FIRST: u32 = 25;

fn town() -> Vec<Sealed> {
    Branch::random(740, 80).blocks
}

/// What the upper part of a chain leaves from files, with or without undo data.
fn from_files(blocks: &[Sealed], undo: bool) -> Content {
    let mut site = Site::new();
    let mut writer = BlockWriter::create(site.blocks(), Layout { undo, ..Layout::default() }).expect("an empty folder");
    blocks[FIRST as usize..].iter().for_each(|block| writer.write(block.clone()).expect("writable"));
    writer.finish().expect("writable");
    let outcome = site.load();
    if undo {
        assert_clean(&outcome);
    } else {
        assert!(outcome.undo_missing.len() > 10 && outcome.unusable.is_empty(), "{outcome:?}");
    }
    site.content()
}

fn rig(blocks: &[Sealed]) -> Rig {
    let mut rig = Rig::new(&raw(blocks));
    rig.options.start = Some(Height(FIRST));
    rig
}

#[test]
fn a_range_from_a_node_with_an_index_is_that_from_files_with_undo_data() {
    let blocks = town();
    let want = from_files(&blocks, true);
    for (threads, batch_bytes) in [(1, u64::MAX), (2, 5_000)] {
        let mut rig = rig(&blocks);
        (rig.options.threads, rig.options.batch_bytes) = (threads, batch_bytes);
        let outcome = rig.load();
        assert_clean(&outcome);
        assert_eq!(outcome.range.map(|(first, tip, _)| (first.0, tip.0)), Some((FIRST, 80)));
        let view = rig.view();
        let foreign: Vec<_> =
            (0..view.counts().foreign).map(|rank| view.foreign(HoldingId::foreign(rank)).expect("a row")).collect();
        assert!(foreign.len() > 20 && foreign.iter().all(|coin| coin.value != ForeignRow::UNKNOWN));
        assert_same(&rig.content(), &want, &format!("{threads} threads"));
    }
}

#[test]
fn a_range_read_in_parts_asks_for_each_coin_once_it_is_spent() {
    let blocks = town();
    let want = from_files(&blocks, true);
    let mut rig = rig(&blocks);
    for end in [26, 27, 40, 60, 81] {
        rig.node.set_chain(&raw(&blocks[..end]));
        rig.load();
    }
    assert_same(&rig.content(), &want, "in parts");
}

#[test]
fn without_an_index_amounts_are_unknown_as_without_undo_data_and_that_is_told() {
    let blocks = town();
    let mut rig = rig(&blocks);
    rig.node.set_tx_index(false);
    let outcome = rig.load();
    assert!(outcome.undo_missing.len() > 10, "{:?}", outcome.undo_missing);
    assert!(outcome.undo_missing[0].contains("txindex=1"), "{:?}", outcome.undo_missing);
    assert_same(&rig.content(), &from_files(&blocks, false), "no undo data");
    let view = rig.view();
    let marked = view.movements().filter(|at| view.marks(MovementId(*at)).contains(MovementMarks::AMOUNT_UNKNOWN));
    assert!(marked.count() > 10);
}

#[test]
fn a_transaction_that_is_another_is_no_answer_and_its_block_is_not_stored() {
    let blocks = town();
    for lie in [Lie::OtherTx, Lie::ShortTx, Lie::Indexing] {
        let mut rig = rig(&blocks);
        rig.node.tell(lie);
        let error = rig.load_badly();
        assert!(matches!(error, NodeError::Rpc(_)), "{lie:?}: {error}");
        let held = if rig.content().is_empty() { 0 } else { rig.height().0 - FIRST + 1 };
        assert!(held < 20, "{lie:?}: stops at the first block that spends from below");
        rig.node.tell_the_truth();
        rig.load();
        assert_same(&rig.content(), &from_files(&blocks, true), &format!("after {lie:?}"));
    }
}

#[test]
fn a_start_above_the_nodes_newest_block_waits_for_it() {
    let blocks = town();
    let mut rig = rig(&blocks[..20]);
    let error = rig.load_badly();
    assert!(matches!(error, NodeError::BelowStart { .. }) && error.is_transient(), "{error}");
    assert!(rig.content().is_empty());
}

#[test]
fn headers_below_the_start_are_checked_from_the_genesis_block_on() {
    let blocks = town();
    let mut rig = rig(&blocks);
    rig.node.tell(coinhound_testkit::node::Script::from(Lie::LittleWork).from_height(7));
    let error = rig.load_badly();
    assert!(matches!(error, NodeError::Headers(_)), "{error}");
    assert!(rig.content().is_empty());
    assert_eq!(rig.node.calls("getblock"), 0, "no block was asked for");
}
