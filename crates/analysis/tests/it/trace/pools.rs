//! Pools whose inside is not on the ledger: what goes in ends as mixed, what comes out starts as unknown.

use coinhound_analysis::cluster::{Grounds, Why, co_spend_forest, walk, why};
use coinhound_analysis::patterns::VetoSet;
use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{
    BackStops, Effort, Plan, Seed, SourceKind, Stops, Theft, backward, contested, sensitivity, trace,
};
use coinhound_model::{Ledger, Terminal};
use coinhound_testkit::{Town, town};
use expect_test::expect;

use super::story::{check, theft, trail};

/// A Litecoin block as a story: the thief pegs 60 in, somebody else 500, and the HogEx pays 40 to a stranger.
fn pegs() -> Town {
    town()
        .tx("theft", ["victim"], [("thief", 100)])
        .tx("peg-in", ["thief"], [("kernel 1", 60), ("change", 38)])
        .tx("other peg-in", ["neighbour"], [("kernel 2", 500)])
        .tx("hogex", ["peg-in:0", "other peg-in:0"], [("balance", 515), ("stranger", 40)])
        .pool()
        .tx("next hogex", ["hogex:0"], [("balance 2", 510)])
        .pool()
        .tx("spend", ["hogex:1", "change"], [("shop", 70), ("rest", 6)])
}

#[test]
fn a_peg_in_ends_as_mixed_by_every_rule_and_nothing_comes_out() {
    let town = pegs();
    let loot = theft(&town, &["theft:0"]);
    for rule in Rule::CONSERVING.into_iter().chain([Rule::Poison]) {
        let trail = trail(&town, rule, &loot);
        assert_eq!(trail.total(Terminal::Mixed), 60, "{rule}");
        let reached = |name: &str| trail.coins.iter().any(|coin| coin.holding == town.coin(name));
        assert!(reached("peg-in:0") && !reached("hogex:0") && !reached("hogex:1"), "{rule}");
        assert!(trail.hops.iter().all(|hop| hop.movement != town.movement("hogex")), "{rule}");
    }
    check(
        &town,
        Rule::Fifo,
        &loot,
        expect![[r#"
            2 of peg-in (fee)
            60 of 60 in peg-in:0  kernel 1  (mixed -> hogex)
            30 of 70 in spend:0  shop  (at rest)
            6 of 6 in spend:1  rest  (at rest)
            2 of spend (fee)
        "#]],
    );
}

#[test]
fn the_plan_does_not_matter_and_neither_do_other_thefts() {
    let town = pegs();
    let thefts = [theft(&town, &["theft:0"]), theft(&town, &["issue to neighbour for other peg-in:0"])];
    let rules = [Rule::Fifo, Rule::Lifo, Rule::Haircut, Rule::Tiho, Rule::Poison];
    let traced = |thefts: &[Theft<u64>], plan| {
        let effort = Effort { plan, ..Effort::default() };
        trace(town.ledger(), thefts, &rules, &Stops::none(), &effort).expect("the story is sound").trails
    };
    let sparse = traced(&thefts, Plan::Sparse);
    assert_eq!(sparse, traced(&thefts, Plan::Dense));
    assert_eq!(sparse[..rules.len()], traced(&thefts[..1], Plan::Sparse));
    assert!(contested(&sparse).is_empty(), "two thefts that end in one pool do not meet in a coin");
    let row = sensitivity(&sparse, 0).rows.into_iter().find(|row| row.terminal == Terminal::Mixed);
    let row = row.expect("the peg-in has its row");
    assert_eq!((row.holding, row.min, row.max), (Some(town.coin("peg-in:0")), 60, 60));
}

#[test]
fn a_peg_out_can_be_stolen_and_is_followed_from_there() {
    let town = pegs();
    let trail = trail(&town, Rule::Lifo, &theft(&town, &["hogex:1"]));
    assert_eq!((trail.stolen, trail.total(Terminal::AtRest), trail.total(Terminal::Mixed)), (40, 38, 0));
}

#[test]
fn going_back_ends_at_a_peg_out_as_unknown() {
    let town = pegs();
    for rule in [Rule::Fifo, Rule::Lifo, Rule::Haircut] {
        let found = backward(town.ledger(), rule, &Seed::whole(town.coin("spend:0")), &BackStops::none());
        let found = found.expect("the story is sound");
        assert!(found.total(SourceKind::OutOfPool) > 0, "{rule}");
        assert!(found.hops.iter().all(|hop| hop.movement != town.movement("hogex")), "{rule}");
        assert_eq!(found.sources.iter().map(|source| source.units).sum::<u64>(), 70);
        assert!(found.sources.iter().all(|source| source.kind != SourceKind::Mixed), "{rule}");
    }
    let asked = backward(town.ledger(), Rule::Fifo, &Seed::whole(town.coin("hogex:1")), &BackStops::none());
    let asked = asked.expect("the story is sound");
    assert_eq!((asked.total(SourceKind::OutOfPool), asked.hops.len()), (40, 0));
    assert_eq!(SourceKind::OutOfPool.name(), "unknown: out of a pool");
}

#[test]
fn what_a_peg_out_adds_to_a_movement_is_unknown_and_never_clean() {
    let town = pegs();
    let with_pools = trail(&town, Rule::Fifo, &theft(&town, &["theft:0"]));
    assert_eq!((with_pools.unknown, with_pools.rest_is_clean), (40, false));
    let spend = with_pools.hops.iter().find(|hop| hop.movement == town.movement("spend"));
    assert_eq!(spend.map(|hop| hop.unknown), Some(40));
    let without = town_without_pools();
    assert!(trail(&without, Rule::Fifo, &theft(&without, &["theft:0"])).rest_is_clean);
}

fn town_without_pools() -> Town {
    town().tx("theft", ["victim"], [("thief", 100)]).tx("move", ["thief"], [("a", 100)])
}

#[test]
fn what_a_pool_takes_belongs_to_nobody_in_common() {
    let town = pegs();
    let (one, other) = (town.address("kernel 1"), town.address("kernel 2"));
    for vetoes in VetoSet::ALL {
        let forest = co_spend_forest(town.ledger(), vetoes).expect("no damage");
        let joined = |movement: &str| forest.log().iter().any(|merge| merge.tx == town.movement(movement));
        assert!(!joined("hogex") && joined("spend"), "{}", vetoes.name);
        let grounds = Grounds::new(vetoes);
        assert!(matches!(why(town.ledger(), &grounds, one, other, 1_000), Ok(Why::NotLinked { .. })));
        let found = walk(town.ledger(), &grounds, one, 1_000).expect("no damage");
        assert_eq!(found.members, [one], "{}", vetoes.name);
    }
    assert!(town.ledger().has_pools());
}
