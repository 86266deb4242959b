//! Following a real node: what is final, what is new, what is taken back, and what a node does that stops or is another.
//! Time is told, so no test waits for it.

use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::rpc::{Auth, Endpoint, EvmNode, Limits, Place};
use coinhound_ingest::evm::{EvmLoadError, EvmOptions, EvmOutcome, EvmProgress, EvmRelation, EvmReport};
use coinhound_ingest::{Clock, Control, FollowOptions, follow_evm};
use coinhound_model::Height;
use coinhound_sim::evm::keys::EvmKey;
use coinhound_store::storage::SimDisk;
use serde_json::json;

use super::anvil::{Anvil, Setup};
use super::stage::{ETHER, Stage};
use super::{compare, load, openings, options};
use crate::support::{assert_same, content};

/// What happens when a pause begins.
type Event<'e> = Box<dyn FnMut() + 'e>;

/// A clock whose pauses take no time.
struct Told(Duration);

impl Clock for Told {
    fn now(&mut self) -> u64 {
        1_000 + self.0.as_secs()
    }

    fn sleep(&mut self, pause: Duration) {
        self.0 += pause;
    }
}

/// As a reader asks it that gives up soon.
fn hurried(anvil: &Anvil) -> EvmNode<'static> {
    let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{}", anvil.port), Auth::None).expect("an address");
    let limits = Limits { retries: 0, answer: Duration::from_secs(2), ..Limits::default() };
    EvmNode::new(endpoint, anvil.rules, limits)
}

/// Follows until all events have happened and one more pause begins; also what was reported.
fn follow(
    node: &mut EvmNode<'_>,
    disk: &SimDisk,
    options: &EvmOptions,
    events: Vec<Event<'_>>,
) -> (Result<EvmOutcome, EvmLoadError>, Vec<EvmReport>) {
    let (mut clock, mut events) = (Told(Duration::ZERO), events.into_iter());
    let (mut reports, mut last) = (Vec::new(), Duration::ZERO);
    let storage = Arc::new(disk.clone());
    let result = follow_evm(node, storage, options, &FollowOptions::default(), &mut clock, &mut |progress| {
        match progress {
            EvmProgress::Node(report) => reports.push(report.clone()),
            EvmProgress::Waiting { left } if left > last => {
                last = left;
                match events.next() {
                    Some(mut event) => event(),
                    None => return Control::Stop,
                }
            }
            EvmProgress::Waiting { left } => last = left,
            _ => {}
        }
        Control::Go
    });
    (result, reports)
}

fn mine(anvil: &Anvil, blocks: u64) {
    anvil.ask("anvil_mine", json!([format!("0x{blocks:x}")]));
}

/// A payment, which makes a block.
fn pay(anvil: &Anvil, to: u64) {
    let accounts = anvil.accounts();
    anvil.send(&accounts[0], Some(&EvmKey::of(to).address().to_string()), 7, "");
}

#[test]
fn a_store_goes_as_far_as_is_final_safe_newest_or_named() {
    let setup = Setup { epoch_slots: 4, ..Setup::MAINNET };
    let Some(anvil) = Anvil::start_as("a_store_goes_as_far_as_is_final_safe_newest_or_named", &setup) else { return };
    mine(&anvil, 20);
    let disk = SimDisk::new();
    for (until, tip) in [(Place::Number(7), 7), (Place::Finalized, 12), (Place::Safe, 16), (Place::Latest, 20)] {
        let options = EvmOptions { until, ..options(Some(openings(&anvil))) };
        let outcome = load(&anvil, &disk, &options).expect("an honest node");
        assert_eq!(outcome.accounts.range.map(|(_, tip, _)| tip), Some(Height(tip)), "{until}");
        assert_eq!((outcome.report.node, outcome.report.relation), (Some(u64::from(tip)), EvmRelation::Following));
    }
    let options = EvmOptions { until: Place::Finalized, ..options(None) };
    let options = EvmOptions { start: None, openings: Some(openings(&anvil)), ..options };
    let behind = load(&anvil, &disk, &options).expect("an honest node");
    assert_eq!((behind.accounts.added, behind.report.relation), (0, EvmRelation::NodeBehind));
    // Blocks that are not final come and go; a store of final ones does not notice.
    let fresh = SimDisk::new();
    load(&anvil, &fresh, &options).expect("an honest node");
    for step in 0..6 {
        anvil.reorg(3);
        pay(&anvil, 300 + step);
        assert_eq!(load(&anvil, &fresh, &options).expect("an honest node").accounts.removed, 0);
    }
}

