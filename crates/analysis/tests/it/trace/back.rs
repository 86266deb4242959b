//! Going back: the inverse of going forward where a rule has one, and exact sums everywhere.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{
    BackStops, Backward, Effort, Part, Seed, ServiceTable, SourceKind, Stops, Theft, TraceError, backward, trace,
};
use coinhound_model::{Height, HoldingId, Ledger, MovementId, MovementMarks, Pruned, Unresolved};
use coinhound_testkit::random::{Shape, random_ledger};
use coinhound_testkit::{MemoryLedger, Town, town};
use proptest::prelude::*;
use ruint::aliases::U256;

fn back(town: &Town, rule: Rule, coin: &str) -> Backward<u64> {
    backward(town.ledger(), rule, &Seed::whole(town.coin(coin)), &BackStops::none()).expect("the town is sound")
}

fn told(town: &Town, found: &Backward<u64>) -> Vec<(String, u64)> {
    found.sources.iter().map(|source| (town.coin_name(source.holding), source.units)).collect()
}

fn mixing_town() -> Town {
    town().issue("loot", [("thief", 300)]).issue("own", [("thief", 700)]).tx(
        "mix",
        ["loot:0", "own:0"],
        [("a", 500), ("b", 400)],
    )
}

#[test]
fn each_rule_asks_its_own_debits() {
    let town = mixing_town();
    for (rule, coin, sources) in [
        (Rule::Fifo, "mix:0", vec![("loot:0", 300), ("own:0", 200)]),
        (Rule::Fifo, "mix:1", vec![("own:0", 400)]),
        (Rule::Lifo, "mix:0", vec![("own:0", 500)]),
        (Rule::Lifo, "mix:1", vec![("loot:0", 200), ("own:0", 200)]),
        (Rule::Haircut, "mix:0", vec![("loot:0", 150), ("own:0", 350)]),
    ] {
        let found = told(&town, &back(&town, rule, coin));
        assert!(found.iter().map(|(name, units)| (name.as_str(), *units)).eq(sources), "{rule} {coin}: {found:?}");
    }
}

#[test]
fn a_part_of_a_coin_can_be_asked_about() {
    let town = mixing_town();
    let coin = Seed { holding: town.coin("mix:0"), part: Part::Back(250) };
    let found = backward(town.ledger(), Rule::Fifo, &coin, &BackStops::none()).expect("the town is sound");
    assert_eq!(told(&town, &found), [("loot:0".to_owned(), 50), ("own:0".to_owned(), 200)]);
    assert_eq!(found.spans(&found.demands[0])[0].start, 250);
}

#[test]
fn rules_without_an_inverse_say_so() {
    let town = mixing_town();
    for rule in [Rule::Tiho, Rule::Poison] {
        let asked = backward(town.ledger(), rule, &Seed::whole(town.coin("mix:0")), &BackStops::none());
        assert!(matches!(asked, Err(TraceError::NotDefined { .. })), "{rule}");
    }
}

#[test]
fn every_kind_of_source_has_its_line() {
    let town = town()
        .foreign("old", "stranger", Some(50))
        .foreign("dim", "stranger", None)
        .tx("wallet", ["x"], [("exchange", 100)])
        .tx("blur", ["dim", "y"], [("a", 30)])
        .tx("join", ["z"], [("a", 20)])
        .collaborative(coinhound_model::print::CollabPrint::GRAPHSENSE_WASABI2)
        .tx("far", ["w"], [("a", 7)])
        .issue("own", [("a", 3)])
        .tx("mix", ["wallet:0", "old", "blur:0", "join:0", "far:0", "own:0"], [("b", 210)]);
    let stops = BackStops {
        services: ServiceTable::new([(town.address("exchange"), 4)]),
        collaborative: coinhound_model::print::CollabPrint::GRAPHSENSE_WASABI2,
        hops_max: 2,
        dust_below: 8,
        ..BackStops::none()
    };
    let found = backward(town.ledger(), Rule::Fifo, &Seed::whole(town.coin("mix:0")), &stops).expect("it is sound");
    let totals: Vec<_> = found.totals.iter().map(|total| (total.kind, total.units)).collect();
    assert_eq!(
        totals,
        [
            (SourceKind::Issued, 3),
            (SourceKind::AtService(4), 100),
            (SourceKind::Mixed, 20),
            (SourceKind::Unknown, 50),
            (SourceKind::Pruned(Pruned::Dust), 7),
            (SourceKind::Unresolved(Unresolved::AmountUnknown), 30),
        ]
    );
}

#[test]
fn the_coin_that_is_asked_about_is_stopped_by_no_service_and_no_dust() {
    let town = mixing_town();
    let services = ServiceTable::new([(town.address("a"), 0)]);
    let stops = BackStops { services, dust_below: 1_000, ..BackStops::none() };
    let found = backward(town.ledger(), Rule::Fifo, &Seed::whole(town.coin("mix:0")), &stops).expect("it is sound");
    assert_eq!((found.total(SourceKind::Issued), found.hops.len()), (500, 1));
}

