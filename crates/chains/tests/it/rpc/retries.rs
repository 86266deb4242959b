//! What is asked again, how often, and after which pauses.

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use coinhound_chains::bitcoin::rpc::{Auth, Endpoint, Limits, NodeRpc};
use coinhound_chains::bitcoin::{RpcError, RpcErrorKind};
use coinhound_testkit::node::{Lie, Script, ScriptedNode, made};

use crate::made::regtest;
use crate::rpc::{BLOCKS, client, names, start, tight};

type Pauses = Arc<Mutex<Vec<u128>>>;

/// A client that notes its pauses, in milliseconds, and stops waiting after `patience` of them.
fn noting(url: &str, limits: Limits, patience: usize) -> (NodeRpc<'static>, Pauses) {
    let pauses = Pauses::default();
    let noted = Arc::clone(&pauses);
    let sleep = move |pause: Duration| {
        let mut noted = noted.lock().expect("one thread");
        noted.push(pause.as_millis());
        if noted.len() < patience { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let endpoint = Endpoint::parse(url, Auth::None).expect("a node's address");
    (NodeRpc::new(endpoint, regtest(), limits).with_sleep(Box::new(sleep)), pauses)
}

fn asked(node: &ScriptedNode, script: impl Into<Script>) -> (Result<(), RpcError>, Vec<u128>) {
    let script = script.into();
    node.tell(script);
    let answer = if script.lie() == Lie::Silence { Duration::from_millis(400) } else { tight().answer };
    let limits = Limits { retries: 5, answer, ..tight() };
    let (mut rpc, pauses) = noting(&node.url(), limits, usize::MAX);
    let outcome = rpc.check_network();
    let pauses = pauses.lock().expect("one thread").clone();
    (outcome, pauses)
}

#[test]
fn what_passes_is_waited_out() {
    for lie in [Lie::Busy, Lie::WarmingUp, Lie::HangUp, Lie::CutBody] {
        let node = start();
        let (outcome, pauses) = asked(&node, Script::from(lie).from_height(0).times(3));
        outcome.unwrap_or_else(|error| panic!("{lie:?}: {error}"));
        assert_eq!((pauses, node.requests()), (vec![250, 500, 1_000], 4), "{lie:?}");
    }
}

#[test]
fn waiting_has_an_end() {
    let node = start();
    let (outcome, pauses) = asked(&node, Lie::Busy);
    let error = outcome.expect_err("busy for good");
    assert!(matches!(error, RpcError::Busy { .. }) && error.is_transient(), "{error}");
    assert_eq!((pauses, node.requests()), (vec![250, 500, 1_000, 2_000, 4_000], 6));
}

#[test]
fn what_takes_its_whole_time_is_asked_once_more_only() {
    let node = start();
    let (outcome, pauses) = asked(&node, Lie::Silence);
    assert!(matches!(outcome, Err(RpcError::Timeout { .. })), "{outcome:?}");
    assert_eq!((pauses, node.requests()), (vec![250], 2));
}

#[test]
fn a_node_that_is_silent_about_many_blocks_is_known_after_two_answers_time() {
    let node = start();
    node.tell(Script::from(Lie::Silence).on("getblock"));
    let limits = Limits { retries: 5, answer: Duration::from_millis(400), ..Limits::default() };
    let (mut rpc, pauses) = noting(&node.url(), limits, usize::MAX);
    let hashes = names(&made::chain(BLOCKS));
    for _ in 0..2 {
        let (before, began) = (node.requests(), Instant::now());
        let outcome = rpc.blocks(&hashes);
        assert!(matches!(outcome, Err(RpcError::Timeout { .. })), "{outcome:?}");
        assert_eq!(node.requests() - before, 2, "many together or one, then one");
        assert!(began.elapsed() < 4 * limits.answer, "{:?}", began.elapsed());
    }
    assert_eq!(*pauses.lock().expect("one thread"), [250], "only the second time it is one that is repeated");
}

#[test]
fn after_an_answer_that_took_too_long_one_block_is_asked_for_then_ever_more() {
    let blocks = made::chain(BLOCKS);
    let node = start();
    node.tell(Script::from(Lie::Silence).on("getblock").times(1));
    let limits = Limits { answer: Duration::from_millis(800), ..Limits::default() };
    let (mut rpc, _) = noting(&node.url(), limits, usize::MAX);
    assert_eq!(rpc.blocks(&names(&blocks)).expect("it speaks again"), blocks);
    assert_eq!(node.requests(), 1 + 4, "thirteen blocks: all, then 1, 2, 4 and the other 6");
}

#[test]
fn a_connection_that_is_closed_late_each_time_is_not_asked_for_six_times_as_long() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let late = Duration::from_millis(300);
    std::thread::spawn(move || {
        // It reads nothing, so that what it closes is a question half answered.
        listener.incoming().for_each(|stream| {
            std::thread::sleep(late);
            drop(stream);
        });
    });
    let limits = Limits { retries: 5, answer: 2 * late, ..tight() };
    let (mut rpc, pauses) = noting(&url, limits, usize::MAX);
    let error = rpc.check_network().expect_err("nobody answers");
    assert!(error.is_transient(), "{error}");
    let repeated = pauses.lock().expect("one thread").len();
    assert!((1..=2).contains(&repeated), "{repeated}: an answer may take as long as two of these");
}

#[test]
fn no_lie_and_no_refusal_is_asked_again() {
    for &lie in Lie::ALL {
        let node = start();
        let (outcome, pauses) = asked(&node, Script::from(lie).from_height(0));
        let Err(error) = outcome else { continue };
        if error.kind() != RpcErrorKind::Transient {
            assert_eq!((pauses.len(), node.requests()), (0, 1), "{lie:?}: {error}");
        }
    }
}

#[test]
fn waiting_can_be_ended_from_outside() {
    let node = start();
    node.tell(Lie::Busy);
    let (mut rpc, pauses) = noting(&node.url(), tight(), 1);
    assert!(matches!(rpc.check_network(), Err(RpcError::Busy { .. })));
    assert_eq!((pauses.lock().expect("one thread").len(), node.requests()), (1, 1));
}

#[test]
fn a_node_that_is_not_there_is_unreachable() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("bound").port()
    };
    let (mut rpc, pauses) = noting(&format!("http://127.0.0.1:{port}"), tight(), usize::MAX);
    let error = rpc.check_network().expect_err("nobody listens");
    assert!(matches!(error, RpcError::Unreachable { .. }) && error.is_transient(), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("server=1")));
    assert_eq!(pauses.lock().expect("one thread").len(), 2);
}

#[test]
fn a_node_that_comes_back_on_the_same_address_is_asked_on() {
    let node = start();
    let mut rpc = client(&node);
    rpc.check_network().expect("there");
    node.tell(Script::from(Lie::HangUp).times(2));
    rpc.check_network().expect("back");
    assert_eq!(node.requests(), 4);
}
