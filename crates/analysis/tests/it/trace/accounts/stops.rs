//! Where a walk stops although the ledger goes on.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{ServiceTable, Stops};
use coinhound_model::{Height, Pruned, Terminal};
use coinhound_testkit::accounts::{Bank, bank};

use super::story::{XEM, carried, ends, row, theft, traced};

/// Loot of 100 that moves on in blocks 2 (to y, with a fee), 3 (to an exchange, back, and out again).
fn story() -> Bank {
    bank()
        .mint("victim", 100, XEM)
        .pay("victim", "x", 100, XEM)
        .called("loot")
        .block()
        .pay("x", "y", 60, XEM)
        .called("y")
        .fee("x", 5, XEM)
        .called("fee")
        .block()
        .pay("y", "exchange", 40, XEM)
        .called("in")
        .pay("exchange", "z", 40, XEM)
        .called("out")
        .block()
        .pay("y", "w", 3, XEM)
        .called("w")
}

fn told(bank: &Bank, stops: &Stops<u64>) -> Vec<String> {
    let found = traced(bank, &[theft(bank, &["loot"])], &Rule::ACCOUNTS, stops);
    let told: Vec<_> = found.trails.iter().map(|trail| ends(bank, trail)).collect();
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "all of it is stolen: every rule says the same");
    told[0].clone()
}

#[test]
fn without_stops_everything_is_followed() {
    let all = ["fee - 5", "at rest x 35", "at rest y 17", "at rest z 40", "at rest w 3"];
    assert_eq!(told(&story(), &Stops::none()), all);
}

#[test]
fn what_is_credited_to_a_service_is_at_its_end() {
    let bank = story();
    let services = ServiceTable::new([(bank.address("exchange"), 7)]);
    let stops = Stops { services, ..Stops::none() };
    let found = traced(&bank, &[theft(&bank, &["loot"])], &[Rule::Fifo], &stops).trails.remove(0);
    assert_eq!(found.total(Terminal::AtService(7)), 40);
    assert_eq!(carried(&bank, &found, &["in", "out"]), [40, 0]);
    assert!(row(&bank, &found, "z").is_none());
    let exchange = row(&bank, &found, "exchange").expect("it was reached");
    assert_eq!((exchange.arrived, exchange.left, exchange.resting), (40, 0, 0));
}

#[test]
fn a_seed_at_a_service_is_followed_and_what_comes_back_to_it_is_not() {
    let bank = bank()
        .mint("victim", 100, XEM)
        .pay("victim", "exchange", 100, XEM)
        .called("loot")
        .pay("exchange", "x", 70, XEM)
        .pay("x", "exchange", 50, XEM)
        .pay("exchange", "y", 40, XEM)
        .called("y");
    let stops = Stops { services: ServiceTable::new([(bank.address("exchange"), 0)]), ..Stops::none() };
    let of = |rule| ends(&bank, &traced(&bank, &[theft(&bank, &["loot"])], &[rule], &stops).trails[0]);
    assert_eq!(of(Rule::Fifo), ["at service exchange 50", "at rest x 20", "at rest y 30"]);
    assert_eq!(of(Rule::Lifo), ["at service exchange 50", "at rest exchange 30", "at rest x 20"]);
}

#[test]
fn dust_ends_where_it_would_move_on_and_fees_are_fees_whatever_their_size() {
    let stops = Stops { dust_below: 6, ..Stops::none() };
    let told = told(&story(), &stops);
    assert_eq!(told, ["fee - 5", "pruned: dust y 3", "at rest x 35", "at rest y 17", "at rest z 40"]);
}

#[test]
fn as_many_movements_away_as_the_limit_allows_nothing_moves_on() {
    let at = |hops_max| told(&story(), &Stops { hops_max, ..Stops::none() });
    assert_eq!(at(0), ["pruned: hops x 60", "fee - 5", "at rest x 35"]);
    assert_eq!(at(1), ["fee - 5", "pruned: hops y 40", "pruned: hops y 3", "at rest x 35", "at rest y 17"]);
    let all = ["fee - 5", "pruned: hops exchange 40", "at rest x 35", "at rest y 17", "at rest w 3"];
    assert_eq!(at(2), all);
    assert_eq!(at(3), told(&story(), &Stops::none()));
}

#[test]
fn at_the_limit_of_height_what_pays_later_is_pruned_and_what_does_not_is_at_rest() {
    let at = |height| told(&story(), &Stops { height_max: Height(height), ..Stops::none() });
    assert_eq!(at(2), ["fee - 5", "pruned: height y 60", "at rest x 35"]);
    assert_eq!(at(3), ["fee - 5", "pruned: height y 20", "at rest x 35", "at rest z 40"]);
    assert_eq!(at(4), told(&story(), &Stops::none()));
}

#[test]
fn receiving_or_paying_nothing_beyond_the_limit_is_no_payment() {
    let bank = bank().mint("victim", 9, XEM).pay("victim", "x", 9, XEM).called("loot").block();
    let bank = bank.mint("x", 5, XEM).pay("x", "y", 0, XEM).pay("x", "x", 9, XEM);
    let found =
        traced(&bank, &[theft(&bank, &["loot"])], &Rule::ACCOUNTS, &Stops { height_max: Height(1), ..Stops::none() });
    assert!(found.trails.iter().all(|trail| trail.count(Terminal::AtRest) == 1 && trail.ends.len() == 1));
}

#[test]
fn a_block_that_claims_a_late_time_is_beyond_the_limit_and_ends_what_pays_there_for_good() {
    let bank = bank()
        .mint("victim", 100, XEM)
        .pay("victim", "x", 100, XEM)
        .called("loot")
        .block_at(2, 500)
        .pay("x", "y", 10, XEM)
        .called("late")
        .block_at(3, 400)
        .pay("x", "z", 10, XEM)
        .called("not late");
    let stops = Stops { time_max: 450, ..Stops::none() };
    let found = traced(&bank, &[theft(&bank, &["loot"])], &[Rule::Lifo], &stops).trails.remove(0);
    assert_eq!(ends(&bank, &found), ["pruned: time x 100"]);
    assert_eq!(found.total(Terminal::Pruned(Pruned::Time)), 100);
    assert_eq!(found.ends[0].movement, Some(bank.movement("late")));
    assert_eq!(carried(&bank, &found, &["late", "not late"]), [0, 0]);
}
