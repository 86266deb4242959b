//! Conversions, worked out by hand: what leaves one asset's trail and what opens in the other's.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{
    AccountTheft, ContestedPlace, Converted, Opened, contested_accounts, sensitivity_accounts,
};
use coinhound_analysis::trace::{Conversions, Part, ServiceTable, Stops};
use coinhound_model::{Height, Pruned, Terminal, Unresolved};
use coinhound_testkit::accounts::{Bank, bank};

use super::story::{carried, ends, part, refusal, theft, told, traced};

const CONSERVING: [Rule; 4] = [Rule::Fifo, Rule::Lifo, Rule::Haircut, Rule::Libr];

/// `x` has 100 stolen units of A, and what pays fees; a pool has a thousand of A and of B.
fn begun() -> Bank {
    bank()
        .mint("victim", 100, "A")
        .mint("pool", 1_000, "B")
        .mint("pool", 1_000, "A")
        .mint("x", 50, "GAS")
        .pay("victim", "x", 100, "A")
        .called("loot")
}

fn loot(bank: &Bank) -> AccountTheft<u64> {
    theft(bank, &["loot"])
}

fn by(bank: &Bank, rule: Rule) -> Vec<String> {
    told(bank, rule, &loot(bank), &Stops::none())
}

/// What every conserving rule says, where they agree.
fn by_all(bank: &Bank) -> Vec<String> {
    let [one, others @ ..] = CONSERVING.map(|rule| by(bank, rule));
    assert!(others.iter().all(|other| *other == one), "{one:?} {others:?}");
    one
}

#[test]
fn wrapping_goes_on_unit_by_unit_and_unwrapping_comes_back() {
    let wrapped = begun().pay("x", "weth", 100, "A").also_mint("x", 100, "WA").called("wrap").fee("x", 1, "GAS");
    assert_eq!(by_all(&wrapped), ["A: 100 + 0: converted x 100", "WA: 0 + 100: at rest x 100"]);
    // As a chain tells it: what contracts pass on stands before the tokens' own words.
    let back = wrapped.pay("weth", "x", 70, "A").called("back").burnt("x", 70, "WA").fee("x", 1, "GAS");
    let expected = ["A: 100 + 70: converted x 100, at rest x 70", "WA: 0 + 100: converted x 70, at rest x 30"];
    assert_eq!(by_all(&back), expected);
    let found = traced(&back, &[loot(&back)], &[Rule::Fifo], &Stops::none());
    let (own, other) = (&found.trails[0], &found.trails[1]);
    assert!(own.is_own() && !other.is_own());
    assert_eq!((own.entered, own.stolen, other.entered, other.stolen), (170, 100, 100, 0));
    let (into, from) = (other.asset, own.asset);
    let movement = back.movement("back");
    let converted = Converted {
        movement,
        reached: 0,
        debits: 70,
        refunds: 0,
        drawn: 70,
        converted: 70,
        end: 0,
        into: from,
        received: 70,
        opened: 70,
    };
    assert_eq!(other.conversions, [converted]);
    let opened = Opened { movement, reached: 0, units: 70, from: into, given: 70, converted: 70, received: 70 };
    assert_eq!(own.opened, [opened]);
    assert_eq!((own.reached[0].depth, other.reached[0].depth), (0, 1));
    assert_eq!((own.reached[0].arrived, own.reached[0].left), (170, 0));
}

/// 150 units of A, two thirds of what `x` has, for 301 of B, and 210 of these are paid on.
fn half_stolen() -> Bank {
    let bank = begun().mint("x", 100, "A").pay("x", "pool", 150, "A").also("pool", "x", 301, "B").called("got");
    bank.fee("x", 1, "GAS").pay("x", "fence", 210, "B").called("fence")
}

