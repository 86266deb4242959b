//! Random graphs: the tracing engine beside an oracle that keeps one list element for each unit.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{Conversions, Effort, Part, Seed, ServiceTable, Stops, Theft, Trail, trace};
use coinhound_model::Height;
use coinhound_store::campaign::tally::Tally as Cases;
use coinhound_testkit::campaign::{Question, Tally, campaign};
use coinhound_testkit::oracle::{Answer, OracleStops};
use coinhound_testkit::random::RandomSeed;

use super::Limits;
use super::outcome::{Outcome, in_portions};

const GRAPHS_PER_PORTION: u64 = 500;

/// Every trail of every theft by every rule, in one pass and with one or two threads.
pub fn graphs(limits: &Limits) -> Outcome {
    let mut next = limits.seed.wrapping_mul(1 << 32);
    let mut sum = Tally { movements_min: u64::MAX, thefts_min: u64::MAX, ..Tally::default() };
    let outcome = in_portions(limits, "random graphs beside the oracle", limits.count, |_, left| {
        let seeds = next..next.wrapping_add(left.min(GRAPHS_PER_PORTION));
        next = seeds.end;
        let mut cases = Cases::default();
        match campaign(seeds, answers) {
            Ok(tally) => {
                cases.cases = tally.graphs;
                add(&mut sum, &tally);
            }
            Err(mismatch) => cases.count(|| format!("graph {}", mismatch.seed), Err(format!("{mismatch:?}"))),
        }
        cases
    });
    let percent = sum.disagreeing * 100 / sum.graphs.max(1);
    outcome
        .note(format!("{} trails; the rules disagree on {percent} % of the graphs", sum.trails))
        .note(format!("at least {} movements and {} thefts in each", sum.movements_min, sum.thefts_min))
}

fn add(sum: &mut Tally, one: &Tally) {
    sum.graphs += one.graphs;
    sum.trails += one.trails;
    sum.disagreeing += one.disagreeing;
    sum.movements_min = sum.movements_min.min(one.movements_min);
    sum.thefts_min = sum.thefts_min.min(one.thefts_min);
}

fn answers(question: &Question) -> Vec<Answer> {
    let effort = Effort { threads: 1 + usize::from(question.seed.is_multiple_of(16)), ..Effort::default() };
    let (thefts, stops) = (thefts(question), stops(&question.stops));
    match trace(&question.ledger, &thefts, &Rule::COINS, &stops, &effort) {
        Ok(traced) => traced.trails.iter().map(answer).collect(),
        // No answer is a mismatch.
        Err(_) => Vec::new(),
    }
}

fn thefts(question: &Question) -> Vec<Theft<u64>> {
    let seed = |seed: &RandomSeed| {
        let part = if seed.from_back { Part::Back(seed.units) } else { Part::Front(seed.units) };
        Seed { holding: seed.holding, part }
    };
    question.thefts.iter().map(|theft| Theft { seeds: theft.iter().map(seed).collect() }).collect()
}

pub(super) fn stops(stops: &OracleStops) -> Stops<u64> {
    Stops {
        services: ServiceTable::new(stops.services.iter().copied()),
        collaborative: stops.collaborative,
        dust_below: stops.dust_below,
        hops_max: stops.hops_max,
        time_max: stops.time_max,
        height_max: Height(stops.height_max),
        conversions: stops.exchangers.as_ref().map_or(Conversions::Follow, |_| Conversions::Known),
        exchangers: stops.exchangers.iter().flatten().copied().collect(),
    }
}

fn answer(trail: &Trail<u64>) -> Answer {
    let holding = |end| trail.coin(end).map(|coin| coin.holding);
    Answer {
        coins: trail.coins.iter().map(|coin| (coin.holding, coin.stolen)).collect(),
        ends: trail.ends.iter().map(|end| (end.terminal, holding(end), end.units)).collect(),
    }
}
