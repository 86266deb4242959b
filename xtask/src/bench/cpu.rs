//! CPU time and memory of this process.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};

/// CPU time this process has used so far, user and system, all threads.
pub fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    let secs = u64::try_from(now.tv_sec).expect("CPU time is never negative");
    let nanos = u32::try_from(now.tv_nsec).expect("below a second");
    Duration::new(secs, nanos)
}

/// Runs `work` and returns its result with the CPU time it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = cpu_time();
    let result = work();
    (result, cpu_time() - start)
}

/// The most memory this process ever held, in bytes, file pages it mapped included.
///
/// # Errors
/// Where `/proc` does not tell.
pub fn peak_memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM in /proc/self/status")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("VmHWM is not a number")?;
    Ok(kib * 1024)
}