#[test]
fn each_rule_draws_its_own_share_and_all_convert_it_at_the_rate_of_the_transaction() {
    let bank = half_stolen();
    let expected = [
        // 100 x 301 / 150 is 200.67.
        (Rule::Fifo, "A: 100 + 0: converted x 100", "B: 0 + 200: at rest fence 200", 200),
        // 50 x 301 / 150 is 100.33; behind the 201 others nine of it are left to pay with.
        (Rule::Lifo, "A: 100 + 0: converted x 50, at rest x 50", "B: 0 + 100: at rest x 91, at rest fence 9", 9),
        // 75 x 301 / 150 is 150.5; 210 x 150 / 301 is 104.65.
        (Rule::Haircut, "A: 100 + 0: converted x 75, at rest x 25", "B: 0 + 150: at rest x 45, at rest fence 105", 105),
        (Rule::Libr, "A: 100 + 0: converted x 50, at rest x 50", "B: 0 + 100: at rest x 91, at rest fence 9", 9),
        (Rule::Poison, "A: 100 + 0: converted x 150, at rest x 50", "B: 0 + 301: at rest x 91, at rest fence 210", 210),
    ];
    for (rule, own, other, paid) in expected {
        assert_eq!(by(&bank, rule), [own, other], "{rule}");
        let found = traced(&bank, &[loot(&bank)], &[rule], &Stops::none());
        assert_eq!(carried(&bank, &found.trails[1], &["fence"]), [paid], "{rule}");
    }
}

#[test]
fn a_round_trip_adds_to_the_audit_of_the_stolen_asset() {
    let there = begun().pay("x", "pool", 90, "A").also("pool", "x", 45, "B").fee("x", 1, "GAS");
    let back = there.pay("x", "pool", 45, "B").also("pool", "x", 88, "A").fee("x", 1, "GAS");
    let expected = ["A: 100 + 88: converted x 90, at rest x 98", "B: 0 + 45: converted x 45"];
    assert_eq!(by_all(&back), expected);
}

#[test]
fn the_share_of_a_refund_stays() {
    let all = begun().pay("x", "pool", 100, "A").also("pool", "x", 30, "B").also("pool", "x", 40, "A");
    let all = all.fee("x", 1, "GAS");
    assert_eq!(by_all(&all), ["A: 100 + 0: converted x 60, at rest x 40", "B: 0 + 30: at rest x 30"]);
    // Half of 100 is stolen: of 50 floor(50 x 33 / 100) come back, and floor(34 x 10 / 67) are opened.
    let half =
        begun().mint("x", 100, "A").pay("x", "pool", 100, "A").also("pool", "x", 33, "A").also("pool", "x", 10, "B");
    let half = half.fee("x", 1, "GAS");
    assert_eq!(by(&half, Rule::Haircut), ["A: 100 + 0: converted x 34, at rest x 66", "B: 0 + 5: at rest x 5"]);
    // An emptied account is clean until the refund comes.
    assert_eq!(by(&all, Rule::Poison), ["A: 100 + 0: converted x 60, at rest x 40", "B: 0 + 30: at rest x 30"]);
}

#[test]
fn the_stolen_share_of_a_refund_is_the_front_of_what_comes_back() {
    // 60 of 100 are stolen; of the 50 that come back 30 are, and they are the first of them.
    let bank = bank().mint("victim", 60, "A").mint("pool", 50, "B").mint("x", 9, "GAS");
    let bank = bank.pay("victim", "x", 60, "A").called("loot").mint("x", 40, "A").pay("x", "pool", 100, "A");
    let bank = bank.also("pool", "x", 10, "B").also("pool", "x", 50, "A").fee("x", 1, "GAS").pay("x", "end", 35, "A");
    let bank = bank.called("end");
    let at_end = |rule| carried(&bank, &traced(&bank, &[loot(&bank)], &[rule], &Stops::none()).trails[0], &["end"]);
    assert_eq!([Rule::Fifo, Rule::Lifo, Rule::Haircut, Rule::Libr].map(at_end), [[30], [15], [21], [15]]);
}

#[test]
fn a_pool_that_pays_first_changes_nothing() {
    let first = begun().pay("pool", "x", 7, "B").also("x", "pool", 30, "A").also("x", "pool", 70, "A");
    let last = begun().pay("x", "pool", 30, "A").also("x", "pool", 70, "A").also("pool", "x", 7, "B");
    let between = begun().pay("x", "pool", 30, "A").also("pool", "x", 7, "B").also("x", "pool", 70, "A");
    for bank in [first, last, between].map(|bank| bank.fee("x", 1, "GAS")) {
        assert_eq!(by_all(&bank), ["A: 100 + 0: converted x 100", "B: 0 + 7: at rest x 7"]);
    }
}

