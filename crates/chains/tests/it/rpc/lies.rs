//! Every lie, and by which error it is told from the truth.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use coinhound_chains::bitcoin::rpc::{Auth, Limits};
use coinhound_testkit::node::{Lie, Script, ScriptedNode, made};
use expect_test::expect_file;

use crate::made::regtest;
use crate::rpc::{BLOCKS, client, client_with, read_chain, start, tight};

/// A lie, told where it reaches furthest: of a batch, in the first of many calls; nested deep, where long
/// answers are allowed.
fn script(lie: Lie) -> Script {
    match lie {
        Lie::DeepResult | Lie::DeepAnswer => Script::from(lie).on("getblock"),
        lie if (Lie::MissingAnswer..=Lie::TwoResults).contains(&lie) => Script::from(lie).on("getblockhash").after(1),
        lie => Script::from(lie),
    }
}

/// What reading a chain ends in when one lie is told.
fn told_apart(lie: Lie) -> String {
    let node = ScriptedNode::start(regtest(), &made::chain(BLOCKS));
    node.tell(script(lie));
    let answer = if lie == Lie::Silence { Duration::from_millis(500) } else { tight().answer };
    match read_chain(&mut client_with(&node, Auth::None, Limits { answer, ..tight() })) {
        Ok(blocks) if blocks == made::chain(BLOCKS) => "READ AS TRUE".into(),
        Ok(_) => "READ AS TRUE, WITH OTHER BLOCKS".into(),
        // The rest of this one's text says how much time went by.
        Err(error) if lie == Lie::OneByteASecond => error.chars().take_while(|&character| character != ':').collect(),
        Err(error) => error,
    }
}

#[test]
fn every_lie_is_told_apart_by_its_error_and_soon() {
    let mut table = String::new();
    for &lie in Lie::ALL {
        let began = Instant::now();
        writeln!(table, "{lie:?}\n    {}", told_apart(lie)).expect("text takes everything");
        let took = began.elapsed();
        assert!(took.as_secs() < 8, "{lie:?} took {took:?}");
    }
    assert!(!table.contains("READ AS TRUE"), "{table}");
    expect_file!["./lies.txt"].assert_eq(&table);
}

#[test]
fn the_truth_is_read_again_after_any_lie() {
    let node = start();
    for &lie in Lie::ALL.iter().filter(|&&lie| lie != Lie::Silence) {
        let mut rpc = client(&node);
        node.tell(lie);
        let _ = read_chain(&mut rpc);
        node.tell_the_truth();
        assert_eq!(read_chain(&mut rpc), Ok(made::chain(BLOCKS)), "after {lie:?}");
    }
}
