//! The order of blocks: forks, holes, damage, unknown starts.

use coinhound_chains::bitcoin::header::hash_number;
use coinhound_chains::bitcoin::headers::{Course, CourseError, Gap, GapCause, HeaderError, PlannedBlock};
use coinhound_chains::bitcoin::{Header, HeaderTree, Plan, Record, parse_header};
use coinhound_model::{BlockHash, Height};
use coinhound_testkit::node::made::chain as testkit_chain;
use proptest::prelude::*;

use crate::made::{chain, hash_of, regtest};

/// Headers as if each lay in a file of its own.
pub fn records(headers: &[[u8; 80]]) -> Vec<Record> {
    (0..).zip(headers).map(|(file, bytes)| record(file, Header::from_bytes(bytes))).collect()
}

fn record(file: u32, header: Header) -> Record {
    Record { file, offset: 8, len: 200, header, hash: header.hash() }
}

fn of_blocks(blocks: &[Vec<u8>]) -> Vec<Record> {
    (0..).zip(blocks).map(|(file, block)| record(file, parse_header(block).expect("a header"))).collect()
}

fn genesis() -> BlockHash {
    regtest().genesis
}

/// Plans over blocks that hang on a block at height 0 that is not there, told by their coinbases.
fn plan(blocks: &[Vec<u8>]) -> Result<Plan, HeaderError> {
    let mut tree = HeaderTree::new(regtest());
    tree.add_records(&of_blocks(blocks));
    tree.plan(None, &mut told(blocks))
}

fn told(blocks: &[Vec<u8>]) -> impl FnMut(usize) -> Option<Height> {
    let heights: Vec<_> =
        blocks.iter().map(|block| coinhound_chains::bitcoin::block::height_in_coinbase(block, regtest())).collect();
    move |record| heights[record]
}

fn hashes(plan: &Plan, blocks: &[Vec<u8>]) -> Vec<BlockHash> {
    plan.blocks.iter().map(|planned| hash_of(&blocks[planned.record])).collect()
}

#[test]
fn the_branch_of_most_work_wins_and_the_other_is_stale() {
    let short = chain(genesis(), 1, 3, 1);
    let long = chain(hash_of(&short[0]), 2, 4, 2);
    let blocks = [short.clone(), long.clone()].concat();
    let plan = plan(&blocks).expect("heights are told");
    let expected: Vec<BlockHash> = [&short[..1], &long].concat().iter().map(|block| hash_of(block)).collect();
    assert_eq!(hashes(&plan, &blocks), expected);
    assert_eq!((plan.first, plan.stale, plan.tip.map(|tip| tip.height)), (Height(1), 2, Some(Height(5))));
}

#[test]
fn of_equal_tips_the_lower_hash_wins_and_both_are_told() {
    let base = chain(genesis(), 1, 1, 0);
    let sides: Vec<Vec<Vec<u8>>> = (1..=4).map(|branch| chain(hash_of(&base[0]), 2, 2, branch)).collect();
    let blocks = [base, sides.concat()].concat();
    let plan = plan(&blocks).expect("heights are told");
    let mut tips: Vec<String> = sides.iter().map(|side| hash_of(&side[1]).to_string()).collect();
    tips.sort();
    assert_eq!(plan.tip.map(|tip| tip.hash.to_string()), Some(tips[0].clone()));
    assert_eq!(plan.rivals.iter().map(|tip| tip.hash.to_string()).collect::<Vec<_>>(), tips[1..]);
}

#[test]
fn a_missing_block_is_a_named_gap() {
    let mut blocks = chain(genesis(), 1, 10, 1);
    blocks.drain(2..4);
    let plan = plan(&blocks).expect("heights are told");
    // Of two parts without genesis, the heavier is followed; the one below it is left out.
    assert_eq!((plan.first, plan.blocks.len(), plan.stale), (Height(5), 6, 2));
    let mut tree = HeaderTree::new(regtest());
    let stored: Vec<[u8; 80]> = blocks[..2].iter().map(|block| *block.first_chunk().expect("a header")).collect();
    tree.add_stored(Height(1), &stored);
    tree.add_records(&of_blocks(&blocks));
    let plan = tree.plan(None, &mut told(&blocks)).expect("the store knows its height");
    assert_eq!(plan.gaps, [Gap { from: Height(3), missing: Some(2), waiting: 6, cause: GapCause::Absent }]);
    assert_eq!((plan.blocks.len(), plan.fork.map(|tip| tip.height)), (0, Some(Height(2))));
}

