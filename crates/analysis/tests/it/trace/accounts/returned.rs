//! Loot that comes back to where it was stolen from and is taken again.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, AccountTrail};
use coinhound_analysis::trace::{Part, Stops};
use coinhound_model::{Height, Terminal};
use coinhound_testkit::accounts::{Bank, bank};

use super::story::{XEM, carried, ends, row, theft, traced, trail};

/// A robbery in two transfers of 50, and between them the thief sends this much back.
fn sent_back(units: u64) -> Bank {
    bank()
        .mint("wallet", 100, XEM)
        .pay("wallet", "thief", 50, XEM)
        .called("one")
        .pay("thief", "wallet", units, XEM)
        .called("back")
        .pay("wallet", "thief", 50, XEM)
        .called("two")
}

fn conserving(bank: &Bank, theft: &AccountTheft<u64>, stops: &Stops<u64>) -> Vec<AccountTrail<u64>> {
    let rules: Vec<_> = Rule::ACCOUNTS.into_iter().filter(|rule| rule.conserves()).collect();
    traced(bank, std::slice::from_ref(theft), &rules, stops).trails
}

#[test]
fn a_unit_sent_back_spoils_no_trace_and_ends_where_it_was_taken_again() {
    let bank = sent_back(1);
    let theft = theft(&bank, &["one", "two"]);
    let of = |rule| ends(&bank, &trail(&bank, rule, &theft));
    // Of 51, 50 leave: the oldest, which are not the one that came back; the newest, which are.
    assert_eq!(of(Rule::Fifo), ["at rest thief 99", "at rest wallet 1"]);
    assert_eq!(of(Rule::Lifo), ["returned wallet 1", "at rest thief 99"]);
    // 50/51 of it are nearer to one than to nothing.
    assert_eq!(of(Rule::Haircut), ["returned wallet 1", "at rest thief 99"]);
    assert_eq!(of(Rule::Libr), ["at rest thief 99", "at rest wallet 1"]);
    let poison = trail(&bank, Rule::Poison, &theft);
    assert_eq!((poison.seeds.len(), poison.count(Terminal::Returned)), (2, 0), "poison counts nothing");
}

#[test]
fn whatever_comes_back_the_ends_sum_to_the_seeds() {
    for units in 1..=50 {
        let bank = sent_back(units);
        for trail in conserving(&bank, &theft(&bank, &["one", "two"]), &Stops::none()) {
            let ended: u64 = trail.ends.iter().map(|end| end.units).sum();
            assert_eq!((trail.stolen, ended), (100, 100), "{units}, {}", trail.rule);
            let wallet = row(&bank, &trail, "wallet").expect("loot came back to it");
            assert_eq!((wallet.arrived, wallet.left), (units, 0), "a seed's movement is no hop of the loot");
            assert_eq!(wallet.arrived, wallet.resting + trail.total(Terminal::Returned));
        }
    }
}

#[test]
fn all_that_came_back_and_was_taken_again_is_returned_under_every_rule() {
    // The wallet pays 50, gets them back, and is emptied.
    let bank = bank().mint("wallet", 50, XEM).pay("wallet", "thief", 50, XEM).called("one");
    let bank = bank.pay("thief", "wallet", 50, XEM).pay("wallet", "thief", 50, XEM).called("two");
    for trail in conserving(&bank, &theft(&bank, &["one", "two"]), &Stops::none()) {
        assert_eq!(ends(&bank, &trail), ["returned wallet 50", "at rest thief 50"], "{}", trail.rule);
        assert_eq!(trail.ends[0].movement, Some(bank.movement("two")));
        assert_eq!(trail.ends[0].depth, 1);
        assert_eq!(carried(&bank, &trail, &["two"]), [0]);
    }
}

#[test]
fn a_seeds_own_amount_stands_as_named_whatever_its_movement_carries() {
    let bank = bank().mint("wallet", 50, XEM).pay("wallet", "thief", 50, XEM).called("one");
    let bank = bank.pay("thief", "wallet", 50, XEM).pay("wallet", "thief", 50, XEM).called("two");
    let last = AccountSeed { movement: bank.movement("two"), part: Part::Back(20) };
    let theft = AccountTheft { seeds: vec![AccountSeed::whole(bank.movement("one")), last] };
    for trail in conserving(&bank, &theft, &Stops::none()) {
        assert_eq!(ends(&bank, &trail), ["returned wallet 50", "at rest thief 20"], "{}", trail.rule);
        assert_eq!(trail.stolen, 70);
    }
}

#[test]
fn it_is_returned_before_dust_and_hops_are_asked_and_after_height_is() {
    let bank = bank().mint("wallet", 50, XEM).pay("wallet", "thief", 50, XEM).called("one");
    let bank = bank.pay("thief", "wallet", 9, XEM).block().pay("wallet", "thief", 9, XEM).called("two");
    let theft = theft(&bank, &["one", "two"]);
    for stops in [Stops { hops_max: 1, ..Stops::none() }, Stops { dust_below: 9, ..Stops::none() }] {
        for trail in conserving(&bank, &theft, &stops) {
            assert_eq!(ends(&bank, &trail), ["returned wallet 9", "at rest thief 50"], "{}", trail.rule);
        }
    }
    for trail in conserving(&bank, &theft, &Stops { height_max: Height(1), ..Stops::none() }) {
        assert_eq!(ends(&bank, &trail), ["pruned: height wallet 9", "at rest thief 50"], "{}", trail.rule);
    }
}

#[test]
fn what_a_payer_of_loot_pays_with_clean_money_is_a_seed_like_any_other() {
    let bank = bank().mint("victim", 100, XEM).pay("victim", "x", 100, XEM).called("loot");
    let bank = bank.mint("x", 500, XEM).pay("x", "z", 500, XEM).called("clean");
    let trail = trail(&bank, Rule::Lifo, &theft(&bank, &["loot", "clean"]));
    assert_eq!((trail.stolen, trail.count(Terminal::Returned)), (600, 0));
}
