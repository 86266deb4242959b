//! The rules against vectors worked out by hand, each a single movement: stolen by credit, the fee last.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Theft;
use coinhound_model::{Ledger, Terminal};
use coinhound_testkit::{Town, town};

use super::story::{theft, trail};

/// The stolen part of each output of `mix`, then of its fee.
fn spread(town: &Town, rule: Rule, theft: &Theft<u64>) -> Vec<u64> {
    let trail = trail(town, rule, theft);
    let mut credits = Vec::new();
    town.ledger().credits(town.movement("mix"), &mut credits);
    let stolen_in = |holding| trail.coins.iter().find(|coin| coin.holding == holding).map_or(0, |coin| coin.stolen);
    let mut spread: Vec<_> = credits.iter().map(|credit| stolen_in(credit.holding)).collect();
    spread.push(trail.total(Terminal::Fee));
    spread
}

#[test]
fn stolen_first_then_clean() {
    let town = town().issue("loot", [("thief", 300)]).issue("own", [("thief", 700)]).tx(
        "mix",
        ["loot:0", "own:0"],
        [("a", 500), ("b", 400)],
    );
    let loot = theft(&town, &["loot:0"]);
    assert_eq!(spread(&town, Rule::Poison, &loot), [500, 400, 100]);
    assert_eq!(spread(&town, Rule::Haircut, &loot), [150, 120, 30]);
    assert_eq!(spread(&town, Rule::Fifo, &loot), [300, 0, 0]);
    assert_eq!(spread(&town, Rule::Lifo, &loot), [0, 200, 100]);
    assert_eq!(spread(&town, Rule::Tiho, &loot), [300, 0, 0]);
}

#[test]
fn clean_first_then_stolen() {
    let town = town().issue("loot", [("thief", 300)]).issue("own", [("thief", 700)]).tx(
        "mix",
        ["own:0", "loot:0"],
        [("a", 500), ("b", 400)],
    );
    let loot = theft(&town, &["loot:0"]);
    assert_eq!(spread(&town, Rule::Fifo, &loot), [0, 200, 100]);
    assert_eq!(spread(&town, Rule::Lifo, &loot), [300, 0, 0]);
}

#[test]
fn stolen_on_both_sides_of_clean() {
    let town = town().issue("loot", [("thief", 200), ("thief", 200)]).issue("own", [("thief", 100)]).tx(
        "mix",
        ["loot:0", "own:0", "loot:1"],
        [("a", 150), ("b", 250)],
    );
    let loot = theft(&town, &["loot:0", "loot:1"]);
    assert_eq!(spread(&town, Rule::Haircut, &loot), [120, 200, 80]);
    assert_eq!(spread(&town, Rule::Fifo, &loot), [150, 150, 100]);
    assert_eq!(spread(&town, Rule::Tiho, &loot), [150, 250, 0]);
}

#[test]
fn haircut_gives_the_units_left_over_to_the_largest_fractions_ties_to_the_lowest_index() {
    let town = town().issue("loot", [("thief", 2)]).issue("own", [("thief", 4)]).tx(
        "mix",
        ["own:0", "loot:0"],
        [("zero", 0), ("a", 2), ("b", 2), ("c", 1)],
    );
    // Shares are 0, 2/3, 2/3, 1/3 and 1/3 for the fee: two units for the two largest fractions.
    assert_eq!(spread(&town, Rule::Haircut, &theft(&town, &["loot:0"])), [0, 1, 1, 0, 0]);
    let town = coinhound_testkit::town().issue("loot", [("thief", 1)]).issue("own", [("thief", 3)]).tx(
        "mix",
        ["own:0", "loot:0"],
        [("a", 1), ("b", 1), ("c", 1)],
    );
    assert_eq!(spread(&town, Rule::Haircut, &theft(&town, &["loot:0"])), [1, 0, 0, 0]);
}

#[test]
fn tiho_breaks_ties_by_index_and_pays_the_fee_last_though_it_is_the_largest() {
    let town = town().issue("loot", [("thief", 50)]).issue("own", [("thief", 150)]).tx(
        "mix",
        ["own:0", "loot:0"],
        [("a", 10), ("b", 30), ("c", 30)],
    );
    assert_eq!(spread(&town, Rule::Tiho, &theft(&town, &["loot:0"])), [0, 30, 20, 0]);
}

#[test]
fn lifo_keeps_lots_in_the_order_taken() {
    let town = town()
        .issue("loot", [("thief", 300)])
        .issue("own", [("thief", 700)])
        .tx("first", ["loot:0", "own:0"], [("thief", 900), ("a", 100)])
        .tx("mix", ["first:0"], [("b", 200), ("c", 700)]);
    // `first:0` holds 700 clean, then 200 stolen; the last lot leaves first.
    let trail = trail(&town, Rule::Lifo, &theft(&town, &["loot:0"]));
    let coin = trail.coins.iter().find(|coin| coin.holding == town.coin("first:0")).expect("it was reached");
    assert_eq!(trail.lots(coin).iter().map(|lot| lot.units).collect::<Vec<_>>(), [700, 200]);
    assert_eq!(spread(&town, Rule::Lifo, &theft(&town, &["loot:0"])), [200, 0, 0]);
}
