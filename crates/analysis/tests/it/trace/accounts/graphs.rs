//! Random account ledgers: the engine beside the oracle, and what must hold whatever the ledger.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::accounts::{
    AccountSeed, AccountTheft, AccountTraced, AccountTrail, Converted, trace_accounts,
};
use coinhound_analysis::trace::{Conversions, Part, Stops};
use coinhound_model::{Terminal, Units};
use coinhound_testkit::accounts::barter::Mistake;
use coinhound_testkit::accounts::campaign::{AccountQuestion, account_campaign, mistaken_campaign};
use coinhound_testkit::accounts::oracle::{AccountAnswer, OracleBarter, OracleReached};
use coinhound_testkit::accounts::random::RandomCredit;
use proptest::prelude::*;
use ruint::aliases::U256;

use crate::trace::graphs::stops_of;

/// How many ledgers an everyday run compares; a campaign sets `COINHOUND_GRAPHS`.
fn ledgers() -> u64 {
    std::env::var("COINHOUND_GRAPHS").ok().map_or(3_000, |count| count.parse().expect("COINHOUND_GRAPHS is a number"))
}

fn thefts_of<U: Units>(question: &AccountQuestion, convert: impl Fn(u64) -> U + Copy) -> Vec<AccountTheft<U>> {
    let seed = |seed: &RandomCredit| {
        let units = convert(seed.units);
        let part = if seed.from_back { Part::Back(units) } else { Part::Front(units) };
        AccountSeed { movement: seed.movement, part }
    };
    question.thefts.iter().map(|theft| AccountTheft { seeds: theft.iter().map(seed).collect() }).collect()
}

fn traced(question: &AccountQuestion, threads: usize) -> AccountTraced<u64> {
    traced_with(question, threads, &stops_of(&question.stops, |units| units))
}

fn traced_with(question: &AccountQuestion, threads: usize, stops: &Stops<u64>) -> AccountTraced<u64> {
    let thefts = thefts_of(question, |units| units);
    trace_accounts(&question.ledger, &thefts, &Rule::ACCOUNTS, stops, threads).expect("random thefts are sound")
}

/// What the trails of one theft by one rule, in all their assets, come to.
fn answer_of(trails: &[AccountTrail<u64>]) -> AccountAnswer {
    let mut answer = AccountAnswer::default();
    for trail in trails {
        let holding = |end| trail.reached(end).map(|reached| reached.holding);
        let reached = trail.reached.iter().map(|row| {
            let (first, depth, resting, balance, assumed) =
                (row.first, row.depth, row.resting, row.balance, row.assumed);
            (row.holding, OracleReached { first, depth, resting, balance, assumed })
        });
        answer.reached.extend(reached);
        answer.hops.extend(trail.hops.iter().map(|hop| (hop.movement, hop.stolen, hop.depth)));
        let ends = trail.ends.iter();
        answer.ends.extend(ends.map(|end| (end.terminal, holding(end), end.movement, end.units, end.depth)));
        answer.bartered.extend(trail.conversions.iter().map(|row| bartered(trails, trail, row)));
        let gave = |row: u32| trail.reached[row as usize].holding;
        answer.declined.extend(trail.declined.iter().map(|row| (row.movement, gave(row.reached), row.gainer)));
    }
    answer.hops.sort_unstable();
    answer.bartered.sort_unstable_by_key(|row| row.movement);
    answer
}

/// A conversion from both of its ends, which say the same.
fn bartered(trails: &[AccountTrail<u64>], trail: &AccountTrail<u64>, row: &Converted<u64>) -> OracleBarter {
    let into = trails.iter().find(|other| other.asset == row.into);
    let opened = into.and_then(|into| into.opened.iter().find(|opened| opened.movement == row.movement));
    let given = row.debits - row.refunds;
    if let Some(opened) = opened {
        let other = (opened.units, opened.from, opened.given, opened.converted, opened.received);
        assert_eq!(other, (row.opened, trail.asset, given, row.converted, row.received));
    }
    let received = opened.zip(into).map(|(opened, into)| into.reached[opened.reached as usize].holding);
    OracleBarter {
        movement: row.movement,
        holdings: (trail.reached[row.reached as usize].holding, received),
        stolen: (row.drawn, row.converted, row.opened),
        moved: (given, row.received),
    }
}

/// The trails of each theft by each rule.
fn by_rule(traced: &AccountTraced<u64>) -> impl Iterator<Item = &[AccountTrail<u64>]> {
    traced.trails.chunk_by(|one, other| (one.theft, one.rule) == (other.theft, other.rule))
}

fn engine(question: &AccountQuestion) -> Vec<AccountAnswer> {
    by_rule(&traced(question, 1)).map(answer_of).collect()
}

