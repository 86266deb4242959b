//! Whirlpool: a mix of five to eight equal coins, and the transaction that prepares coins for it.
//!
//! Source: graphsense/graphsense-lib, `heuristics_service.py`; `O` outputs with an address.
//!
//! **Mix** (`_whirlpool_coinjoin_heuristic`): as many inputs as outputs, 5 to 8, all scripts distinct on each side, every output
//! exactly one pool's size, every input that size or 100 to 110,000 satoshi more, one to four of them more. By form
//! alone: whether the inputs come from a Tx0 or a mix is a question about other transactions. Input values and scripts must
//! be known, else the answer is no.
//!
//! **Tx0** (`_whirlpool_tx0_heuristic`): exactly one data carrier; 1 to 70 outputs of one value, 100 to 110,000 satoshi above a pool's size
//! (the most frequent such value, the larger of equals), at least `O - 2`; exactly one output from half to three
//! times the pool's fee. A Tx0 is one wallet's own: it prepares for a mix and vetoes no co-spend by default. The form alone is weak:
//! of the 4,863 spending transactions of block 866,342, mined months after the service had ended, 9 have it.

use crate::patterns::shape::TxShape;
use crate::patterns::tally::{Run, Tally};

struct Pool {
    size: u64,
    fee: u64,
}

const POOLS: [Pool; 4] = [
    Pool { size: 100_000, fee: 5_000 },
    Pool { size: 1_000_000, fee: 50_000 },
    Pool { size: 5_000_000, fee: 175_000 },
    Pool { size: 50_000_000, fee: 1_750_000 },
];
const EXTRA_MIN: u64 = 100;
const EXTRA_MAX: u64 = 110_000;
const PREMIX_MAX: usize = 70;

/// Whether `GRAPHSENSE_WHIRLPOOL` holds.
pub(super) fn mix(shape: &TxShape<'_>, tally: &Tally) -> bool {
    let coins = shape.inputs.len();
    let [Run { value: size, .. }] = tally.paid.runs[..] else {
        return false;
    };
    (5..=8).contains(&coins)
        && tally.paid.len == coins
        && tally.scripts_in == Some(coins)
        && tally.outputs_distinct()
        && POOLS.iter().any(|pool| pool.size == size)
        && entrants(shape, size).is_some_and(|entrants| (1..=4).contains(&entrants))
}

/// How many inputs bring their first fee, or `None` when some input does not fit the pool.
fn entrants(shape: &TxShape<'_>, size: u64) -> Option<usize> {
    shape.inputs.iter().try_fold(0, |entrants, input| {
        let extra = input.value?.checked_sub(size)?;
        match extra {
            0 => Some(entrants),
            EXTRA_MIN..=EXTRA_MAX => Some(entrants + 1),
            _ => None,
        }
    })
}

/// Whether `GRAPHSENSE_WHIRLPOOL_TX0` holds.
pub(super) fn tx0(tally: &Tally) -> bool {
    tally.data_carriers == 1 && tally.paid.len >= 2 && POOLS.iter().any(|pool| prepares(tally, pool))
}

fn prepares(tally: &Tally, pool: &Pool) -> bool {
    let premix = pool.size + EXTRA_MIN..=pool.size + EXTRA_MAX;
    let within = tally.paid.runs.iter().filter(|run| premix.contains(&run.value));
    let Some(run) = within.max_by_key(|run| (run.count, run.value)) else {
        return false;
    };
    let is_fee = |value: u64| 2 * value >= pool.fee && value <= 3 * pool.fee;
    let fees: usize = tally.paid.runs.iter().filter(|run| is_fee(run.value)).map(|run| run.count).sum();
    run.count <= PREMIX_MAX && run.count + 2 >= tally.paid.len && fees == 1
}
