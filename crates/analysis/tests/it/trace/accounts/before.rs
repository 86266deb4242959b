//! What was in a holding before the ledger begins: known, supplied, or the least that its movements need.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{AccountFault, trace_accounts};
use coinhound_analysis::trace::{Stops, TraceError};
use coinhound_model::Height;
use coinhound_testkit::accounts::{Bank, bank};

use super::story::{XEM, carried, ends, refusal, row, theft, traced, trail};

/// An account that receives 10 stolen units and pays 12, then 13.
fn overdrawn(bank: Bank) -> Bank {
    let bank = bank.block().pay("victim", "x", 10, XEM).called("loot");
    bank.pay("x", "a", 12, XEM).called("first").block().pay("x", "b", 13, XEM).called("second")
}

#[test]
fn an_unknown_opening_is_the_least_that_the_movements_need_and_the_oldest_lot() {
    let bank = overdrawn(Bank::partial());
    let loot = theft(&bank, &["loot"]);
    let of = |rule| carried(&bank, &trail(&bank, rule, &loot), &["first", "second"]);
    assert_eq!(of(Rule::Fifo), [0, 10]);
    assert_eq!(of(Rule::Lifo), [10, 0]);
    // 10 of 25 are stolen: 12 x 10 / 25 is 4.8.
    assert_eq!(of(Rule::Haircut), [5, 5]);
    assert_eq!(of(Rule::Libr), [0, 10]);
    for rule in Rule::ACCOUNTS {
        let trail = trail(&bank, rule, &loot);
        assert!(!trail.is_complete);
        assert_eq!(row(&bank, &trail, "x").map(|x| (x.balance, x.assumed)), Some((0, Some(15))));
    }
    // What nothing is missing from is assumed to begin with nothing, and that is told as well.
    let fifo = trail(&bank, Rule::Fifo, &loot);
    assert_eq!(row(&bank, &fifo, "b").map(|b| (b.balance, b.assumed)), Some((13, Some(0))));
}

#[test]
fn movements_before_the_loot_and_after_it_count_alike() {
    // The account lacked 5 before, and 7 more after it.
    let bank = Bank::partial().pay("x", "y", 5, XEM).pay("z", "x", 3, XEM);
    let bank = bank.pay("victim", "x", 10, XEM).called("loot").pay("x", "a", 20, XEM).called("a");
    let trail = trail(&bank, Rule::Lifo, &theft(&bank, &["loot"]));
    assert_eq!(row(&bank, &trail, "x").map(|x| (x.assumed, x.balance)), Some((Some(12), 0)));
    assert_eq!(carried(&bank, &trail, &["a"]), [10]);
}

#[test]
fn a_supplied_opening_is_what_was_there() {
    let bank = overdrawn(Bank::partial().opening("x", 40, XEM));
    let fifo = trail(&bank, Rule::Fifo, &theft(&bank, &["loot"]));
    assert_eq!(ends(&bank, &fifo), ["at rest x 10"]);
    assert_eq!(row(&bank, &fifo, "x").map(|x| (x.balance, x.assumed)), Some((25, None)));
    assert!(!fifo.is_complete, "the rest of the ledger is as unknown as before");
}

fn overdraft(bank: &Bank) -> String {
    let error = refusal(bank, &[theft(bank, &["loot"])], &[Rule::Fifo]);
    assert!(matches!(error, TraceError::Account(AccountFault::Overdraft { .. })), "{error}");
    error.to_string()
}

#[test]
fn taking_more_than_is_known_to_be_there_is_a_contradiction_that_names_where() {
    let text = overdraft(&overdrawn(Bank::partial().opening("x", 14, XEM)));
    assert!(
        text.contains("#0 at height 3 takes 13 `test:xem` from an account that holds 12; every movement"),
        "{text}"
    );
    let text = overdraft(&overdrawn(bank().mint("victim", 10, XEM)));
    assert!(
        text.contains("#0 at height 2 takes 12 `test:xem` from an account that holds 10; every movement"),
        "{text}"
    );
    // A supplied opening of nothing is known as well.
    let text = overdraft(&overdrawn(Bank::partial().opening("x", 0, XEM)));
    assert!(text.contains("takes 12") && text.contains("holds 10;"), "{text}");
}

