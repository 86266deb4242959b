//! A real node is followed block by block: how long each takes to be durable, and what it costs, must not grow.
//!
//! `litecoind` mines one block with a payment of ten inputs and ten outputs ([`miner`]); as soon as the follower's commit
//! of it is durable, the next. What was measured of each block is compared by tenths of the run ([`tenths`]).

mod miner;
mod tenths;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use coinhound_chains::bitcoin::rpc::{Auth, Endpoint, Limits as RpcLimits, NodeRpc};
use coinhound_chains::bitcoin::{BlockDir, Network};
use coinhound_ingest::{Clock, Control, FollowOptions, Options, Progress, follow_node, load_blocks};
use coinhound_store::campaign::tally::Tally;
use coinhound_store::check::check;
use coinhound_store::manifest::Manifest;
use coinhound_store::storage::DiskStorage;
use coinhound_testkit::litecoind::{self, Litecoind};
use rustix::time::{ClockId, clock_gettime};

use super::{Limits, Outcome};
use crate::bench::cpu::cpu_time;
use miner::Miner;
use tenths::{Sample, Tenths};

/// The pause between two questions of the follower.
const POLL: Duration = Duration::from_millis(10);

/// How long a block may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Follows `limits.count` blocks. Without the node's program it says so and tries nothing.
///
/// # Errors
/// When the node, the follower or the disk fails.
pub fn campaign(limits: &Limits) -> Result<Outcome> {
    const WHAT: &str = "a real node's blocks, followed one by one";
    // The miner's payments have locks that nodes confirm and do not relay.
    let Some(node) = litecoind::start("campaign follow", &["-acceptnonstdtxn"]) else {
        let outcome = Outcome::new(WHAT, Tally::default());
        return Ok(outcome
            .note(format!("NOT RUN: no litecoind (apt-get install litecoind, or set {})", litecoind::PROGRAM_VAR)));
    };
    let store = limits.data.join(format!("follow-{}", limits.seed));
    for folder in [&store, &fresh_of(&store)] {
        crate::kill::remove(folder)?;
        DiskStorage::new(folder).create_root()?;
    }
    let samples = follow(&node, &store, limits)?;
    let tenths = Tenths::of(&samples);
    let mut tally = Tally::default();
    samples.iter().for_each(|_| tally.count(String::new, Ok(())));
    tally.count(|| "the store beside one loaded from the node's files".into(), same_as_files(&node, &store));
    tally.count(|| "first tenth and last".into(), tenths.flat());
    let wanted = limits.count + 2;
    [&store, &fresh_of(&store)].into_iter().try_for_each(|folder| crate::kill::remove(folder))?;
    Ok(tenths.lines().into_iter().fold(Outcome { wanted, ..Outcome::new(WHAT, tally) }, Outcome::note))
}

fn fresh_of(store: &Path) -> std::path::PathBuf {
    store.with_extension("fresh")
}

/// Mines and follows in lockstep, until there are enough blocks or time is up.
fn follow(node: &Litecoind, store: &Path, limits: &Limits) -> Result<Vec<Sample>> {
    let mut miner = Miner::prepare(node);
    let endpoint = Endpoint::parse(&node.url(), Auth::Cookie(node.cookie()))?;
    let mut rpc = NodeRpc::new(endpoint, Network::LitecoinRegtest.params(), RpcLimits::default());
    let disk = Arc::new(DiskStorage::new(store));
    let options = Options::new(0);
    let follow = FollowOptions { poll: POLL, back_off: POLL, back_off_max: 10 * POLL };
    let (sender, commits) = channel();
    let stop = AtomicBool::new(false);
    thread::scope(|threads| {
        let follower = threads.spawn(|| {
            let mut watcher = Watcher { sender, asked: Instant::now() };
            let watch = &mut |progress: Progress<'_>| {
                watcher.watch(&progress);
                if stop.load(Ordering::Relaxed) { Control::Stop } else { Control::Go }
            };
            follow_node(&mut rpc, disk, &options, &follow, &mut Real, watch)
        });
        let stopped = StopAtEnd(&stop);
        let samples = lockstep(&mut miner, &commits, limits);
        drop(stopped);
        follower.join().expect("a follower does not panic").context("the follower gave up")?;
        samples
    })
}

