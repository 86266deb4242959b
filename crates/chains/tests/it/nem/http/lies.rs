//! Every lie that the way to a node can tell from the truth, by its error; what only signatures and links tell is marked.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use coinhound_chains::nem::http::{Auth, Endpoint, Limits, NisNode, ToldBlock};
use coinhound_chains::nem::{Hash, Network};
use coinhound_testkit::nis::{NisLie, ScriptedNis};
use expect_test::expect_file;

use super::{chain, client, read, story, tight};

/// Whether each block is signed and names the one before it.
fn hold(told: &[ToldBlock]) -> Result<(), String> {
    let mut previous = Hash([0x77; 32]);
    for ToldBlock { hash, block } in told {
        if block.previous != previous {
            return Err(format!("LINK: block {} does not stand on the one below", block.height));
        }
        block.verify().map_err(|error| format!("SIGNATURE: block {}: {}", block.height, story(&error, "")))?;
        previous = *hash;
    }
    Ok(())
}

/// What reading a chain ends in when one lie is told.
fn told_apart(lie: NisLie, local: bool) -> String {
    let node = ScriptedNis::start(&chain());
    node.set_local(local);
    node.tell(lie);
    let url = node.url();
    let mut client = match lie {
        NisLie::Silence => {
            let endpoint = Endpoint::parse(&url, Auth::None).expect("a node's address");
            let limits = Limits { answer: Duration::from_millis(300), ..tight() };
            NisNode::new(endpoint, Network::Main, limits).with_sleep(Box::new(|_| std::ops::ControlFlow::Continue(())))
        }
        _ => client(&node),
    };
    let text = match read(&mut client, 10) {
        Ok(told) => match hold(&told) {
            Ok(()) if told.iter().map(|told| &told.block).eq(&chain()) => "READ AS TRUE".into(),
            Ok(()) => "READ, OTHER BLOCKS".into(),
            Err(what) => what,
        },
        Err(error) => format!("{:?}: {}", error.kind(), story(&error, &url)),
    };
    // The rest says how much came in how much time.
    match text.split_once(" too slow: ") {
        Some((what, _)) => format!("{what} too slow"),
        None => text,
    }
}

fn table(lies: impl Iterator<Item = NisLie>, local: bool) -> String {
    let mut table = String::new();
    for lie in lies {
        let began = Instant::now();
        writeln!(table, "{lie:?}\n    {}", told_apart(lie, local)).expect("text takes everything");
        let took = began.elapsed();
        assert!(took.as_secs() < 8, "{lie:?} took {took:?}");
    }
    table
}

#[test]
fn every_lie_told_to_anybody_is_told_apart_by_its_error_and_soon() {
    let lies = NisLie::ALL.iter().copied().filter(|lie| !lie.is_of_a_page());
    let table = table(lies, false);
    expect_file!["./public.txt"].assert_eq(&table);
}

#[test]
fn every_lie_about_blocks_told_to_local_callers_is_told_apart_by_its_error() {
    let lies = NisLie::ALL.iter().copied().filter(|lie| lie.is_of_blocks());
    expect_file!["./local.txt"].assert_eq(&table(lies, true));
}

#[test]
fn endless_answers_cost_no_more_than_the_longest_true_one() {
    for lie in [NisLie::EndlessBody, NisLie::TenGigabytesUntold, NisLie::EndlessHead, NisLie::TenGigabytes] {
        let node = ScriptedNis::start(&chain());
        node.tell(lie);
        let began = Instant::now();
        client(&node).height().expect_err("no answer ends there");
        // What the system holds for sending comes on top of 64 KiB, or 16 KiB of a head.
        assert!(began.elapsed().as_secs() < 5, "{lie:?} took {:?}", began.elapsed());
        assert!(node.bytes_sent() < 30_000_000, "{lie:?}: {} bytes went out", node.bytes_sent());
    }
}
