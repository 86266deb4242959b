//! Why two addresses belong together: every chain checked link by link, every count by trying all small cuts.

use std::collections::BTreeSet;

use coinhound_analysis::cluster::{CHAINS_MAX, Chain, Grounds, Link, Strength, Tiers, Why, why};
use coinhound_analysis::patterns::VetoSet;
use coinhound_model::{AddressId, Ledger, MovementId};
use proptest::prelude::*;

use crate::cospends::{ADDRESSES, Story, TRAP, stories, tangled};

/// How many links away every address is from `from`, without some transactions and perhaps without keys.
fn distances(story: &Story, from: AddressId, without: &[usize], keys: bool) -> Vec<Option<usize>> {
    let spends = story.spends.iter().enumerate();
    let kept = spends.filter(|(at, spend)| !spend.vetoed && !without.contains(at)).map(|(_, spend)| &spend.owners);
    let groups: Vec<&Vec<AddressId>> = kept.chain(story.keys.iter().filter(|_| keys)).collect();
    let mut distance: Vec<Option<usize>> = vec![None; AddressId(ADDRESSES).index()];
    distance[from.index()] = Some(0);
    for away in 0..distance.len() {
        let here = |one: &AddressId| distance[one.index()] == Some(away);
        let reached: Vec<AddressId> =
            groups.iter().filter(|group| group.iter().any(here)).copied().flatten().copied().collect();
        for one in reached {
            distance[one.index()].get_or_insert(away + 1);
        }
    }
    distance
}

/// How many transactions must go before two addresses fall apart: tried one by one, then two by two.
fn smallest_cut(story: &Story, from: AddressId, to: AddressId) -> usize {
    let linked = |without: &[usize]| distances(story, from, without, true)[to.index()].is_some();
    let all = 0..story.spends.len();
    if !linked(&[]) {
        0
    } else if all.clone().any(|one| !linked(&[one])) {
        1
    } else if all.clone().any(|one| all.clone().any(|two| !linked(&[one, two]))) {
        2
    } else {
        3
    }
}

fn ends(link: &Link) -> (AddressId, AddressId) {
    match *link {
        Link::CoSpend { from, to, .. } | Link::SameKey { from, to } => (from, to),
    }
}

fn transactions(chain: &Chain) -> Vec<MovementId> {
    let movement = |link: &Link| match link {
        Link::CoSpend { movement, .. } => Some(*movement),
        Link::SameKey { .. } => None,
    };
    chain.iter().filter_map(movement).collect()
}

/// Every link is in the story, and each begins where the one before ends.
fn assert_real(story: &Story, chain: &Chain, from: AddressId, to: AddressId) {
    let (ledger, mut debits) = (story.ledger(), Vec::new());
    let mut at = from;
    for link in chain {
        let (one, other) = ends(link);
        assert_eq!(one, at, "{chain:?}");
        assert_ne!(one, other, "{chain:?}");
        at = other;
        match *link {
            Link::CoSpend { movement, from_input, from, to_input, to } => {
                ledger.debits(movement, &mut debits);
                assert_eq!((debits[from_input as usize].owner, debits[to_input as usize].owner), (from, to));
                let spend = (0..story.spends.len()).find(|spend| story.movement(*spend) == movement);
                assert!(!story.spends[spend.expect("a spend of the story")].vetoed);
            }
            Link::SameKey { from, to } => {
                assert!(story.keys.iter().any(|group| group.contains(&from) && group.contains(&to)));
            }
        }
    }
    assert_eq!(at, to, "{chain:?}");
}