/// Stops the follower however the miner ends: else nobody would come back.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn lockstep(miner: &mut Miner<'_>, commits: &Receiver<Seen>, limits: &Limits) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    wait_for(commits, miner.height())?;
    let mut before = our_cpu();
    while (samples.len() as u64) < limits.count && !limits.over() {
        miner.mine()?;
        let there = Instant::now();
        let seen = wait_for(commits, miner.height())?;
        let cpu = our_cpu();
        samples.push(Sample {
            // None where the question came while the node still answered its miner.
            wait: seen.asked.saturating_duration_since(there),
            work: seen.durable - seen.asked,
            cpu: cpu.saturating_sub(before),
        });
        before = cpu;
    }
    Ok(samples)
}

/// Waits for the commit that holds a height.
fn wait_for(commits: &Receiver<Seen>, height: u32) -> Result<Seen> {
    let start = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(start.elapsed());
        let seen = commits.recv_timeout(left).with_context(|| format!("block {height} was not followed"))?;
        if seen.height >= height {
            ensure!(seen.height == height, "a commit holds height {}, the node is at {height}", seen.height);
            return Ok(seen);
        }
    }
}

/// CPU time of this process without the thread that plays the miner.
fn our_cpu() -> Duration {
    let miner = clock_gettime(ClockId::ThreadCPUTime);
    let secs = u64::try_from(miner.tv_sec).expect("CPU time is never negative");
    let nanos = u32::try_from(miner.tv_nsec).expect("below a second");
    cpu_time().saturating_sub(Duration::new(secs, nanos))
}

/// A commit as it was seen.
struct Seen {
    height: u32,
    /// When the node was asked the question that brought it.
    asked: Instant,
    /// When it was durable.
    durable: Instant,
}

struct Watcher {
    sender: Sender<Seen>,
    asked: Instant,
}

impl Watcher {
    fn watch(&mut self, progress: &Progress<'_>) {
        match progress {
            // Told once more when the pause is over: the question comes next.
            Progress::Waiting { .. } => self.asked = Instant::now(),
            Progress::Committed(committed) => {
                let seen = Seen { height: committed.tip.0, asked: self.asked, durable: Instant::now() };
                // At the end nobody waits for it any more.
                let _ = self.sender.send(seen);
            }
            _ => {}
        }
    }
}

/// Time as it passes.
struct Real;

impl Clock for Real {
    fn now(&mut self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn sleep(&mut self, pause: Duration) {
        thread::sleep(pause);
    }
}

/// Whether the followed store is, to the byte, what the node's block files give, and sound.
fn same_as_files(node: &Litecoind, store: &Path) -> Result<(), String> {
    let compared = || -> Result<()> {
        let fresh = fresh_of(store);
        let dir = BlockDir::open(&node.blocks(), Network::LitecoinRegtest.params())?;
        load_blocks(&dir, Arc::new(DiskStorage::new(&fresh)), &Options::new(0), &mut |_| Control::Go)?;
        crate::kill::same(&crate::kill::content(store)?, &crate::kill::content(&fresh)?)?;
        let disk = DiskStorage::new(store);
        let report = check(&disk, &mut |_| {})?;
        ensure!(report.findings.is_empty(), "the check found {:?}", report.findings.first());
        let tip = Manifest::read(&disk)?.tip.height().0;
        ensure!(tip == node.height(), "the store ends at {tip}, the node at {}", node.height());
        Ok(())
    };
    compared().map_err(|error| format!("{error:#}"))
}
