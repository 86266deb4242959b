//! What an honest node tells.

use coinhound_chains::nem::http::{NisError, NisErrorKind};
use coinhound_testkit::nis::ScriptedNis;

use super::{BLOCKS, FIRST, chain, client, read};

#[test]
fn blocks_are_the_same_whichever_call_gives_them() {
    let (chain, node) = (chain(), ScriptedNis::start(&chain()));
    let local = read(&mut client(&node), 10).expect("an honest node");
    assert_eq!(node.questions("/block/at/public"), 0);
    assert_eq!(node.questions("/local/chain/blocks-after"), 3, "ten at a time");
    node.set_local(false);
    let public = read(&mut client(&node), 10).expect("an honest node");
    assert_eq!(node.questions("/block/at/public"), BLOCKS as u64);
    assert_eq!(node.questions("/local/chain/blocks-after"), 4, "refused once, it is not asked so again");
    let only = read(&mut client(&node).public_only(), 10).expect("an honest node");
    assert_eq!(node.questions("/local/chain/blocks-after"), 4);
    assert!(local == public && public == only);
    assert!(local.iter().map(|told| &told.block).eq(&chain) && local[7].hash == chain[7].hash());
    assert_eq!(client(&node).last_block().expect("an honest node").hash, chain[BLOCKS - 1].hash());
}

#[test]
fn the_first_block_of_a_chain_is_asked_for_alone() {
    let chain = coinhound_testkit::nis::made::chain(coinhound_chains::nem::Network::Main, 1, 12);
    let node = ScriptedNis::start(&chain);
    let first = client(&node).blocks(1, 10).expect("an honest node");
    assert_eq!((first.len(), first[0].hash), (1, chain[0].hash()));
    assert_eq!(client(&node).blocks(2, 10).expect("an honest node").len(), 10);
}

#[test]
fn a_height_that_is_not_there_is_told_as_such_by_each_call() {
    let node = ScriptedNis::start(&chain());
    let above = FIRST + BLOCKS as u64;
    for local in [true, false] {
        node.set_local(local);
        for most in [1, 10] {
            let error = client(&node).blocks(above, most).expect_err("there is none");
            assert!(matches!(&error, NisError::NoSuchHeight { height, .. } if *height == above), "{error}");
            assert_eq!(error.kind(), NisErrorKind::Moved);
        }
    }
}