fn ask(story: &Story, from: u64, to: u64, budget: u64) -> Why {
    let grounds = Grounds::new(VetoSet::COINHOUND_1);
    why(&story.ledger(), &grounds, AddressId(from), AddressId(to), budget).expect("nothing is damaged")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn chains_are_real_shortest_disjoint_and_as_many_as_the_smallest_cut(
        story in prop_oneof![stories(), tangled()],
        from in prop_oneof![Just(0), 0..ADDRESSES],
        to in prop_oneof![Just(1), 0..ADDRESSES],
    ) {
        prop_assume!(from != to);
        let (a, b) = (AddressId(from), AddressId(to));
        let away = distances(&story, a, &[], true)[b.index()];
        match ask(&story, from, to, u64::MAX) {
            Why::Linked(linked) => {
                prop_assert_eq!(Some(linked.shortest.len()), away);
                assert_real(&story, &linked.shortest, a, b);
                linked.disjoint.iter().for_each(|chain| assert_real(&story, chain, a, b));
                let used: Vec<_> = linked.disjoint.iter().flat_map(transactions).collect();
                prop_assert_eq!(used.iter().collect::<BTreeSet<_>>().len(), used.len(), "no transaction twice");
                let keys_alone = story.keys.iter().any(|group| group.contains(&a) && group.contains(&b));
                match linked.strength {
                    Strength::SameKey => prop_assert!(keys_alone),
                    Strength::Exactly(chains) => {
                        prop_assert!(chains < CHAINS_MAX && !keys_alone);
                        prop_assert_eq!((chains, linked.disjoint.len()), (smallest_cut(&story, a, b), chains));
                    }
                    Strength::AtLeast(chains) => {
                        prop_assert_eq!((chains, linked.disjoint.len()), (CHAINS_MAX, CHAINS_MAX));
                        prop_assert!(keys_alone || smallest_cut(&story, a, b) == CHAINS_MAX);
                    }
                }
            }
            Why::NotLinked { .. } => prop_assert_eq!(away, None),
            other => prop_assert!(false, "{other:?} with all the budget there is"),
        }
    }

    #[test]
    fn a_smaller_budget_says_less_but_nothing_false(story in stories(), from in 0..ADDRESSES, to in 0..ADDRESSES, budget in 0..40_u64) {
        prop_assume!(from != to);
        let (whole, cut) = (ask(&story, from, to, u64::MAX), ask(&story, from, to, budget));
        match (whole, cut) {
            (_, Why::NotDecided { spent }) => prop_assert!(spent <= budget),
            (Why::Linked(whole), Why::Linked(cut)) => {
                prop_assert!(cut.spent <= budget);
                prop_assert_eq!(&whole.shortest, &cut.shortest, "found is found");
                match (whole.strength, cut.strength) {
                    (same, other) if same == other => {}
                    (_, Strength::AtLeast(chains)) => prop_assert!(chains <= whole.disjoint.len() && chains == cut.disjoint.len()),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            (whole, cut) => prop_assert_eq!(whole, cut),
        }
    }
}

#[test]
fn one_transaction_that_everything_rests_on_is_said() {
    // Two ways to 3 and two ways on from 4, but only one transaction between.
    let story = Story::of(&[&[0, 1], &[0, 2], &[1, 3], &[2, 3], &[3, 4], &[4, 5], &[4, 6], &[5, 7], &[6, 7]]);
    let Why::Linked(linked) = ask(&story, 0, 7, u64::MAX) else { panic!("linked") };
    assert_eq!(linked.strength, Strength::Exactly(1));
    assert_eq!((linked.shortest.len(), linked.disjoint.len()), (5, 1));
}

#[test]
fn the_shortest_chain_may_have_to_give_way_for_two_that_share_nothing() {
    let story = Story::of(TRAP);
    let Why::Linked(linked) = ask(&story, 0, 1, u64::MAX) else { panic!("linked") };
    assert_eq!((linked.strength, linked.shortest.len(), linked.disjoint.len()), (Strength::Exactly(2), 2, 2));
}

#[test]
fn keys_alone_need_no_transaction() {
    let mut story = Story::of(&[&[0, 1], &[1, 2]]);
    story.keys = vec![[0, 2].map(AddressId).to_vec()];
    let Why::Linked(linked) = ask(&story, 0, 2, u64::MAX) else { panic!("linked") };
    let link = Link::SameKey { from: AddressId(0), to: AddressId(2) };
    assert_eq!((linked.strength, linked.shortest), (Strength::SameKey, vec![link]));
    let grounds = Grounds::new(VetoSet::NONE).only(Tiers::CO_SPEND);
    let without = why(&story.ledger(), &grounds, AddressId(0), AddressId(2), u64::MAX).expect("nothing is damaged");
    let Why::Linked(without) = without else { panic!("linked") };
    assert_eq!((without.strength, without.shortest.len()), (Strength::Exactly(1), 2));
    assert_eq!(distances(&story, AddressId(0), &[], false)[2], Some(2));
}

#[test]
fn a_case_veto_takes_the_evidence_away() {
    let story = Story::of(&[&[0, 1], &[1, 2]]);
    let mut grounds = Grounds::new(VetoSet::NONE);
    grounds.vetoed.insert(story.movement(1));
    let answer = why(&story.ledger(), &grounds, AddressId(0), AddressId(2), u64::MAX);
    assert!(matches!(answer, Ok(Why::NotLinked { .. })), "{answer:?}");
}

#[test]
fn an_address_needs_no_reason_to_be_itself_and_damage_stops_the_answer() {
    let mut ledger = Story::of(&[&[0, 1]]).ledger();
    let grounds = Grounds::new(VetoSet::NONE);
    assert_eq!(why(&ledger, &grounds, AddressId(3), AddressId(3), 0), Ok(Why::Same));
    assert_eq!(why(&ledger, &grounds, AddressId(0), AddressId(1), 0), Ok(Why::NotDecided { spent: 0 }));
    ledger.set_damage("page 7");
    assert!(why(&ledger, &grounds, AddressId(0), AddressId(1), 9).is_err());
}
