//! Every lie: the store holds what was proven and nothing else, and the error says what was wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use coinhound_chains::nem::Block;
use coinhound_ingest::nis::Agreement;
use coinhound_ingest::{NisLoadError, NisOutcome};
use coinhound_testkit::nis::{NisLie, NisScript};
use expect_test::expect_file;

use super::{FIRST, Rig, chain, fork, fresh, put, story};
use crate::support::{Content, assert_same, count};

const BLOCKS: usize = 24;

/// The stores of every number of blocks of a chain.
fn prefixes(chain: &[Block]) -> Vec<Content> {
    let some = (1..=chain.len()).map(|end| fresh(&chain[..end]));
    std::iter::once(Content::new()).chain(some).collect()
}

/// How a load ends in words that do not change from run to run.
fn name_of(result: &Result<NisOutcome, NisLoadError>, url: &str) -> String {
    match result {
        Ok(outcome) => {
            let relation = outcome.report.relation;
            let lag = outcome.report.lag().map_or("all".to_owned(), |lag| lag.to_string());
            let agreement = match &outcome.report.agreement {
                Agreement::Disagreed { height, told } => {
                    let signed: Vec<bool> = told.iter().map(|version| version.is_signed).collect();
                    format!("the nodes differ from height {height} on, signed: {signed:?}")
                }
                other => format!("{other:?}"),
            };
            format!("read, {relation:?}, {agreement}, {lag} to come")
        }
        Err(error) if error.is_of_a_node() => {
            let kind = if error.is_transient() { "may pass" } else { "will not pass" };
            let text = story(error, url);
            // How much came in which time differs from run to run.
            let end = text.find(" is too slow").map_or(text.len(), |at| at + 12);
            format!("{kind}: {}", &text[..end])
        }
        Err(error) => panic!("not the node's fault: {}", story(error, url)),
    }
}

/// What is in a store before a lie, and how it is told.
#[derive(Clone, Copy)]
pub struct Setting<'c> {
    pub before: &'c [Block],
    pub local: bool,
    /// Only from here on.
    pub from_height: u64,
    /// Whether an honest node is asked too.
    pub with_honest: bool,
}

/// Tells each lie; returns how each load ended. The store must then hold what it held, or a beginning of the true
/// chain, and once the truth is told the whole of it.
pub fn tell_all(
    chain: &[Block],
    setting: &Setting<'_>,
    lies: impl Iterator<Item = NisLie>,
) -> BTreeMap<NisLie, String> {
    let proven = prefixes(chain);
    let whole = proven.last().expect("one at least");
    let first = Rig::new(chain);
    if !setting.before.is_empty() {
        put(&first.disk, setting.before);
    }
    let held = first.content();
    let mut ended = BTreeMap::new();
    for lie in lies {
        let mut rig = if setting.with_honest { Rig::of(&[chain, chain]) } else { Rig::new(chain) };
        rig.disk = first.disk.copy();
        if lie == NisLie::Silence {
            rig.answer = Duration::from_millis(300);
        }
        let liar = rig.nodes.last().expect("one at least");
        liar.set_local(setting.local);
        liar.tell(NisScript::from(lie).from_height(setting.from_height));
        let url = liar.url();
        let result = rig.try_load();
        let outcome = name_of(&result, &url);
        let content = rig.content();
        let is_proven = content == held || proven.contains(&content);
        // Whole branches, soundly signed: with one node nothing tells that they are not the network's.
        let is_signed = lie == NisLie::ForkAtEveryQuestion && !setting.with_honest;
        assert!(is_proven || is_signed, "{lie:?}: the store holds what was never proven: {outcome}");
        let differ = |outcome: &NisOutcome| matches!(outcome.report.agreement, Agreement::Disagreed { .. });
        let is_told = result.as_ref().is_err() || result.as_ref().is_ok_and(differ);
        assert!(is_told || content == *whole || lie == NisLie::FallingHeight, "{lie:?}: {outcome}");
        let liar = rig.nodes.last().expect("one at least");
        liar.tell_the_truth();
        liar.set_chain(chain);
        rig.answer = Duration::from_secs(5);
        rig.load();
        assert_same(&rig.content(), whole, &format!("the truth after {lie:?}"));
        ended.insert(lie, outcome);
    }
    ended
}

