//! What users of other tools met while they loaded a chain, through the real binary: killed, out of memory.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use coinhound_sim::Layout;
use coinhound_sim::mainnet::{Shape, write};

use crate::run::Home;

/// Enough that a load is met in every part of its work, little enough for an everyday test.
const BYTES: u64 = 6_000_000;

const INGEST: &str = "ingest --blocks blocks --network regtest --store store";

fn with_blocks(bytes: u64) -> Home {
    let home = Home::new();
    write(&home.path().join("blocks"), Shape::of_bytes(7, bytes), Layout::default()).expect("writable");
    home
}

/// The store's files by name, without what is this machine's own.
fn files(home: &Home) -> Vec<(String, blake3::Hash)> {
    let (mut found, mut folders) = (Vec::new(), vec![home.path().join("store")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("readable").path();
            let name = path.strip_prefix(home.path().join("store")).expect("below it").display().to_string();
            if path.is_dir() && name != "local" {
                folders.push(path);
            } else if path.is_file() && name != "LOCK" {
                found.push((name, blake3::hash(&std::fs::read(&path).expect("readable"))));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// What an undisturbed load of the same blocks leaves.
fn undisturbed() -> &'static [(String, blake3::Hash)] {
    static FILES: OnceLock<Vec<(String, blake3::Hash)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let home = with_blocks(BYTES);
        home.ok(INGEST);
        files(&home)
    })
}

/// A store that is there is whole, and one that is not there harms nobody.
fn check(home: &Home) {
    if home.path().join("store/MANIFEST").exists() {
        let report = home.ok("--store store store check");
        assert!(report.contains("sound"), "{report}");
    }
}

#[cfg(unix)]
#[test]
fn e01_a_load_killed_at_any_moment_goes_on_and_ends_in_the_same_bytes() {
    let home = with_blocks(BYTES);
    let (mut killed, mut pause) = (0, Duration::from_millis(5));
    loop {
        let mut child =
            home.command(INGEST).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary is built");
        std::thread::sleep(pause);
        child.kill().expect("SIGKILL is sent to a child that was not waited for");
        let done = child.wait().expect("it ends").success();
        check(&home);
        if done {
            break;
        }
        killed += 1;
        pause = pause * 3 / 2;
    }
    assert!(killed >= 5, "the load ended before it was killed {killed} times");
    assert!(files(&home) == undisturbed(), "a load that was killed {killed} times left other bytes");
}

/// Runs the program with no more than so many kilobytes of address space.
#[cfg(unix)]
fn capped(home: &Home, kilobytes: u64, line: &str) -> Output {
    let line = format!("ulimit -v {kilobytes} && ulimit -c 0 && exec \"$0\" {line}");
    let started = Instant::now();
    let output = Command::new("sh")
        .args(["-c", &line, env!("CARGO_BIN_EXE_coinhound")])
        .current_dir(home.path())
        .env_clear()
        .output()
        .expect("every Unix has a shell");
    assert!(started.elapsed() < Duration::from_secs(120), "it does not end with {kilobytes} kB");
    output
}

#[cfg(unix)]
#[test]
fn e03_a_load_that_runs_out_of_memory_says_so_and_costs_no_store() {
    let home = with_blocks(BYTES);
    // Below this the system cannot even start the program.
    let starts = |kilobytes: &u64| capped(&home, *kilobytes, "--version").status.success();
    let mut kilobytes = (0..40).map(|step| 4_096 + 1_024 * step).find(starts).expect("40 MB start it");
    let mut refused = 0;
    loop {
        let ended = capped(&home, kilobytes, INGEST);
        let told = String::from_utf8_lossy(&ended.stderr).to_lowercase();
        check(&home);
        if ended.status.success() {
            break;
        }
        refused += 1;
        let named = ["memory", "mmap", "thread", "shared object"].iter().any(|word| told.contains(word));
        assert!(named, "with {kilobytes} kB it ends with {:?} and says: {told}", ended.status);
        kilobytes = kilobytes * 9 / 8;
        assert!(kilobytes < 8 << 20, "8 GB are enough for {BYTES} bytes of blocks");
    }
    assert!(refused >= 3, "the first caps were no caps: {refused}");
    assert!(files(&home) == undisturbed(), "a load that ran out of memory {refused} times left other bytes");
}

/// Peak of the pages that belong to the process alone, in kilobytes, as the kernel counts them.
#[cfg(target_os = "linux")]
fn peak(home: &Home) -> u64 {
    let mut child =
        home.command(INGEST).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary is built");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("it is our child").is_none() {
        let text = std::fs::read_to_string(Path::new(&status)).unwrap_or_default();
        let rss = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let now = rss.and_then(|rss| rss.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        peak = peak.max(now);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

/// The last block file, away from the others or back among them.
#[cfg(target_os = "linux")]
fn move_last_file(home: &Home, from: &str, to: &str) {
    let mut names: Vec<_> = std::fs::read_dir(home.path().join("blocks")).expect("a folder").flatten().collect();
    names.retain(|entry| entry.file_name().to_string_lossy().starts_with("blk"));
    std::fs::create_dir_all(home.path().join("aside")).expect("writable");
    let aside =
        std::fs::read_dir(home.path().join("aside")).expect("a folder").flatten().map(|entry| entry.file_name()).max();
    let last =
        aside.or_else(|| names.iter().map(std::fs::DirEntry::file_name).max()).expect("block files were written");
    std::fs::rename(home.path().join(from).join(&last), home.path().join(to).join(&last)).expect("it is there");
}

/// What is held grows with the transactions of a session, about 350 bytes each, and with nothing else: coins that lay
/// unspent since earlier sessions are asked from the files.
#[cfg(target_os = "linux")]
#[test]
fn e19_unspent_coins_of_earlier_sessions_are_not_held_in_memory() {
    let home = Home::new();
    let layout = Layout { file_bytes_max: BYTES / 16, undo: false, ..Layout::default() };
    write(&home.path().join("blocks"), Shape::of_bytes(7, 2 * BYTES), layout).expect("writable");
    move_last_file(&home, "blocks", "aside");
    let all = peak(&home);
    move_last_file(&home, "aside", "blocks");
    let last = peak(&home);
    home.ok("--store store store check");
    assert!(all > 0 && last > 0, "the kernel told nothing");
    assert!(last * 2 < all, "a session of one file in 33 held {last} kB, that of the others {all} kB");
}
