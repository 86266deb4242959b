//! Our decoding of Ethereum beside alloy's, on the same real blocks in the same run: CPU time, and every field.
//!
//! Both do the same work: they read a block and its receipts, hash the header and every transaction, recover every
//! sender, recompute the roots of transactions, uncles, withdrawals and receipts and the blooms, and hold them against the
//! header. First every field that we keep is compared; then contenders take turns, and the least time of each counts.
//! What we do further with a checked block stands below: its rows, and their way into a durable store.

mod compare;
mod data;
mod ingest;
mod ours;
mod theirs;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::time::{ClockId, clock_gettime};

use data::Recorded;

/// How often each contender reads all blocks in one round.
const REPEATS: u32 = 5;
/// How many blocks are put into a store.
const STORED: u32 = 1_300;

/// One way to read a block.
type Read = fn(&Recorded) -> Result<()>;

const CONTENDERS: [(&str, Read); 4] = [
    ("coinhound: JSON, all checks", |block| ours::json(block).map(drop)),
    ("alloy 1.6: JSON, the same checks", |block| theirs::json(block).map(drop)),
    ("coinhound: RLP, all checks", |block| ours::rlp(block).map(drop)),
    ("alloy 1.6: RLP, the same checks", |block| theirs::rlp(block).map(drop)),
];

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().context("name the folder of Ethereum's data")?);
    let rounds: u32 = arguments.next().and_then(|text| text.to_str()?.parse().ok()).unwrap_or(5);
    let blocks = data::recorded(&folder)?;
    let fields = compare::all(&blocks)? + compare::json_blocks(&folder)?;
    println!("{fields} fields of real blocks compared with alloy's, none differs");
    let mut best = [Duration::MAX; CONTENDERS.len()];
    for round in 0..rounds as usize {
        for turn in 0..CONTENDERS.len() {
            let at = (turn + round) % CONTENDERS.len();
            best[at] = best[at].min(measure(&blocks, CONTENDERS[at].1)?);
        }
    }
    print_table(&blocks, &best);
    ingest::measure(&blocks, STORED)
}

fn measure(blocks: &[Recorded], read: Read) -> Result<Duration> {
    let (result, spent) =
        timed(|| (0..REPEATS).try_for_each(|_| blocks.iter().try_for_each(|block| black_box(read(black_box(block))))));
    result.map(|()| spent / REPEATS)
}

fn print_table(blocks: &[Recorded], best: &[Duration; CONTENDERS.len()]) {
    let sum = |of: fn(&Recorded) -> usize| blocks.iter().map(of).sum::<usize>();
    let (txs, logs) = (sum(|block| block.txs), sum(|block| block.logs));
    let (json, rlp) = (sum(|block| block.json.len() + block.receipts_json.len()), sum(|block| block.rlp.len()));
    println!("{} blocks, {txs} transactions, {logs} logs; JSON {json} bytes, blocks' RLP {rlp} bytes", blocks.len());
    println!("{:<40} {:>12} {:>10} {:>10}", "CPU", "ms a block", "us a tx", "of alloy's");
    for (at, ((name, _), spent)) in CONTENDERS.iter().zip(best).enumerate() {
        let peer = best[at | 1].as_nanos().max(1);
        let (nanos, count) = (spent.as_nanos(), blocks.len() as u128);
        let ratio = nanos * 100 / peer;
        println!(
            "{name:<40} {:>12} {:>10} {:>10}",
            thousandths(nanos / count / 1_000),
            thousandths(nanos / txs as u128),
            format!("{}.{:02}", ratio / 100, ratio % 100)
        );
    }
}

/// A number of thousandths with a decimal point.
fn thousandths(count: u128) -> String {
    format!("{}.{:03}", count / 1_000, count % 1_000)
}

/// Runs `work`; its result and the CPU time of this process.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = cpu_time();
    let result = work();
    (result, cpu_time() - start)
}

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    let secs = u64::try_from(now.tv_sec).expect("CPU time is never negative");
    Duration::new(secs, u32::try_from(now.tv_nsec).expect("below a second"))
}

/// Fails, with both, unless two are the same.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, want: &T) -> Result<()> {
    ensure!(got == want, "{what}: {got:?}, not {want:?}");
    Ok(())
}
