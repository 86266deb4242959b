//! A load that is interrupted.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use coinhound_sim::Layout;
use coinhound_sim::mainnet::{Shape, write};

use crate::run::Home;

/// Enough for a second of work, little enough for an everyday test.
const BYTES: u64 = 24_000_000;

#[cfg(unix)]
#[test]
fn an_interrupted_load_keeps_what_it_read_and_goes_on() {
    let home = Home::new();
    let made = write(&home.path().join("blocks"), Shape::of_bytes(7, BYTES), Layout::default()).expect("writable");
    let line = "ingest --blocks blocks --network regtest --store store";
    let child = Command::new(env!("CARGO_BIN_EXE_coinhound"))
        .args(line.split(' '))
        .current_dir(home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built with the tests");
    // The index of the scan is written when all blocks were found and before the first is read.
    let found = || home.path().join("store/local/blocks.scan").exists();
    let start = Instant::now();
    while !found() {
        assert!(start.elapsed() < Duration::from_secs(60), "the scan does not end");
        std::thread::sleep(Duration::from_millis(2));
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("every Unix has it");
    assert!(sent.success());
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("stopped: blocks 0 to ") && told.contains("run the same command again"), "{told}");
    let kept = blocks(&home);
    assert!(kept < made.blocks, "all {kept} blocks were read before the signal came");
    home.ok("--store store store check");
    home.ok(line);
    assert_eq!(blocks(&home), made.blocks);
}

/// How many blocks the store holds.
fn blocks(home: &Home) -> u64 {
    let status = home.ok("--store store status");
    let range = status.lines().find_map(|line| line.strip_prefix("blocks ")).expect("a range").trim().to_owned();
    range.strip_prefix("0 to ").and_then(|tip| tip.parse::<u64>().ok()).expect("from the genesis block on") + 1
}
