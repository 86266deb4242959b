//! Every lie: the store holds what was proven and nothing else, and the error says what was wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use coinhound_chains::bitcoin::params::ChainWork;
use coinhound_chains::bitcoin::{Mweb, Network, Params};
use coinhound_ingest::{LoadError, NodeError};
use coinhound_model::Height;
use coinhound_sim::Rng;
use coinhound_testkit::node::{Lie, made};
use expect_test::expect_file;

use crate::node::{Rig, fresh_raw};
use crate::support::{Content, assert_same, count};

const BLOCKS: u32 = 12;
/// Blocks in the store, beside the first, before the lie is told.
const HELD: usize = 6;

/// The stores of every number of blocks of a chain.
fn prefixes(chain: &[Vec<u8>]) -> Vec<Content> {
    let some = (1..=chain.len()).map(|end| fresh_raw(&chain[..end]));
    std::iter::once(Content::new()).chain(some).collect()
}

/// How a load ends in words that do not change from run to run.
fn name_of(result: &Result<coinhound_ingest::Outcome, LoadError>) -> String {
    let variant = |text: String| text.split([' ', '{', '(']).next().unwrap_or_default().to_owned();
    match result {
        Ok(outcome) => {
            let report = outcome.node.as_ref().expect("a node was asked");
            format!("read, {:?}, {} to come", report.relation, report.lag().expect("it answered"))
        }
        Err(LoadError::Node(NodeError::Rpc(error))) => {
            format!("Rpc, {:?}: {}", error.kind(), variant(format!("{error:?}")))
        }
        Err(LoadError::Node(error)) => {
            let kind = if error.is_transient() { "may pass" } else { "will not pass" };
            format!("Node, {kind}: {}", variant(format!("{error:?}")))
        }
        Err(error) => panic!("not the node's fault: {error}"),
    }
}

/// Tells each lie to a store that holds `before`; returns how each load ended. The store must then hold what it held,
/// or a beginning of the node's true chain, and once the truth is told the whole of it.
fn tell_all(before: &[Vec<u8>], chain: &[Vec<u8>]) -> BTreeMap<Lie, String> {
    let (held, proven) = (prefixes(before), prefixes(chain));
    let held = held.last().expect("one at least");
    let whole = proven.last().expect("one at least");
    let mut ended = BTreeMap::new();
    let first = Rig::new(chain);
    if !before.is_empty() {
        let mut loader = Rig::new(before);
        loader.disk = first.disk.clone();
        loader.load();
    }
    for &lie in Lie::ALL {
        let mut rig = Rig::new(chain);
        rig.disk = first.disk.copy();
        // Blocks that the node has left are known to it still.
        rig.node.set_chain(if before.is_empty() { &chain[..1] } else { before });
        rig.node.set_chain(chain);
        rig.node.tell(lie);
        let result = rig.try_load();
        let content = rig.content();
        let is_proven = content == *held || proven.contains(&content);
        let outcome = name_of(&result);
        assert!(is_proven, "{lie:?}: the store holds what was never proven: {outcome}");
        // A chain that shrank to its first block and stays there is one that the node left.
        let is_read = content == *whole || lie == Lie::ShrinkingChain;
        assert!(result.is_err() || is_read, "{lie:?}: {outcome}");
        rig.node.tell_the_truth();
        rig.load();
        assert_same(&rig.content(), whole, &format!("the truth after {lie:?}"));
        ended.insert(lie, outcome);
    }
    ended
}

fn table(ended: &BTreeMap<Lie, String>) -> String {
    let mut table = String::new();
    ended.iter().for_each(|(lie, how)| writeln!(table, "{lie:?}: {how}").expect("text takes everything"));
    table
}

#[test]
fn to_an_empty_store_no_lie_is_stored_and_each_has_its_name() {
    let chain = made::chain(BLOCKS);
    expect_file!["lies/empty.txt"].assert_eq(&table(&tell_all(&[], &chain)));
}

#[test]
fn above_a_store_no_lie_is_stored_and_each_has_its_name() {
    let chain = made::chain(BLOCKS);
    expect_file!["lies/above.txt"].assert_eq(&table(&tell_all(&chain[..=HELD], &chain)));
}

