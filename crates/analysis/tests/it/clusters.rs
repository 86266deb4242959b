//! Clusters on random ledgers, against definitions simple enough to believe.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_analysis::cluster::{
    CannotLink, Clusters, Forest, Grounds, Merge, Tiers, UnionFind, co_spend_edges, co_spend_forest, rebuild,
    same_key_edge, walk,
};
use coinhound_analysis::patterns::VetoSet;
use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, InputId, KeyHash, Ledger, MovementId, MovementMarks};
use hashbrown::HashMap;
use proptest::prelude::*;

use crate::cospends::{ADDRESSES, Story, stories};

/// Every address with the smallest it is connected to, by painting over until nothing changes.
fn naive(edges: &[(AddressId, AddressId)], addresses: u64) -> Vec<AddressId> {
    let mut label: Vec<AddressId> = (0..addresses).map(AddressId).collect();
    loop {
        let before = label.clone();
        for (a, b) in edges {
            let low = label[a.index()].min(label[b.index()]);
            (label[a.index()], label[b.index()]) = (low, low);
        }
        if label == before {
            return label;
        }
    }
}

/// All pairs of inputs of every transaction that nothing forbids: more edges than the crate makes, the same meaning.
fn all_pairs(story: &Story, skip: impl Fn(usize) -> bool) -> Vec<(AddressId, AddressId)> {
    let kept = story.spends.iter().enumerate().filter(|(at, spend)| !spend.vetoed && !skip(*at));
    let pairs = |owners: &[AddressId]| owners.iter().flat_map(|a| owners.iter().map(|b| (*a, *b))).collect::<Vec<_>>();
    kept.flat_map(|(_, spend)| pairs(&spend.owners)).collect()
}