#[test]
fn a_followed_node_that_grows_turns_and_falls_silent_leaves_what_one_load_leaves() {
    let test = "a_followed_node_that_grows_turns_and_falls_silent_leaves_what_one_load_leaves";
    let Some(anvil) = Anvil::start_as(test, &Setup::MAINNET) else { return };
    let options = options(Some(openings(&anvil)));
    let stage = Stage { anvil: &anvil };
    stage.funded(1, 9 * ETHER);
    let disk = SimDisk::new();
    let mut events: Vec<Event<'_>> = Vec::new();
    for step in 0..12_u64 {
        let depth = if step % 3 == 2 { 1 + step % 5 } else { 0 };
        let anvil = &anvil;
        events.push(Box::new(move || {
            if depth > 0 {
                anvil.reorg(depth);
            }
            pay(anvil, 400 + step);
        }));
    }
    events.push(Box::new(|| anvil.pause(true)));
    events.push(Box::new(|| {}));
    events.push(Box::new(|| {
        anvil.pause(false);
        pay(&anvil, 500);
    }));
    let (outcome, reports) = follow(&mut hurried(&anvil), &disk, &options, events);
    let outcome = outcome.expect("what a node does ends nothing");
    assert!(outcome.stopped && outcome.accounts.removed > 5, "{outcome:?}");
    let tips: Vec<_> = reports.iter().filter_map(|report| report.ours).map(|(height, _)| height).collect();
    assert!(tips.windows(2).all(|pair| pair[1].0 <= pair[0].0 + 1 + 5), "it grew as the node grew: {tips:?}");
    let troubles: Vec<_> = reports.iter().filter_map(|report| report.trouble.as_ref()).collect();
    let attempts: Vec<_> = troubles.iter().map(|trouble| trouble.attempts).collect();
    assert!(attempts.ends_with(&[1, 2]), "each failure is told once: {attempts:?}");
    assert_eq!(reports.last().and_then(|report| report.trouble.clone()), None, "and that it is over");
    compare(&anvil, &disk, &[]);

    // In many goes of one block each, by another process each time.
    let (whole, parts) = (SimDisk::new(), SimDisk::new());
    load(&anvil, &whole, &options).expect("an honest node");
    for _ in 0..=anvil.height() {
        let mut watch = |progress: EvmProgress<'_>| {
            if matches!(progress, EvmProgress::Block { .. }) { Control::Stop } else { Control::Go }
        };
        let storage = Arc::new(parts.clone());
        let mut clock = Told(Duration::ZERO);
        let follow = FollowOptions::default();
        let outcome = follow_evm(&mut anvil.node(), storage, &options, &follow, &mut clock, &mut watch);
        let outcome = outcome.expect("an honest node");
        assert!(outcome.stopped && outcome.accounts.added == 1, "{outcome:?}");
    }
    for (store, what) in [(&disk, "followed"), (&parts, "stopped after each block")] {
        assert_same(&content(&whole), &content(store), what);
    }
}

