//! Every lie: the store holds what was recomputed and nothing else, and the error says what was wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use coinhound_ingest::evm::{EvmLoadError, EvmOutcome};
use coinhound_model::AccountBlock;
use coinhound_sim::Rng;
use coinhound_sim::evm::Traffic;
use coinhound_sim::evm::traffic::FIRST;
use coinhound_testkit::evm::{EvmLie, EvmScript, Served};
use expect_test::expect_file;

use super::{Rig, as_rows, chain, fork, fresh, put, story};
use crate::support::{Content, assert_same, count};

/// A story in which there is something for every lie.
const SEED: u64 = 0;
/// One below the store and 23 in it.
const BLOCKS: usize = 24;

/// The stores of every number of blocks of a chain, none first.
fn prefixes(rows: &[AccountBlock]) -> Vec<Content> {
    let some = (1..=rows.len()).map(|end| fresh(&rows[..end]));
    std::iter::once(Content::new()).chain(some).collect()
}

fn rows_of(chain: &Served) -> Vec<AccountBlock> {
    chain[1..].iter().map(|block| as_rows(block)).collect()
}

/// How a load ends in words that do not change from run to run.
fn name_of(result: &Result<EvmOutcome, EvmLoadError>, url: &str) -> String {
    match result {
        Ok(outcome) => {
            let report = &outcome.report;
            let untraced = if report.untraced_blocks > 0 { ", without traces and said so" } else { "" };
            format!("read, {:?}{untraced}", report.relation)
        }
        Err(error) if error.is_of_the_node() => {
            let kind = if error.is_transient() { "may pass" } else { "will not pass" };
            let text = story(error).replace(url, "http://node");
            // How much came in which time differs from run to run.
            let end = text.find(" is too slow").map_or(text.len(), |at| at + 12);
            format!("{kind}: {}", &text[..end])
        }
        Err(error) => panic!("not the node's fault: {}", story(error)),
    }
}

/// What is in a store before a lie, and how it is told.
#[derive(Clone, Copy)]
struct Setting<'c> {
    before: &'c [AccountBlock],
    /// About blocks only from here on.
    from_height: u64,
    /// Of the envelope and the connection only after so many questions.
    after: u64,
}

/// Whether a lie never ends: told about something of which little is read, it is as good and costs less.
fn is_endless(lie: EvmLie) -> bool {
    matches!(lie, EvmLie::EndlessBody | EvmLie::TenGigabytes | EvmLie::TenGigabytesUntold)
}

/// Tells each lie; returns how each load ended. The store must then hold what it held, or a beginning of the true chain,
/// or, where another branch was told soundly, of that branch; and once the truth is told the whole of the true chain.
fn tell_all(chain: &Served, setting: &Setting<'_>, lies: impl Iterator<Item = EvmLie>) -> BTreeMap<EvmLie, String> {
    let (rig, rows) = (Rig::new(chain), rows_of(chain));
    let proven = prefixes(&rows);
    let whole = proven.last().expect("one at least");
    if !setting.before.is_empty() {
        put(&rig.disk, setting.before);
    }
    let (held, first) = (rig.content(), rig.disk.copy());
    let aside = fork(SEED, 6, BLOCKS - 6, 1);
    let sound = prefixes(&rows_of(&aside));
    rig.node.set_others(&aside, &Traffic::new(5, 56, FIRST, 1_663_223_900).blocks(BLOCKS));
    let mut rig = rig;
    let mut ended = BTreeMap::new();
    for lie in lies {
        rig.disk = first.copy();
        rig.answer = Duration::from_millis(if lie == EvmLie::Silence { 200 } else { 2_000 });
        rig.node.hide(lie.hides());
        let script = EvmScript::from(lie).from_height(setting.from_height);
        let is_anywhere = lie.method().is_none() && lie != EvmLie::ForkAtEveryQuestion && !is_endless(lie);
        rig.node.tell(if is_anywhere { script.after(setting.after) } else { script });
        let result = rig.try_load();
        let outcome = name_of(&result, &rig.node.url());
        assert!(rig.node.told() > 0, "{lie:?}: there was nothing to lie about");
        let content = rig.content();
        let is_branch = matches!(lie, EvmLie::BlockAside | EvmLie::ForkAtEveryQuestion) && sound.contains(&content);
        let is_proven = content == held || proven.contains(&content) || is_branch;
        assert!(is_proven, "{lie:?}: the store holds what was never recomputed: {outcome}");
        let is_harmless = result.is_ok() && content == *whole;
        assert!(result.is_err() || is_harmless || lie == EvmLie::FallingTip, "{lie:?}: {outcome}");
        rig.node.tell_the_truth();
        rig.node.hide(&[]);
        rig.node.set_chain(chain);
        rig.answer = Duration::from_secs(5);
        rig.load();
        assert_same(&rig.content(), whole, &format!("the truth after {lie:?}"));
        ended.insert(lie, outcome);
    }
    ended
}

