//! What an honest node tells.

use std::time::{Duration, Instant};

use coinhound_chains::bitcoin::rpc::{Auth, Limits, RpcErrorKind};
use coinhound_chains::bitcoin::{Checks, RpcError, Standing, parse_block_with};
use coinhound_model::{Hash256, Height};
use coinhound_testkit::node::{Lie, ScriptedNode, made};

use crate::made::{header, regtest};
use crate::rpc::{BLOCKS, all_blocks, client, client_with, names, read_chain, start, tight};

#[test]
fn an_honest_nodes_chain_is_read_whole() {
    let node = start();
    assert_eq!(read_chain(&mut client(&node)), Ok(made::chain(BLOCKS)));
}

#[test]
fn answers_may_come_in_any_order() {
    let node = start();
    node.set_reversed(true);
    assert_eq!(read_chain(&mut client(&node)), Ok(made::chain(BLOCKS)));
}

#[test]
fn the_status_says_how_the_node_sees_itself() {
    let node = start();
    node.set_catching_up(true, 30);
    node.set_pruned(Some(5));
    node.set_warnings(&["This is a pre-release\x1b[2J test build", ""]);
    let status = client(&node).status().expect("a status");
    assert_eq!(
        (status.chain.as_str(), status.blocks, status.headers),
        ("regtest", Height(BLOCKS), Height(BLOCKS + 30))
    );
    assert_eq!(status.best, node.tip());
    assert_eq!((status.initial_download, status.pruned, status.prune_height), (true, true, Some(Height(5))));
    assert_eq!(status.warnings, ["This is a pre-release\u{fffd}[2J test build"]);
    assert_eq!((status.connections, status.agent.as_deref()), (Some(8), Some("/Scripted:1.0.0/")));
    // The middle of the newest eleven, which are ten minutes apart.
    assert_eq!(status.median_time, 1_600_000_000 + 600 * (BLOCKS - 5));
}

#[test]
fn a_status_does_not_need_the_nodes_peers() {
    let node = start();
    node.tell(coinhound_testkit::node::Script::from(Lie::Forbidden).on("getnetworkinfo"));
    let status = client(&node).status().expect("a status");
    assert_eq!((status.blocks, status.connections, status.agent), (Height(BLOCKS), None, None));
}

#[test]
fn a_displaced_block_stands_aside_and_a_forgotten_one_is_unknown() {
    let node = start();
    let mut rpc = client(&node);
    let old = node.tip();
    assert_eq!(rpc.standing(old).expect("an answer"), Standing::Active { height: Height(BLOCKS) });
    node.set_chain(&made::fork(&made::chain(BLOCKS), BLOCKS - 2, 3, 1));
    assert_eq!(rpc.standing(old).expect("an answer"), Standing::Aside);
    node.forget_displaced();
    assert_eq!(rpc.standing(old).expect("an answer"), Standing::Unknown);
}

#[test]
fn questions_are_asked_in_batches_of_the_size_allowed() {
    let node = start();
    let mut rpc = client_with(&node, Auth::None, Limits { batch: 5, ..tight() });
    let hashes = rpc.hashes(0..=BLOCKS).expect("hashes");
    assert_eq!(hashes, names(&made::chain(BLOCKS)));
    assert_eq!((node.requests(), node.calls("getblockhash"), node.largest_batch()), (3, 13, 5));
    rpc.headers(&hashes).expect("headers");
    assert_eq!(node.requests(), 6);
}

#[test]
fn nothing_is_asked_about_nothing() {
    let node = start();
    let mut rpc = client(&node);
    #[expect(clippy::reversed_empty_ranges, reason = "an empty range of heights is what is tested")]
    let none = rpc.hashes(5..=4).expect("no question");
    assert!(none.is_empty() && rpc.headers(&[]).expect("no question").is_empty());
    assert!(rpc.blocks(&[]).expect("no question").is_empty() && rpc.transactions(&[]).expect("no question").is_empty());
    assert_eq!(node.requests(), 0);
}

#[test]
fn batches_of_blocks_grow_and_shrink_with_the_blocks() {
    let blocks = made::chain(40);
    let node = ScriptedNode::start(regtest(), &blocks);
    // The first guess is far above the length of these blocks.
    let len = 2 * blocks[1].len() as u64;
    let mut rpc = client_with(&node, Auth::None, Limits { answer_len: 10 * len, ..tight() });
    assert_eq!(all_blocks(&mut rpc, &names(&blocks[1..])).expect("blocks"), blocks[1..]);
    assert!((6..=10).contains(&node.largest_batch()), "{}", node.largest_batch());
    assert!(node.requests() <= 10, "{}", node.requests());
}

/// What passes for a block as long as nobody reads it: a header, and bytes.
fn filler(number: u32, len: usize) -> Vec<u8> {
    let header = header(Hash256::ZERO, number, Hash256::ZERO);
    [header.to_bytes().as_slice(), &vec![7; len]].concat()
}