#[test]
fn the_engine_agrees_with_an_oracle_that_keeps_one_element_for_each_unit() {
    let tally = account_campaign(0..ledgers(), engine).unwrap_or_else(|mismatch| panic!("{mismatch:?}"));
    for seldom in [tally.with_refunds, tally.without_openings, tally.converted_back, tally.declined] {
        assert!(seldom > 0 && seldom * 200 >= tally.conversions, "a conversion is hardly ever such: {tally:?}");
    }
    println!("{tally:?}: the rules disagree on {} %", tally.disagreeing_percent());
    assert_eq!(tally.ledgers, ledgers());
    assert!(tally.movements_min >= 30 && tally.thefts_min >= 2, "{tally:?}");
    assert!(tally.disagreeing_percent() >= 20, "the rules hardly ever disagree: {tally:?}");
    for seldom in [tally.to_oneself, tally.cycles, tally.assumed, tally.with_zeros, tally.returned] {
        assert!(seldom * 5 >= tally.ledgers, "a case hardly ever comes: {tally:?}");
    }
    for seldom in [tally.limited, tally.at_services, tally.converted, tally.conversions / 8] {
        assert!(seldom * 20 >= tally.ledgers, "a stop hardly ever matters: {tally:?}");
    }
}

#[test]
fn an_oracle_that_mistakes_conversions_in_any_of_these_ways_is_noticed() {
    for mistake in Mistake::ALL {
        let found = mistaken_campaign(0..3_000, engine, Some(mistake));
        println!("{mistake:?}: {:?}", found.as_ref().err().map(|mismatch| mismatch.seed));
        assert!(found.is_err(), "{mistake:?} makes no difference");
    }
}

#[test]
fn threads_change_nothing() {
    for seed in 0..200 {
        let question = AccountQuestion::new(seed);
        let plain = traced(&question, 1);
        for threads in [2, 3, 64] {
            assert_eq!(plain, traced(&question, threads), "seed {seed}, {threads} threads");
        }
    }
}

#[test]
fn a_theft_is_traced_alike_alone_and_together() {
    for seed in 0..200 {
        let question = AccountQuestion::new(seed);
        let together = traced(&question, 1);
        let (thefts, stops) = (thefts_of(&question, |units| units), stops_of(&question.stops, |units| units));
        for (number, theft) in (0u32..).zip(&thefts) {
            for rule in Rule::ACCOUNTS {
                let alone = trace_accounts(&question.ledger, std::slice::from_ref(theft), &[rule], &stops, 1);
                let mut alone = alone.expect("it was sound among others").trails;
                alone.iter_mut().for_each(|trail| trail.theft = number);
                assert!(alone.iter().eq(together.trails_of(number, rule)), "seed {seed}");
            }
        }
    }
}

#[test]
fn both_widths_of_amounts_give_the_same_trails() {
    for seed in 0..200 {
        let question = AccountQuestion::new(seed);
        // Shifted far past 64 bits for what only adds, plain for haircut and conversions, whose remainders would differ.
        for (shift, conversions) in [(0, Conversions::Follow), (150, Conversions::Stop)] {
            let stops = Stops { conversions, ..stops_of(&question.stops, |units| units) };
            let narrow = traced_with(&question, 1, &stops);
            let wide = |units: u64| U256::from(units) << shift;
            let (thefts, stops) = (thefts_of(&question, wide), stops_of(&question.stops, wide));
            let stops = Stops { conversions, ..stops };
            let rules: Vec<_> =
                Rule::ACCOUNTS.into_iter().filter(|&rule| shift == 0 || rule != Rule::Haircut).collect();
            let traced = trace_accounts(&question.ledger.map(wide), &thefts, &rules, &stops, 1);
            for trail in traced.expect("it was sound in 64 bits").trails {
                let mut others = narrow.trails_of(trail.theft, trail.rule);
                let other = others.find(|other| other.asset == trail.asset).expect("every rule was traced");
                let ends =
                    other.ends.iter().map(|end| (end.terminal, end.reached, end.movement, wide(end.units), end.depth));
                let found =
                    trail.ends.iter().map(|end| (end.terminal, end.reached, end.movement, end.units, end.depth));
                assert!(found.eq(ends), "seed {seed}, {}", trail.rule);
                let hops =
                    other.hops.iter().map(|hop| (hop.movement, hop.from, hop.to, wide(hop.moved), wide(hop.stolen)));
                let found = trail.hops.iter().map(|hop| (hop.movement, hop.from, hop.to, hop.moved, hop.stolen));
                assert!(found.eq(hops), "seed {seed}, {}", trail.rule);
                let sums = other.reached.iter().map(|row| [row.arrived, row.left, row.resting, row.balance].map(wide));
                let found = trail.reached.iter().map(|row| [row.arrived, row.left, row.resting, row.balance]);
                assert!(found.eq(sums), "seed {seed}, {}", trail.rule);
            }
        }
    }
}

