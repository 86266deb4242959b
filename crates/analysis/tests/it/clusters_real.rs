//! Clusters of real chains, against counts that were made independently of this program.

use coinhound_analysis::cluster::{
    Clusters, Grounds, Merge, Statistics, Strength, Why, co_spend_forest, rebuild, walk, why,
};
use coinhound_analysis::patterns::VetoSet;
use coinhound_model::{AddressId, Ledger, MovementId};
use coinhound_testkit::tables::{Table, data_folder, graph_2009, graph_100000, graphsense};

fn plain(table: &Table) -> Statistics {
    co_spend_forest(&table.ledger, VetoSet::NONE).expect("nothing is damaged").clusters().statistics()
}

#[test]
fn the_year_2009_has_29_968_clusters() {
    let Some(folder) = data_folder("the_year_2009_has_29_968_clusters") else { return };
    let table = graph_2009(&folder);
    assert_eq!(table.ledger.movements(), 0..32_709);
    let statistics = plain(&table);
    assert_eq!((table.addresses(), statistics.addresses, statistics.clusters()), (32_611, 32_611, 29_968));
    assert_eq!(statistics.sizes[..6], [320, 276, 237, 218, 90, 70]);
}

#[test]
fn heights_100000_to_104000_have_23_658_clusters_counting_the_coinbases() {
    let Some(folder) = data_folder("heights_100000_to_104000_have_23_658_clusters_counting_the_coinbases") else {
        return;
    };
    let table = graph_100000(&folder);
    let statistics = plain(&table);
    // The set counts each block's coinbase as an address that belongs with no other: 29,736 and 23,658.
    const COINBASES: u64 = 4_001;
    assert_eq!((statistics.addresses + COINBASES, statistics.clusters() + COINBASES), (29_736, 23_658));
    assert_eq!(statistics.sizes[..6], [305, 200, 200, 180, 129, 90]);
}

/// Address numbers grouped by whatever is the same for them.
fn partition<K: Ord>(keyed: impl Iterator<Item = (K, AddressId)>) -> Vec<Vec<AddressId>> {
    let mut groups = std::collections::BTreeMap::<K, Vec<AddressId>>::new();
    keyed.for_each(|(key, address)| groups.entry(key).or_default().push(address));
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort_unstable();
    groups
}

#[test]
fn the_hand_made_chain_clusters_as_its_authors_expect_with_and_without_coinjoin() {
    let Some(folder) = data_folder("the_hand_made_chain_clusters_as_its_authors_expect") else { return };
    let set = graphsense(&folder);
    let id = |text: &str| set.table.address(text).expect("the chain has every expected address");
    let expected = |rows: &[(String, u64)]| partition(rows.iter().map(|(text, cluster)| (*cluster, id(text))));
    // Theirs leaves bare multisig out; here it is an address, first among the inputs of the eighth transaction.
    let multisig = id("c(1E5UPs8bXBq7v7D2b7BYNU19ZviX2LMgEe, 1KLWBUTPXtRB7wvTYq9TYdeo93fAKvWPKs)");

    let forest = co_spend_forest(&set.table.ledger, VetoSet::NONE).expect("nothing is damaged");
    let clusters = forest.clusters();
    let known = (0..set.table.ledger.addresses()).map(AddressId).filter(|address| *address != multisig);
    let with = partition(known.map(|address| (clusters.name(address), address)));
    assert_eq!(with, expected(&set.clusters_with_coinjoin));
    assert_eq!(clusters.name(multisig), clusters.name(id("12751KvnaTTPMJbHbbercdTV48kL81BjX8")));

    let mut grounds = Grounds::new(VetoSet::NONE);
    grounds.vetoed.extend(&set.coinjoins);
    let rebuilt = rebuild(&set.table.ledger, &clusters, &grounds, &[]).expect("nothing is damaged");
    let touched = rebuilt.components.concat();
    let rest = with.iter().filter(|group| !touched.contains(&group[0])).cloned();
    let mut without: Vec<_> = rest.chain(rebuilt.components).collect();
    without.sort_unstable();
    assert_eq!(without, expected(&set.clusters));
}

#[test]
fn the_merge_log_of_2009_replays_to_any_height() {
    let Some(folder) = data_folder("the_merge_log_of_2009_replays_to_any_height") else { return };
    let table = graph_2009(&folder);
    let forest = co_spend_forest(&table.ledger, VetoSet::NONE).expect("nothing is damaged");
    let log: &[Merge] = forest.log();
    assert_eq!(log.len(), 32_611 - 29_968);
    for end in [0, 171, 4_371, 20_000, 32_709].map(MovementId) {
        let mut unwound = forest.clone();
        unwound.unwind(end, 32_611);
        assert_eq!(unwound.clusters(), Clusters::replay(32_611, log, end));
        assert_eq!(unwound.log(), &log[..log.partition_point(|merge| merge.tx < end)]);
    }
}

#[test]
fn walking_and_asking_why_agree_with_the_clusters_of_100000_to_104000() {
    let Some(folder) = data_folder("walking_and_asking_why_agree_with_the_clusters_of_100000_to_104000") else {
        return;
    };
    let table = graph_100000(&folder);
    let clusters = co_spend_forest(&table.ledger, VetoSet::NONE).expect("nothing is damaged").clusters();
    let grounds = Grounds::new(VetoSet::NONE);
    let ask = |a, b| why(&table.ledger, &grounds, a, b, u64::MAX).expect("nothing is damaged");
    let mut names: Vec<AddressId> = clusters.names().collect();
    names.sort_by_key(|name| std::cmp::Reverse(clusters.members(*name).len()));
    let sizes = names[..6].iter().map(|name| clusters.members(*name).len());
    assert!(sizes.eq([305, 200, 200, 180, 129, 90]));
    let mut single = 0;
    for name in &names[..6] {
        let found = walk(&table.ledger, &grounds, *name, u64::MAX).expect("nothing is damaged");
        assert!(clusters.members(*name).eq(found.members));
        for member in clusters.members(*name).skip(1).step_by(10) {
            let Why::Linked(linked) = ask(*name, member) else { panic!("{} is in the cluster", table.text(member)) };
            single += usize::from(linked.strength == Strength::Exactly(1));
        }
    }
    assert!(matches!(ask(names[0], names[1]), Why::NotLinked { .. }));
    assert_ne!(single, 0, "much of a cluster rests on single transactions");
}