#[test]
fn no_more_blocks_are_held_than_one_answer_and_a_longest_block() {
    // After 64 short ones the node is asked for 64 together, each of which may be as long as any block.
    let blocks: Vec<Vec<u8>> = (0..128).map(|number| filler(number, if number < 64 { 1 } else { 400_000 })).collect();
    let (node, hashes) = (ScriptedNode::start(regtest(), &blocks), names(&blocks));
    let limits = Limits { answer_len: 4_000_000, ..tight() };
    let mut rpc = client_with(&node, Auth::None, limits);
    assert_eq!(rpc.blocks(&hashes[..64]).expect("blocks"), blocks[..64], "short ones come together");
    let before = node.bytes_sent();
    let held = rpc.blocks(&hashes[64..]).expect("blocks");
    assert_eq!(held, blocks[64..64 + held.len()], "the first of them");
    let (len, longest) = (held.iter().map(Vec::len).sum::<usize>() as u64, regtest().block_len_max() as u64);
    assert!(len <= limits.answer_len / 2 + longest, "{} blocks of {len} bytes", held.len());
    assert!(held.len() >= 5, "it asks on until an answer's length is held: {}", held.len());
    println!("{} blocks of {len} bytes held, {} bytes sent", held.len(), node.bytes_sent() - before);
    assert_eq!(all_blocks(&mut rpc, &hashes).expect("blocks"), blocks, "and the others when they are asked for");
}

#[test]
fn a_batch_that_is_answered_too_long_is_asked_in_halves() {
    let blocks: Vec<Vec<u8>> = (0..10).map(|number| filler(number, if number == 0 { 1 } else { 1_000_000 })).collect();
    let node = ScriptedNode::start(regtest(), &blocks);
    // The first answer is short, so the second batch asks for the other nine together: 18 MB.
    let mut rpc = client_with(&node, Auth::None, Limits { answer_len: 4_100_000, ..tight() });
    assert_eq!(all_blocks(&mut rpc, &names(&blocks)).expect("blocks"), blocks);
    assert_eq!(node.largest_batch(), 9);
    // One; nine and too long; four; then as many as 4.1 MB hold: one each.
    assert_eq!(node.requests(), 1 + 1 + 1 + 5);
}

#[test]
fn batches_of_transactions_are_as_large_as_short_answers_allow() {
    let node = start();
    let txids = vec![Hash256([3; 32]); 2_000];
    let mut rpc = client(&node);
    assert!(rpc.transactions(&txids).expect("answers").iter().all(Option::is_none));
    assert_eq!((node.largest_batch(), node.requests()), (1_000, 3), "500 at first, which were thought to be long");
}

#[test]
fn a_chain_that_ends_below_a_height_says_so() {
    let node = start();
    let error = client(&node).hashes(BLOCKS..=BLOCKS + 2).expect_err("above the tip");
    assert!(matches!(error, RpcError::NoSuchHeight { height, .. } if height == BLOCKS + 1), "{error}");
    assert_eq!(error.kind(), RpcErrorKind::Moved);
}

#[test]
fn a_block_nobody_knows_is_unknown() {
    let node = start();
    let mut rpc = client(&node);
    for error in [rpc.headers(&[Hash256([1; 32])]).err(), rpc.blocks(&[Hash256([1; 32])]).err()] {
        let error = error.expect("an error");
        assert!(matches!(error, RpcError::UnknownBlock { hash, .. } if hash == Hash256([1; 32])), "{error}");
    }
}

#[test]
fn a_pruned_block_is_told_with_what_to_do() {
    let node = start();
    node.set_pruned(Some(5));
    let hashes = names(&made::chain(BLOCKS));
    let mut rpc = client(&node);
    let error = rpc.blocks(&hashes[3..8]).expect_err("pruned");
    assert!(matches!(error, RpcError::Pruned { hash, .. } if hash == hashes[3]), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--start")));
    assert_eq!(rpc.blocks(&hashes[5..8]).expect("kept").len(), 3);
}

#[test]
fn without_an_index_transactions_are_not_found_and_that_is_no_error() {
    let node = start();
    node.set_tx_index(false);
    let found = client(&node).transactions(&[Hash256([2; 32]); 3]).expect("answers");
    assert_eq!(found, [None, None, None]);
}

/// A node that is told to stop waits for open connections.
#[test]
fn no_connection_is_left_open_between_questions() {
    let node = start();
    let mut rpc = client(&node);
    rpc.check_network().expect("the network");
    rpc.headers(&names(&made::chain(BLOCKS))).expect("headers");
    let began = Instant::now();
    while node.open_connections() > 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "a connection stays open");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_heights_of_transactions_are_told_where_they_are_known() {
    let (node, blocks) = (start(), made::chain(BLOCKS));
    let rows = |block: &Vec<u8>| parse_block_with(block, regtest(), Checks::ALL).expect("sound").txs;
    let mut txids: Vec<_> = blocks[1..].iter().map(|block| rows(block)[1].txid).collect();
    txids.push(Hash256([4; 32]));
    let mut rpc = client_with(&node, Auth::None, Limits { batch: 5, ..tight() });
    let heights: Vec<_> = (1..=BLOCKS).map(|height| Some(Height(height))).chain([None]).collect();
    assert_eq!(rpc.heights_of(&txids).expect("answers"), heights);
    node.tell(Lie::OtherTx);
    assert!(matches!(rpc.heights_of(&txids), Err(RpcError::Shape { .. })));
    node.set_tx_index(false);
    node.tell_the_truth();
    assert!(rpc.heights_of(&txids).expect("answers").iter().all(Option::is_none));
}
