//! Huge pages for a load: the tables it looks up at random outgrow what the processor can address in small ones.
//!
//! Where Linux gives huge pages only to those who ask (`madvise`, the default of most distributions), glibc
//! asks for its heap when it is told to before the process starts. On a mainnet-shaped load that saves about
//! a seventh of all CPU time, most of it the kernel's.
//!
//! Large pieces are to be given back as soon as they are freed: else the threads of a commit each keep what their
//! sorting took, tens of megabytes that the load then takes anew.

/// Starts the running program anew, with the same arguments and with huge pages for its heap, where that changes
/// anything. Does nothing elsewhere, or where the user has set `GLIBC_TUNABLES`.
///
/// To be called first thing: what the process did before is done again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn restart_with_huge_pages() {
    use std::os::unix::process::CommandExt;
    const SWITCH: &str = "GLIBC_TUNABLES";
    const SETTING: &str = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=2097152";
    let mode = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    let Ok(program) = std::env::current_exe() else { return };
    if std::env::var_os(SWITCH).is_none() && mode.contains("[madvise]") {
        // It returns only where the system refuses; then small pages do.
        let _refused =
            std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, SETTING).exec();
    }
}

/// Starts the running program anew where that would give it huge pages: not on this system.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn restart_with_huge_pages() {}
