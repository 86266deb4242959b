//! The scripted theft.

use std::collections::BTreeSet;
use std::time::Instant;

use coinhound_sim::theft::{Heist, Options, Purpose, heist};

use crate::referee::Referee;

fn default_heist() -> Heist {
    heist(&Options::default())
}

/// Blocks that no later block builds on.
fn stale(heist: &Heist) -> Vec<usize> {
    let parents: BTreeSet<_> = heist.blocks.iter().map(|block| block.prev).collect();
    let tip = heist.truth.tip_hash.as_str();
    let is_stale = |block: &coinhound_sim::Sealed| !parents.contains(&block.hash) && block.hash.to_string() != tip;
    (0..heist.blocks.len()).filter(|at| is_stale(&heist.blocks[*at])).collect()
}

#[test]
fn every_block_stands_before_another_decoder() {
    let heist = default_heist();
    let stale = stale(&heist);
    assert!(stale.len() >= 3, "{} stale blocks", stale.len());
    let mut referee = Referee::default();
    for (at, block) in heist.blocks.iter().enumerate() {
        if stale.contains(&at) { drop(Referee::decode(block)) } else { referee.connect(block) }
    }
    let thief: u64 = heist.truth.theft.resting.iter().map(|coin| coin.value).sum();
    for coin in &heist.truth.theft.resting {
        let outpoint = format!("{}:{}", coin.txid, coin.vout).parse().expect("an outpoint");
        assert_eq!(referee.unspent[&outpoint].0.value.to_sat(), coin.value);
    }
    assert_eq!(thief, heist.truth.theft.at_rest);
    println!(
        "{} blocks, {} stale, {} transactions, {} unspent",
        referee.blocks,
        stale.len(),
        referee.txs,
        referee.unspent.len()
    );
}

#[test]
fn the_thief_s_books_balance_for_many_seeds() {
    let began = Instant::now();
    for seed in 0..12 {
        let theft = heist(&Options { seed, ..Options::default() }).truth.theft;
        assert_eq!(theft.stolen, 52_630_001_000, "seed {seed}");
        assert_eq!(theft.seeds.len(), 11);
        let out = theft.paid.values().sum::<u64>() + theft.fees + theft.mixing_cost + theft.at_rest;
        assert_eq!(theft.stolen + theft.clean, out, "seed {seed}");
    }
    println!("{:?}", began.elapsed());
}

#[test]
fn all_parts_of_the_story_happen() {
    let truth = default_heist().truth;
    let count = |purpose| truth.transactions.iter().filter(|tx| tx.purpose == purpose).count();
    for (purpose, least) in [
        (Purpose::Payment, 500),
        (Purpose::Deposit, 200),
        (Purpose::Sweep, 30),
        (Purpose::Withdrawal, 80),
        (Purpose::Payout, 200),
        (Purpose::Consolidation, 50),
        (Purpose::TheftTest, 1),
        (Purpose::TheftDrain, 10),
        (Purpose::LootSplit, 7),
        (Purpose::LootPeel, 36),
        (Purpose::LootMerge, 1),
        (Purpose::LootSale, 8),
        (Purpose::LootDeposit, 5),
        (Purpose::CoinJoin, 3),
        (Purpose::MixEntry, 7),
        (Purpose::Mix, 5),
    ] {
        println!("{purpose:?}: {}", count(purpose));
        assert!(count(purpose) >= least, "{purpose:?}: {} of at least {least}", count(purpose));
    }
    println!("{} transactions", truth.transactions.len());
}

#[test]
fn same_seed_same_chain_and_another_seed_another() {
    assert_eq!(default_heist(), default_heist());
    let other = heist(&Options { seed: 1, ..Options::default() });
    assert_ne!(default_heist().truth.tip_hash, other.truth.tip_hash);
}