#[test]
fn in_a_reorganisation_to_less_work_no_lie_is_stored_and_each_has_its_name() {
    let chain = made::chain(BLOCKS);
    let before = made::fork(&chain, 8, 6, 1);
    expect_file!["lies/less_work.txt"].assert_eq(&table(&tell_all(&before, &chain)));
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
    let chain = made::chain(BLOCKS);
    let before = made::fork(&chain, 8, 2, 1);
    let (held, proven) = (fresh_raw(&before), prefixes(&chain));
    let loaded = Rig::loaded(&before);
    let (mut failed, mut read) = (0, 0);
    for seed in 0..count(150, 5_000) {
        let mut rig = Rig::new(&chain);
        rig.disk = loaded.disk.copy();
        rig.node.garble(noise(Rng::new(seed), 1 + seed % 9));
        match rig.try_load() {
            Ok(_) => read += 1,
            Err(LoadError::Node(_)) => failed += 1,
            Err(error) => panic!("seed {seed}: not the node's fault: {error}"),
        }
        let content = rig.content();
        assert!(content == held || proven.contains(&content), "seed {seed}: the store holds what was never proven");
    }
    eprintln!("noise: {failed} loads failed, {read} did not meet any that matters");
    assert!(failed > 50 && read > 5, "{failed} {read}");
}

#[test]
fn a_node_that_makes_up_long_blocks_is_cut_short_by_the_first() {
    // It is asked for 1, 2, 4, ... 32 blocks, then for 64 together, all of which it has made long.
    const LONG: usize = 63;
    let honest = made::chain(130);
    let mut chain = honest.clone();
    chain[LONG..].iter_mut().for_each(|block| block.extend(vec![0; 300_000]));
    let mut rig = Rig::new(&chain);
    let error = rig.load_badly();
    assert!(matches!(&error, NodeError::BadBlock { height, .. } if height.0 as usize == LONG), "{error}");
    assert_same(&rig.content(), &fresh_raw(&honest[..LONG]), "up to the first that is no block");
    // 64, 32 and 16 are more than an answer may hold, eight are enough to look at.
    assert_eq!(rig.node.calls("getblock"), (LONG + 64 + 32 + 16 + 8) as u64);
    rig.node.set_chain(&honest);
    rig.load();
    assert_same(&rig.content(), &fresh_raw(&honest), "when it is honest");
}

/// Regtest as if its chain had once had so much work; each of its blocks has two.
fn known(work: u64) -> &'static Params {
    let work_min = ChainWork { work: work.try_into().expect("small"), height: Height(BLOCKS) };
    Box::leak(Box::new(Params { work_min, ..Network::Regtest.params().clone() }))
}

#[test]
fn a_chain_with_less_work_than_the_network_had_is_not_begun_with() {
    let chain = made::chain(BLOCKS);
    let params = known(2 * (u64::from(BLOCKS) + 1));
    for start in [None, Some(Height(7))] {
        let mut rig = Rig::of(params, &chain[..BLOCKS as usize]);
        rig.options.start = start;
        let error = rig.load_badly();
        assert_eq!(
            error.to_string(),
            "the node's chain has work 0x18 at height 11; the network's had 0x1a at height 12 already"
        );
        assert!(error.is_transient() && error.hint().is_some(), "a node that still reads its chain has it later");
        assert!(rig.content().is_empty() && rig.node.calls("getblock") == 0, "no block was asked for");
        rig.node.set_chain(&chain);
        rig.load();
        // What is stored was proven: another node may be behind.
        rig.node.set_chain(&chain[..BLOCKS as usize]);
        rig.try_load().expect("only a first load is measured so");
    }
}

#[test]
fn a_block_without_the_extension_that_every_chain_has_there_is_refused() {
    let chain = made::chain(BLOCKS);
    for is_buried in [true, false] {
        let mweb = Mweb { height: Height(5), is_buried, hrp: "tmweb" };
        let params = Box::leak(Box::new(Params { mweb: Some(mweb), ..Network::Regtest.params().clone() }));
        let mut rig = Rig::of(params, &chain);
        let result = rig.try_load();
        if is_buried {
            let error = result.expect_err("no block has one").to_string();
            assert!(error.contains("at height 5") && error.contains("lacks its extension"), "{error}");
            assert_same(&rig.content(), &fresh_raw(&chain[..5]), "those below stay");
        } else {
            assert_eq!(result.expect("votes decide").added, u64::from(BLOCKS) + 1);
        }
    }
}
