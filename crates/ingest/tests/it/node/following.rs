//! Following a node: time is told, so no test waits for it.

use std::sync::Arc;
use std::time::Duration;

use coinhound_ingest::node::Relation;
use coinhound_ingest::{Clock, Control, FollowOptions, LoadError, NodeReport, Outcome, Progress, follow_node};
use coinhound_testkit::node::{Lie, ScriptedNode};

use crate::forks::Branch;
use crate::node::{Rig, raw};
use crate::support::{assert_same, fresh};

/// What happens at the node when a pause begins.
pub type Event = Box<dyn FnMut(&ScriptedNode)>;

/// A clock whose pauses take no time; at the start of each pause, something happens.
struct Script<'n> {
    node: &'n ScriptedNode,
    now: u64,
    slept: Duration,
}

impl Clock for Script<'_> {
    fn now(&mut self) -> u64 {
        self.now + self.slept.as_secs()
    }

    fn sleep(&mut self, pause: Duration) {
        self.slept += pause;
    }
}

/// What was told while a node was followed.
#[derive(Default)]
pub struct Told {
    reports: Vec<NodeReport>,
    pauses: Vec<Duration>,
    requests: Vec<u64>,
}

/// Follows until all events have happened and one more pause begins.
pub fn follow(rig: &Rig, events: Vec<Event>) -> (Result<Outcome, LoadError>, Told) {
    let (mut told, mut events) = (Told::default(), events.into_iter());
    let mut clock = Script { node: &rig.node, now: 1_000, slept: Duration::ZERO };
    let (mut client, node) = (rig.client(), clock.node);
    let mut last = Duration::ZERO;
    let result = follow_node(
        &mut client,
        Arc::new(rig.disk.clone()),
        &rig.options,
        &FollowOptions::default(),
        &mut clock,
        &mut |progress| {
            match progress {
                Progress::Node(report) => told.reports.push(report.clone()),
                Progress::Waiting { left } if left > last => {
                    told.pauses.push(left);
                    told.requests.push(node.requests());
                    last = left;
                    match events.next() {
                        Some(mut event) => event(node),
                        None => return Control::Stop,
                    }
                }
                Progress::Waiting { left } => last = left,
                _ => {}
            }
            Control::Go
        },
    );
    (result, told)
}

/// Something that happens when a pause begins.
pub fn event(happens: impl FnMut(&ScriptedNode) + 'static) -> Event {
    Box::new(happens)
}

#[test]
fn blocks_that_come_one_by_one_and_displace_each_other_leave_what_a_fresh_load_leaves() {
    let mut branch = Branch::random(750, 20);
    let rig = Rig::new(&raw(&branch.blocks));
    let mut events = Vec::new();
    for step in 0..60_usize {
        let depth = if step % 3 == 2 { 1 + step % 7 } else { 0 };
        let fork = branch.tip() - depth;
        let mut next = branch.fork(fork, 751 + step as u64);
        (0..=depth).for_each(|_| next.grow(&[]));
        let (height, blocks) = (u32::try_from(fork).expect("small"), raw(&next.blocks[fork + 1..]));
        events.push(event(move |node| node.reorg_to(height, &blocks)));
        branch = next;
    }
    let (outcome, _) = follow(&rig, events);
    let outcome = outcome.expect("an honest node");
    assert!(outcome.stopped && outcome.removed > 60, "{outcome:?}");
    assert_same(&rig.content(), &fresh(&branch.blocks), "followed");
}

#[test]
fn each_new_block_takes_the_same_few_questions() {
    let whole = Branch::random(752, 60).blocks;
    let rig = Rig::new(&raw(&whole[..1]));
    let blocks = raw(&whole);
    let events = (1..whole.len()).map(|height| {
        let block = blocks[height].clone();
        event(move |node| node.push(&block))
    });
    let (outcome, told) = follow(&rig, events.collect());
    assert_eq!(outcome.expect("an honest node").added, 61);
    let each: Vec<u64> = told.requests.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(each.len() == 60 && each.iter().all(|requests| *requests == each[0] && *requests < 10), "{each:?}");
    assert_same(&rig.content(), &fresh(&whole), "followed");
}