#[test]
fn limits_on_the_way_back_cut_with_a_line() {
    let town = mixing_town().tx("on", ["mix:0"], [("c", 500)]);
    let none = BackStops::none;
    for (stops, pruned) in [
        (BackStops { hops_max: 1, ..none() }, Pruned::Hops),
        (BackStops { height_min: Height(4), ..none() }, Pruned::Height),
        (BackStops { time_min: 4 * 600, ..none() }, Pruned::Time),
    ] {
        let found = backward(town.ledger(), Rule::Lifo, &Seed::whole(town.coin("on:0")), &stops).expect("it is sound");
        assert_eq!(found.total(SourceKind::Pruned(pruned)), 500, "{stops:?}");
    }
}

/// A coin of the graph with something in it.
fn some_coin(ledger: &MemoryLedger<u64>, pick: u64) -> HoldingId {
    let coins: Vec<_> = (0..ledger.coins()).map(HoldingId).filter(|&coin| ledger.entry(coin).units > 0).collect();
    coins[usize::try_from(pick).expect("64-bit targets only") % coins.len()]
}

/// How much of `coin` a forward trace of the whole `source` says is there.
fn forward(ledger: &MemoryLedger<u64>, rule: Rule, source: HoldingId, coin: HoldingId) -> u64 {
    let theft = Theft { seeds: vec![Seed::whole(source)] };
    let traced = trace(ledger, &[theft], &[rule], &Stops::none(), &Effort::default()).expect("the graph is sound");
    traced.trails[0].coins.iter().find(|reached| reached.holding == coin).map_or(0, |reached| reached.stolen)
}

/// The coins where value first appears: issued, from before the range, or paid out of a pool.
fn origins(ledger: &MemoryLedger<u64>) -> Vec<HoldingId> {
    let mut entries = Vec::new();
    let mut origins = Vec::new();
    for movement in ledger.movements().map(MovementId) {
        ledger.debits(movement, &mut entries);
        origins.extend(entries.iter().map(|debit| debit.holding).filter(|holding| holding.foreign_rank().is_some()));
        if ledger.marks(movement).intersects(MovementMarks::ISSUES | MovementMarks::POOL) {
            ledger.credits(movement, &mut entries);
            origins.extend(entries.iter().map(|credit| credit.holding));
        }
    }
    origins.retain(|&holding| ledger.entry(holding).units > 0);
    origins
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn going_back_inverts_going_forward(seed in any::<u64>(), pick in any::<u64>()) {
        let pools = seed.is_multiple_of(2);
        let ledger = random_ledger(seed, &Shape { foreign: false, pools, ..Shape::default() });
        let coin = some_coin(&ledger, pick);
        for rule in [Rule::Fifo, Rule::Lifo] {
            let found = backward(&ledger, rule, &Seed::whole(coin), &BackStops::none()).expect("the graph is sound");
            let units_of = |holding| found.sources.iter().filter(|s| s.holding == holding).map(|s| s.units).sum::<u64>();
            for origin in origins(&ledger) {
                prop_assert_eq!(units_of(origin), forward(&ledger, rule, origin, coin), "{} {:?}", rule, origin);
            }
        }
    }

    #[test]
    fn both_widths_of_amounts_go_back_alike(seed in any::<u64>(), pick in any::<u64>()) {
        let ledger = random_ledger(seed, &Shape::default());
        let coin = some_coin(&ledger, pick);
        let wide = ledger.map(U256::from);
        for rule in [Rule::Fifo, Rule::Lifo, Rule::Haircut] {
            let narrow = backward(&ledger, rule, &Seed::whole(coin), &BackStops::none()).expect("the graph is sound");
            let wide = backward(&wide, rule, &Seed::whole(coin), &BackStops::none()).expect("the graph is sound");
            let sources = narrow.sources.iter().map(|s| (s.kind, s.holding, U256::from(s.units), s.depth));
            prop_assert!(wide.sources.iter().map(|s| (s.kind, s.holding, s.units, s.depth)).eq(sources));
        }
    }

    #[test]
    fn sources_sum_to_what_was_asked_and_fit_their_coins(seed in any::<u64>(), pick in any::<u64>(), units in 1u64..) {
        let ledger = random_ledger(seed, &Shape { pools: seed.is_multiple_of(2), ..Shape::default() });
        let coin = some_coin(&ledger, pick);
        let units = 1 + units % ledger.entry(coin).units;
        for rule in [Rule::Fifo, Rule::Lifo, Rule::Haircut] {
            let stops = BackStops { dust_below: units % 4, ..BackStops::none() };
            let asked = Seed { holding: coin, part: Part::Back(units) };
            let found = backward(&ledger, rule, &asked, &stops).expect("the graph is sound");
            prop_assert_eq!(found.sources.iter().map(|source| source.units).sum::<u64>(), units);
            prop_assert!(found.demands.iter().all(|demand| demand.units <= ledger.entry(demand.holding).units));
            for hop in &found.hops {
                prop_assert_eq!(found.asked_of(hop).iter().map(|demand| demand.units).sum::<u64>(), hop.asked);
            }
        }
    }
}
