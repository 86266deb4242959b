//! Random account ledgers: the tracing engine beside an oracle that keeps one list element for each unit.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Part;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, AccountTrail, trace_accounts};
use coinhound_store::campaign::tally::Tally as Cases;
use coinhound_testkit::accounts::campaign::{AccountQuestion, AccountTally, account_campaign};
use coinhound_testkit::accounts::oracle::{AccountAnswer, OracleReached};
use coinhound_testkit::accounts::random::RandomCredit;

use super::Limits;
use super::graphs::stops;
use super::outcome::{Outcome, in_portions};

const LEDGERS_PER_PORTION: u64 = 500;

/// Every trail of every theft by every rule, with one or two threads.
pub fn ledgers(limits: &Limits) -> Outcome {
    let mut next = limits.seed.wrapping_mul(1 << 32);
    let mut sum = AccountTally::new();
    let outcome = in_portions(limits, "random account ledgers beside the oracle", limits.count, |_, left| {
        let seeds = next..next.wrapping_add(left.min(LEDGERS_PER_PORTION));
        next = seeds.end;
        let mut cases = Cases::default();
        match account_campaign(seeds, answers) {
            Ok(tally) => {
                cases.cases = tally.ledgers;
                sum.add(&tally);
            }
            Err(mismatch) => cases.count(|| format!("ledger {}", mismatch.seed), Err(format!("{mismatch:?}"))),
        }
        cases
    });
    let (percent, assumed) = (sum.disagreeing_percent(), sum.assumed * 100 / sum.ledgers.max(1));
    outcome
        .note(format!("{} trails; the rules disagree on {percent} % of the ledgers", sum.trails))
        .note(format!("at least {} movements and {} thefts in each", sum.movements_min, sum.thefts_min))
        .note(format!("openings assumed on {assumed} %, cycles on {} %", sum.cycles * 100 / sum.ledgers.max(1)))
}

fn answers(question: &AccountQuestion) -> Vec<AccountAnswer> {
    let threads = 1 + usize::from(question.seed.is_multiple_of(16));
    let thefts: Vec<_> = question.thefts.iter().map(|theft| theft_of(theft)).collect();
    match trace_accounts(&question.ledger, &thefts, &Rule::ACCOUNTS, &stops(&question.stops), threads) {
        Ok(traced) => traced.trails.iter().map(answer).collect(),
        // No answer is a mismatch.
        Err(_) => Vec::new(),
    }
}

fn theft_of(theft: &[RandomCredit]) -> AccountTheft<u64> {
    let seed = |seed: &RandomCredit| {
        let part = if seed.from_back { Part::Back(seed.units) } else { Part::Front(seed.units) };
        AccountSeed { movement: seed.movement, part }
    };
    AccountTheft { seeds: theft.iter().map(seed).collect() }
}

fn answer(trail: &AccountTrail<u64>) -> AccountAnswer {
    let holding = |end| trail.reached(end).map(|reached| reached.holding);
    let reached = trail.reached.iter().map(|row| {
        let (first, depth, resting, balance, assumed) = (row.first, row.depth, row.resting, row.balance, row.assumed);
        (row.holding, OracleReached { first, depth, resting, balance, assumed })
    });
    AccountAnswer {
        reached: reached.collect(),
        hops: trail.hops.iter().map(|hop| (hop.movement, hop.stolen, hop.depth)).collect(),
        ends: trail.ends.iter().map(|end| (end.terminal, holding(end), end.movement, end.units, end.depth)).collect(),
    }
}
