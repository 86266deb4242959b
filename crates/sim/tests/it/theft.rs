//! The scripted theft.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

use coinhound_sim::theft::{Heist, Options, Purpose, Role, heist, tag_pack};
use expect_test::expect;

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

/// Transactions of one purpose, decoded by the referee, with the outputs they spend.
fn decoded(heist: &Heist, purpose: Purpose) -> Vec<(bitcoin::Transaction, Vec<bitcoin::TxOut>)> {
    let blocks: Vec<_> = heist.blocks.iter().map(Referee::decode).collect();
    let all: HashMap<_, _> = blocks.iter().flat_map(|block| &block.txdata).map(|tx| (tx.compute_txid(), tx)).collect();
    let spent = |tx: &bitcoin::Transaction| {
        let output = |at: bitcoin::OutPoint| all[&at.txid].output[at.vout as usize].clone();
        tx.input.iter().map(|input| output(input.previous_output)).collect()
    };
    let named = heist.truth.transactions.iter().filter(|tx| tx.purpose == purpose);
    named.map(|tx| all[&tx.txid.parse::<bitcoin::Txid>().expect("a txid")]).map(|tx| (tx.clone(), spent(tx))).collect()
}

fn sats(outputs: &[bitcoin::TxOut]) -> Vec<u64> {
    outputs.iter().map(|output| output.value.to_sat()).collect()
}

fn distinct_scripts(outputs: &[bitcoin::TxOut]) -> usize {
    outputs.iter().map(|output| &output.script_pubkey).collect::<HashSet<_>>().len()
}

/// The most frequent value and how often it occurs.
fn mode(values: &[u64]) -> (u64, usize) {
    let count = |value: u64| values.iter().filter(|other| **other == value).count();
    values.iter().map(|value| (*value, count(*value))).max_by_key(|&(_, count)| count).expect("not empty")
}

#[test]
fn coinjoins_have_the_published_forms() {
    for (tx, spent) in decoded(&default_heist(), Purpose::CoinJoin) {
        let (values, inputs) = (sats(&tx.output), spent.len());
        let (equal, count) = mode(&values);
        let parties = usize::midpoint(values.len(), 1);
        // BlockSci's generic form.
        assert!(inputs >= 2 && values.len() >= 3 && parties <= inputs && parties <= distinct_scripts(&spent));
        assert!(count == parties && equal != 546 && equal != 2_730);
        // GraphSense's JoinMarket form.
        assert!(equal > 2_730 && 2 * count >= values.len() && count >= 3 && count <= distinct_scripts(&spent));
        assert!(distinct_scripts(&tx.output) == values.len() && count < values.len());
    }
}

#[test]
fn mixes_and_their_entries_have_the_published_forms() {
    const POOL: u64 = 5_000_000;
    let heist = default_heist();
    for (tx, spent) in decoded(&heist, Purpose::Mix) {
        assert!(spent.len() == 5 && tx.output.len() == 5);
        assert!(spent.iter().chain(&tx.output).all(|output| output.script_pubkey.is_p2wpkh()));
        assert!(sats(&tx.output).iter().all(|value| *value == POOL));
        let (mixed, new): (Vec<_>, Vec<_>) = sats(&spent).into_iter().partition(|value| *value == POOL);
        assert!(!mixed.is_empty() && new.iter().all(|value| (POOL + 1..=POOL + 110_000).contains(value)));
    }
    for (tx, _) in decoded(&heist, Purpose::MixEntry) {
        assert_eq!(tx.output.iter().filter(|output| output.script_pubkey.is_op_return()).count(), 1);
        let values: Vec<_> = sats(&tx.output).into_iter().filter(|value| *value > 0).collect();
        let (equal, count) = mode(&values);
        assert!((POOL + 100..=POOL + 110_000).contains(&equal) && count <= 70 && count >= values.len() - 2);
        let fees = values.iter().filter(|value| (175_000 / 2..=175_000 * 3).contains(*value)).count();
        assert_eq!(fees, 1, "exactly one output is the pool's fee");
    }
}

#[test]
fn the_theft_is_in_the_blocks_it_is_said_to_be_in() {
    let heist = default_heist();
    let drains = decoded(&heist, Purpose::TheftDrain);
    let loot = &heist.truth.scripts.iter().find(|script| script.owner == heist.truth.theft.thief && script.main);
    let loot = &loot.expect("the thief's first address").script;
    for ((tx, _), seed) in drains.iter().zip(&heist.truth.theft.seeds[1..]) {
        let output = &tx.output[seed.vout as usize];
        assert_eq!(tx.compute_txid().to_string(), seed.txid);
        assert_eq!(output.value.to_sat(), seed.value);
        assert_eq!(output.script_pubkey.to_hex_string(), *loot);
    }
    let times: Vec<_> = heist.truth.transactions.iter().filter(|tx| tx.purpose.is_theft()).map(|tx| tx.time).collect();
    assert_eq!(times.first(), Some(&1_516_892_520), "00:02 in Japan");
    assert_eq!(times.last(), Some(&1_516_922_760), "08:26 in Japan");
}

#[test]
fn the_tag_pack_names_services_and_nobody_else() {
    let truth = default_heist().truth;
    let yaml = tag_pack(&truth);
    let address = |role: Role| {
        let number = truth.owners.iter().position(|owner| owner.role == role).expect("every role is played");
        let own = truth.scripts.iter().find(|script| script.owner as usize == number && script.main);
        own.map(|script| script.address.clone())
    };
    for public in [Role::Victim, Role::Exchange] {
        let address = address(public).expect("services show an address");
        assert!(yaml.contains(&format!("- address: \"{address}\"\n")), "{address}");
    }
    assert!(!yaml.contains(&address(Role::Thief).expect("the theft's target")));
    let tags = yaml.matches("- address: ").count();
    assert!(tags > 200, "{tags} tags");
    for field in ["  label: ", "  source: https://", "  category: "] {
        assert_eq!(yaml.matches(field).count(), tags, "{field}");
    }
}

/// Numbers in documents rest on this chain: whoever changes it must measure them again.
#[test]
fn the_default_heist_is_the_documented_one() {
    let truth = default_heist().truth;
    expect![[r#"
        542 3733 34defd52c136a6c18260be595bbfec06716ef1c80dcb40b8865b6e640e392c63
    "#]]
    .assert_eq(&format!("{} {} {}\n", truth.tip_height, truth.transactions.len(), truth.tip_hash));
}
