//! How often a node is asked, and how long it is waited for.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use coinhound_chains::nem::Network;
use coinhound_chains::nem::http::{Auth, Endpoint, Limits, NisError, NisNode};
use coinhound_testkit::nis::{NisLie, NisScript, ScriptedNis};

use super::{FIRST, chain, read, tight};

/// A client that notes its pauses, in milliseconds, and takes none.
fn noting(node: &ScriptedNis, limits: Limits) -> (NisNode<'static>, Arc<Mutex<Vec<u128>>>) {
    let pauses = Arc::new(Mutex::new(Vec::new()));
    let inside = Arc::clone(&pauses);
    let endpoint = Endpoint::parse(&node.url(), Auth::None).expect("a node's address");
    let client = NisNode::new(endpoint, Network::Main, limits).with_sleep(Box::new(move |pause| {
        inside.lock().expect("nobody panics here").push(pause.as_millis());
        ControlFlow::Continue(())
    }));
    (client, pauses)
}

#[test]
fn between_two_questions_to_a_public_node_there_is_a_pause() {
    let node = ScriptedNis::start(&chain());
    node.set_local(false);
    let (mut client, pauses) = noting(&node, Limits { between: Some(Duration::from_millis(200)), ..tight() });
    read(&mut client, 10).expect("an honest node");
    let pauses = pauses.lock().expect("nobody panics here");
    assert!(pauses.len() as u64 == node.requests() - 1 && pauses.iter().all(|pause| *pause == 200), "{pauses:?}");
}

#[test]
fn a_node_on_this_machine_is_asked_without_pause() {
    let node = ScriptedNis::start(&chain());
    let (mut client, pauses) = noting(&node, tight());
    read(&mut client, 10).expect("an honest node");
    assert!(pauses.lock().expect("nobody panics here").is_empty());
}

#[test]
fn a_node_that_cannot_answer_now_is_left_alone_ever_longer() {
    let node = ScriptedNis::start(&chain());
    for (lie, waits) in [
        (NisLie::TooManyRequests, [500, 1_000, 2_000]),
        (NisLie::ServerError, [500, 1_000, 2_000]),
        (NisLie::HangUp, [500, 1_000, 2_000]),
        (NisLie::ComeBackInAYear, [30_000, 30_000, 30_000]),
    ] {
        node.tell(NisScript::from(lie).times(3));
        let (mut client, pauses) = noting(&node, Limits { retries: 3, ..tight() });
        assert_eq!(client.block(FIRST).expect("it answers the fourth time").block.height, FIRST, "{lie:?}");
        assert_eq!(*pauses.lock().expect("nobody panics here"), waits, "{lie:?}");
        node.tell(lie);
        let before = node.requests();
        let error = client.block(FIRST).expect_err("it never answers");
        assert!(error.is_transient() && error.hint().is_some(), "{error}");
        assert_eq!(node.requests() - before, 4, "once, and three repetitions");
    }
}

#[test]
fn a_wait_can_be_broken_off() {
    let node = ScriptedNis::start(&chain());
    node.tell(NisLie::Busy);
    let endpoint = Endpoint::parse(&node.url(), Auth::None).expect("a node's address");
    let stop = Box::new(|_| ControlFlow::Break(()));
    let mut client = NisNode::new(endpoint, Network::Main, Limits::default()).with_sleep(stop);
    assert!(matches!(client.height(), Err(NisError::Busy { status: 503, .. })));
    assert_eq!(node.requests(), 1);
}

#[test]
fn a_password_in_an_address_is_shown_to_the_node_and_to_nobody_else() {
    let node = ScriptedNis::start(&chain());
    let url = node.url().replace("http://", "http://alice:sesame@");
    let endpoint = Endpoint::parse(&url, Auth::None).expect("a node's address");
    node.tell(NisLie::ServerError);
    let mut client = NisNode::new(endpoint, Network::Main, Limits { retries: 0, ..tight() });
    let error = client.height().expect_err("it cannot");
    let shown = format!("{error} {error:?} {client:?} {} {:?}", client.url(), error.hint());
    assert!(!shown.contains("sesame") && !shown.contains("alice"), "{shown}");
}
