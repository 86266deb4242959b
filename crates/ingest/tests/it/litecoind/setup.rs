//! How a node is set up: pruned, of another network, restarted, with or without an index of transactions.

use std::fs;
use std::sync::Arc;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::files::BlockDir;
use coinhound_chains::bitcoin::rpc::{Limits, RpcError};
use coinhound_ingest::{LoadError, NodeError};
use coinhound_model::{Height, Ledger};
use coinhound_testkit::litecoind::payments::{Payments, pay_every_kind};
use coinhound_testkit::litecoind::{Litecoind, start};

use crate::litecoind::{Fed, assert_agrees, rpc, rpc_of};
use crate::support::{assert_clean, assert_same, load};

fn from_height(height: u32) -> Fed {
    let mut fed = Fed::new();
    fed.options.start = Some(Height(height));
    fed
}

fn rpc_error(error: LoadError) -> RpcError {
    match error {
        LoadError::Node(NodeError::Rpc(error)) => error,
        other => panic!("not an error of a call: {other:?}"),
    }
}

/// The blocks from a height on in one file, and the node's own undo data beside it.
fn part_of_files(node: &Litecoind, first: u32) -> tempfile::TempDir {
    let params = Network::LitecoinRegtest.params();
    let dir = BlockDir::open(&node.blocks(), params).expect("the node's folder");
    let mut file = Vec::new();
    // A node that mines alone and never reorganised writes its blocks in the order of their heights.
    for record in dir.scan(&mut |_| {}).expect("the node's files").records.iter().skip(first as usize) {
        put_frame(&mut file, params.magic, &dir.read(record).expect("it is there"));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("blk00000.dat"), file).expect("it is writable");
    fs::copy(node.blocks().join("rev00000.dat"), folder.path().join("rev00000.dat")).expect("the node has undo data");
    folder
}

#[test]
fn a_part_of_the_chain_is_the_same_from_undo_files_and_from_a_real_nodes_index_of_transactions() {
    let Some(mut node) = start("a_part_of_the_chain_..", &["-txindex"]) else { return };
    let marks = pay_every_kind(&node);
    let whole = Fed::new();
    whole.read_rpc(&node);
    // The first block spends 64 coins from below it.
    let first = whole.view().height(whole.view().find(&marks["spends 64 inputs"])[0]).0;
    let (files, asked) = (from_height(first), from_height(first));
    let folder = part_of_files(&node, first);
    let disk = Arc::new(files.disk.clone());
    assert_clean(
        &load(Network::LitecoinRegtest, folder.path(), disk, &files.options).expect("a part of the files loads"),
    );
    asked.read_rpc(&node);
    let foreign = files.view().counts().foreign;
    assert!(foreign >= 64, "only {foreign} coins from below the start");
    assert_same(&asked.content(), &files.content(), "over RPC");

    node.stop();
    node.run_with(&[]);
    let blind = from_height(first);
    let outcome = blind.try_rpc(&mut rpc(&node)).expect("the node is read");
    assert!(!outcome.undo_missing.is_empty(), "a node without that index cannot tell: {outcome:?}");
    assert_eq!(blind.view().counts().foreign, foreign, "the coins are known, their amounts are not");
    assert_eq!(*blind.view().as_of(), *files.view().as_of());
}

#[test]
fn a_real_node_of_another_network_is_named_and_nothing_of_it_is_stored() {
    let Some(node) = start("a_real_node_of_another_network_..", &[]) else { return };
    node.mine_to("raw(51)", 3);
    let fed = Fed::new();
    let error =
        fed.try_rpc(&mut rpc_of(&node, Network::Regtest, Limits::default())).expect_err("its first block is another");
    let text = error.to_string();
    let error = rpc_error(error);
    assert!(matches!(error, RpcError::OtherNetwork { .. }), "{error:?}");
    assert!(text.contains(&node.hash_at(0)) && error.hint().is_some(), "{text}");
    assert!(!fed.content().keys().any(|path| path.starts_with("facts")), "{:?}", fed.content().keys());
}

#[test]
fn a_restarted_node_is_known_again_by_its_new_cookie() {
    let Some(mut node) = start("a_restarted_node_..", &[]) else { return };
    node.mine_to("raw(51)", 5);
    let (fed, mut rpc) = (Fed::new(), rpc(&node));
    fed.try_rpc(&mut rpc).expect("the node is read");
    let secret = fs::read(node.cookie()).expect("a running node has one");
    for is_orderly in [true, false] {
        if is_orderly {
            node.stop();
        } else {
            node.kill_forgetting(1);
        }
        node.run();
        node.mine_to("raw(52)", 2);
        fed.try_rpc(&mut rpc).expect("the same client reads the restarted node");
        assert_agrees(&fed.view(), &node, "restarted");
    }
    assert_ne!(fs::read(node.cookie()).expect("a running node has one"), secret, "the cookie changed");
}

/// Bytes of the script that makes a block large, and how many of these fill a block file (128 MiB).
const LARGE_LEN: usize = 990_000;
const LARGE_BLOCKS: u32 = 140;

/// A chain whose first block file the node has removed.
fn pruned(node: &Litecoind) -> u32 {
    node.mine_to(&format!("raw({})", "6a".repeat(LARGE_LEN)), LARGE_BLOCKS);
    Payments::new(node).mine(1_100);
    let height = node.prune_to(LARGE_BLOCKS);
    assert!(height > 100, "a whole file is gone: {height}");
    height
}

#[test]
fn a_real_nodes_removed_blocks_are_named_and_the_chain_is_read_from_where_it_has_them() {
    let Some(node) = start("a_real_nodes_removed_blocks_..", &["-prune=1"]) else { return };
    let first = pruned(&node);
    let whole = Fed::new();
    let error = rpc_error(whole.try_rpc(&mut rpc(&node)).expect_err("block 1 is gone"));
    assert!(matches!(error, RpcError::Pruned { .. }), "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--start")), "{error:?}");

    let part = from_height(first);
    let outcome = part.try_rpc(&mut rpc(&node)).expect("what it has is read");
    let (lowest, tip, hash) = outcome.range.expect("there are blocks");
    assert_eq!((lowest.0, tip.0, hash.to_string()), (first, node.height(), node.tip()));
    let status = outcome.node.and_then(|report| report.status).expect("the node told its state");
    assert_eq!((status.pruned, status.prune_height), (true, Some(Height(first))));
}
