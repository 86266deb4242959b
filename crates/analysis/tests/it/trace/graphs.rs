//! Random graphs: the engine beside the oracle, and what must hold whatever the graph.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{
    Conversions, Effort, Part, Plan, Seed, ServiceTable, Stops, Theft, Traced, Trail, trace,
};
use coinhound_model::{Height, HoldingId, Ledger, Units};
use coinhound_testkit::campaign::{Question, campaign};
use coinhound_testkit::oracle::{Answer, OracleStops};
use coinhound_testkit::random::{RandomSeed, spreading_ledger};
use proptest::prelude::*;
use ruint::aliases::U256;

/// How many graphs an everyday run compares; a campaign sets `COINHOUND_GRAPHS`.
fn graphs() -> u64 {
    std::env::var("COINHOUND_GRAPHS").ok().map_or(3_000, |count| count.parse().expect("COINHOUND_GRAPHS is a number"))
}

pub fn thefts_of<U: Units>(question: &Question, convert: impl Fn(u64) -> U + Copy) -> Vec<Theft<U>> {
    let seed = |seed: &RandomSeed| {
        let units = convert(seed.units);
        let part = if seed.from_back { Part::Back(units) } else { Part::Front(units) };
        Seed { holding: seed.holding, part }
    };
    question.thefts.iter().map(|theft| Theft { seeds: theft.iter().map(seed).collect() }).collect()
}

pub fn stops_of<U: Units>(stops: &OracleStops, convert: impl Fn(u64) -> U) -> Stops<U> {
    Stops {
        services: ServiceTable::new(stops.services.iter().copied()),
        collaborative: stops.collaborative,
        dust_below: convert(stops.dust_below),
        hops_max: stops.hops_max,
        time_max: stops.time_max,
        height_max: Height(stops.height_max),
        conversions: stops.exchangers.as_ref().map_or(Conversions::Follow, |_| Conversions::Known),
        exchangers: stops.exchangers.iter().flatten().copied().collect(),
    }
}

fn answer_of(trail: &Trail<u64>) -> Answer {
    let holding = |end| trail.coin(end).map(|coin| coin.holding);
    Answer {
        coins: trail.coins.iter().map(|coin| (coin.holding, coin.stolen)).collect(),
        ends: trail.ends.iter().map(|end| (end.terminal, holding(end), end.units)).collect(),
    }
}

fn traced(question: &Question, effort: &Effort) -> Traced<u64> {
    let (thefts, stops) = (thefts_of(question, |units| units), stops_of(&question.stops, |units| units));
    trace(&question.ledger, &thefts, &Rule::COINS, &stops, effort).expect("random graphs and thefts are sound")
}

#[test]
fn the_engine_agrees_with_an_oracle_that_keeps_one_element_for_each_unit() {
    let engine = |question: &Question| traced(question, &Effort::default()).trails.iter().map(answer_of).collect();
    let tally = campaign(0..graphs(), engine).unwrap_or_else(|mismatch| panic!("{mismatch:#?}"));
    println!("{tally:?}");
    assert_eq!(tally.graphs, graphs());
    assert!(tally.movements_min >= 30 && tally.thefts_min >= 2, "{tally:?}");
    assert!(tally.disagreeing * 5 >= tally.graphs, "the rules hardly ever disagree: {tally:?}");
    assert!(tally.pooled * 40 >= tally.graphs, "hardly any trail ends in a pool: {tally:?}");
    assert!(tally.merging * 10 >= tally.graphs * 9 && tally.with_zero_outputs * 10 >= tally.graphs * 9, "{tally:?}");
}

#[test]
fn threads_batches_and_plans_change_nothing() {
    for seed in 0..300 {
        let question = Question::new(seed);
        let plain = traced(&question, &Effort { threads: 1, batch: 64, plan: Plan::Sparse });
        for (threads, batch, plan) in
            [(1, 1, Plan::Auto), (2, 1, Plan::Sparse), (2, 2, Plan::Dense), (3, 4, Plan::Auto), (1, 64, Plan::Dense)]
        {
            let other = traced(&question, &Effort { threads, batch, plan });
            assert_eq!(plain.trails, other.trails, "seed {seed}, {threads} threads of {batch}, {plan:?}");
        }
    }
}

#[test]
fn a_wide_trail_is_swept_and_a_narrow_one_is_not() {
    let wide = spreading_ledger(1, 4_000);
    let theft = [Theft { seeds: vec![Seed::whole(HoldingId(0))] }];
    let run = |plan| {
        let effort = Effort { plan, ..Effort::default() };
        trace(&wide, &theft, &Rule::COINS, &Stops::none(), &effort).expect("the ledger is sound")
    };
    let (auto, sparse, dense) = (run(Plan::Auto), run(Plan::Sparse), run(Plan::Dense));
    assert!(auto.walks[0].dense_from.is_some() && sparse.walks[0].dense_from.is_none());
    assert!(auto.trails == sparse.trails && auto.trails == dense.trails);
    let narrow = traced(&Question::new(0), &Effort::default());
    assert_eq!(narrow.walks[0].dense_from, None);
}

