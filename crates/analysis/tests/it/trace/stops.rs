//! Each stop, each terminal, and what a cut leaves behind.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{Part, ServiceTable, Stops, expand_address};
use coinhound_model::print::CollabPrint;
use coinhound_model::{Height, Ledger, Pruned, Terminal, Unresolved};
use coinhound_testkit::{NOBODY, Town, town};
use expect_test::expect;

use super::story::{check, check_to, part, theft, trail, trail_to};

fn peel() -> Town {
    town().tx("theft", ["victim"], [("thief", 100)]).tx("peel", ["thief"], [("exchange", 10), ("change", 90)]).tx(
        "peel again",
        ["change"],
        [("exchange", 30), ("rest", 55)],
    )
}

#[test]
fn a_peel_chain_ends_at_the_exchange() {
    let town = peel();
    let services = ServiceTable::new([(town.address("exchange"), 7)]);
    let stops = Stops { services, ..Stops::none() };
    let expected = expect![[r#"
        10 of 10 in peel:0  exchange  (at service 7)
        30 of 30 in peel again:0  exchange  (at service 7)
        55 of 55 in peel again:1  rest  (at rest)
        5 of peel again (fee)
    "#]];
    check_to(&town, Rule::Fifo, &theft(&town, &["theft:0"]), &stops, expected);
}

#[test]
fn a_seed_that_never_moved_lies_at_rest_whatever_the_limits() {
    let town = town().issue("theft", [("thief", 100)]);
    let stops = Stops { dust_below: 1000, hops_max: 0, height_max: Height(0), time_max: 0, ..Stops::none() };
    check_to(
        &town,
        Rule::Haircut,
        &theft(&town, &["theft:0"]),
        &stops,
        expect![[r#"
        100 of 100 in theft:0  thief  (at rest)
    "#]],
    );
}

#[test]
fn a_seed_is_not_stopped_by_the_service_it_was_stolen_from() {
    let town = peel();
    let services = ServiceTable::new([(town.address("thief"), 0), (town.address("change"), 1)]);
    let stops = Stops { services, dust_below: 5, ..Stops::none() };
    check_to(
        &town,
        Rule::Tiho,
        &theft(&town, &["theft:0"]),
        &stops,
        expect![[r#"
        10 of 10 in peel:0  exchange  (at rest)
        90 of 90 in peel:1  change  (at service 1)
    "#]],
    );
}

#[test]
fn each_limit_cuts_with_a_line_of_its_own() {
    let town = peel();
    let loot = theft(&town, &["theft:0"]);
    let none = Stops::none;
    for (stops, pruned, units) in [
        (Stops { dust_below: 91, ..none() }, Pruned::Dust, 90),
        (Stops { hops_max: 1, ..none() }, Pruned::Hops, 90),
        (Stops { hops_max: 0, ..none() }, Pruned::Hops, 100),
        (Stops { height_max: Height(3), ..none() }, Pruned::Height, 90),
        (Stops { time_max: 600 * 3, ..none() }, Pruned::Time, 90),
    ] {
        let trail = trail_to(&town, Rule::Fifo, &loot, &stops);
        assert_eq!(trail.total(Terminal::Pruned(pruned)), units, "{stops:?}");
    }
}

#[test]
fn a_cut_coin_counts_as_not_stolen_where_it_is_spent() {
    let town = town().issue("theft", [("thief", 100)]).tx("split", ["theft:0"], [("a", 95), ("a", 5)]).tx(
        "join",
        ["split:0", "split:1"],
        [("b", 100)],
    );
    let stops = Stops { dust_below: 6, ..Stops::none() };
    check_to(
        &town,
        Rule::Haircut,
        &theft(&town, &["theft:0"]),
        &stops,
        expect![[r#"
        5 of 5 in split:1  a  (pruned: dust -> join)
        95 of 100 in join:0  b  (at rest)
    "#]],
    );
}

#[test]
fn value_that_enters_a_collaborative_transaction_is_mixed() {
    let join = CollabPrint::GRAPHSENSE_WASABI2;
    let town = town()
        .issue("theft", [("thief", 100)])
        .tx("join", ["theft:0", "other"], [("a", 100), ("b", 100)])
        .collaborative(join);
    let loot = theft(&town, &["theft:0"]);
    for rule in Rule::COINS {
        let stops = Stops { collaborative: join | CollabPrint::DUMPLINGS_OTHER, ..Stops::none() };
        assert_eq!(trail_to(&town, rule, &loot, &stops).total(Terminal::Mixed), 100, "{rule}");
        let others = Stops { collaborative: CollabPrint::DUMPLINGS_OTHER, ..Stops::none() };
        assert_eq!(trail_to(&town, rule, &loot, &others).total(Terminal::Mixed), 0, "{rule}");
    }
}

#[test]
fn value_sent_to_nobody_is_burned() {
    let town = town().issue("theft", [("thief", 100)]).tx("burn", ["theft:0"], [(NOBODY, 60), (NOBODY, 0), ("a", 30)]);
    check(
        &town,
        Rule::Lifo,
        &theft(&town, &["theft:0"]),
        expect![[r#"
        60 of 60 in burn:0  nobody  (burned)
        30 of 30 in burn:2  a  (at rest)
        10 of burn (fee)
    "#]],
    );
}

#[test]
fn a_debit_of_unknown_amount_leaves_the_trail_unresolved_and_poison_goes_on() {
    let town = town().foreign("old", "stranger", None).issue("theft", [("thief", 100)]).tx(
        "mix",
        ["theft:0", "old"],
        [("a", 150)],
    );
    let loot = theft(&town, &["theft:0"]);
    for rule in Rule::CONSERVING {
        let trail = trail(&town, rule, &loot);
        assert_eq!(trail.total(Terminal::Unresolved(Unresolved::AmountUnknown)), 100, "{rule}");
        assert!(!trail.rest_is_clean);
    }
    assert_eq!(trail(&town, Rule::Poison, &loot).total(Terminal::AtRest), 150);
}

#[test]
fn value_from_before_the_range_is_unknown_and_has_a_line() {
    let town = town().foreign("old", "stranger", Some(40)).issue("theft", [("thief", 100)]).tx(
        "mix",
        ["theft:0", "old", "neighbour"],
        [("a", 150)],
    );
    let trail = trail(&town, Rule::Haircut, &theft(&town, &["theft:0"]));
    assert_eq!((trail.unknown, trail.rest_is_clean), (40, false));
    assert_eq!(trail.hops[0].unknown, 40);
}

#[test]
fn a_foreign_coin_can_be_the_seed() {
    let town = town().foreign("old", "victim", Some(100)).tx("theft", ["old"], [("a", 90)]);
    let trail = trail(&town, Rule::Fifo, &theft(&town, &["old"]));
    assert_eq!((trail.total(Terminal::AtRest), trail.total(Terminal::Fee), trail.unknown), (90, 10, 0));
}

#[test]
fn a_part_of_a_coin_is_stolen_from_its_front_or_its_back() {
    let town = town().issue("theft", [("wallet", 100)]).tx("spend", ["theft:0"], [("a", 70), ("b", 20)]);
    check(
        &town,
        Rule::Fifo,
        &part(&town, "theft:0", Part::Front(75)),
        expect![[r#"
        70 of 70 in spend:0  a  (at rest)
        5 of 20 in spend:1  b  (at rest)
    "#]],
    );
    check(
        &town,
        Rule::Fifo,
        &part(&town, "theft:0", Part::Back(75)),
        expect![[r#"
        45 of 70 in spend:0  a  (at rest)
        20 of 20 in spend:1  b  (at rest)
        10 of spend (fee)
    "#]],
    );
}

#[test]
fn an_address_expands_to_what_lay_there_unspent_at_the_height() {
    let town = town()
        .tx("pay", ["x"], [("victim", 10), ("victim", 20)])
        .tx("spend", ["pay:0"], [("shop", 10)])
        .issue("late", [("victim", 5)]);
    let victim = town.address("victim");
    let at = |height| -> Vec<_> {
        let entries = expand_address(town.ledger(), victim, Height(height));
        entries.iter().map(|entry| town.coin_name(entry.holding)).collect()
    };
    let made = town.ledger().height(town.movement("pay")).0;
    assert_eq!(at(made - 1), [""; 0]);
    assert_eq!(at(made), ["pay:0", "pay:1"]);
    assert_eq!(at(made + 1), ["pay:1"]);
    assert_eq!(at(made + 2), ["pay:1", "late:0"]);
}