fn names(clusters: &Clusters) -> Vec<AddressId> {
    (0..ADDRESSES).map(|address| clusters.name(AddressId(address))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn union_find_joins_what_painting_joins(edges in prop::collection::vec((0..60_u64, 0..60_u64), 0..90)) {
        let mut find = UnionFind::default();
        let edges: Vec<_> = edges.into_iter().map(|(a, b)| (AddressId(a), AddressId(b))).collect();
        for (at, (a, b)) in edges.iter().enumerate() {
            find.grow(a.0.max(b.0) + 1);
            let before = naive(&edges[..at], 60);
            prop_assert_eq!(find.union(*a, *b), before[a.index()] != before[b.index()]);
        }
        find.grow(60);
        let expected = naive(&edges, 60);
        let mut resumed = UnionFind::from_roots(find.clone().into_roots());
        for address in (0..60).map(AddressId) {
            prop_assert_eq!(find.find(address), expected[address.index()]);
            prop_assert_eq!(resumed.find(address), expected[address.index()]);
        }
    }

    #[test]
    fn members_names_and_sizes_tell_the_same_clusters(edges in prop::collection::vec((0..40_u64, 0..40_u64), 0..40)) {
        let edges: Vec<_> = edges.into_iter().map(|(a, b)| (AddressId(a), AddressId(b))).collect();
        let mut find = UnionFind::new(40);
        edges.iter().for_each(|(a, b)| drop_bool(find.union(*a, *b)));
        let clusters = Clusters::from(find);
        let expected = naive(&edges, 40);
        let mut groups = BTreeMap::<AddressId, Vec<AddressId>>::new();
        (0..40).map(AddressId).for_each(|address| groups.entry(expected[address.index()]).or_default().push(address));
        prop_assert!(clusters.names().eq(groups.keys().copied()));
        for group in groups.values() {
            for member in group {
                prop_assert!(clusters.members(*member).eq(group.iter().copied()));
            }
        }
        let mut sizes: Vec<u64> = groups.values().map(|group| group.len() as u64).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        prop_assert_eq!(clusters.statistics().clusters(), sizes.len() as u64);
        prop_assert_eq!(clusters.statistics().sizes, sizes);
    }

    #[test]
    fn the_log_replayed_to_any_transaction_is_a_fresh_clustering(story in stories()) {
        let ledger = story.ledger();
        let forest = co_spend_forest(&ledger, VetoSet::COINHOUND_1).expect("nothing is damaged");
        prop_assert_eq!(names(&forest.clusters()), naive(&all_pairs(&story, |_| false), ADDRESSES));
        prop_assert_eq!(forest.log().len() as u64, ADDRESSES - forest.clusters().statistics().clusters());
        for end in 0..=story.spends.len() {
            let end_movement = MovementId(story.movement(end).0);
            let replayed = Clusters::replay(ADDRESSES, forest.log(), end_movement);
            prop_assert_eq!(names(&replayed), naive(&all_pairs(&story, |at| at >= end), ADDRESSES));
            let mut unwound = forest.clone();
            unwound.unwind(end_movement, ADDRESSES);
            prop_assert_eq!(unwound.clusters(), replayed);
            let shorter = Story { spends: story.spends[..end].to_vec(), ..story.clone() };
            let fresh = co_spend_forest(&shorter.ledger(), VetoSet::COINHOUND_1).expect("nothing is damaged");
            prop_assert_eq!(unwound.log(), fresh.log(), "unwinding leaves no trace");
        }
    }

    #[test]
    fn a_walk_finds_the_stored_cluster(story in stories(), from in 0..ADDRESSES) {
        let ledger = story.ledger();
        let clusters = co_spend_forest(&ledger, VetoSet::COINHOUND_1).expect("nothing is damaged").clusters();
        let grounds = Grounds::new(VetoSet::COINHOUND_1).only(Tiers::CO_SPEND);
        let found = walk(&ledger, &grounds, AddressId(from), u64::MAX).expect("nothing is damaged");
        prop_assert!(found.complete);
        prop_assert!(clusters.members(AddressId(from)).eq(found.members.iter().copied()));
        if found.spent > 0 {
            let cut = walk(&ledger, &grounds, AddressId(from), found.spent - 1).expect("nothing is damaged");
            prop_assert!(!cut.complete, "one look-up short is not complete");
            prop_assert!(cut.members.iter().all(|member| found.members.contains(member)));
        }
    }

    #[test]
    fn a_walk_over_both_tiers_is_what_both_kinds_of_edges_connect(story in stories(), from in 0..ADDRESSES) {
        let ledger = story.ledger();
        let keys = story.keys.iter().flat_map(|group| group.windows(2).map(|pair| (pair[0], pair[1])));
        let edges: Vec<_> = all_pairs(&story, |_| false).into_iter().chain(keys).collect();
        let label = naive(&edges, ADDRESSES);
        let found = walk(&ledger, &Grounds::new(VetoSet::COINHOUND_1), AddressId(from), u64::MAX).expect("nothing is damaged");
        let expected = (0..ADDRESSES).map(AddressId).filter(|one| label[one.index()] == label[AddressId(from).index()]);
        prop_assert!(expected.eq(found.members));
    }

    #[test]
    fn a_vetoed_overlay_is_the_clustering_without_those_transactions(
        story in stories(),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..3),
    ) {
        let ledger = story.ledger();
        let clusters = co_spend_forest(&ledger, VetoSet::COINHOUND_1).expect("nothing is damaged").clusters();
        let chosen: BTreeSet<usize> = chosen.into_iter().map(|index| index.index(story.spends.len())).collect();
        let mut grounds = Grounds::new(VetoSet::COINHOUND_1);
        grounds.vetoed.extend(chosen.iter().map(|at| story.movement(*at)));
        let rebuilt = rebuild(&ledger, &clusters, &grounds, &[]).expect("nothing is damaged");
        prop_assert!(rebuilt.refused.is_empty());
        let mut label = names(&clusters);
        for component in &rebuilt.components {
            component.iter().for_each(|member| label[member.index()] = component[0]);
        }
        prop_assert_eq!(label, naive(&all_pairs(&story, |at| chosen.contains(&at)), ADDRESSES));
    }

    #[test]
    fn a_cannot_link_holds_and_each_refusal_is_one_that_would_have_broken_it(
        story in stories(),
        pairs in prop::collection::vec((0..ADDRESSES, 0..ADDRESSES), 1..4),
    ) {
        let ledger = story.ledger();
        let forest = co_spend_forest(&ledger, VetoSet::COINHOUND_1).expect("nothing is damaged");
        let cannot: Vec<_> = pairs.iter().filter(|(a, b)| a != b).map(|(a, b)| CannotLink(AddressId(*a), AddressId(*b))).collect();
        let grounds = Grounds::new(VetoSet::COINHOUND_1);
        let rebuilt = rebuild(&ledger, &forest.clusters(), &grounds, &cannot).expect("nothing is damaged");
        for (CannotLink(a, b), component) in cannot.iter().flat_map(|pair| rebuilt.components.iter().map(move |c| (pair, c))) {
            prop_assert!(!(component.contains(a) && component.contains(b)));
        }
        let (label, refused) = naive_with_cannot(&story, &cannot);
        prop_assert_eq!(rebuilt.refused.iter().map(|one| (one.movement, one.a, one.b)).collect::<Vec<_>>(), refused);
        for component in &rebuilt.components {
            prop_assert!(component.iter().all(|member| label[member.index()] == component[0]));
        }
    }
}

fn drop_bool(_: bool) {}

/// Paints edge by edge, in order; an edge that would paint a cannot-link's two sides alike is left out.
fn naive_with_cannot(
    story: &Story,
    cannot: &[CannotLink],
) -> (Vec<AddressId>, Vec<(MovementId, AddressId, AddressId)>) {
    let mut label: Vec<AddressId> = (0..ADDRESSES).map(AddressId).collect();
    let mut refused = Vec::new();
    for (at, spend) in story.spends.iter().enumerate().filter(|(_, spend)| !spend.vetoed) {
        let mut seen = BTreeSet::from([spend.owners[0]]);
        for b in spend.owners[1..].iter().filter(|owner| seen.insert(**owner)) {
            let (x, y) = (label[spend.owners[0].index()], label[b.index()]);
            let painted: Vec<_> = label.iter().map(|old| if *old == x.max(y) { x.min(y) } else { *old }).collect();
            if cannot.iter().any(|pair| painted[pair.0.index()] == painted[pair.1.index()]) {
                refused.push((story.movement(at), spend.owners[0], *b));
            } else {
                label = painted;
            }
        }
    }
    (label, refused)
}

