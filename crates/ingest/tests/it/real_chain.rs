//! The first 4,313 blocks of Bitcoin, whose sums are known.

use std::fs;

use coinhound_chains::bitcoin::Network;
use coinhound_ingest::Options;
use coinhound_model::{AddressId, HoldingId, Ledger, MovementId};
use coinhound_store::Tier;
use coinhound_store::view::View;

use crate::support::{load, real_data, store, tiny};

const BTC: u64 = 100_000_000;

fn first_blocks(test: &str, options: &Options) -> Option<(tempfile::TempDir, View)> {
    let data = real_data(test)?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let blocks = folder.path().join("blocks");
    fs::create_dir(&blocks).expect("a folder");
    fs::copy(data.join("bitcoin/blk00000-heights-0-4312.dat"), blocks.join("blk00000.dat"))
        .expect("the data is readable");
    let storage = store(&folder.path().join("store"));
    let outcome = load(Network::Main, &blocks, storage.clone(), options).expect("loads");
    assert_eq!(outcome.added, 4_313, "{outcome:?}");
    assert!(outcome.notices.is_empty() && outcome.gaps.is_empty() && outcome.unusable.is_empty(), "{outcome:?}");
    let view = View::open(&*storage).expect("opens");
    Some((folder, view))
}

#[test]
fn the_first_blocks_pay_what_is_known() {
    let Some((_folder, view)) = first_blocks("the_first_blocks_pay_what_is_known", &Options::new(0)) else { return };
    let (mut minted, mut fees, mut taken) = (0, 0, Vec::new());
    let mut paid = Vec::new();
    for tx in view.movements().map(MovementId) {
        view.debits(tx, &mut taken);
        view.credits(tx, &mut paid);
        let sum = |entries: &[coinhound_model::Entry<u64>]| entries.iter().map(|entry| entry.units).sum::<u64>();
        if taken.is_empty() {
            minted += sum(&paid);
        } else {
            fees += sum(&taken) - sum(&paid);
        }
    }
    let unspent: u64 = (0..view.counts().outputs)
        .map(HoldingId)
        .filter(|coin| view.spender(*coin).is_none())
        .map(|coin| view.entry(coin).units)
        .sum();
    assert_eq!(view.counts().txs, 4_371);
    assert_eq!((minted, fees), (215_652 * BTC + BTC / 100, 2 * BTC + BTC / 100));
    assert_eq!(unspent, 215_650 * BTC);
    view.health().expect("nothing is damaged");
}

/// Component sizes, largest first, of clusters given as the name of each address's.
fn sizes(names: impl Iterator<Item = AddressId>) -> Vec<usize> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    let mut sizes: Vec<usize> = names.chunk_by(|a, b| a == b).map(<[_]>::len).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes
}

#[test]
fn the_first_blocks_cluster_as_is_known() {
    for options in [tiny(), Options::new(0)] {
        let Some((_folder, view)) = first_blocks("the_first_blocks_cluster_as_is_known", &options) else { return };
        let addresses = || (0..view.addresses()).map(AddressId);
        assert_eq!(view.addresses(), 4_359);
        let by_key = sizes(addresses().map(|address| view.root(Tier::T0, address).expect("known")));
        assert_eq!(by_key.len(), 4_357, "keys");
        let by_script = sizes(addresses().map(|address| view.root(Tier::T1, address).expect("known")));
        assert_eq!((by_script.len(), &by_script[..6]), (4_172, [44, 20, 20, 16, 12, 10].as_slice()));
        let mut both = coinhound_analysis::cluster::UnionFind::new(view.addresses());
        for tier in Tier::ALL {
            for merge in view.merges(tier, 0..view.merge_count(tier)) {
                both.union(merge.a, merge.b);
            }
        }
        assert_eq!(sizes(addresses().map(|address| both.find(address))).len(), 4_171);
        view.health().expect("nothing is damaged");
    }
}
