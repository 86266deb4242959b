//! The rules against vectors worked out by hand: an account receives, then pays.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Part;
use coinhound_model::Terminal;
use coinhound_testkit::accounts::{Bank, bank};

use super::story::{XEM, carried, ends, part, row, theft, trail};

/// An account that receives these amounts and then pays 500, 400 and a fee of 100.
fn account(credits: &[(&str, u64)], paid: [u64; 2]) -> Bank {
    let received = credits.iter().enumerate().fold(bank(), |bank, (number, (from, units))| {
        bank.mint(from, *units, XEM).pay(from, "x", *units, XEM).called(&format!("{from} {number}"))
    });
    let paid = received.pay("x", "a", paid[0], XEM).called("a").pay("x", "b", paid[1], XEM).called("b");
    paid.fee("x", 100, XEM).called("fee")
}

fn spread(bank: &Bank, rule: Rule, names: &[&str]) -> Vec<u64> {
    carried(bank, &trail(bank, rule, &theft(bank, names)), &["a", "b", "fee"])
}

#[test]
fn stolen_first_then_clean() {
    let bank = account(&[("victim", 300), ("own", 700)], [500, 400]);
    assert_eq!(spread(&bank, Rule::Poison, &["victim 0"]), [500, 400, 100]);
    assert_eq!(spread(&bank, Rule::Haircut, &["victim 0"]), [150, 120, 30]);
    assert_eq!(spread(&bank, Rule::Fifo, &["victim 0"]), [300, 0, 0]);
    assert_eq!(spread(&bank, Rule::Lifo, &["victim 0"]), [0, 200, 100]);
    assert_eq!(spread(&bank, Rule::Libr, &["victim 0"]), [0, 200, 100]);
}

#[test]
fn clean_first_then_stolen() {
    let bank = account(&[("own", 700), ("victim", 300)], [500, 400]);
    assert_eq!(spread(&bank, Rule::Haircut, &["victim 1"]), [150, 120, 30]);
    assert_eq!(spread(&bank, Rule::Fifo, &["victim 1"]), [0, 200, 100]);
    assert_eq!(spread(&bank, Rule::Lifo, &["victim 1"]), [300, 0, 0]);
    assert_eq!(spread(&bank, Rule::Libr, &["victim 1"]), [0, 200, 100]);
}

#[test]
fn stolen_on_both_sides_of_clean() {
    let bank = account(&[("victim", 200), ("own", 100), ("victim", 200)], [150, 250]);
    let names = ["victim 0", "victim 2"];
    assert_eq!(spread(&bank, Rule::Haircut, &names), [120, 200, 80]);
    assert_eq!(spread(&bank, Rule::Fifo, &names), [150, 150, 100]);
    assert_eq!(spread(&bank, Rule::Lifo, &names), [150, 150, 100]);
    assert_eq!(spread(&bank, Rule::Libr, &names), [50, 250, 100]);
}

#[test]
fn a_claim_never_grows_back_roscoe_v_winder() {
    // 455 of the claimant's pounds came in, the account fell to 25, and 333 of other money came in later.
    let bank = bank()
        .mint("debtors", 455, XEM)
        .mint("others", 333, XEM)
        .pay("debtors", "winder", 455, XEM)
        .called("trust")
        .pay("winder", "shops", 430, XEM)
        .pay("others", "winder", 333, XEM);
    let claim = |rule| {
        let trail = trail(&bank, rule, &theft(&bank, &["trust"]));
        let winder = row(&bank, &trail, "winder").expect("it was credited");
        assert_eq!((winder.arrived, winder.left, winder.balance, winder.assumed), (455, 430, 358, None));
        winder.resting
    };
    assert_eq!([Rule::Libr, Rule::Fifo, Rule::Lifo, Rule::Haircut].map(claim), [25; 4]);
    // The next 333 are paid with the others' money under LIBR, and not under the other rules.
    let bank = bank.pay("winder", "home", 333, XEM);
    let left = |rule| row(&bank, &trail(&bank, rule, &theft(&bank, &["trust"])), "winder").map(|row| row.resting);
    assert_eq!([Rule::Libr, Rule::Fifo, Rule::Lifo, Rule::Haircut].map(left), [25, 0, 25, 2].map(Some));
}

#[test]
fn a_rolling_charge_rounds_to_the_larger_fraction_and_a_tie_to_what_leaves() {
    let halves = |paid: u64| {
        let bank = bank().mint("victim", 1, XEM).mint("x", 3, XEM).pay("victim", "x", 1, XEM).called("loot");
        let bank = bank.pay("x", "a", paid, XEM).called("a");
        carried(&bank, &trail(&bank, Rule::Haircut, &theft(&bank, &["loot"])), &["a"])[0]
    };
    // One stolen unit among four: of one, two, three of them a quarter, a half, three quarters leave.
    assert_eq!([1, 2, 3, 4].map(halves), [0, 1, 1, 1]);
}

