//! Prints what a trace of a million tainted outputs costs, by rule and plan.
//!
//! `cargo run --release -p coinhound-analysis --example trace_speed [outputs]`. Counts the thread's CPU time where the
//! system tells it (Linux), else wall time.
#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "measuring needs a clock; the crate has none")]

use std::time::Instant;

use coinhound_analysis::trace::{Effort, Plan, Seed, Theft, measure};
use coinhound_model::HoldingId;
use coinhound_testkit::random::spreading_ledger;

fn main() {
    let outputs = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("a number of outputs"));
    let ledger = spreading_ledger(1, outputs);
    let theft = Theft { seeds: vec![Seed::whole(HoldingId(0))] };
    let start = Instant::now();
    let wall = || u64::try_from(start.elapsed().as_nanos()).expect("less than five hundred years");
    let now = || cpu_nanos().unwrap_or_else(wall);
    println!("{} time, quickest of 3", if cpu_nanos().is_some() { "CPU" } else { "wall" });
    for plan in [Plan::Sparse, Plan::Dense, Plan::Auto] {
        println!("{plan:?}");
        let effort = Effort { plan, ..Effort::default() };
        for timing in measure(&ledger, &theft, &effort, 3, now).expect("the ledger is sound") {
            println!("  {timing}");
        }
    }
}

/// Nanoseconds this thread has run.
fn cpu_nanos() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}