#[test]
fn several_holes_are_told_in_order() {
    let whole = chain(genesis(), 1, 30, 1);
    let blocks = [&whole[..15], &whole[17..20], &whole[25..]].concat();
    let plan = plan(&blocks).expect("heights are told");
    let hole =
        |from, missing, waiting| Gap { from: Height(from), missing: Some(missing), waiting, cause: GapCause::Absent };
    assert_eq!(plan.gaps, [hole(16, 2, 3), hole(21, 5, 5)]);
    assert_eq!(plan.tip.map(|tip| tip.height), Some(Height(15)));
}

#[test]
fn a_damaged_block_stops_the_plan_and_a_second_copy_heals_it() {
    let blocks = chain(genesis(), 1, 6, 1);
    let twice = [blocks.clone(), vec![blocks[3].clone()]].concat();
    let mut tree = HeaderTree::new(regtest());
    tree.add_records(&of_blocks(&twice));
    assert!(tree.mark_damaged(3), "there is another copy");
    let plan = tree.plan(None, &mut told(&twice)).expect("heights are told");
    assert_eq!(plan.blocks[3], PlannedBlock { height: Height(4), record: 6 });
    assert!(!tree.mark_damaged(6));
    let plan = tree.plan(None, &mut told(&twice)).expect("heights are told");
    let cause = GapCause::Damaged(hash_of(&blocks[3]));
    assert_eq!(plan.gaps, [Gap { from: Height(4), missing: Some(1), waiting: 2, cause }]);
    assert_eq!((plan.blocks.len(), plan.tip.map(|tip| tip.height)), (3, Some(Height(3))));
}

#[test]
fn a_damaged_branch_does_not_displace_what_is_stored() {
    let base = chain(genesis(), 1, 2, 0);
    let (kept, better) = (chain(hash_of(&base[1]), 3, 2, 1), chain(hash_of(&base[1]), 3, 4, 2));
    let stored: Vec<[u8; 80]> =
        [&base[..], &kept].concat().iter().map(|block| *block.first_chunk().expect("80")).collect();
    let run = |damaged: Option<usize>| {
        let mut tree = HeaderTree::new(regtest());
        tree.add_stored(Height(1), &stored);
        tree.add_records(&of_blocks(&better));
        damaged.map(|record| tree.mark_damaged(record));
        tree.plan(None, &mut |_| None).expect("the store knows its height")
    };
    let plan = run(None);
    assert_eq!((plan.fork.map(|tip| tip.height), plan.blocks.len()), (Some(Height(2)), 4), "a reorganisation");
    let plan = run(Some(3));
    assert_eq!((plan.fork.map(|tip| tip.height), plan.blocks.len()), (Some(Height(2)), 3), "three still beat two");
    let plan = run(Some(1));
    assert_eq!((plan.fork.map(|tip| tip.height), plan.blocks.len()), (Some(Height(4)), 0), "one does not");
    let cause = GapCause::Damaged(hash_of(&better[1]));
    assert_eq!(plan.gaps, [Gap { from: Height(4), missing: Some(1), waiting: 2, cause }], "and is told");
    let plan = run(Some(2));
    let wins = hash_number(hash_of(&better[1])) < hash_number(hash_of(&kept[1]));
    assert_eq!(plan.blocks.len(), if wins { 2 } else { 0 }, "of two with equal work the lower hash wins");
    assert_eq!((plan.rivals.len(), plan.gaps.len()), (1, 1), "both are told, and what is cut off");
}

/// Blocks and which of them cannot be read.
struct Shelf {
    blocks: Vec<Vec<u8>>,
    damaged: Vec<bool>,
}

