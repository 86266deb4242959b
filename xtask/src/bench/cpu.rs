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

/// What the machine takes to hand out memory: CPU time for a gigabyte that it has not handed out lately, and for the
/// same again.
///
/// On a virtual machine whose host takes back what is free, the first costs forty times the second; a process pays
/// it once for what it holds, however long it runs.
pub fn memory_floor() -> [Duration; 2] {
    const BYTES: usize = 1 << 28;
    const PAGE: usize = 1 << 12;
    let touch = || {
        let mut memory = vec![0_u8; BYTES];
        let ((), time) = timed(|| memory.iter_mut().step_by(PAGE).for_each(|byte| *byte = 1));
        std::hint::black_box(memory);
        time.mul_f64(1e9 / (BYTES as f64))
    };
    [touch(), touch()]
}

/// Forgets the peak so far, for [`peak_memory`].
///
/// # Errors
/// Where `/proc` does not take it.
pub fn forget_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("cannot write /proc/self/clear_refs")
}

/// The most memory this process held since it began or since [`forget_peak`], in bytes, file pages it mapped included.
///
/// # Errors
/// Where `/proc` does not tell.
pub fn peak_memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM in /proc/self/status")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("VmHWM is not a number")?;
    Ok(kib * 1024)
}
