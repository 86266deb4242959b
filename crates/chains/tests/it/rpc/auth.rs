//! Who asks: names, passwords and cookie files.

use std::fs;

use coinhound_chains::bitcoin::RpcError;
use coinhound_chains::bitcoin::rpc::{Auth, RpcErrorKind, Shown};

use crate::rpc::{client, client_with, start, tight};

fn user(name: &str, password: &str) -> Auth {
    Auth::User { name: name.into(), password: password.into() }
}

#[test]
fn a_name_and_password_are_shown_as_http_wants_them() {
    let node = start();
    for (name, password) in [("alice", "sesame"), ("__cookie__", "ü:%/?"), ("a", ""), ("", "b")] {
        node.let_in_only(name, password);
        client_with(&node, user(name, password), tight()).check_network().expect("let in");
    }
}

#[test]
fn who_is_not_known_is_told_what_was_shown_and_never_the_password() {
    let node = start();
    node.let_in_only("alice", "sesame");
    let nobody = client(&node).check_network().expect_err("not let in");
    assert!(matches!(nobody, RpcError::Unauthorised { with: Shown::Nothing, .. }), "{nobody}");
    let mallory = client_with(&node, user("alice", "guess-me-not"), tight()).check_network().expect_err("not let in");
    assert!(mallory.to_string().contains("does not accept the name `alice`"), "{mallory}");
    assert!(!format!("{mallory} {mallory:?} {:?}", mallory.hint()).contains("guess-me-not"));
    assert_eq!(mallory.kind(), RpcErrorKind::Setup);
    assert_eq!(node.requests(), 2, "a refusal is not repeated");
}

#[test]
fn a_cookie_is_read_again_when_the_node_has_restarted() {
    let node = start();
    let folder = tempfile::tempdir().expect("a folder");
    let cookie = folder.path().join(".cookie");
    let mut rpc = client_with(&node, Auth::Cookie(cookie.clone()), tight());
    for password in ["first", "second"] {
        node.let_in_only("__cookie__", password);
        fs::write(&cookie, format!("__cookie__:{password}")).expect("written");
        rpc.check_network().expect("let in");
        rpc.check_network().expect("let in");
    }
    assert_eq!(node.requests(), 5, "one of them refused");
}

#[test]
fn a_cookie_that_the_node_does_not_accept_is_no_reason_to_wait() {
    let node = start();
    node.let_in_only("__cookie__", "right");
    let folder = tempfile::tempdir().expect("a folder");
    let cookie = folder.path().join(".cookie");
    fs::write(&cookie, "__cookie__:of another node\n").expect("written");
    let error = client_with(&node, Auth::Cookie(cookie), tight()).check_network().expect_err("not let in");
    assert!(matches!(error, RpcError::Unauthorised { with: Shown::Cookie { .. }, .. }), "{error}");
    assert!(!error.is_transient() && !format!("{error:?}").contains("of another node"));
    assert_eq!(node.requests(), 1, "asked again only with another cookie");
}

#[test]
fn a_missing_cookie_may_appear_and_a_wrong_file_will_not_get_right() {
    let node = start();
    let folder = tempfile::tempdir().expect("a folder");
    let cookie = folder.path().join(".cookie");
    let ask = || client_with(&node, Auth::Cookie(cookie.clone()), tight()).check_network().expect_err("no cookie");
    let missing = ask();
    assert!(matches!(missing, RpcError::Cookie { .. }) && missing.is_transient(), "{missing}");
    for wrong in [b"".as_slice(), b"no colon", b"a:b\nc", b"\xff:\xff", &[b':'; 5_000]] {
        fs::write(&cookie, wrong).expect("written");
        let error = ask();
        assert!(matches!(error, RpcError::CookieForm { .. }) && !error.is_transient(), "{error}");
    }
    assert_eq!(node.requests(), 0);
}