impl Shelf {
    /// Takes up the blocks at hand as a load does, and returns what is stored then: indexes, ascending.
    fn load(&self, at_hand: &[usize], stored: &[usize]) -> (Vec<usize>, Plan) {
        let header = |at: &usize| *self.blocks[*at].first_chunk::<80>().expect("a header");
        let records: Vec<Record> = at_hand.iter().map(|at| of_blocks(&self.blocks)[*at]).collect();
        let mut bad = Vec::new();
        loop {
            let mut tree = HeaderTree::new(regtest());
            tree.add_stored(Height(1), &stored.iter().map(header).collect::<Vec<_>>());
            tree.add_records(&records);
            bad.iter().for_each(|record| assert!(!tree.mark_damaged(*record)));
            let plan = tree.plan(Some(Height(1)), &mut |_| None).expect("a start is given");
            let planned = |planned: &PlannedBlock| at_hand[planned.record];
            if let Some(next) = plan.blocks.iter().find(|block| self.damaged[planned(block)]) {
                bad.push(next.record);
                continue;
            }
            let kept = plan.fork.map_or(0, |fork| fork.height.0 as usize);
            let chain = stored[..kept].iter().copied().chain(plan.blocks.iter().map(planned)).collect();
            return (chain, plan);
        }
    }
}

#[test]
fn heights_that_nothing_tells_must_be_given() {
    let blocks = chain(BlockHash::default(), 1, 3, 1);
    let mut tree = HeaderTree::new(regtest());
    tree.add_records(&of_blocks(&blocks));
    assert_eq!(tree.plan(None, &mut |_| None), Err(HeaderError::Unanchored { first: hash_of(&blocks[0]) }));
    let given = tree.plan(Some(Height(700)), &mut |_| None).expect("a start is given");
    assert_eq!((given.first, given.tip.map(|tip| tip.height)), (Height(700), Some(Height(702))));
    assert!(matches!(tree.plan(Some(Height(700)), &mut told(&blocks)), Err(HeaderError::HeightsDisagree { .. })));
    let mut liar = |record| Some(Height(if record == 0 { 1 } else { 9 }));
    assert!(matches!(tree.plan(None, &mut liar), Err(HeaderError::HeightsDisagree { .. })));
    assert_eq!(HeaderTree::new(regtest()).plan(None, &mut |_| None), Err(HeaderError::NoBlocks));
}

#[test]
fn a_wrong_target_is_refused_with_all_that_build_on_it() {
    let blocks = chain(genesis(), 1, 3, 1);
    let mut bad = parse_header(&blocks[1]).expect("a header");
    bad.bits = 0x2007_ffff;
    while bad.check_work(bad.hash(), regtest()).is_err() {
        bad.nonce += 1;
    }
    let above = chain(bad.hash(), 3, 5, 2);
    let mut all = of_blocks(&[blocks.clone(), above].concat());
    all.push(record(99, bad));
    let mut tree = HeaderTree::new(regtest());
    tree.add_records(&all);
    let plan = tree.plan(Some(Height(1)), &mut |_| None).expect("a start is given");
    assert_eq!(plan.refused.len(), 1);
    assert_eq!((plan.refused[0].hash, plan.refused[0].height), (bad.hash(), Some(Height(2))));
    assert_eq!(plan.tip.map(|tip| tip.hash), Some(hash_of(&blocks[2])), "the heavier branch breaks the rule");
}

/// Headers as a node tells them.
fn named(blocks: &[Vec<u8>]) -> Vec<(BlockHash, Header)> {
    blocks.iter().map(|block| parse_header(block).expect("a header")).map(|header| (header.hash(), header)).collect()
}

#[test]
fn a_block_older_than_the_middle_of_the_eleven_before_it_is_refused() {
    let mut told = named(&testkit_chain(20));
    for (above, fine) in [(1, true), (0, false)] {
        let mut last = told[20].1;
        last.time = told[14].1.time + above;
        while last.check_work(last.hash(), regtest()).is_err() {
            last.nonce += 1;
        }
        told[20] = (last.hash(), last);
        let mut tree = HeaderTree::new(regtest());
        tree.add_headers(&told).expect("they prove their work");
        let course = tree.course(last.hash(), Height(0));
        assert_eq!(course.is_ok(), fine, "{course:?}");
        assert!(fine || format!("{course:?}").contains("the middle one of the eleven before it"), "{course:?}");
    }
}