#[test]
fn an_overdraft_nobody_reached_is_not_in_the_way() {
    let bank = bank().mint("victim", 10, XEM).pay("victim", "x", 10, XEM).called("loot").pay("poor", "rich", 5, XEM);
    assert_eq!(ends(&bank, &trail(&bank, Rule::Fifo, &theft(&bank, &["loot"]))), ["at rest x 10"]);
}

#[test]
fn an_overdraft_beyond_the_limits_is_told_all_the_same_and_the_text_says_why() {
    let bank = bank().mint("victim", 10, XEM).pay("victim", "x", 10, XEM).called("loot").pay("x", "y", 10, XEM).block();
    let bank = bank.pay("x", "y", 1, XEM);
    let stops = Stops { height_max: Height(1), ..Stops::none() };
    let error = trace_accounts(bank.ledger(), &[theft(&bank, &["loot"])], &[Rule::Fifo], &stops, 1);
    let text = error.expect_err("the account pays what it does not have").to_string();
    assert!(
        text.ends_with("every movement of the view counts here, also one beyond the limits of the trace"),
        "{text}"
    );
}

#[test]
fn poison_stays_until_the_balance_is_known_to_be_zero() {
    let emptied = |bank: Bank| {
        let bank = bank.mint("victim", 10, XEM).pay("victim", "x", 10, XEM).called("loot");
        bank.pay("x", "a", 10, XEM).mint("x", 7, XEM).pay("x", "b", 7, XEM).called("b")
    };
    let known = emptied(bank());
    assert_eq!(ends(&known, &trail(&known, Rule::Poison, &theft(&known, &["loot"]))), ["at rest a 10"]);
    let unknown = emptied(Bank::partial());
    let poison = trail(&unknown, Rule::Poison, &theft(&unknown, &["loot"]));
    assert_eq!(ends(&unknown, &poison), ["at rest x 0", "at rest a 10", "at rest b 7"]);
    assert_eq!(carried(&unknown, &poison, &["b"]), [7]);
}

#[test]
fn the_state_of_a_busy_account_is_the_same_however_often_the_loot_comes_and_goes() {
    // Hundreds of payments before, between and after: what is remembered of them is not what is told of them.
    let mut bank = Bank::partial();
    for _ in 0..100 {
        bank = bank.pay("shop", "x", 3, XEM).pay("x", "shop", 4, XEM);
    }
    bank = bank.pay("victim", "x", 50, XEM).called("one").pay("x", "fence", 150, XEM);
    for _ in 0..100 {
        bank = bank.pay("shop", "x", 3, XEM).pay("x", "shop", 2, XEM);
    }
    bank = bank.pay("fence", "x", 120, XEM).called("back").pay("x", "end", 90, XEM).called("end");
    let found = traced(&bank, &[theft(&bank, &["one"])], &Rule::ACCOUNTS, &Stops::none());
    let of = |rule| carried(&bank, found.trail(0, rule).expect("it was traced"), &["back", "end"]);
    // Before: short of 100, then of the 200 that make 300 of it with the loot. After: 100 clean units, then what comes back.
    assert_eq!(found.trails[0].reached[0].assumed, Some(200));
    assert_eq!(found.trails[0].reached[0].balance, 130);
    assert_eq!(of(Rule::Fifo), [20, 0]);
    assert_eq!(of(Rule::Lifo), [20, 20]);
    // 120 x 50 / 150 come back, of 220 there are then 90 leave.
    assert_eq!(of(Rule::Haircut), [40, 16]);
}
