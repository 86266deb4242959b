//! A trail told in names: what most tests of tracing compare.

use std::fmt::Write as _;

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{Effort, End, Part, Seed, Services, Stops, Theft, Traced, Trail, trace};
use coinhound_model::{Ledger, Terminal};
use coinhound_testkit::{MemoryLedger, Town};
use expect_test::Expect;

/// One theft of whole coins.
pub fn theft(town: &Town, coins: &[&str]) -> Theft<u64> {
    Theft { seeds: coins.iter().map(|coin| Seed::whole(town.coin(coin))).collect() }
}

/// One theft of a part of a coin.
pub fn part(town: &Town, coin: &str, part: Part<u64>) -> Theft<u64> {
    Theft { seeds: vec![Seed { holding: town.coin(coin), part }] }
}

/// Traces one theft by one rule without stops.
pub fn trail(town: &Town, rule: Rule, theft: &Theft<u64>) -> Trail<u64> {
    trail_to(town, rule, theft, &Stops::none())
}

/// Traces one theft by one rule.
pub fn trail_to<S: Services>(town: &Town, rule: Rule, theft: &Theft<u64>, stops: &Stops<u64, S>) -> Trail<u64> {
    let traced = traced(town.ledger(), std::slice::from_ref(theft), &[rule], stops);
    traced.trails.into_iter().next().expect("one theft and one rule make one trail")
}

/// Traces on one thread.
pub fn traced<S: Services>(
    ledger: &MemoryLedger<u64>,
    thefts: &[Theft<u64>],
    rules: &[Rule],
    stops: &Stops<u64, S>,
) -> Traced<u64> {
    trace(ledger, thefts, rules, stops, &Effort::default()).expect("the test's ledger and seeds are sound")
}

/// Compares a trail's ends, in names, with what is expected.
pub fn check(town: &Town, rule: Rule, theft: &Theft<u64>, expected: Expect) {
    check_to(town, rule, theft, &Stops::none(), expected);
}

/// The same with stops.
pub fn check_to<S: Services>(town: &Town, rule: Rule, theft: &Theft<u64>, stops: &Stops<u64, S>, expected: Expect) {
    let trail = trail_to(town, rule, theft, stops);
    expected.assert_eq(&tell(town, &trail));
}

/// A trail's ends, one to a line: `coin  units of value  owner  (terminal)`.
pub fn tell(town: &Town, trail: &Trail<u64>) -> String {
    let mut told = String::new();
    for end in &trail.ends {
        writeln!(told, "{}", tell_end(town, trail, end)).expect("a string takes all text");
    }
    told
}

fn tell_end(town: &Town, trail: &Trail<u64>, end: &End<u64>) -> String {
    let followed =
        |end: &End<u64>| end.movement.map_or(String::new(), |movement| format!(" -> {}", town.tx_name(movement)));
    match trail.coin(end) {
        None => {
            format!("{} of {}", end.units, town.tx_name(end.movement.expect("a fee names who paid it")))
                + &format!(" ({})", end.terminal)
        }
        Some(coin) => {
            let owner = town.person(town.ledger().entry(coin.holding).owner);
            let kind = match end.terminal {
                Terminal::AtService(service) => format!("at service {service}"),
                other => other.to_string(),
            };
            let name = town.coin_name(coin.holding);
            format!("{} of {} in {name}  {owner}  ({kind}{})", end.units, coin.value, followed(end))
        }
    }
}
