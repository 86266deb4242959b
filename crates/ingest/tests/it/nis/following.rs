//! Following nodes: time is told, so no test waits for it.

use std::sync::Arc;
use std::time::Duration;

use coinhound_ingest::nis::{Agreement, NisReport};
use coinhound_ingest::{Clock, Control, FollowOptions, NisLoadError, NisOutcome, NisProgress, follow_nis};
use coinhound_testkit::nis::{NisLie, ScriptedNis};

use super::{Rig, chain, fork, fresh};
use crate::support::assert_same;

/// What happens at the nodes when a pause begins.
type Event<'e> = Box<dyn FnMut(&[ScriptedNis]) + 'e>;

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

/// Follows until all events have happened and one more pause begins; also the reports and the pauses.
fn follow(rig: &Rig, events: Vec<Event<'_>>) -> (Result<NisOutcome, NisLoadError>, Vec<NisReport>, Vec<u64>) {
    let (mut clients, mut clock, mut events) = (rig.clients(), Told(Duration::ZERO), events.into_iter());
    let (mut reports, mut pauses, mut last) = (Vec::new(), Vec::new(), Duration::ZERO);
    let disk = Arc::new(rig.disk.clone());
    let result = follow_nis(&mut clients, disk, &rig.options, &FollowOptions::default(), &mut clock, &mut |progress| {
        match progress {
            NisProgress::Nodes(report) => reports.push(report.clone()),
            NisProgress::Waiting { left } if left > last => {
                pauses.push(left.as_secs());
                last = left;
                match events.next() {
                    Some(mut event) => event(&rig.nodes),
                    None => return Control::Stop,
                }
            }
            NisProgress::Waiting { left } => last = left,
            _ => {}
        }
        Control::Go
    });
    (result, reports, pauses)
}

#[test]
fn blocks_that_come_one_by_one_and_displace_each_other_leave_what_a_fresh_load_leaves() {
    let mut branch = chain(20);
    let rig = Rig::new(&branch);
    let mut events: Vec<Event<'_>> = Vec::new();
    for step in 0..40_usize {
        let depth = if step % 3 == 2 { 1 + step % 7 } else { 0 };
        branch = fork(&branch, branch.len() - depth, depth + 1, step as u64);
        let next = branch.clone();
        events.push(Box::new(move |nodes| nodes[0].set_chain(&next)));
    }
    let (outcome, ..) = follow(&rig, events);
    let outcome = outcome.expect("an honest node");
    assert!(outcome.stopped && outcome.accounts.removed > 40, "{outcome:?}");
    assert_same(&rig.content(), &fresh(&branch), "followed");
}

#[test]
fn a_node_that_fails_or_lies_is_told_with_since_when_and_asked_again_ever_more_rarely() {
    let whole = chain(30);
    let rig = Rig::new(&whole[..20]);
    let mut events: Vec<Event<'_>> = vec![Box::new(|nodes| {
        nodes[0].set_chain(&whole);
        nodes[0].tell(NisLie::OtherTime);
    })];
    events.extend((0..6).map(|_| -> Event<'_> { Box::new(|_| {}) }));
    events.push(Box::new(|nodes| nodes[0].tell(NisLie::HangUp)));
    events.push(Box::new(|nodes| nodes[0].tell_the_truth()));
    let (outcome, reports, pauses) = follow(&rig, events);
    outcome.expect("it is told the truth in the end");
    assert_eq!(pauses, [1, 1, 2, 4, 8, 16, 32, 60, 60, 1], "they grow up to a minute");
    let troubles: Vec<_> = reports.iter().filter_map(|report| report.trouble.clone()).collect();
    assert!(troubles.iter().all(|trouble| trouble.since == 1_001 && trouble.hint.is_some()), "{troubles:?}");
    assert_eq!(troubles.last().expect("there were some").attempts, 8);
    let last = reports.last().expect("told");
    assert_eq!((last.trouble.clone(), last.lag()), (None, Some(0)));
    assert_same(&rig.content(), &fresh(&whole), "in the end");
}

#[test]
fn nodes_that_part_and_meet_again_are_followed_where_they_agree() {
    let whole = chain(30);
    let other = fork(&whole, 24, 5, 3);
    let rig = Rig::of(&[&whole[..22], &whole[..22]]);
    let events: Vec<Event<'_>> = vec![
        Box::new(|nodes| {
            nodes[0].set_chain(&whole);
            nodes[1].set_chain(&other);
        }),
        Box::new(|_| {}),
        Box::new(|nodes| nodes[1].set_chain(&whole)),
    ];
    let (outcome, reports, pauses) = follow(&rig, events);
    assert_eq!(outcome.expect("honest nodes").report.agreement, Agreement::All { nodes: 2 });
    let parted = |report: &&NisReport| matches!(report.agreement, Agreement::Disagreed { .. });
    assert!(reports.iter().filter(parted).count() >= 2, "told");
    assert_eq!(pauses, [1, 1, 1, 1], "that is no failure");
    assert_same(&rig.content(), &fresh(&whole), "in the end");
}

#[test]
fn a_node_of_another_network_is_not_waited_for() {
    let rig = Rig::new(&chain(5));
    rig.node().tell(NisLie::OtherNetwork);
    let (outcome, _, pauses) = follow(&rig, vec![]);
    let error = outcome.expect_err("waiting does not help");
    assert!(!error.is_transient() && pauses.is_empty(), "{error}");
    assert!(rig.content().is_empty());
}