#[test]
fn fees_are_left_out_in_whatever_asset_they_are() {
    let given = begun().pay("x", "pool", 70, "A").also("pool", "x", 7, "B").burnt("x", 3, "A").fee("x", 2, "A");
    let given = given.also_reward("x", 2, "A");
    assert_eq!(by(&given, Rule::Fifo)[0], "A: 100 + 0: converted x 70, burned - 3, fee - 2, at rest x 25");
    let received = begun().mint("x", 1, "B").pay("x", "pool", 100, "A").also("pool", "x", 7, "B").fee("x", 2, "B");
    assert_eq!(by(&received, Rule::Fifo)[1], "B: 0 + 7: fee - 1, at rest x 6");
    // Where all of a fee is burnt, it stands last.
    let burnt = begun().pay("x", "pool", 100, "A").also("pool", "x", 7, "B").burnt("x", 2, "GAS");
    assert_eq!(by(&burnt, Rule::Fifo), ["A: 100 + 0: converted x 100", "B: 0 + 7: at rest x 7"]);
}

#[test]
fn what_routers_pass_on_plays_no_part_and_who_gives_the_other_side_is_clean() {
    let bank = begun().pay("x", "router", 100, "A").also("router", "pool", 100, "A").also("x", "x", 5, "GAS");
    let bank = bank.also("pool", "router", 20, "B").also("router", "x", 20, "B").fee("x", 1, "GAS");
    let bank = bank.pay("pool", "exchange", 1_100, "A");
    assert_eq!(by_all(&bank), ["A: 100 + 0: converted x 100", "B: 0 + 20: at rest x 20"]);
    let found = traced(&bank, &[loot(&bank)], &Rule::ACCOUNTS, &Stops::none());
    assert!(found.trails.iter().all(|trail| trail.reached.len() == 1 && trail.hops.is_empty()));
}

#[test]
fn what_is_nearly_a_conversion_is_followed_as_it_stands() {
    let paid = || begun().pay("x", "pool", 100, "A");
    let near = [
        ("nothing is received", paid().fee("x", 1, "GAS")),
        ("two assets are received", paid().also("pool", "x", 7, "B").also_mint("x", 1, "C").fee("x", 1, "GAS")),
        ("two assets are given", paid().also("x", "pool", 9, "GAS").also("pool", "x", 7, "B").fee("x", 1, "GAS")),
        ("some received is paid again", paid().also("pool", "x", 7, "B").also("x", "tip", 1, "B").fee("x", 1, "GAS")),
        ("nobody pays a fee", paid().also("pool", "x", 7, "B")),
        ("somebody else pays the fee", paid().also("pool", "x", 7, "B").fee("pool", 1, "B")),
        ("the fee is paid in between", paid().fee("x", 1, "GAS").also("pool", "x", 7, "B")),
        ("somebody else receives", paid().also("pool", "y", 7, "B").fee("x", 1, "GAS")),
    ];
    for (what, bank) in near {
        assert_eq!(by_all(&bank), ["A: 100 + 0: at rest pool 100"], "{what}");
    }
    let early = begun().pay("x", "pool", 60, "A").also("pool", "x", 20, "A").also("x", "pool", 40, "A");
    let early = early.also("pool", "x", 7, "B").fee("x", 1, "GAS");
    assert_eq!(by(&early, Rule::Fifo), ["A: 100 + 0: at rest pool 100"]);
    let nothing_left = begun().pay("x", "pool", 60, "A").also("pool", "x", 60, "A").also("pool", "x", 7, "B");
    assert_eq!(
        by(&nothing_left.fee("x", 1, "GAS"), Rule::Haircut).len(),
        1,
        "an asset that comes out even is not given"
    );
}

#[test]
fn conversions_that_are_not_followed_are_no_more_than_their_movements() {
    let stops = Stops { conversions: Conversions::Stop, ..Stops::none() };
    let bank = half_stolen();
    assert_eq!(told(&bank, Rule::Fifo, &loot(&bank), &stops), ["A: 100 + 0: at rest pool 100"]);
}

