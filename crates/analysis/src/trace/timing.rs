//! What a trace costs for each coin it reaches. The clock is an argument: this crate has none.

use std::fmt;

use coinhound_model::Ledger;

use crate::taint::Rule;
use crate::trace::error::TraceError;
use crate::trace::run::{Effort, trace};
use crate::trace::stops::Stops;
use crate::trace::theft::Theft;

/// The cost of one rule on one theft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    /// Which rule.
    pub rule: Rule,
    /// Coins that stolen value reached.
    pub coins: u64,
    /// Movements it went through.
    pub hops: u64,
    /// Lots stored.
    pub lots: u64,
    /// The quickest run, in nanoseconds.
    pub nanos: u64,
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, coins, hops, lots, nanos } = self;
        let each = nanos / coins.max(&1);
        let (millis, micros) = (nanos / 1_000_000, nanos / 1_000 % 1_000);
        write!(
            f,
            "{rule:<8} {coins:>9} coins {hops:>9} hops {lots:>9} lots {millis:>6}.{micros:03} ms {each:>5} ns/coin"
        )
    }
}

/// Times every rule on one theft without stops: one run to warm up, then the quickest of `runs`.
///
/// `now` is nanoseconds of a clock that only goes forward.
///
/// # Errors
/// As [`trace`].
pub fn measure<L: Ledger>(
    ledger: &L,
    theft: &Theft<L::Units>,
    effort: &Effort,
    runs: u32,
    now: impl Fn() -> u64,
) -> Result<Vec<Timing>, TraceError> {
    Rule::COINS.into_iter().map(|rule| measure_rule(ledger, theft, rule, effort, runs, &now)).collect()
}

fn measure_rule<L: Ledger>(
    ledger: &L,
    theft: &Theft<L::Units>,
    rule: Rule,
    effort: &Effort,
    runs: u32,
    now: &impl Fn() -> u64,
) -> Result<Timing, TraceError> {
    let mut timing = Timing { rule, coins: 0, hops: 0, lots: 0, nanos: u64::MAX };
    for run in 0..=runs {
        let start = now();
        let traced = trace(ledger, std::slice::from_ref(theft), &[rule], &Stops::none(), effort)?;
        let nanos = now().saturating_sub(start);
        let trail = &traced.trails[0];
        (timing.coins, timing.hops) = (trail.coins.len() as u64, trail.hops.len() as u64);
        timing.lots = trail.lots.len() as u64;
        if run > 0 {
            timing.nanos = timing.nanos.min(nanos);
        }
    }
    Ok(timing)
}