#[test]
fn a_theft_is_traced_alike_alone_and_together() {
    for seed in 0..300 {
        let question = Question::new(seed);
        let together = traced(&question, &Effort::default());
        let (thefts, stops) = (thefts_of(&question, |units| units), stops_of(&question.stops, |units| units));
        for (number, theft) in (0u32..).zip(&thefts) {
            for rule in Rule::COINS {
                let alone = trace(&question.ledger, std::slice::from_ref(theft), &[rule], &stops, &Effort::default());
                let mut alone = alone.expect("it was sound among others").trails.remove(0);
                alone.theft = number;
                assert_eq!(Some(&alone), together.trail(number, rule), "seed {seed}");
            }
        }
    }
}

#[test]
fn both_widths_of_amounts_give_the_same_trails() {
    for seed in 0..300 {
        let question = Question::new(seed);
        let narrow = traced(&question, &Effort::default());
        // Shifted far past 64 bits for the rules that only add, plain for haircut, whose remainders would differ.
        for shift in [0, 150] {
            let wide = |units: u64| U256::from(units) << shift;
            let (thefts, stops) = (thefts_of(&question, wide), stops_of(&question.stops, wide));
            let rules: Vec<_> = Rule::COINS.into_iter().filter(|&rule| shift == 0 || rule != Rule::Haircut).collect();
            let traced = trace(&question.ledger.map(wide), &thefts, &rules, &stops, &Effort::default());
            for trail in traced.expect("it was sound in 64 bits").trails {
                let other = narrow.trail(trail.theft, trail.rule).expect("every rule was traced");
                let ends = other.ends.iter().map(|end| (end.terminal, end.coin, wide(end.units), end.depth));
                assert!(trail.ends.iter().map(|end| (end.terminal, end.coin, end.units, end.depth)).eq(ends));
                let coins = other.coins.iter().map(|coin| (coin.holding, wide(coin.stolen)));
                assert!(trail.coins.iter().map(|coin| (coin.holding, coin.stolen)).eq(coins), "seed {seed}");
            }
        }
    }
}

/// What a hop table that adds up by hand promises, row by row.
fn check_tables(ledger: &impl Ledger<Units = u64>, trail: &Trail<u64>) {
    let conserves = trail.rule.conserves();
    let ends: u64 = trail.ends.iter().map(|end| end.units).sum();
    let totals: u64 = trail.totals.iter().map(|total| total.units).sum();
    assert_eq!(ends, totals);
    assert!(!conserves || ends == trail.stolen);
    assert!(trail.hops.windows(2).all(|pair| pair[0].movement < pair[1].movement));
    for hop in &trail.hops {
        let taken: u64 = trail.taken(hop).map(|coin| coin.stolen).sum();
        let given: u64 = trail.credited(hop).iter().map(|coin| coin.stolen).sum();
        assert_eq!(taken, hop.taken);
        assert!(!conserves || given + hop.fee_stolen == taken);
        assert!(trail.credited(hop).iter().all(|coin| ledger.origin(coin.holding).map(|o| o.0) == Some(hop.movement)));
    }
    for coin in &trail.coins {
        assert!(0 < coin.stolen && coin.stolen <= coin.value && coin.value == ledger.entry(coin.holding).units);
        let lots = trail.lots(coin);
        let of = |label| -> u64 { lots.iter().filter(|lot| lot.label == label).map(|lot| lot.units).sum() };
        let [stolen, rest] = [coinhound_analysis::taint::Label::Stolen, coinhound_analysis::taint::Label::Rest].map(of);
        assert_eq!(lots.is_empty(), !trail.rule.is_ordered() || coin.stolen == coin.value);
        assert!(lots.is_empty() || (stolen, stolen + rest) == (coin.stolen, coin.value));
        assert!(lots.iter().all(|lot| lot.units > 0) && lots.windows(2).all(|pair| pair[0].label != pair[1].label));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_table_of_a_trail_adds_up(seed in any::<u64>()) {
        let question = Question::new(seed);
        for trail in traced(&question, &Effort::default()).trails {
            check_tables(&question.ledger, &trail);
        }
    }

    #[test]
    fn poison_reaches_whatever_another_rule_reaches(seed in any::<u64>()) {
        let mut question = Question::new(seed);
        question.stops.dust_below = 0;
        question.stops.hops_max = u32::MAX;
        let traced = traced(&question, &Effort::default());
        for trail in traced.trails.iter().filter(|trail| trail.rule.conserves()) {
            let poison = traced.trail(trail.theft, Rule::Poison).expect("every rule was traced");
            let mut reached: Vec<_> = poison.coins.iter().map(|coin| coin.holding).collect();
            reached.sort_unstable();
            prop_assert!(trail.coins.iter().all(|coin| reached.binary_search(&coin.holding).is_ok()));
        }
    }
}
