//! Ranges that begin above the genesis block: what they spend from below is asked of the node, each coin proven by
//! its transaction's hash.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;

use coinhound_chains::bitcoin::headers::CourseError;
use coinhound_chains::bitcoin::params::DifficultyRule;
use coinhound_chains::bitcoin::{Network, Params};
use coinhound_ingest::NodeError;
use coinhound_model::{Height, HoldingId, Ledger, MovementId, MovementMarks};
use coinhound_sim::{BlockWriter, Layout, Sealed};
use coinhound_store::facts::ForeignRow;
use coinhound_testkit::node::{Lie, Script, made};

use crate::forks::Branch;
use crate::node::following::{event, follow};
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
        assert!(outcome.undo_missing.blocks > 10 && outcome.unusable.is_empty(), "{outcome:?}");
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
    assert!(outcome.undo_missing.blocks > 10, "{:?}", outcome.undo_missing);
    assert!(outcome.undo_missing.reasons[0].contains("txindex=1"), "{:?}", outcome.undo_missing);
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
    rig.node.tell(Script::from(Lie::LittleWork).from_height(7));
    let error = rig.load_badly();
    assert!(matches!(error, NodeError::Headers(_)), "{error}");
    assert!(rig.content().is_empty());
    assert_eq!(rig.node.calls("getblock"), 0, "no block was asked for");
}

/// Regtest with targets that move: each period takes longer than its one second, so the next has the easiest target,
/// whose product with a longer time would not fit 256 bits.
static MOVING: LazyLock<Params> = LazyLock::new(|| {
    let regtest = Network::Regtest.params();
    let difficulty = DifficultyRule { retargets: true, period_secs: 1, easy_after_secs: None, ..regtest.difficulty };
    Params { difficulty, ..regtest.clone() }
});

/// The first height of a period.
const BOUNDARY: u32 = 2_016;

/// A store of the end of a chain's first period, and a node that has the rest too.
fn before_the_boundary() -> (Rig, Vec<Vec<u8>>) {
    let chain = made::chain(BOUNDARY + 4);
    let mut rig = Rig::of(&MOVING, &chain[..=BOUNDARY as usize - 4]);
    rig.options.start = Some(Height(BOUNDARY - 8));
    assert_eq!(rig.load().unchecked, []);
    rig.node.set_chain(&chain);
    (rig, chain)
}

fn refusal(error: &NodeError) -> &str {
    match error {
        NodeError::Headers(CourseError::Refused(refused)) => &refused.reason,
        other => panic!("not a refused header: {other}"),
    }
}

#[test]
fn the_first_change_of_the_target_above_a_range_is_checked_in_a_later_run_too() {
    let (mut rig, chain) = before_the_boundary();
    let before = rig.content();
    rig.node.tell(Script::from(Lie::OtherTarget).from_height(BOUNDARY));
    let error = rig.load_badly();
    assert_eq!(refusal(&error), "it claims target 20700000, the rule says 207fffff");
    assert_same(&rig.content(), &before, "nothing was taken");
    rig.node.tell_the_truth();
    let outcome = rig.load();
    assert_clean(&outcome);
    assert_eq!((outcome.unchecked.len(), rig.height().0 as usize), (0, chain.len() - 1));
    let mut whole = Rig::of(&MOVING, &chain);
    whole.options.start = rig.options.start;
    whole.load();
    assert_same(&rig.content(), &whole.content(), "in two runs or one");
}

#[test]
fn times_right_above_a_range_are_checked_in_a_later_run_too() {
    let (mut rig, _) = before_the_boundary();
    rig.node.tell(Script::from(Lie::EarlyTime).from_height(BOUNDARY - 2));
    assert!(refusal(&rig.load_badly()).contains("is not above"), "the eleven before reach below the range");
}

#[test]
fn headers_below_a_range_are_those_that_its_first_block_names() {
    for strange in [1_000, BOUNDARY - 9] {
        let (mut rig, chain) = before_the_boundary();
        let (before, at) = (rig.content(), strange as usize);
        let mut told = chain.clone();
        told[at] = made::fork(&chain[at - 1..], 0, 1, 1)[1].clone();
        rig.node.set_chain(&told);
        let error = rig.load_badly();
        let above = Height(strange + 1);
        assert!(matches!(error, NodeError::NotLinked { height, .. } if height == above), "{error}");
        assert_same(&rig.content(), &before, "nothing was taken");
        rig.node.set_chain(&chain);
        rig.load();
        assert_eq!(rig.height().0 as usize, chain.len() - 1);
    }
}

#[test]
fn headers_below_a_range_are_asked_for_once_while_a_node_is_followed() {
    let (rig, chain) = before_the_boundary();
    let asked = Rc::new(RefCell::new(Vec::new()));
    let grow = |end: usize| {
        let (blocks, asked) = (chain[..end].to_vec(), Rc::clone(&asked));
        event(move |node| {
            asked.borrow_mut().push(node.calls("getblockheader"));
            node.set_chain(&blocks);
        })
    };
    rig.node.set_chain(&chain[..chain.len() - 4]);
    let (outcome, _) = follow(&rig, (chain.len() - 3..=chain.len()).map(grow).collect());
    assert_eq!(outcome.expect("honest").unchecked, []);
    let asked = asked.borrow();
    assert!(asked[0] >= u64::from(BOUNDARY) && asked[3] - asked[0] < 20, "{asked:?}");
}