#[test]
fn the_way_to_a_tip_says_what_it_displaces_and_whether_it_has_less_work() {
    let main = testkit_chain(9);
    let stored: Vec<[u8; 80]> = main.iter().map(|block| *block.first_chunk().expect("80")).collect();
    let way = |blocks: u32| {
        let other = coinhound_testkit::node::made::fork(&main, 5, blocks, 1);
        let mut tree = HeaderTree::new(regtest());
        tree.add_stored(Height(0), &stored);
        tree.add_headers(&named(&other[6..])).expect("they prove their work");
        tree.course(hash_of(other.last().expect("one")), Height(0)).expect("it hangs together")
    };
    for (blocks, is_lighter, enough) in [(0, true, 0), (3, true, 3), (4, false, 4), (6, false, 4)] {
        let Course { plan, displaced, is_lighter: lighter, .. } = way(blocks);
        assert_eq!(
            (plan.fork.map(|tip| tip.height), displaced.map(|tip| tip.height)),
            (Some(Height(5)), Some(Height(9)))
        );
        assert_eq!((plan.blocks.len(), plan.enough, lighter), (blocks as usize, enough, is_lighter), "{blocks}");
    }
}

#[test]
fn headers_that_lead_nowhere_or_break_a_rule_have_no_way() {
    let chain = testkit_chain(9);
    let mut tree = HeaderTree::new(regtest());
    tree.add_headers(&named(&chain[3..])).expect("they prove their work");
    let tip = hash_of(&chain[9]);
    assert_eq!(tree.course(tip, Height(0)), Err(CourseError::Unlinked { tip }));
    tree.add_headers(&named(&chain[..3])).expect("they prove their work");
    let course = tree.course(tip, Height(4)).expect("it leads to the genesis block");
    assert_eq!((course.plan.first, course.plan.blocks.len(), course.plan.blocks[0].record), (Height(4), 6, 1));
    let mut lazy = named(&chain[9..]);
    while lazy[0].1.check_work(lazy[0].1.hash(), regtest()).is_ok() {
        lazy[0].1.nonce += 1;
    }
    lazy[0].0 = lazy[0].1.hash();
    let refused = tree.add_headers(&lazy).expect_err("it does not reach its target");
    assert_eq!(refused.hash, lazy[0].0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_plan_does_not_depend_on_the_order_of_records(order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let main = chain(genesis(), 1, 5, 1);
        let side = chain(hash_of(&main[1]), 3, 3, 2);
        let later = chain(hash_of(&side[0]), 4, 4, 3);
        let blocks = [main, side, later].concat();
        let shuffled: Vec<Vec<u8>> = order.iter().map(|at| blocks[*at].clone()).collect();
        let (plain, mixed) = (plan(&blocks).expect("told"), plan(&shuffled).expect("told"));
        prop_assert_eq!(hashes(&plain, &blocks), hashes(&mixed, &shuffled));
        prop_assert_eq!((plain.rivals, plain.stale, plain.gaps), (mixed.rivals, mixed.stale, mixed.gaps));
    }

    #[test]
    fn the_chain_does_not_depend_on_the_order_in_which_sound_and_damaged_blocks_came(
        order in Just((1..17_usize).collect::<Vec<_>>()).prop_shuffle(),
        damaged in prop::collection::vec(prop::bool::weighted(0.2), 17),
        cuts in prop::collection::vec(0..17_usize, 4),
    ) {
        let main = chain(genesis(), 1, 6, 1);
        let side = chain(hash_of(&main[1]), 3, 5, 2);
        let later = chain(hash_of(&side[1]), 5, 4, 3);
        let equal = chain(hash_of(&main[3]), 5, 2, 4);
        let shelf = Shelf { blocks: [main, side, later, equal].concat(), damaged };
        // The first block is stored from the start: where a chain begins is told by what was there first.
        let mut stored = vec![0];
        let (fresh, plan) = shelf.load(&order, &stored);
        let mut cuts: Vec<usize> = cuts.into_iter().chain([order.len()]).collect();
        cuts.sort_unstable();
        let mut last = plan.clone();
        for cut in cuts {
            (stored, last) = shelf.load(&order[..cut], &stored);
        }
        prop_assert_eq!(&stored, &fresh);
        prop_assert_eq!((last.tip, last.rivals), (plan.tip, plan.rivals));
        prop_assert!(fresh[1..].iter().all(|at| !shelf.damaged[*at]));
    }
}
