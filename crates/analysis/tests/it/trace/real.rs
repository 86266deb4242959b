//! Real chains, against figures that were made independently of this program.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{Seed, Stops, Theft, Trail, sensitivity};
use coinhound_model::{HoldingId, Ledger, Terminal};
use coinhound_testkit::MemoryLedger;
use coinhound_testkit::tables::{data_folder, graph_2009, graph_100000};

use super::story::traced;

/// The first output of the coinbase of a height.
fn coinbase(ledger: &MemoryLedger<u64>, height: u32) -> HoldingId {
    let mut credits = Vec::new();
    let first = ledger.movements().map(coinhound_model::MovementId).find(|&m| ledger.height(m).0 == height);
    ledger.credits(first.expect("the height is in the range"), &mut credits);
    credits[0].holding
}

fn trails(ledger: &MemoryLedger<u64>, holding: HoldingId) -> Vec<Trail<u64>> {
    traced(ledger, &[Theft { seeds: vec![Seed::whole(holding)] }], &Rule::COINS, &Stops::none()).trails
}

#[test]
fn the_coinbase_of_101935_comes_to_rest_as_known_by_height_104000() {
    let Some(folder) = data_folder("the_coinbase_of_101935_comes_to_rest_as_known_by_height_104000") else { return };
    let table = graph_100000(&folder);
    let seed = coinbase(&table.ledger, 101_935);
    let (hash, index) = table.ledger.outpoint(seed);
    let hash = hash.to_string();
    assert!(hash.starts_with("82945d25") && hash.ends_with("bb06c") && index == 0, "{hash}:{index}");
    let trails = trails(&table.ledger, seed);
    let known = |rule| trails.iter().find(|trail| trail.rule == rule).expect("every rule was traced");
    for (rule, resting, fees) in
        [(Rule::Haircut, 76, 316_918), (Rule::Fifo, 39, 1_000_000), (Rule::Lifo, 38, 0), (Rule::Tiho, 37, 0)]
    {
        let trail = known(rule);
        assert_eq!((trail.count(Terminal::AtRest), trail.total(Terminal::Fee)), (resting, fees), "{rule}");
        assert_eq!(trail.total(Terminal::AtRest) + fees, 5_000_000_000, "{rule}");
    }
    assert_eq!(known(Rule::Poison).count(Terminal::AtRest), 201);
}

#[test]
fn the_coinbase_of_block_9_spreads_alike_under_every_conserving_rule() {
    let Some(folder) = data_folder("the_coinbase_of_block_9_spreads_alike_under_every_conserving_rule") else { return };
    let table = graph_2009(&folder);
    let trails = trails(&table.ledger, coinbase(&table.ledger, 9));
    let compared = sensitivity(&trails, 0);
    assert_eq!(compared.rules, Rule::CONSERVING);
    const BTC: u64 = 100_000_000;
    let amounts = compared.rows.iter().map(|row| {
        let holding = row.holding.expect("no fee was paid");
        assert_eq!((row.terminal, row.min), (Terminal::AtRest, row.max));
        (row.min / BTC, table.ledger.entry(holding).units / BTC)
    });
    // 18, 10, 10 and 1 whole; 11 inside a coin of 61. It is so at height 4,312 and still at the end of 2009.
    let mut amounts: Vec<_> = amounts.collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [(1, 1), (10, 10), (10, 10), (11, 61), (18, 18)]);
}