fn table(ended: &BTreeMap<NisLie, String>) -> String {
    let mut table = String::new();
    ended.iter().for_each(|(lie, how)| writeln!(table, "{lie:?}\n    {how}").expect("text takes everything"));
    table
}

/// All lies that can be told to anybody.
fn public() -> impl Iterator<Item = NisLie> {
    NisLie::ALL.iter().copied().filter(|lie| !lie.is_of_a_page())
}

/// All lies about blocks.
fn of_blocks() -> impl Iterator<Item = NisLie> {
    NisLie::ALL.iter().copied().filter(|lie| lie.is_of_blocks())
}

pub const ALONE: Setting<'static> = Setting { before: &[], local: false, from_height: 0, with_honest: false };

#[test]
fn to_an_empty_store_no_lie_is_stored_and_each_has_its_name() {
    let ended = tell_all(&chain(BLOCKS), &ALONE, public());
    expect_file!["lies/empty.txt"].assert_eq(&table(&ended));
}

#[test]
fn no_lie_in_a_page_is_stored_and_each_has_its_name() {
    let ended = tell_all(&chain(BLOCKS), &Setting { local: true, ..ALONE }, of_blocks());
    expect_file!["lies/page.txt"].assert_eq(&table(&ended));
}

#[test]
fn above_a_store_no_lie_is_stored_and_each_has_its_name() {
    let chain = chain(BLOCKS);
    let setting = Setting { before: &chain[..10], from_height: FIRST + 10, ..ALONE };
    expect_file!["lies/above.txt"].assert_eq(&table(&tell_all(&chain, &setting, public())));
}

#[test]
fn in_a_reorganisation_no_lie_is_stored_and_each_has_its_name() {
    let chain = chain(BLOCKS);
    let before = fork(&chain, 8, 6, 1);
    let setting = Setting { before: &before, from_height: FIRST + 8, ..ALONE };
    expect_file!["lies/reorganisation.txt"].assert_eq(&table(&tell_all(&chain, &setting, public())));
    let setting = Setting { local: true, ..setting };
    expect_file!["lies/reorganisation_page.txt"].assert_eq(&table(&tell_all(&chain, &setting, of_blocks())));
}

#[test]
fn beside_an_honest_node_no_lie_is_stored_not_even_a_signed_one() {
    let ended = tell_all(&chain(BLOCKS), &Setting { with_honest: true, ..ALONE }, public());
    expect_file!["lies/beside_honest.txt"].assert_eq(&table(&ended));
}

/// Changes one answer in `rarity` somewhere: a byte, a digit, a cut, a part twice.
fn noise(mut rng: coinhound_sim::Rng, rarity: u64) -> impl FnMut(Vec<u8>) -> Vec<u8> {
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
    let chain = chain(BLOCKS);
    let before = fork(&chain, 8, 2, 1);
    let (held, proven) = (fresh(&before), prefixes(&chain));
    let loaded = Rig::loaded(&before);
    let (mut failed, mut read) = (0, 0);
    for seed in 0..count(80, 5_000) {
        let mut rig = Rig::new(&chain);
        rig.disk = loaded.disk.copy();
        rig.node().set_local(seed % 2 == 0);
        rig.node().garble(noise(coinhound_sim::Rng::new(seed), 1 + seed % 9 * 12));
        match rig.try_load() {
            Ok(_) => read += 1,
            Err(error) if error.is_of_a_node() => failed += 1,
            Err(error) => panic!("seed {seed}: not the node's fault: {}", story(&error, "")),
        }
        let content = rig.content();
        assert!(content == held || proven.contains(&content), "seed {seed}: the store holds what was never proven");
    }
    eprintln!("noise: {failed} loads failed, {read} did not meet any that matters");
    assert!(failed > 20 && read > 2, "{failed} {read}");
}