#[test]
fn a_node_that_turns_too_far_or_becomes_another_is_told_and_nothing_is_taken_back() {
    let test = "a_node_that_turns_too_far_or_becomes_another_is_told_and_nothing_is_taken_back";
    let Some(anvil) = Anvil::start_as(test, &Setup::MAINNET) else { return };
    let options = EvmOptions { reorg_blocks_max: 3, ..options(Some(openings(&anvil))) };
    (0..8).for_each(|step| pay(&anvil, 600 + step));
    let disk = SimDisk::new();
    load(&anvil, &disk, &options).expect("an honest node");
    let before = content(&disk);
    anvil.reorg(3);
    pay(&anvil, 700);
    assert_eq!(load(&anvil, &disk, &options).expect("as far as it may").accounts.removed, 3);
    assert_ne!(content(&disk), before);
    let before = content(&disk);

    let tip = Height(u32::try_from(anvil.height()).expect("a short chain"));
    anvil.reorg(5);
    pay(&anvil, 701);
    let deep = load(&anvil, &disk, &options).expect_err("too far");
    assert!(matches!(deep, EvmLoadError::DeepReorg { tip: at, most: 3 } if at == tip), "{deep}");
    assert!(deep.hint().is_some());

    // Another chain of the same kind answers where this one did, then one of another kind.
    let (port, mut node) = (anvil.port, anvil.node());
    drop(anvil);
    let later = Setup { time: Some(super::anvil::BEGINS + 999), port: Some(port), ..Setup::MAINNET };
    let other = Anvil::start_as(test, &later).expect("it started before");
    let lower = load(&other, &disk, &options).expect("it may be a lower branch");
    assert_eq!((lower.accounts.removed, lower.report.relation), (0, EvmRelation::LowerBranch));
    mine(&other, u64::from(tip.0) + 5);
    let wide = EvmOptions { reorg_blocks_max: 100, ..options.clone() };
    let refused = load(&other, &disk, &wide).expect_err("another chain");
    assert!(matches!(refused, EvmLoadError::OtherChain { first: Height(0), .. }), "{refused}");
    drop(other);
    let foreign = Setup { rules: ChainRules { chain_id: 31_337 }, port: Some(port), ..Setup::MAINNET };
    let foreign = Anvil::start_as(test, &foreign).expect("it started before");
    let (outcome, _) = follow(&mut node, &disk, &options, Vec::new());
    let refused = outcome.expect_err("waiting does not help");
    assert!(refused.to_string().contains("31337") && refused.hint().is_some(), "{refused}");
    drop(foreign);
    assert_same(&before, &content(&disk), "nothing was taken back");
}

#[test]
fn a_node_that_becomes_another_while_it_is_followed_is_told_and_waited_for() {
    let test = "a_node_that_becomes_another_while_it_is_followed_is_told_and_waited_for";
    let Some(anvil) = Anvil::start_as(test, &Setup::MAINNET) else { return };
    let options = options(Some(openings(&anvil)));
    (0..3).for_each(|step| pay(&anvil, 800 + step));
    let (port, disk, mut node) = (anvil.port, SimDisk::new(), anvil.node());
    let running = std::cell::RefCell::new(Some(anvil));
    let setup = Setup { port: Some(port), ..Setup::MAINNET };
    let events: Vec<Event<'_>> = vec![
        Box::new(|| drop(running.take())),
        Box::new(|| {
            let foreign = Setup { rules: ChainRules { chain_id: 5 }, ..setup };
            running.replace(Anvil::start_as(test, &foreign));
        }),
    ];
    let (outcome, reports) = follow(&mut node, &disk, &options, events);
    assert_eq!(outcome.expect("it was read once").accounts.removed, 0);
    let told: Vec<_> = reports.iter().filter_map(|report| report.trouble.as_ref()).collect();
    let [unreachable, other] = told.as_slice() else { panic!("{told:?}") };
    assert!(unreachable.hint.is_some() && unreachable.attempts == 1, "{unreachable:?}");
    assert!(other.message.contains("chain with the number 5") && other.attempts == 2, "{other:?}");
}