#[test]
fn inputs_join_the_first_one_in_order_and_unknown_owners_join_nothing() {
    let owners = [4, 9, 4, 7].map(AddressId);
    let edges: Vec<_> = co_spend_edges(MovementId(3), InputId(10), &owners).collect();
    let edge = |input, b| Merge { tx: MovementId(3), input: InputId(input), a: AddressId(4), b: AddressId(b) };
    assert_eq!(edges, [edge(11, 9), edge(12, 4), edge(13, 7)]);
    assert_eq!(co_spend_edges(MovementId(3), InputId(0), &[AddressId(1), AddressId::NONE]).count(), 0);
    assert_eq!(co_spend_edges(MovementId(3), InputId(0), &[AddressId::NONE, AddressId(1), AddressId(2)]).count(), 0);
    assert_eq!(co_spend_edges(MovementId(3), InputId(0), &[]).count(), 0);
}

#[test]
fn only_edges_that_join_are_logged() {
    let mut forest = Forest::default();
    forest.grow(4);
    let edge = |tx, a, b| Merge { tx: MovementId(tx), input: InputId(tx), a: AddressId(a), b: AddressId(b) };
    let taken: Vec<bool> =
        [(1, 0, 2), (1, 2, 2), (2, 2, 0), (3, 3, 2)].map(|(tx, a, b)| forest.apply(edge(tx, a, b))).into();
    assert_eq!(taken, [true, false, false, true]);
    assert_eq!(forest.log(), [edge(1, 0, 2), edge(3, 3, 2)]);
    assert_eq!(forest.find(AddressId(3)), AddressId(0));
}

#[test]
#[should_panic(expected = "edges come in chain order")]
fn a_log_out_of_order_is_a_bug() {
    let mut forest = Forest::default();
    forest.grow(3);
    for tx in [5, 4] {
        let (a, b) = (AddressId(0), AddressId(6 - tx));
        forest.apply(Merge { tx: MovementId(tx), input: InputId(0), a, b });
    }
}

#[test]
fn a_key_joins_its_addresses_whichever_is_known_first_and_wherever_a_session_began() {
    let key = KeyHash([7; 20]);
    let edge = |tx, a, b| Some(Merge { tx: MovementId(tx), input: InputId(0), a: AddressId(a), b: AddressId(b) });
    let mut keys: HashMap<KeyHash, AddressId> = HashMap::new();
    assert_eq!(same_key_edge(&mut keys, MovementId(1), key, AddressId(9)), None, "the first to use it");
    assert_eq!(same_key_edge(&mut keys, MovementId(2), key, AddressId(9)), None, "the same again");
    assert_eq!(same_key_edge(&mut keys, MovementId(3), KeyHash([8; 20]), AddressId(10)), None, "another key");
    // Address 5 is older, but only now a spender shows its key.
    assert_eq!(same_key_edge(&mut keys, MovementId(4), key, AddressId(5)), edge(4, 9, 5));
    assert_eq!(same_key_edge(&mut keys, MovementId(5), key, AddressId(12)), edge(5, 5, 12));
    let mut resumed: HashMap<KeyHash, AddressId> = HashMap::from_iter([(key, AddressId(5))]);
    assert_eq!(same_key_edge(&mut resumed, MovementId(5), key, AddressId(12)), edge(5, 5, 12));
}

#[test]
fn marks_and_predicates_veto_as_the_set_says() {
    let mut story = Story::of(&[&[0, 1], &[2, 3], &[4, 5]]);
    story.spends[1].vetoed = true;
    let mut ledger = story.ledger();
    ledger.set_collab(story.movement(2), CollabPrint::GRAPHSENSE_STONEWALL);
    let clusters =
        |vetoes| co_spend_forest(&ledger, vetoes).expect("nothing is damaged").clusters().statistics().clusters();
    assert_eq!(clusters(VetoSet::NONE), ADDRESSES - 3);
    assert_eq!(clusters(VetoSet::COINHOUND_1), ADDRESSES - 2, "stonewall alone is too weak");
    assert_eq!(ledger.marks(story.movement(1)), MovementMarks::empty());
}

#[test]
fn damage_stops_every_answer() {
    let mut ledger = Story::of(&[&[0, 1]]).ledger();
    ledger.set_damage("page 7");
    let grounds = Grounds::new(VetoSet::NONE);
    assert!(co_spend_forest(&ledger, VetoSet::NONE).is_err());
    assert!(walk(&ledger, &grounds, AddressId(0), 10).is_err());
    assert!(rebuild(&ledger, &Clusters::from(UnionFind::new(ADDRESSES)), &grounds, &[]).is_err());
}