/// Loot that a swap pays to a friend of the thief's, for one unit of what a pool has.
fn sham() -> Bank {
    let bank = begun().pay("x", "front", 100, "A").also("front", "friend", 99, "A").also("pool", "x", 1, "B");
    bank.called("sham").fee("x", 1, "GAS")
}

#[test]
fn a_swap_that_anybody_unknown_gains_by_is_followed_movement_by_movement_and_noted() {
    let bank = sham();
    let known = |who: &[&str]| {
        let exchangers = who.iter().map(|who| bank.address(who)).collect();
        Stops { conversions: Conversions::Known, exchangers, ..Stops::none() }
    };
    assert_eq!(by_all(&bank), ["A: 100 + 0: converted x 100", "B: 0 + 1: at rest x 1"], "by its shape alone");
    for (who, gainer) in [(&[][..], "front"), (&["front"], "friend"), (&["friend", "pool"], "front")] {
        let stops = known(who);
        let found = traced(&bank, &[loot(&bank)], &[Rule::Fifo], &stops);
        assert_eq!(told(&bank, Rule::Fifo, &loot(&bank), &stops), ["A: 100 + 0: at rest front 1, at rest friend 99"]);
        let [declined] = found.trails[0].declined[..] else { panic!("one is noted: {:?}", found.trails[0].declined) };
        assert_eq!((declined.movement, declined.given, declined.received), (bank.movement("sham"), 100, 1));
        assert_eq!(declined.gainer, bank.address(gainer), "the first in the order of the ledger");
    }
    let everybody = known(&["front", "friend"]);
    assert_eq!(told(&bank, Rule::Fifo, &loot(&bank), &everybody), by(&bank, Rule::Fifo));
    let found = traced(&bank, &[loot(&bank)], &[Rule::Fifo], &everybody);
    assert!(found.trails.iter().all(|trail| trail.declined.is_empty()));
}

#[test]
fn who_only_passes_on_and_who_gives_what_is_received_gains_nothing() {
    let bank = begun().pay("x", "router", 100, "A").also("router", "pool", 100, "A").also("pool", "x", 50, "B");
    let bank = bank.fee("x", 1, "GAS");
    let exchangers = [bank.address("pool")].into_iter().collect();
    let stops = Stops { conversions: Conversions::Known, exchangers, ..Stops::none() };
    assert_eq!(told(&bank, Rule::Haircut, &loot(&bank), &stops), by(&bank, Rule::Haircut));
    assert_eq!(by(&bank, Rule::Haircut), ["A: 100 + 0: converted x 100", "B: 0 + 50: at rest x 50"]);
}

#[test]
fn loot_that_the_pool_pays_out_stays_stolen_as_far_as_there_is_room_beside_what_is_opened() {
    // 60 of B come into an empty pool as loot and out again to the same thief for the rest of what he stole.
    let bank = bank().mint("victim", 100, "A").mint("maker", 60, "B").mint("x", 50, "GAS");
    let bank = bank.pay("victim", "x", 100, "A").called("loot");
    let bank = bank.pay("x", "maker", 60, "A").also("maker", "x", 60, "B").fee("x", 1, "GAS");
    let bank = bank.pay("x", "pool", 60, "B").called("deposit");
    let bank = bank.pay("pool", "x", 50, "B").also("x", "pool", 40, "A").fee("x", 1, "GAS");
    let expected =
        ["A: 100 + 0: converted x 60, converted x 40", "B: 0 + 110: returned x 50, at rest x 50, at rest pool 10"];
    assert_eq!(by_all(&bank), expected);
    // With clean units of B beside them in the pool there is room for some of both.
    let bank = begun().pay("x", "pool", 60, "A").also("pool", "x", 30, "B").fee("x", 1, "GAS");
    let bank = bank.pay("x", "dealer", 30, "B").mint("dealer", 30, "B").pay("dealer", "x", 60, "B");
    let bank = bank.also("x", "dealer", 40, "A").fee("x", 1, "GAS");
    let expected = ["A: 100 + 0: converted x 60, converted x 40", "B: 0 + 90: returned x 30, at rest x 60"];
    assert_eq!(by_all(&bank), expected);
}

