//! Random account ledgers: the tracing engine beside an oracle that keeps one list element for each unit.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Part;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, AccountTrail, Converted, trace_accounts};
use coinhound_store::campaign::tally::Tally as Cases;
use coinhound_testkit::accounts::campaign::{AccountQuestion, AccountTally, account_campaign};
use coinhound_testkit::accounts::oracle::{AccountAnswer, OracleBarter, OracleReached};
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
        .note(conversions(&sum))
}

/// How often what was stolen was converted.
fn conversions(sum: &AccountTally) -> String {
    let AccountTally { conversions, with_refunds, converted_back, .. } = *sum;
    let percent = sum.converted * 100 / sum.ledgers.max(1);
    format!("{conversions} conversions, on {percent} %; {with_refunds} with refunds, {converted_back} back again")
}

fn answers(question: &AccountQuestion) -> Vec<AccountAnswer> {
    let threads = 1 + usize::from(question.seed.is_multiple_of(16));
    let thefts: Vec<_> = question.thefts.iter().map(|theft| theft_of(theft)).collect();
    match trace_accounts(&question.ledger, &thefts, &Rule::ACCOUNTS, &stops(&question.stops), threads) {
        Ok(traced) => {
            let by_rule = traced.trails.chunk_by(|one, other| (one.theft, one.rule) == (other.theft, other.rule));
            by_rule.map(answer).collect()
        }
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

/// What the trails of one theft by one rule, in all their assets, come to.
fn answer(trails: &[AccountTrail<u64>]) -> AccountAnswer {
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

/// A conversion from both of its ends.
fn bartered(trails: &[AccountTrail<u64>], trail: &AccountTrail<u64>, row: &Converted<u64>) -> OracleBarter {
    let opened = trails.iter().filter(|other| other.asset == row.into).find_map(|into| {
        let opened = into.opened.iter().find(|opened| opened.movement == row.movement && opened.units == row.opened)?;
        Some(into.reached[opened.reached as usize].holding)
    });
    OracleBarter {
        movement: row.movement,
        holdings: (trail.reached[row.reached as usize].holding, opened),
        stolen: (row.drawn, row.converted, row.opened),
        moved: (row.debits - row.refunds, row.received),
    }
}
