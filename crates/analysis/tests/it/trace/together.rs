//! What several trails say together, and what a trace refuses.

use coinhound_analysis::taint::{ParseRuleError, Rule};
use coinhound_analysis::trace::{
    BackStops, Claim, Effort, Part, Seed, Stops, Theft, TraceError, backward, contested, sensitivity, trace,
};
use coinhound_model::{HoldingId, LedgerError, Terminal};
use coinhound_testkit::{MemoryLedger, Town, town};

use super::story::{part, theft, traced};

/// Two thefts whose loot meets in one transaction, behind and before clean value.
fn meeting() -> Town {
    town()
        .issue("one", [("thief", 60)])
        .issue("other", [("rival", 60)])
        .tx("meet", ["one:0", "other:0"], [("a", 80), ("b", 40)])
        .tx("on", ["meet:0"], [("c", 80)])
}

#[test]
fn coins_claimed_beyond_their_value_are_contested() {
    // The same loot, named by two victims: each part alone fits, together they do not.
    let town = meeting();
    let thefts = [theft(&town, &["one:0", "other:0"]), theft(&town, &["one:0"])];
    let found = traced(town.ledger(), &thefts, &Rule::COINS, &Stops::none());
    let told: Vec<_> =
        contested(&found.trails).into_iter().map(|row| (row.rule, town.coin_name(row.holding), row)).collect();
    let fifo: Vec<_> = told.iter().filter(|row| row.0 == Rule::Fifo).map(|row| row.1.as_str()).collect();
    assert_eq!(fifo, ["one:0", "meet:0", "on:0"]);
    let row = &told.iter().find(|row| row.0 == Rule::Fifo && row.1 == "on:0").expect("it is among them").2;
    assert_eq!((row.value, row.excess, row.is_end), (80, 60, true));
    assert_eq!(row.claims, [Claim { theft: 0, units: 80 }, Claim { theft: 1, units: 60 }]);
    assert!(told.iter().all(|row| row.0.conserves()), "poison claims nothing");
}

#[test]
fn thefts_that_share_a_coin_within_its_value_do_not_contest_it() {
    let town = meeting();
    let thefts = [theft(&town, &["one:0"]), theft(&town, &["other:0"])];
    let found = traced(town.ledger(), &thefts, &[Rule::Fifo, Rule::Lifo, Rule::Haircut], &Stops::none());
    assert_eq!(contested(&found.trails), []);
    // Under TIHO each theft, alone, fills the larger output first.
    let found = traced(town.ledger(), &thefts, &[Rule::Tiho], &Stops::none());
    let names: Vec<_> = contested(&found.trails).iter().map(|row| town.coin_name(row.holding)).collect();
    assert_eq!(names, ["meet:0", "on:0"]);
}

#[test]
fn haircut_may_contest_a_coin_by_a_unit_of_rounding_and_says_how_much() {
    let town = town().issue("one", [("thief", 50)]).issue("other", [("rival", 50)]).tx(
        "meet",
        ["one:0", "other:0"],
        [("a", 75), ("b", 25)],
    );
    let thefts = [theft(&town, &["one:0"]), theft(&town, &["other:0"])];
    let found = traced(town.ledger(), &thefts, &[Rule::Haircut], &Stops::none());
    let rows: Vec<_> = contested(&found.trails).iter().map(|row| (row.value, row.excess)).collect();
    // Half of 75 and half of 25, ties to the first: 38 and 12 for each theft.
    assert_eq!(rows, [(75, 1)]);
}

#[test]
fn the_sensitivity_table_says_what_no_choice_of_rule_takes_away() {
    let town = town().issue("loot", [("thief", 300)]).issue("own", [("thief", 700)]).tx(
        "mix",
        ["own:0", "loot:0"],
        [("a", 500), ("b", 490)],
    );
    let loot = theft(&town, &["loot:0"]);
    let found = traced(town.ledger(), &[loot], &Rule::COINS, &Stops::none());
    let table = sensitivity(&found.trails, 0);
    assert_eq!(table.rules, [Rule::Fifo, Rule::Lifo, Rule::Haircut, Rule::Tiho]);
    let rows: Vec<_> = table.rows.iter().map(|row| (row.terminal, &row.units[..], row.min, row.max)).collect();
    assert_eq!(
        rows,
        [
            (Terminal::AtRest, &[0, 300, 150, 300][..], 0, 300),
            (Terminal::AtRest, &[290, 0, 147, 0][..], 0, 290),
            (Terminal::Fee, &[10, 0, 3, 0][..], 0, 10),
        ]
    );
    let peel = self::peel();
    let found = traced(peel.ledger(), &[theft(&peel, &["theft:0"])], &Rule::COINS, &Stops::none());
    assert!(sensitivity(&found.trails, 0).rows.iter().all(|row| row.survives() && row.min == row.max));
}