#[test]
fn a_tagged_pool_is_passed_and_a_service_that_converts_is_at_its_end() {
    let bank = half_stolen();
    let stops = |who: &str| Stops { services: ServiceTable::new([(bank.address(who), 3)]), ..Stops::none() };
    assert_eq!(told(&bank, Rule::Fifo, &loot(&bank), &stops("pool")), by(&bank, Rule::Fifo));
    let at_end = told(&bank, Rule::Fifo, &loot(&bank), &stops("x"));
    assert_eq!(at_end, ["A: 100 + 0: converted x 100", "B: 0 + 200: at service x 200"]);
}

#[test]
fn limits_end_what_is_given_before_it_is_converted_and_count_a_conversion_as_a_movement() {
    let bank = half_stolen();
    let ask = |stops: &Stops<u64>| told(&bank, Rule::Fifo, &loot(&bank), stops);
    let none = Stops::none;
    assert_eq!(ask(&Stops { hops_max: 0, ..none() }), ["A: 100 + 0: pruned: hops x 100"]);
    assert_eq!(ask(&Stops { dust_below: 101, ..none() }), ["A: 100 + 0: pruned: dust x 100"]);
    let one = ask(&Stops { hops_max: 1, ..none() });
    assert_eq!(one, ["A: 100 + 0: converted x 100", "B: 0 + 200: pruned: hops x 200"]);
    let late = begun().block().pay("x", "pool", 100, "A").also("pool", "x", 7, "B").fee("x", 1, "GAS");
    let stops = Stops { height_max: Height(1), ..none() };
    assert_eq!(told(&late, Rule::Lifo, &loot(&late), &stops), ["A: 100 + 0: pruned: height x 100"]);
    // Dust is asked of each debit: the smaller one ends, the larger is converted.
    let parts = begun().pay("x", "pool", 10, "A").also("x", "pool", 90, "A").also("pool", "x", 50, "B");
    let parts = parts.fee("x", 1, "GAS");
    let found = traced(&parts, &[loot(&parts)], &[Rule::Fifo], &Stops { dust_below: 20, ..none() });
    assert_eq!(ends(&parts, &found.trails[0]), ["pruned: dust x 10", "converted x 90"]);
    assert_eq!(found.trails[0].total(Terminal::Pruned(Pruned::Dust)), 10);
    assert_eq!(ends(&parts, &found.trails[1]), ["at rest x 45"]);
}

#[test]
fn a_seed_in_the_same_transaction_stands_as_named() {
    // What is paid is named as stolen again: it returns, and is not converted.
    let bank = begun().pay("x", "pool", 100, "A").called("paid").also("pool", "x", 50, "B").fee("x", 1, "GAS");
    let named = told(&bank, Rule::Fifo, &theft(&bank, &["loot", "paid"]), &Stops::none());
    assert_eq!(named, ["A: 200 + 0: returned x 100, at rest pool 100"]);
    // What comes back is named as stolen: all of it is, once; what would be opened in it returns.
    let bank = begun().pay("x", "pool", 90, "A").also("pool", "x", 45, "B").fee("x", 1, "GAS");
    let bank = bank.pay("x", "pool", 45, "B").also("pool", "x", 88, "A").called("back").fee("x", 1, "GAS");
    let named = told(&bank, Rule::Fifo, &theft(&bank, &["loot", "back"]), &Stops::none());
    assert_eq!(named, ["A: 188 + 88: converted x 90, returned x 88, at rest x 98", "B: 0 + 45: converted x 45"]);
}

#[test]
fn less_than_a_unit_opens_nothing_and_is_told() {
    let bank = begun().pay("x", "pool", 100, "A").also("pool", "x", 1, "B").fee("x", 1, "GAS");
    let front = part(&bank, "loot", Part::Front(99));
    let found = traced(&bank, &[front], &[Rule::Fifo], &Stops::none());
    assert_eq!(found.trails.len(), 1);
    let row = found.trails[0].conversions[0];
    assert_eq!((row.drawn, row.converted, row.received, row.opened), (99, 99, 1, 0));
}

