//! Prints what a trace through accounts costs for each hop, by rule, in 64 and in 256 bits.
//!
//! `cargo run --release -p coinhound-analysis --example account_speed [movements]`. Counts the thread's CPU time where
//! the system tells it (Linux), else wall time.
#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "measuring needs a clock; the crate has none")]

use std::time::Instant;

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Stops;
use coinhound_analysis::trace::accounts::{AccountSeed, AccountTheft, trace_accounts};
use coinhound_model::{AccountLedger, MovementId};
use coinhound_testkit::accounts::random::{spreading_accounts, spreading_with_fees};
use ruint::aliases::U256;

fn main() {
    let movements = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("a number of movements"));
    let narrow = spreading_accounts(1, movements);
    let wide = narrow.map(U256::from);
    println!("{} time, quickest of 3", if cpu_nanos().is_some() { "CPU" } else { "wall" });
    println!("64 bits");
    measure(&narrow);
    println!("256 bits");
    measure(&wide);
    println!("256 bits, payments with fees, and another asset that each might be converted into");
    measure(&spreading_with_fees(1, movements).map(U256::from));
}

fn measure<L: AccountLedger>(ledger: &L) {
    let theft = AccountTheft { seeds: vec![AccountSeed::whole(MovementId(0))] };
    let start = Instant::now();
    let wall = || u64::try_from(start.elapsed().as_nanos()).expect("less than five hundred years");
    let now = || cpu_nanos().unwrap_or_else(wall);
    for rule in Rule::ACCOUNTS {
        let mut quickest = u64::MAX;
        let (mut reached, mut hops) = (0, 0);
        for _ in 0..3 {
            let before = now();
            let found = trace_accounts(ledger, std::slice::from_ref(&theft), &[rule], &Stops::none(), 1);
            quickest = quickest.min(now() - before);
            let trail = found.expect("the ledger is sound").trails.remove(0);
            (reached, hops) = (trail.reached.len() as u64, trail.hops.len() as u64);
        }
        let each = quickest / hops.max(1);
        println!("  {rule:<8} {reached:>7} holdings {hops:>8} hops {:>6} ms {each:>6} ns/hop", quickest / 1_000_000);
    }
}

/// Nanoseconds this thread has run.
fn cpu_nanos() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}