fn table(ended: &BTreeMap<EvmLie, String>) -> String {
    let mut table = String::new();
    ended.iter().for_each(|(lie, how)| writeln!(table, "{lie:?}\n    {how}").expect("text takes everything"));
    table
}

fn all() -> impl Iterator<Item = EvmLie> {
    EvmLie::ALL.iter().copied().filter(|lie| !lie.is_unproven())
}

#[test]
fn to_an_empty_store_no_lie_is_stored_and_each_has_its_name() {
    let setting = Setting { before: &[], from_height: 0, after: 0 };
    expect_file!["lies/empty.txt"].assert_eq(&table(&tell_all(&chain(SEED, BLOCKS), &setting, all())));
}

#[test]
fn above_a_store_no_lie_is_stored_and_each_has_its_name() {
    let chain = chain(SEED, BLOCKS);
    let rows = rows_of(&chain);
    let setting = Setting { before: &rows[..8], from_height: FIRST + 9, after: 12 };
    let fits = all().filter(|lie| !matches!(lie, EvmLie::OtherUncle | EvmLie::NullUncle));
    expect_file!["lies/above.txt"].assert_eq(&table(&tell_all(&chain, &setting, fits)));
}

#[test]
fn in_a_reorganisation_no_lie_is_stored_and_each_has_its_name() {
    let chain = chain(SEED, BLOCKS);
    let other = rows_of(&fork(SEED, 10, 8, 2));
    let setting = Setting { before: &other, from_height: FIRST + 10, after: 0 };
    let fits = all().filter(|lie| lie.is_of_blocks() && !matches!(lie, EvmLie::OtherUncle | EvmLie::NullUncle));
    expect_file!["lies/reorganisation.txt"].assert_eq(&table(&tell_all(&chain, &setting, fits)));
}

/// Changes one answer in `rarity` somewhere: a byte, a digit, a cut, a part twice.
fn noise(mut rng: Rng, rarity: u64) -> impl FnMut(Vec<u8>) -> Vec<u8> {
    move |mut answer| {
        if answer.is_empty() || !rng.chance(1_000 / rarity) {
            return answer;
        }
        let at = rng.index(answer.len());
        match rng.below(4) {
            0 => answer[at] ^= 1 << rng.below(8),
            1 => answer[at] = b"0123456789abcdef\",:{}[]n"[rng.index(24)],
            2 => answer.truncate(at),
            _ => {
                let part = answer[at..answer.len().min(at + 64)].to_vec();
                answer.splice(at..at, part);
            }
        }
        answer
    }
}

#[test]
fn noise_in_answers_is_never_stored() {
    let chain = chain(SEED, BLOCKS);
    let (rig, proven) = (Rig::new(&chain), prefixes(&rows_of(&chain)));
    // What traces tell is the node's word, and noise in it is not noticed.
    let before = rows_of(&fork(SEED, 8, 2, 1));
    put(&rig.disk, &before);
    let (held, first) = (rig.content(), rig.disk.copy());
    let mut rig = rig;
    let (mut failed, mut read, mut believed) = (0, 0, 0);
    for seed in 0..count(60, 5_000) {
        rig.disk = first.copy();
        rig.node.garble(noise(Rng::new(seed), 1 + seed % 9 * 12));
        match rig.try_load() {
            Ok(_) => read += 1,
            Err(error) if error.is_of_the_node() => failed += 1,
            Err(error) => panic!("seed {seed}: not the node's fault: {}", story(&error)),
        }
        let content = rig.content();
        if content != held && !proven.contains(&content) {
            believed += 1;
            super::truth::assert_only_traces_differ(&rig.disk, &chain, seed);
        }
    }
    eprintln!("noise: {failed} loads failed, {read} did not meet any that matters, {believed} in traces");
    assert!(failed > 20 && read > 2, "{failed} {read}");
}
