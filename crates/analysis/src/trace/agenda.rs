//! Which movement comes next: a heap for the few, a calendar for the many.
//!
//! Movements are taken in ascending order, and a coin is only ever due after the movement that made it, so both kinds
//! hand out the same sequence. The calendar divides the ledger into windows of 65,536 movements; within the window being
//! swept each movement heads a list, so that finding the next costs no comparison. Its memory is the pending coins.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use coinhound_model::MovementId;

use crate::trace::run::Plan;

/// A coin that waits for the movement that takes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Due {
    /// The movement.
    pub(crate) movement: u64,
    /// Whose coin: index of a lane.
    pub(crate) lane: u32,
    /// Index of the coin in the lane's trail.
    pub(crate) coin: u32,
}

/// The coins that wait, and the plan by which the next movement is found.
pub(crate) struct Agenda {
    queue: Queue,
    plan: Plan,
    range: Range<u64>,
    /// Spent on the heap so far, in steps of a sift.
    cost_sparse: u64,
    dense_from: Option<MovementId>,
}

enum Queue {
    Sparse(BinaryHeap<Reverse<Due>>),
    Dense(Calendar),
}

/// What sweeping one window costs beside its coins, in steps of a heap's sift.
const WINDOW_COST: u64 = 1 << 11;

impl Agenda {
    pub(crate) fn new(plan: Plan, range: Range<u64>) -> Self {
        let queue = match plan {
            Plan::Auto | Plan::Sparse => Queue::Sparse(BinaryHeap::new()),
            Plan::Dense => Queue::Dense(Calendar::new(&range)),
        };
        let dense_from = (plan == Plan::Dense).then_some(MovementId(range.start));
        Self { queue, plan, range, cost_sparse: 0, dense_from }
    }

    pub(crate) fn dense_from(&self) -> Option<MovementId> {
        self.dense_from
    }

    pub(crate) fn push(&mut self, due: Due) {
        match &mut self.queue {
            Queue::Sparse(heap) => heap.push(Reverse(due)),
            Queue::Dense(calendar) => calendar.push(due),
        }
    }

    /// Replaces `into` with every coin due at the next movement, by lane and coin. False when nothing waits.
    pub(crate) fn pop(&mut self, into: &mut Vec<Due>) -> bool {
        into.clear();
        self.reconsider();
        match &mut self.queue {
            Queue::Sparse(heap) => {
                self.cost_sparse += u64::from(usize::BITS - heap.len().leading_zeros());
                pop_equal(heap, into);
            }
            Queue::Dense(calendar) => calendar.pop(into),
        }
        !into.is_empty()
    }

    /// Goes over to the calendar once the heap has cost more than sweeping what is left would.
    fn reconsider(&mut self) {
        let Queue::Sparse(heap) = &mut self.queue else { return };
        let Some(&Reverse(next)) = heap.peek() else { return };
        let windows_left = (self.range.end.saturating_sub(next.movement) >> Calendar::WINDOW_BITS) + 1;
        if self.plan != Plan::Auto || self.cost_sparse < windows_left.saturating_mul(WINDOW_COST) {
            return;
        }
        let mut calendar = Calendar::new(&(next.movement..self.range.end));
        heap.drain().for_each(|Reverse(due)| calendar.push(due));
        self.dense_from = Some(MovementId(next.movement));
        self.queue = Queue::Dense(calendar);
    }
}

fn pop_equal(heap: &mut BinaryHeap<Reverse<Due>>, into: &mut Vec<Due>) {
    let Some(Reverse(first)) = heap.pop() else { return };
    into.push(first);
    while let Some(&Reverse(due)) = heap.peek() {
        if due.movement != first.movement {
            return;
        }
        into.push(due);
        heap.pop();
    }
}

/// The coins that wait, by window; those of the window being swept, by movement.
struct Calendar {
    /// Number of the first window.
    first: u64,
    /// Number of the window being swept.
    window: u64,
    /// Where in that window the sweep stands.
    at: usize,
    /// By movement of the window: one more than the index in `nodes` of its newest coin; zero for none.
    heads: Vec<u32>,
    nodes: Vec<Node>,
    /// Coins of windows after the one being swept.
    later: Vec<Vec<Due>>,
}

struct Node {
    due: Due,
    before: u32,
}

impl Calendar {
    const WINDOW_BITS: u32 = 16;
    const WINDOW: usize = 1 << Self::WINDOW_BITS;

