//! Memory and time that a node can take.

use std::time::{Duration, Instant};

use coinhound_chains::bitcoin::RpcError;
use coinhound_chains::bitcoin::rpc::{Auth, Limits};
use coinhound_testkit::node::{Lie, ScriptedNode, made};

use crate::made::regtest;
use crate::rpc::{BLOCKS, client, client_with, names, start, tight};

/// Set in the process that measures its own memory.
const MEASURED: &str = "COINHOUND_MEASURED";
/// What the system may hold between two sockets, in bytes: never more than this on Linux's defaults.
const SOCKETS_LEN: u64 = 16 << 20;

/// The most memory this process has had, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process knows itself");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn ask_for_everything(node: &ScriptedNode) {
    let hashes = names(&made::chain(BLOCKS));
    let mut rpc = client(node);
    for error in [
        rpc.hashes(0..=BLOCKS).err(),
        rpc.headers(&hashes).err(),
        rpc.blocks(&hashes).err(),
        rpc.transactions(&hashes).err(),
        rpc.status().err(),
        rpc.standing(hashes[1]).err(),
    ] {
        let error = error.expect("nothing so long is an answer");
        assert!(matches!(error, RpcError::TooLong { .. }), "{error}");
    }
}

/// Runs in a process of its own, since memory is measured of a whole process.
#[test]
fn endless_answers_take_no_memory() {
    if std::env::var_os(MEASURED).is_none() {
        return measure_in_another_process("rpc::bounds::endless_answers_take_no_memory");
    }
    let node = start();
    client(&node).check_network().expect("everything is set up");
    let before = peak_kib();
    for lie in [Lie::TenGigabytes, Lie::TenGigabytesUntold, Lie::EndlessBody, Lie::NeverEndingBatch] {
        node.tell(lie);
        ask_for_everything(&node);
    }
    // A block of four million bytes may have eight million digits; memory doubles while it grows.
    let (grown, allowed) = (peak_kib() - before, (3 * 8_000_000) >> 10);
    println!("grown by {grown} KiB");
    assert!(grown < allowed, "{grown} KiB, of at most {allowed}");
}

fn measure_in_another_process(test: &str) {
    let this = std::env::current_exe().expect("a test is a program");
    let output = std::process::Command::new(this)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(MEASURED, "1")
        .output()
        .expect("a test runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("grown by"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    eprint!("{said}");
}

#[test]
fn ten_announced_gigabytes_are_not_even_read() {
    let node = start();
    node.tell(Lie::TenGigabytes);
    let error = client(&node).check_network().expect_err("too long");
    let RpcError::TooLong { limit, told, .. } = error else { panic!("{error}") };
    assert_eq!(told, Some(10_000_000_000));
    assert!(limit < 5_000, "one hash takes less than {limit} bytes");
    assert!(node.bytes_sent() < SOCKETS_LEN, "{}", node.bytes_sent());
}

#[test]
fn ten_gigabytes_that_nobody_announced_are_cut() {
    let node = start();
    node.tell(Lie::TenGigabytesUntold);
    let error = client(&node).check_network().expect_err("too long");
    assert!(matches!(error, RpcError::TooLong { told: None, .. }), "{error}");
    // The client is gone; the node notices and stops.
    std::thread::sleep(Duration::from_millis(200));
    let sent = node.bytes_sent();
    assert!(sent < SOCKETS_LEN, "{sent}");
}

#[test]
fn a_block_may_be_as_long_as_any_block_and_no_longer() {
    let node = start();
    let hashes = names(&made::chain(BLOCKS));
    node.tell(Lie::HugeBlock);
    let error = client(&node).blocks(&hashes[1..2]).expect_err("no block is so long");
    assert!(matches!(error, RpcError::TooLong { limit: 8_000_000..8_100_000, .. }), "{error}");
}

#[test]
fn one_byte_a_second_is_cut_after_a_second_or_two() {
    let node = start();
    node.tell(Lie::OneByteASecond);
    let limits = Limits { answer: Duration::from_secs(60), retries: 0, ..tight() };
    let began = Instant::now();
    let error = client_with(&node, Auth::None, limits).check_network().expect_err("too slow");
    assert!(matches!(error, RpcError::TooSlow { got: 1..=3, floor: 10_000, .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn silence_is_cut_at_the_deadline() {
    let node = start();
    node.tell(Lie::Silence);
    let limits = Limits { answer: Duration::from_millis(300), retries: 0, ..tight() };
    let began = Instant::now();
    let error = client_with(&node, Auth::None, limits).check_network().expect_err("no answer");
    assert!(matches!(error, RpcError::Timeout { within, .. } if within == limits.answer), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn a_head_that_never_ends_is_cut() {
    let node = ScriptedNode::start(regtest(), &made::chain(1));
    node.tell(Lie::EndlessHead);
    let error = client(&node).check_network().expect_err("no answer");
    assert!(matches!(error, RpcError::NotHttp { .. }), "{error}");
    assert!(node.bytes_sent() < SOCKETS_LEN, "{}", node.bytes_sent());
}