#[test]
fn a_token_that_contradicts_itself_ends_the_way_into_it_and_spoils_no_trace() {
    // Nobody had what the token's contract says he pays.
    let swap = || begun().pay("x", "pool", 100, "A").also_mint("x", 5, "FAKE").called("fake").fee("x", 1, "GAS");
    let at_once = swap().pay("x", "y", 9, "FAKE");
    assert_eq!(by_all(&at_once), ["A: 100 + 0: unresolved: contradiction x 100"]);
    let found = traced(&at_once, &[loot(&at_once)], &[Rule::Fifo], &Stops::none());
    assert_eq!((found.trails[0].conversions[0].opened, found.trails[0].entered), (0, 100));
    let later = swap().pay("x", "y", 3, "FAKE").pay("y", "z", 9, "FAKE");
    let expected = ["A: 100 + 0: converted x 100", "FAKE: 0 + 5: unresolved: contradiction x 3, at rest x 2"];
    assert_eq!(by_all(&later), expected);
    let found = traced(&later, &[loot(&later)], &[Rule::Lifo], &Stops::none());
    assert_eq!(found.trails[1].total(Terminal::Unresolved(Unresolved::Contradiction)), 3);
    // Amounts beyond all bounds, twice.
    let huge = |bank: Bank| bank.pay("x", "pool", 50, "A").also_mint("x", u64::MAX, "FAKE").fee("x", 1, "GAS");
    assert_eq!(
        by_all(&huge(huge(begun()))),
        ["A: 100 + 0: unresolved: contradiction x 50, unresolved: contradiction x 50"]
    );
    let spent = huge(huge(begun()).pay("x", "y", u64::MAX, "FAKE"));
    let told = by(&spent, Rule::Fifo);
    assert_eq!(told[0], "A: 100 + 0: converted x 50, unresolved: contradiction x 50");
    // In the asset that was stolen it is a fault to be told.
    let named = refusal(&at_once, &[theft(&at_once, &["fake"])], &[Rule::Fifo]);
    assert!(named.to_string().contains("takes 9"), "{named}");
}

#[test]
fn what_several_thefts_convert_beyond_what_was_given_is_contested_where_it_was_given() {
    let bank = begun().pay("x", "pool", 100, "A").also("pool", "x", 50, "B").called("got").fee("x", 1, "GAS");
    let found = traced(&bank, &[loot(&bank), loot(&bank)], &[Rule::Fifo], &Stops::none());
    let rows = contested_accounts(&found.trails);
    let places: Vec<_> = rows.iter().map(|row| (row.place, row.value, row.excess, row.is_end)).collect();
    let converts = ContestedPlace::Converts(bank.holding("x", "A"), bank.movement("got"));
    assert_eq!(places, [(ContestedPlace::Rests(bank.holding("x", "B")), 50, 50, true), (converts, 100, 100, true)]);
}

#[test]
fn every_asset_has_a_sensitivity_table_of_its_own_with_every_rule_in_it() {
    // FIFO converts all of it, LIFO nothing.
    let bank = begun().mint("x", 100, "A").pay("x", "pool", 100, "A").also("pool", "x", 50, "B").fee("x", 1, "GAS");
    let found = traced(&bank, &[loot(&bank)], &Rule::ACCOUNTS, &Stops::none());
    let tables = sensitivity_accounts(&found.trails, 0);
    let rows: Vec<Vec<_>> = tables
        .iter()
        .map(|table| table.table.rows.iter().map(|row| (row.terminal, row.holding, row.units.clone())).collect())
        .collect();
    let [a, b] = ["A", "B"].map(|ticker| Some(bank.holding("x", ticker)));
    let own = [(Terminal::AtRest, a, vec![0, 100, 50, 100]), (Terminal::Converted, a, vec![100, 0, 50, 0])];
    assert_eq!(rows, [own.to_vec(), vec![(Terminal::AtRest, b, vec![50, 0, 25, 0])]]);
    assert!(tables.iter().all(|table| table.table.rules == CONSERVING));
}