    fn new(range: &Range<u64>) -> Self {
        let first = range.start >> Self::WINDOW_BITS;
        let windows = (range.end.max(range.start) >> Self::WINDOW_BITS) - first + 1;
        let windows = usize::try_from(windows).expect("a window for each 65,536 movements fits memory");
        Self {
            first,
            window: first,
            at: 0,
            heads: vec![0; Self::WINDOW],
            nodes: Vec::new(),
            later: std::iter::repeat_with(Vec::new).take(windows).collect(),
        }
    }

    fn push(&mut self, due: Due) {
        let window = due.movement >> Self::WINDOW_BITS;
        if window == self.window {
            self.link(due);
        } else {
            self.later[slot(window - self.first)].push(due);
        }
    }

    fn link(&mut self, due: Due) {
        let head = &mut self.heads[slot(due.movement) & (Self::WINDOW - 1)];
        self.nodes.push(Node { due, before: *head });
        *head = u32::try_from(self.nodes.len()).expect("fewer than 2^32 coins wait in one window");
    }

    fn pop(&mut self, into: &mut Vec<Due>) {
        while !self.seek() {
            if !self.turn() {
                return;
            }
        }
        let mut node = std::mem::take(&mut self.heads[self.at]);
        while let Some(index) = node.checked_sub(1) {
            let Node { due, before } = self.nodes[index as usize];
            into.push(due);
            node = before;
        }
        into.sort_unstable();
    }

    /// Moves to the next movement of the window that something waits for.
    fn seek(&mut self) -> bool {
        let found = self.heads[self.at..].iter().position(|&head| head != 0);
        self.at = found.map_or(Self::WINDOW, |distance| self.at + distance);
        found.is_some()
    }

    /// Opens the next window that something waits in.
    fn turn(&mut self) -> bool {
        let swept = slot(self.window - self.first) + 1;
        let Some(distance) = self.later[swept..].iter().position(|waiting| !waiting.is_empty()) else { return false };
        self.window = self.first + (swept + distance) as u64;
        self.at = 0;
        self.nodes.clear();
        std::mem::take(&mut self.later[swept + distance]).into_iter().for_each(|due| self.link(due));
        true
    }
}

fn slot(number: u64) -> usize {
    usize::try_from(number).expect("64-bit targets only")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Hands everything out, and on the way adds what `more` says is due some movements after each that came.
    fn hand_out(plan: Plan, first: &[u64], more: &[u64], end: u64) -> (Vec<Vec<Due>>, Option<MovementId>) {
        let mut agenda = Agenda::new(plan, 0..end);
        let due = |movement: u64, coin: usize| {
            let coin = u32::try_from(coin).expect("few coins");
            Due { movement, lane: coin % 3, coin }
        };
        first.iter().enumerate().for_each(|(coin, &movement)| agenda.push(due(movement % end, coin)));
        let mut more = more.iter().enumerate();
        let (mut came, mut handed) = (Vec::new(), Vec::new());
        while agenda.pop(&mut came) {
            for (coin, distance) in more.by_ref().take(came.len() + 1) {
                let movement = came[0].movement + 1 + distance;
                if movement < end {
                    agenda.push(due(movement, first.len() + coin));
                }
            }
            handed.push(came.clone());
        }
        (handed, agenda.dense_from())
    }

    proptest! {
        #[test]
        fn every_plan_hands_out_the_same(
            first in prop::collection::vec(any::<u64>(), 1..20),
            near in prop::collection::vec(0u64..100, 0..300),
            far in prop::collection::vec(0u64..150_000, 0..100),
            end in 1u64..400_000,
        ) {
            let more: Vec<_> = near.into_iter().chain(far).collect();
            let (sparse, _) = hand_out(Plan::Sparse, &first, &more, end);
            prop_assert!(sparse.is_sorted_by(|one, other| one[0].movement < other[0].movement));
            prop_assert!(sparse.iter().flatten().count() >= first.len());
            prop_assert_eq!(&sparse, &hand_out(Plan::Dense, &first, &more, end).0);
            prop_assert_eq!(&sparse, &hand_out(Plan::Auto, &first, &more, end).0);
        }
    }

    #[test]
    fn auto_goes_over_to_the_calendar_when_much_is_due_and_not_before() {
        let first: Vec<_> = (0..64).collect();
        let always_more: Vec<_> = (0..20_000).map(|coin| coin * 7 % 900).collect();
        let (handed, dense_from) = hand_out(Plan::Auto, &first, &always_more, 70_000);
        let from = dense_from.expect("thousands of movements were due in two windows");
        assert!(from.0 > 0, "it starts sparse");
        assert_eq!(handed, hand_out(Plan::Sparse, &first, &always_more, 70_000).0);
        let (_, dense_from) = hand_out(Plan::Auto, &[0], &[10; 100], 1_000_000_000);
        assert_eq!(dense_from, None);
    }
}