/// Every amount of a conversion follows from the ones beside it.
fn check_conversions(trail: &AccountTrail<u64>) {
    for row in &trail.conversions {
        let end = trail.ends[row.end as usize];
        let told = (end.terminal, end.reached, end.movement, end.units);
        assert_eq!(told, (Terminal::Converted, Some(row.reached), Some(row.movement), row.converted));
        let given = row.debits - row.refunds;
        if trail.rule.conserves() {
            assert_eq!(row.converted, row.drawn - row.drawn * row.refunds / row.debits);
            assert_eq!(row.opened, row.converted * row.received / given);
        } else {
            assert_eq!((row.converted, row.opened), (given, row.received));
        }
    }
    let converted = trail.ends.iter().filter(|end| end.terminal == Terminal::Converted).count();
    assert_eq!(converted, trail.conversions.len());
    assert!(trail.opened.iter().all(|opened| opened.units == opened.converted * opened.received / opened.given));
}

/// What a table that adds up by hand promises, row by row.
fn check_tables(trail: &AccountTrail<u64>) {
    let totals: u64 = trail.totals.iter().map(|total| total.units).sum();
    assert_eq!(trail.ends.iter().map(|end| end.units).sum::<u64>(), totals);
    assert_eq!(trail.seeds.iter().map(|seed| seed.units).sum::<u64>(), trail.stolen);
    assert_eq!(trail.stolen + trail.opened.iter().map(|opened| opened.units).sum::<u64>(), trail.entered);
    assert!(trail.is_own() || !trail.opened.is_empty(), "an asset is there for a reason");
    check_conversions(trail);
    assert!(trail.hops.windows(2).all(|pair| pair[0].movement < pair[1].movement));
    assert!(trail.seeds.windows(2).all(|pair| pair[0].movement < pair[1].movement));
    if !trail.rule.conserves() {
        assert!(trail.hops.iter().all(|hop| hop.stolen == hop.moved));
        return;
    }
    assert_eq!(totals, trail.entered);
    for (row, reached) in (0u32..).zip(&trail.reached) {
        let seeds: u64 = trail.seeds.iter().filter(|seed| seed.reached == row).map(|seed| seed.units).sum();
        let opened: u64 = trail.opened.iter().filter(|opened| opened.reached == row).map(|opened| opened.units).sum();
        let came: u64 = trail.hops.iter().filter(|hop| hop.to == Some(row)).map(|hop| hop.stolen).sum();
        let went: u64 = trail.hops.iter().filter(|hop| hop.from == row).map(|hop| hop.stolen).sum();
        let ended: u64 = trail.ends.iter().filter(|end| end.reached == Some(row)).map(|end| end.units).sum();
        assert_eq!((reached.arrived, reached.left), (seeds + opened + came, went));
        assert_eq!(reached.arrived, reached.left + ended);
        assert!(reached.resting <= reached.balance && reached.arrived > 0);
        assert!(!(reached.assumed.is_some() && trail.is_complete), "a complete ledger assumes nothing");
    }
    for hop in &trail.hops {
        assert!(0 < hop.stolen && hop.stolen <= hop.moved);
        let end = hop.end.map(|end| &trail.ends[end as usize]);
        assert!(end.is_none_or(|end| (end.movement, end.units) == (Some(hop.movement), hop.stolen)));
        assert!(hop.to.is_some() || end.is_some(), "what goes nowhere ends");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_table_of_a_trail_adds_up(seed in any::<u64>()) {
        for trail in traced(&AccountQuestion::new(seed), 1).trails {
            check_tables(&trail);
        }
    }

    #[test]
    fn poison_reaches_whatever_another_rule_reaches(seed in any::<u64>()) {
        let mut question = AccountQuestion::new(seed);
        question.stops.dust_below = 0;
        question.stops.hops_max = u32::MAX;
        let traced = traced(&question, 1);
        for trail in traced.trails.iter().filter(|trail| trail.rule.conserves()) {
            let all = traced.trails_of(trail.theft, Rule::Poison).flat_map(|trail| &trail.reached);
            let mut reached: Vec<_> = all.map(|row| row.holding).collect();
            reached.sort_unstable();
            prop_assert!(trail.reached.iter().all(|row| reached.binary_search(&row.holding).is_ok()));
        }
    }

    #[test]
    fn assets_never_mix(seed in any::<u64>()) {
        let question = AccountQuestion::new(seed);
        for trail in traced(&question, 1).trails {
            let asset = |holding| coinhound_model::AccountLedger::asset(&question.ledger, holding);
            prop_assert!(trail.reached.iter().all(|row| asset(row.holding) == trail.asset));
        }
    }
}

#[test]
fn no_stops_is_what_none_means() {
    let question = AccountQuestion::new(2);
    let thefts = thefts_of(&question, |units| units);
    let found = trace_accounts(&question.ledger, &thefts, &Rule::ACCOUNTS, &Stops::none(), 1).expect("it is sound");
    assert_eq!(found, traced(&question, 1));
}
