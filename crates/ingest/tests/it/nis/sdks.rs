//! Blocks that NEM's own libraries wrote and signed: read as told, in both forms, and no lie about them believed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use coinhound_chains::nem::{Block, parse_block};
use coinhound_testkit::nis::NisLie;
use coinhound_testkit::referees;

use super::lies::{ALONE, Setting, tell_all};
use super::{FIRST, Rig, fork, fresh};
use crate::support::assert_same;

/// Blocks of the fixture that tests go through lie by lie.
const FEW: usize = 24;

fn read(text: &str) -> Vec<Block> {
    text.lines().map(|line| parse_block(line).expect("a block")).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/nis")
}

fn fixture() -> String {
    fs::read_to_string(folder().join("blocks-by-sdks.jsonl")).expect("it lies beside the tests")
}

/// The folder with both packages, or `None` after saying loudly that a test did not run.
fn modules(test: &str) -> Option<PathBuf> {
    let folder = referees::folder(test)?;
    if Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(folder.join("node_modules"));
    }
    eprintln!("NOT RUN: {test}: there is no `node`");
    None
}

/// Loads a chain in both forms, in parts, and over another branch.
fn check_loads(chain: &[Block]) {
    let want = fresh(chain);
    for local in [true, false] {
        let mut rig = Rig::new(&chain[..chain.len() / 2]);
        rig.node().set_local(local);
        rig.options.accounts.batch_rows = 40;
        rig.load();
        rig.node().set_chain(&fork(chain, chain.len() / 2 - 5, 9, 1));
        assert_eq!(rig.load().accounts.removed, 5);
        rig.node().set_chain(chain);
        assert_eq!(rig.load().accounts.removed, 9);
        assert_same(&rig.content(), &want, "blocks signed by others");
    }
}

#[test]
fn blocks_signed_by_the_sdks_are_loaded_like_our_own() {
    let chain = read(&fixture());
    assert_eq!((chain.len(), chain[0].height), (48, FIRST));
    check_loads(&chain);
}

#[test]
fn no_lie_about_blocks_signed_by_the_sdks_is_stored() {
    let chain = read(&fixture());
    let lies = || NisLie::ALL.iter().copied().filter(|lie| lie.is_of_blocks());
    let setting = Setting { before: &chain[..7], from_height: FIRST + 7, ..ALONE };
    let told = tell_all(&chain[..FEW], &Setting { local: true, ..setting }, lies());
    let public = tell_all(&chain[..FEW], &setting, lies().filter(|lie| !lie.is_of_a_page()));
    let refused = |ended: &std::collections::BTreeMap<NisLie, String>| {
        ended.values().filter(|how| how.contains("will not pass")).count()
    };
    assert!(refused(&told) >= 43 && refused(&public) >= 35, "{} {}", refused(&told), refused(&public));
}

#[test]
fn the_sdks_write_the_same_blocks_today_and_more() {
    let Some(modules) = modules("the_sdks_write_the_same_blocks_today_and_more") else { return };
    let script = folder().join("blocks-by-sdks.mjs");
    let output = Command::new("node").arg(script).arg("96").env("NODE_MODULES", modules).output().expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("JSON");
    assert!(text.starts_with(&fixture()), "other blocks than those of the fixture");
    let chain = read(&text);
    assert_eq!(chain.len(), 96);
    check_loads(&chain);
}
