//! What a trace of accounts refuses, and how it says so.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{AccountFault, AccountSeed, AccountTheft, trace_accounts};
use coinhound_analysis::trace::{Effort, Part, Seed, Stops, Theft, TraceError, trace};
use coinhound_model::{HoldingId, LedgerError, MovementId};
use coinhound_testkit::accounts::{Bank, bank};
use coinhound_testkit::town;

use super::story::{XEM, part, refusal, theft};

fn story() -> Bank {
    bank()
        .mint("victim", 100, XEM)
        .called("mint")
        .mint("victim", 9, "DIM")
        .pay("victim", "x", 100, XEM)
        .called("loot")
        .pay("x", "y", 40, XEM)
        .called("on")
        .fee("x", 2, XEM)
        .called("fee")
        .pay("x", "x", 5, XEM)
        .called("self")
        .pay("victim", "x", 0, XEM)
        .called("nothing")
        .pay("victim", "x", 9, "DIM")
        .called("dim")
}

fn fault(bank: &Bank, theft: AccountTheft<u64>) -> (AccountFault, String) {
    match refusal(bank, &[theft], &[Rule::Fifo]) {
        TraceError::Account(fault) => (fault.clone(), fault.to_string()),
        other => panic!("{other}"),
    }
}

#[test]
fn seeds_that_make_no_sense_are_refused_by_name() {
    let bank = story();
    let of = |name: &str| fault(&bank, theft(&bank, &[name]));
    assert!(
        matches!(of("fee"), (AccountFault::SeedCreditsNobody { what: "fee", .. }, text) if text.contains("#1 at height 1"))
    );
    assert!(matches!(of("self"), (AccountFault::SeedCreditsNobody { what: "transfer to oneself", .. }, _)));
    assert!(matches!(of("nothing").0, AccountFault::SeedEmpty { .. }));
    assert!(matches!(fault(&bank, part(&bank, "loot", Part::Front(0))).0, AccountFault::SeedEmpty { .. }));
    let (_, text) = fault(&bank, part(&bank, "loot", Part::Back(101)));
    assert!(text.ends_with("credits 100, less than the 101 said to be stolen with it"), "{text}");
    let (_, text) = fault(&bank, AccountTheft { seeds: vec![AccountSeed::whole(MovementId(99))] });
    assert_eq!(text, "theft 0 names movement 99, which the ledger does not have");
    assert!(matches!(fault(&bank, theft(&bank, &["loot", "loot"])).0, AccountFault::SeedTwice { theft: 0, .. }));
    let (_, text) = fault(&bank, theft(&bank, &["loot", "dim"]));
    assert_eq!(text, "theft 0 has seeds in `test:xem` and in `test:dim`: each asset is a theft of its own");
    let sound = theft(&bank, &["loot"]);
    let empty = AccountTheft { seeds: vec![] };
    assert_eq!(refusal(&bank, &[sound, empty], &[Rule::Fifo]), TraceError::NoSeeds { theft: 1 });
}

#[test]
fn rules_are_refused_where_they_are_not_defined() {
    let bank = story();
    let error = refusal(&bank, &[theft(&bank, &["loot"])], &[Rule::Fifo, Rule::Tiho]);
    assert_eq!(error, TraceError::NotDefined { rule: Rule::Tiho, question: "a trace of accounts" });
    let town = town().issue("theft", [("thief", 100)]);
    let coin = Theft { seeds: vec![Seed::whole(HoldingId(0))] };
    let error = trace(town.ledger(), &[coin], &[Rule::Libr], &Stops::none(), &Effort::default());
    let error = error.expect_err("it is refused");
    assert_eq!(error.to_string(), "a trace of coins is not defined under libr");
    for rule in Rule::ALL {
        assert_eq!(
            (rule.on_coins(), rule.on_accounts()),
            (Rule::COINS.contains(&rule), Rule::ACCOUNTS.contains(&rule))
        );
    }
}

#[test]
fn no_answer_leaves_a_damaged_ledger_not_even_another_error() {
    let mut bank = story();
    bank.ledger_mut().set_damage("page 7 of `moves` does not match its checksum");
    for names in [["loot"].as_slice(), &["loot", "loot"], &[]] {
        let error = refusal(&bank, &[theft(&bank, names)], &[Rule::Fifo]);
        assert!(matches!(error, TraceError::Ledger(LedgerError { .. })), "{error}");
    }
}

#[test]
fn lists_that_do_not_fit_the_movements_are_contradictions() {
    let lies: [fn(&mut Bank, HoldingId); 3] = [
        |bank, x| bank.ledger_mut().set_list(x, vec![0, 2, 3]),
        |bank, x| bank.ledger_mut().set_list(x, vec![2, 900]),
        |bank, x| bank.ledger_mut().set_stuck(x),
    ];
    for lie in lies {
        let mut bank = story();
        let x = bank.holding("x", XEM);
        lie(&mut bank, x);
        for rule in Rule::ACCOUNTS {
            let error = refusal(&bank, &[theft(&bank, &["loot"])], &[rule]);
            assert!(matches!(error, TraceError::Account(AccountFault::Contradiction { .. })), "{error}");
        }
    }
}

#[test]
fn seeds_and_balances_beyond_any_amount_are_refused() {
    let bank = bank().mint("x", u64::MAX, XEM).called("one").mint("y", 1, XEM).called("other");
    let error = refusal(&bank, &[theft(&bank, &["one", "other"])], &[Rule::Fifo]);
    assert_eq!(error, TraceError::TooMuch { theft: 0 });
    let bank = bank.mint("x", 1, XEM);
    let error = refusal(&bank, &[theft(&bank, &["one"])], &[Rule::Fifo]).to_string();
    assert!(error.ends_with("a balance exceeds any amount"), "{error}");
}

#[test]
fn which_error_is_told_does_not_depend_on_threads() {
    let bank = story().mint("p", 5, XEM).called("p").mint("q", 5, XEM).called("q");
    let bank = bank.pay("q", "y", 7, XEM).pay("p", "y", 6, XEM);
    let thefts = ["loot", "p", "q"].map(|name| theft(&bank, &[name]));
    for threads in [1, 2, 5] {
        let error = trace_accounts(bank.ledger(), &thefts, &Rule::ACCOUNTS, &Stops::none(), threads);
        let Err(TraceError::Account(AccountFault::Overdraft { taken, .. })) = error else {
            panic!("{threads}: {error:?}")
        };
        assert_eq!(taken, "6", "{threads}");
    }
}