#[test]
fn a_node_that_fails_or_lies_is_told_with_since_when_and_asked_again_ever_more_rarely() {
    let whole = Branch::random(753, 30).blocks;
    let (rig, all) = (Rig::new(&raw(&whole[..20])), raw(&whole));
    let mut events = vec![event(move |node| {
        node.set_chain(&all);
        node.tell(Lie::MissingTx);
    })];
    events.extend((0..6).map(|_| event(|_| {})));
    events.push(event(|node| node.tell(Lie::HangUp)));
    events.push(event(ScriptedNode::tell_the_truth));
    let (outcome, told) = follow(&rig, events);
    outcome.expect("it is told the truth in the end");
    let pauses: Vec<u64> = told.pauses.iter().map(Duration::as_secs).collect();
    assert_eq!(pauses, [1, 1, 2, 4, 8, 16, 32, 60, 60, 1], "they grow up to a minute");
    let troubles: Vec<_> = told.reports.iter().filter_map(|report| report.trouble.clone()).collect();
    assert!(troubles.iter().all(|trouble| trouble.since == 1_001), "{troubles:?}");
    assert!(troubles[0].message.contains("is refused: the transactions hash to"), "{}", troubles[0].message);
    assert_eq!(troubles.last().expect("there were some").attempts, 8);
    let last = told.reports.last().expect("told");
    assert_eq!((last.trouble.clone(), last.lag()), (None, Some(0)));
    assert_same(&rig.content(), &fresh(&whole), "in the end");
}

#[test]
fn a_node_that_stands_still_is_known_by_since_when() {
    let whole = raw(&Branch::random(754, 5).blocks);
    let rig = Rig::new(&whole[..5]);
    let block = whole[5].clone();
    let mut events: Vec<Event> = (0..9).map(|_| event(|_| {})).collect();
    events.push(event(move |node| node.push(&block)));
    let (_, told) = follow(&rig, events);
    let since: Vec<u64> = told.reports.iter().map(|report| report.tip_since).collect();
    assert!(since[..10].iter().all(|since| *since == 1_000), "{since:?}");
    assert_eq!(since.last(), Some(&1_010));
}

#[test]
fn a_node_that_is_not_there_yet_is_waited_for_and_one_of_another_network_is_not() {
    let whole = Branch::random(755, 12).blocks;
    let rig = Rig::new(&raw(&whole));
    rig.node.tell(Lie::WarmingUp);
    let (outcome, told) = follow(&rig, vec![event(|_| {}), event(ScriptedNode::tell_the_truth)]);
    outcome.expect("it came");
    assert!(told.reports[0].status.is_none() && told.reports[0].trouble.is_some(), "{:?}", told.reports[0]);
    assert_same(&rig.content(), &fresh(&whole), "when it was there");
    rig.node.tell(Lie::OtherNetwork);
    let (outcome, told) = follow(&rig, vec![]);
    let error = outcome.expect_err("waiting does not help");
    assert!(matches!(&error, LoadError::Node(node) if !node.is_transient()) && told.pauses.is_empty(), "{error}");
}

#[test]
fn a_node_that_was_set_up_anew_is_behind_until_it_has_our_blocks_again() {
    let whole = Branch::random(756, 30).blocks;
    let (rig, all) = (Rig::new(&raw(&whole)), raw(&whole));
    let mut events = Vec::new();
    for end in [1, 12, 25, 31] {
        let part = all[..end].to_vec();
        events.push(event(move |node| {
            node.set_chain(&part);
            node.forget_displaced();
        }));
    }
    let (outcome, told) = follow(&rig, events);
    assert_eq!(outcome.expect("honest").removed, 0);
    let mut relations: Vec<Relation> = told.reports.iter().map(|report| report.relation).collect();
    relations.dedup();
    assert_eq!(relations, [Relation::Following, Relation::NodeBehind, Relation::Following], "told without wavering");
    assert_same(&rig.content(), &fresh(&whole), "nothing was taken back");
}

#[test]
fn a_follow_stopped_inside_a_reorganisation_leaves_the_old_chain_whole_and_goes_on_later() {
    let old = Branch::random(757, 40);
    let mut new = old.fork(30, 758);
    (0..12).for_each(|_| new.grow(&[]));
    let mut rig = Rig::loaded(&raw(&old.blocks));
    rig.node.set_chain(&raw(&new.blocks));
    let mut clock = Script { node: &rig.node, now: 0, slept: Duration::ZERO };
    let (mut client, storage, mut blocks) = (rig.client(), Arc::new(rig.disk.clone()), 0);
    let follow = FollowOptions::default();
    let outcome = follow_node(&mut client, storage, &rig.options, &follow, &mut clock, &mut |progress| {
        blocks += u32::from(matches!(progress, Progress::Block { .. }));
        if blocks > 5 { Control::Stop } else { Control::Commit }
    });
    let outcome = outcome.expect("a stop is no error");
    assert!(outcome.stopped && outcome.added == 0 && outcome.removed == 0, "{outcome:?}");
    assert_same(&rig.content(), &fresh(&old.blocks), "the old chain");
    assert_eq!(rig.load().removed, 10);
    assert_same(&rig.content(), &fresh(&new.blocks), "the new one");
}