fn peel() -> Town {
    town().issue("theft", [("thief", 100)]).tx("peel", ["theft:0"], [("exchange", 10), ("change", 89)])
}

fn refusal(town: &Town, thefts: &[Theft<u64>]) -> TraceError {
    trace(town.ledger(), thefts, &Rule::CONSERVING, &Stops::none(), &Effort::default()).expect_err("it is refused")
}

#[test]
fn seeds_that_make_no_sense_are_refused_by_name() {
    let town = peel();
    let sound = theft(&town, &["theft:0"]);
    assert_eq!(refusal(&town, &[sound.clone(), Theft { seeds: vec![] }]), TraceError::NoSeeds { theft: 1 });
    assert!(matches!(refusal(&town, &[theft(&town, &["theft:0", "theft:0"])]), TraceError::SeedTwice { theft: 0, .. }));
    assert!(matches!(refusal(&town, &[part(&town, "theft:0", Part::Front(0))]), TraceError::SeedEmpty { .. }));
    let error = refusal(&town, &[sound, part(&town, "peel:0", Part::Back(11))]);
    let text = error.to_string();
    assert!(text.ends_with(":0 holds 10, less than the 11 said to be stolen from it"), "{text}");
    let abroad = coinhound_testkit::town().foreign("dim", "x", None).tx("spend", ["dim"], [("a", 1)]);
    assert!(matches!(refusal(&abroad, &[theft(&abroad, &["dim"])]), TraceError::SeedAmountUnknown { .. }));
}

#[test]
fn a_seed_that_holds_another_seeds_loot_is_refused_except_under_poison() {
    let town = peel();
    let doubled = theft(&town, &["theft:0", "peel:1"]);
    assert!(matches!(refusal(&town, std::slice::from_ref(&doubled)), TraceError::SeedReached { theft: 0, .. }));
    let found = traced(town.ledger(), &[doubled], &[Rule::Poison], &Stops::none());
    assert_eq!(found.trails[0].coins.len(), 3);
    assert_eq!(found.trails[0].count(Terminal::AtRest), 2);
}

#[test]
fn which_error_is_told_does_not_depend_on_how_the_trace_was_carried_out() {
    let town = peel();
    let thefts = [theft(&town, &["peel:0"]), theft(&town, &["theft:0", "peel:1"]), Theft { seeds: vec![] }];
    for (threads, batch) in [(1, 64), (1, 1), (2, 1), (2, 3)] {
        let effort = Effort { threads, batch, ..Effort::default() };
        let error = trace(town.ledger(), &thefts, &Rule::CONSERVING, &Stops::none(), &effort).expect_err("two are bad");
        assert!(matches!(error, TraceError::SeedReached { theft: 1, .. }), "{threads} {batch}: {error}");
    }
}

#[test]
fn no_answer_leaves_a_damaged_ledger() {
    let mut town = peel();
    town.ledger_mut().set_damage("page 7 of `facts` does not match its checksum");
    let loot = theft(&town, &["theft:0"]);
    assert!(matches!(refusal(&town, &[loot]), TraceError::Ledger(LedgerError { .. })));
    let back = backward(town.ledger(), Rule::Fifo, &Seed::whole(town.coin("peel:0")), &BackStops::none());
    assert!(matches!(back, Err(TraceError::Ledger(LedgerError { .. }))));
}

#[test]
fn a_ledger_that_pays_out_more_than_it_takes_in_is_refused() {
    let town = town().issue("theft", [("thief", 100)]).tx("more", ["theft:0"], [("a", 101)]);
    let error = refusal(&town, &[theft(&town, &["theft:0"])]);
    assert!(matches!(error, TraceError::Contradiction { what: "it pays out more than it takes in", .. }));
}

#[test]
fn seeds_beyond_any_amount_are_refused() {
    let mut ledger = MemoryLedger::<u64>::new(coinhound_model::Height(0));
    for number in 0..2 {
        let credits = vec![(u64::MAX, coinhound_model::AddressId(0))];
        let tx = coinhound_testkit::town::made_up_hash(number);
        let height = coinhound_model::Height(1);
        ledger.push(coinhound_testkit::NewMovement::plain(tx, height, vec![], credits));
    }
    let theft = Theft { seeds: [0, 1].map(|coin| Seed::whole(HoldingId(coin))).to_vec() };
    let error =
        trace(&ledger, &[theft], &[Rule::Fifo], &Stops::none(), &Effort::default()).expect_err("it is too much");
    assert_eq!(error, TraceError::TooMuch { theft: 0 });
}

#[test]
fn rules_are_named_as_people_type_them() {
    for rule in Rule::ALL {
        assert_eq!(rule.to_string().parse(), Ok(rule));
    }
    assert_eq!("FIFO".parse::<Rule>(), Err(ParseRuleError { text: "FIFO".to_owned() }));
}