#[test]
fn lifo_gives_lots_in_the_order_drawn() {
    let bank = bank()
        .mint("victim", 300, XEM)
        .mint("own", 700, XEM)
        .pay("victim", "x", 300, XEM)
        .called("loot")
        .pay("own", "x", 700, XEM)
        .pay("x", "y", 900, XEM)
        .pay("y", "last", 200, XEM)
        .called("last");
    // `y` holds 700 clean, then 200 stolen; the last lot leaves first.
    assert_eq!(carried(&bank, &trail(&bank, Rule::Lifo, &theft(&bank, &["loot"])), &["last"]), [200]);
    assert_eq!(carried(&bank, &trail(&bank, Rule::Fifo, &theft(&bank, &["loot"])), &["last"]), [200]);
}

#[test]
fn a_transfer_to_oneself_turns_no_queue() {
    let bank = bank()
        .mint("victim", 10, XEM)
        .mint("x", 10, XEM)
        .pay("victim", "x", 10, XEM)
        .called("loot")
        .pay("x", "x", 10, XEM)
        .called("self")
        .pay("x", "a", 10, XEM)
        .called("a");
    let names = ["self", "a"];
    let loot = theft(&bank, &["loot"]);
    assert_eq!(carried(&bank, &trail(&bank, Rule::Fifo, &loot), &names), [0, 0]);
    assert_eq!(carried(&bank, &trail(&bank, Rule::Lifo, &loot), &names), [0, 10]);
    assert_eq!(carried(&bank, &trail(&bank, Rule::Libr, &loot), &names), [0, 0]);
}

#[test]
fn the_front_and_the_back_of_a_credit_are_different_units() {
    let bank = bank().mint("victim", 10, XEM).pay("victim", "x", 10, XEM).called("loot").pay("x", "a", 4, XEM);
    let bank = bank.called("a");
    let of = |rule, units| carried(&bank, &trail(&bank, rule, &part(&bank, "loot", units)), &["a"])[0];
    assert_eq!([of(Rule::Fifo, Part::Front(5)), of(Rule::Fifo, Part::Back(5))], [4, 0]);
    assert_eq!([of(Rule::Lifo, Part::Front(5)), of(Rule::Lifo, Part::Back(5))], [0, 4]);
    assert_eq!([of(Rule::Haircut, Part::Front(5)), of(Rule::Libr, Part::Back(5))], [2, 0]);
    assert_eq!(of(Rule::Fifo, Part::Whole), 4);
}

#[test]
fn fees_and_burnt_value_end_and_what_the_maker_receives_is_new() {
    let bank = bank()
        .mint("victim", 100, XEM)
        .pay("victim", "x", 100, XEM)
        .called("loot")
        .pay("x", "a", 50, XEM)
        .fee("x", 20, XEM)
        .called("fee")
        .reward("maker", 20, XEM)
        .burn("x", 10, XEM)
        .pay("x", coinhound_testkit::NOBODY, 5, XEM);
    for rule in Rule::ACCOUNTS {
        let trail = trail(&bank, rule, &theft(&bank, &["loot"]));
        let [fee, burned, rest] = [Terminal::Fee, Terminal::Burned, Terminal::AtRest].map(|end| trail.total(end));
        assert_eq!((fee, burned, rest), (20, 15, 65), "{rule}");
        assert!(row(&bank, &trail, "maker").is_none(), "a reward carries nothing");
        assert!(trail.is_complete);
    }
    let fifo = trail(&bank, Rule::Fifo, &theft(&bank, &["loot"]));
    assert_eq!(ends(&bank, &fifo), ["fee - 20", "burned - 10", "burned nobody 5", "at rest x 15", "at rest a 50"]);
}

#[test]
fn value_that_comes_back_counts_again_where_it_passes_and_once_where_it_ends() {
    let bank = bank().mint("victim", 100, XEM).pay("victim", "x", 100, XEM).called("loot");
    let bank = bank.pay("x", "y", 100, XEM).pay("y", "x", 60, XEM).pay("x", "y", 30, XEM);
    for rule in Rule::ACCOUNTS.into_iter().filter(|rule| rule.conserves()) {
        let trail = trail(&bank, rule, &theft(&bank, &["loot"]));
        let [x, y] = ["x", "y"].map(|who| *row(&bank, &trail, who).expect("both were reached"));
        assert_eq!((x.arrived, x.left, x.resting, x.depth), (160, 130, 30, 0));
        assert_eq!((y.arrived, y.left, y.resting, y.depth), (130, 60, 70, 1));
        assert_eq!(ends(&bank, &trail), ["at rest x 30", "at rest y 70"]);
    }
}

#[test]
fn assets_of_one_account_are_holdings_of_their_own() {
    let bank = bank()
        .mint("victim", 10, XEM)
        .mint("x", 90, "DIM")
        .pay("victim", "x", 10, XEM)
        .called("loot")
        .pay("x", "a", 90, "DIM")
        .called("other")
        .pay("x", "a", 10, XEM)
        .called("same");
    for rule in Rule::ACCOUNTS {
        assert_eq!(carried(&bank, &trail(&bank, rule, &theft(&bank, &["loot"])), &["other", "same"]), [0, 10]);
    }
}
