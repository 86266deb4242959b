//! How much of a campaign to run, and what it has cost so far.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::bench::cpu::cpu_time;

/// Ticks of `/proc/<pid>/stat` in a second: the same on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// How much of a campaign to run.
pub struct Limits {
    /// Cases to try.
    pub count: u64,
    /// Everything random follows from this.
    pub seed: u64,
    /// A folder for files, on the disk to be tested.
    pub data: PathBuf,
    until: Option<Instant>,
    start: Instant,
    cpu_start: Duration,
    children_start: Duration,
}

impl Limits {
    /// Limits from now on; nothing new begins when the time box is over.
    ///
    /// # Errors
    /// Where `/proc` does not tell CPU time.
    pub fn new(count: u64, seed: u64, time_box: Option<Duration>, data: &Path) -> Result<Self> {
        let start = Instant::now();
        let until = time_box.map(|time_box| start + time_box);
        let children_start = children_cpu()?;
        Ok(Self { count, seed, data: data.to_owned(), until, start, cpu_start: cpu_time(), children_start })
    }

    /// Whether time is up.
    pub fn over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// What it cost, in words.
    ///
    /// # Errors
    /// Where `/proc` does not tell.
    pub fn spent(&self) -> Result<String> {
        let cpu = cpu_time() - self.cpu_start + (children_cpu()? - self.children_start);
        Ok(format!("{} CPU seconds, {} s by the clock", cpu.as_secs(), self.start.elapsed().as_secs()))
    }
}

/// CPU time of all child processes that have ended.
fn children_cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").context("cannot read /proc/self/stat")?;
    // The second field is the program's name in parentheses; user and system time of children are fields 16 and 17.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}
