//! npm's `nem-sdk` and `symbol-sdk` beside us: addresses, hashes, and signatures both ways.
//!
//! 10,000 random transactions of every type are made and signed here. Each SDK writes or reads each for itself and says
//! what its address and its hash are; `symbol-sdk` also signs and verifies each, `nem-sdk` (thirty times as slow) one in
//! [`NEM_SIGNS_EACH`]. Set `COINHOUND_SDKS_ALL` to have it sign and verify all of them: some minutes.

mod cases;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use coinhound_chains::nem::sign::is_signed;
use coinhound_chains::nem::{Address, Signature, encode};
use coinhound_testkit::referees;
use serde_json::Value;

use crate::nem::sdks::cases::{Case, made};

const CASES: usize = 10_000;
/// `nem-sdk` signs and verifies one case in so many.
const NEM_SIGNS_EACH: usize = 25;
/// One signature in so many is also shown forged.
const FORGED_EACH: usize = 10;

/// What an SDK says of each case, asked all at once.
fn asked(folder: &Path, sdk: &str, cases: &[Case], signs_each: usize) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/nem/sdks/agree.mjs");
    let mut node = Command::new("node")
        .args([script.as_path(), folder, Path::new(sdk)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts: it stood beside npm");
    let mut input = node.stdin.take().expect("piped");
    let lines: Vec<String> = cases.iter().enumerate().map(|(at, case)| told(case, at, signs_each)).collect();
    let writer = thread::spawn(move || lines.iter().try_for_each(|line| writeln!(input, "{line}")));
    let output = node.wait_with_output().expect("node ends");
    writer.join().expect("no panic").expect("node read all");
    assert!(output.status.success(), "{sdk}: {}", output.status);
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn told(case: &Case, at: usize, signs_each: usize) -> String {
    serde_json::json!({
        "network": case.network.byte(),
        "secret": case.secret_hex(),
        "public": case.public().to_string(),
        "json": case.json().to_string(),
        "bytes": hex(&encode::signed(&case.signed)),
        "signature": case.signed.signature.to_string(),
        "sign": at.is_multiple_of(signs_each),
        "forge": at.is_multiple_of(signs_each * FORGED_EACH),
    })
    .to_string()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// How many cases agreed, and on how many signatures; a panic where one differs.
fn compared(sdk: &str, cases: &[Case], said: &[Value]) -> (usize, usize) {
    assert_eq!(said.len(), cases.len(), "{sdk} says something of each case");
    let signed = cases.iter().zip(said).filter(|(case, said)| compare(sdk, case, said)).count();
    (said.len(), signed)
}

/// Whether the case was signed too.
fn compare(sdk: &str, case: &Case, said: &Value) -> bool {
    let field = |name: &str| said[name].as_str();
    let agree =
        |name: &str, ours: String| assert_eq!(field(name), Some(ours.as_str()), "{sdk}: {name}: {}", case.json());
    agree("address", Address::of_key(&case.public(), case.network).to_string());
    agree("hash", case.signed.hash().to_string());
    match sdk {
        "nem" => agree("unsigned", hex(&encode::unsigned(&case.signed.transaction))),
        _ => agree("bytes", hex(&encode::signed(&case.signed))),
    }
    let Some(theirs) = field("signature") else { return false };
    agree("public", case.public().to_string());
    agree("signature", case.signed.signature.to_string());
    assert_eq!(said["verified"], true, "{sdk} verifies ours: {}", case.json());
    assert!(said["forged"] != true, "{sdk} believes a forged one: {}", case.json());
    let theirs: Signature = theirs.parse().expect("128 digits");
    let bytes = encode::unsigned(&case.signed.transaction);
    assert!(is_signed(&case.public(), &bytes, &theirs), "we verify theirs: {}", case.json());
    true
}

#[test]
fn two_sdks_agree_on_ten_thousand_addresses_hashes_and_signatures() {
    let Some(folder) = referees::folder("two_sdks_agree_on_ten_thousand_addresses_hashes_and_signatures") else {
        return;
    };
    let cases = made(CASES);
    let all = std::env::var_os("COINHOUND_SDKS_ALL").is_some();
    let nem_signs_each = if all { 1 } else { NEM_SIGNS_EACH };
    let (by_nem, by_symbol) = thread::scope(|scope| {
        let nem = scope.spawn(|| asked(&folder, "nem", &cases, nem_signs_each));
        let symbol = asked(&folder, "symbol", &cases, 1);
        (nem.join().expect("nem-sdk answers"), symbol)
    });
    assert_eq!(compared("symbol", &cases, &by_symbol), (CASES, CASES));
    assert_eq!(compared("nem", &cases, &by_nem), (CASES, CASES / nem_signs_each));
}
