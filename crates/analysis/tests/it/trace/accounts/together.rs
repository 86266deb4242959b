//! What several trails of accounts say together, and which credits an address offers as seeds.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{
    AccountCredit, ContestedPlace, contested_accounts, expand_account, sensitivity_accounts,
};
use coinhound_analysis::trace::{Claim, Stops};
use coinhound_model::{Height, Terminal};
use coinhound_testkit::accounts::{Bank, bank};

use super::story::{XEM, theft, traced};

/// Two victims' loot meets in one account, which pays half of it on.
fn meeting() -> Bank {
    bank()
        .mint("one", 60, XEM)
        .mint("other", 60, XEM)
        .pay("one", "x", 60, XEM)
        .called("one")
        .pay("other", "x", 60, XEM)
        .called("other")
        .pay("x", "a", 90, XEM)
        .called("a")
}

#[test]
fn balances_and_movements_claimed_beyond_their_value_are_contested() {
    let bank = meeting();
    // Two victims name the same loot; each alone is right.
    let thefts = [theft(&bank, &["one", "other"]), theft(&bank, &["one"])];
    let found = traced(&bank, &thefts, &Rule::ACCOUNTS, &Stops::none());
    let rows: Vec<_> = contested_accounts(&found.trails).into_iter().filter(|row| row.rule == Rule::Fifo).collect();
    let places: Vec<_> = rows.iter().map(|row| row.place).collect();
    assert_eq!(places, [ContestedPlace::Rests(bank.holding("a", XEM)), ContestedPlace::Moves(bank.movement("a"))]);
    assert_eq!((rows[0].value, rows[0].excess, rows[0].is_end), (90, 60, true));
    assert_eq!(rows[0].claims, [Claim { theft: 0, units: 90 }, Claim { theft: 1, units: 60 }]);
    assert!(!rows[1].is_end);
    assert!(contested_accounts(&found.trails).iter().all(|row| row.rule.conserves()), "poison claims nothing");
}

#[test]
fn thefts_that_share_an_account_within_its_balance_do_not_contest_it() {
    let bank = meeting();
    let thefts = [theft(&bank, &["one"]), theft(&bank, &["other"])];
    let found = traced(&bank, &thefts, &[Rule::Fifo, Rule::Lifo, Rule::Haircut], &Stops::none());
    assert_eq!(contested_accounts(&found.trails), []);
    // LIBR spends everybody else's first: each theft, alone, leaves the other's loot to pay.
    let found = traced(&bank, &thefts, &[Rule::Libr], &Stops::none());
    let rows: Vec<_> = contested_accounts(&found.trails).iter().map(|row| (row.place, row.value, row.excess)).collect();
    assert_eq!(rows, [(ContestedPlace::Rests(bank.holding("x", XEM)), 30, 30)]);
}

#[test]
fn the_sensitivity_table_says_what_no_choice_of_rule_takes_away() {
    let bank = meeting().fee("x", 10, XEM);
    let found = traced(&bank, &[theft(&bank, &["one"])], &Rule::ACCOUNTS, &Stops::none());
    let tables = sensitivity_accounts(&found.trails, 0);
    assert_eq!((tables.len(), tables[0].asset), (1, 0));
    let table = &tables[0].table;
    assert_eq!(table.rules, [Rule::Fifo, Rule::Lifo, Rule::Haircut, Rule::Libr]);
    let rows: Vec<_> =
        table.rows.iter().map(|row| (row.terminal, row.holding, &row.units[..], row.min, row.max)).collect();
    let [x, a] = ["x", "a"].map(|who| Some(bank.holding(who, XEM)));
    assert_eq!(
        rows,
        [
            (Terminal::AtRest, x, &[0, 20, 10, 20][..], 0, 20),
            (Terminal::AtRest, a, &[60, 30, 45, 30][..], 30, 60),
            (Terminal::Fee, None, &[0, 10, 5, 10][..], 0, 10),
        ]
    );
}

#[test]
fn an_address_offers_its_credits_up_to_a_height_in_every_asset() {
    let bank = bank()
        .mint("victim", 100, XEM)
        .mint("x", 7, "DIM")
        .called("dim")
        .pay("victim", "x", 60, XEM)
        .called("first")
        .pay("x", "x", 5, XEM)
        .pay("victim", "x", 0, XEM)
        .pay("x", "y", 9, XEM)
        .block()
        .pay("victim", "x", 40, XEM)
        .called("late");
    let ask = |height| expand_account(bank.ledger(), bank.address("x"), Height(height)).expect("the ledger is sound");
    let credit = |name: &str, ticker, asset, units, from: Option<&str>| AccountCredit {
        movement: bank.movement(name),
        holding: bank.holding("x", ticker),
        asset,
        units,
        from: from.map(|who| bank.address(who)),
    };
    let early = [credit("dim", "DIM", 1, 7, None), credit("first", XEM, 0, 60, Some("victim"))];
    assert_eq!(ask(1), early);
    assert_eq!(ask(2), [early[0], early[1], credit("late", XEM, 0, 40, Some("victim"))]);
    assert_eq!(ask(0), []);
}
