//! A real node of the family: Litecoin Core in regtest, asked by the product's own client.

use std::ops::ControlFlow;
use std::time::Duration;

use coinhound_chains::bitcoin::rpc::{Auth, Endpoint, Limits, NodeRpc};
use coinhound_chains::bitcoin::{Network, RpcError, Standing};
use coinhound_model::{BlockHash, Height};
use coinhound_testkit::litecoind::{self, Litecoind};

use crate::rpc::read_chain;

fn client(node: &Litecoind, network: Network) -> NodeRpc<'static> {
    let endpoint = Endpoint::parse(&node.url(), Auth::Cookie(node.cookie())).expect("a node's address");
    NodeRpc::new(endpoint, network.params(), Limits::default())
}

#[test]
fn a_real_nodes_chain_is_read_through_restart_and_reorganisation() {
    let test = "a_real_nodes_chain_is_read_through_restart_and_reorganisation";
    let Some(mut node) = litecoind::start(test, &["-txindex=1"]) else { return };
    node.mine_to("raw(51)", 30);
    let mut rpc = client(&node, Network::LitecoinRegtest);
    assert_eq!(read_chain(&mut rpc).map(|blocks| blocks.len()), Ok(31));

    let displaced: BlockHash = node.tip().parse().expect("a hash");
    node.invalidate_from(29);
    node.mine_to("raw(52)", 4);
    assert_eq!(rpc.standing(displaced).expect("an answer"), Standing::Aside);
    assert_eq!(rpc.standing(BlockHash::default()).expect("an answer"), Standing::Unknown);
    assert_eq!(rpc.hashes(30..=32).expect("hashes")[2].to_string(), node.tip());
    assert!(matches!(rpc.hashes(30..=33), Err(RpcError::NoSuchHeight { height: 33, .. })));

    node.stop();
    let mut gone = client(&node, Network::LitecoinRegtest).with_sleep(Box::new(|_: Duration| ControlFlow::Break(())));
    let error = gone.check_network().expect_err("no node, no cookie");
    assert!(matches!(error, RpcError::Cookie { .. }) && error.is_transient(), "{error}");
    node.run();
    let status = rpc.status().expect("the new cookie is read");
    assert_eq!((status.chain.as_str(), status.blocks, status.best.to_string()), ("regtest", Height(32), node.tip()));
    assert!(status.agent.is_some_and(|agent| agent.contains("LitecoinCore")), "it says what it is");
}

#[test]
fn a_real_node_of_another_coin_is_told_by_its_first_block() {
    let test = "a_real_node_of_another_coin_is_told_by_its_first_block";
    let Some(node) = litecoind::start(test, &[]) else { return };
    // Both regtests have the same magic, prefix and port habits; only the first block differs.
    let error = client(&node, Network::Regtest).check_network().expect_err("another network");
    let RpcError::OtherNetwork { want, got, .. } = error else { panic!("{error}") };
    assert_eq!(want, Network::Regtest.params().genesis);
    assert_eq!(got, Network::LitecoinRegtest.params().genesis);
}
