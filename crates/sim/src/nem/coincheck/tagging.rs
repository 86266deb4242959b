//! Marking accounts with mosaics: first by hand, then by a program that follows every account it has marked.
//!
//! A mark says nothing of amounts; it comes after the transfer that it answers, leaves out exchanges and small sums,
//! misses some, and marks whoever was paid by somebody marked. It is switched off before the loot is sold out.

use std::collections::BTreeSet;

use coinhound_chains::nem::Body;
use coinhound_chains::nem::tx::Mosaic;

use crate::nem::body::{self, mosaic_id};
use crate::nem::coincheck::Stage;
use crate::nem::coincheck::plan::{DAY, HOUR, MINUTE, Step, TAGGING_BEGINS, TAGGING_ENDS, XEM};
use crate::nem::coincheck::town::{Flow, Id, Town, number};
use crate::nem::coincheck::truth::{Purpose, Role, TagTruth};

/// The volunteer's mark: it cannot be passed on.
pub(crate) const FIRST_MARK: &str = "harbour_watch.stolen_xem:holder_of_this_is_suspect";
/// The program's mark: passing it on costs one [`RELEASE`].
pub(crate) const MARK: &str = "larch.tags:warning_stolen_do_not_accept";
/// What a wrongly marked holder needs to give the mark back.
pub(crate) const RELEASE: &str = "larch.tags:release";

/// Less than this is not followed, in millionths of a XEM.
const FOLLOWED_MIN: u64 = 100 * XEM;

/// What the program knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tagging {
    marked: BTreeSet<Id>,
    /// Everything that happened before the program was written.
    backlog: Vec<Flow>,
    pub(crate) tags: Vec<TagTruth>,
}

impl Stage {
    /// The volunteer marks the accounts that the loot had reached by the evening.
    pub(crate) fn tag_by_hand(&mut self) {
        let reached: Vec<_> = std::iter::once(self.cast.thief).chain(self.cast.stashes[..8].iter().copied()).collect();
        for account in reached {
            self.mark(self.cast.volunteer, account, FIRST_MARK);
        }
    }

    /// What the program makes of the last block.
    pub(crate) fn watch(&mut self, now: u32) {
        let flows = std::mem::take(&mut self.town.flows);
        if now < TAGGING_BEGINS {
            return self.tagging.backlog.extend(flows);
        }
        if now >= TAGGING_ENDS {
            return;
        }
        let all: Vec<_> = std::mem::take(&mut self.tagging.backlog).into_iter().chain(flows).collect();
        for flow in all {
            self.follow(flow, now);
        }
    }

    fn follow(&mut self, flow: Flow, now: u32) {
        let known = &self.tagging.marked;
        let exempt = self.town.role(flow.to).is_service() || self.town.role(flow.to) == Role::Sink;
        if !known.contains(&flow.from) || known.contains(&flow.to) || exempt || flow.units < FOLLOWED_MIN {
            return;
        }
        if self.town.rng.chance(60) {
            return;
        }
        self.tagging.marked.insert(flow.to);
        let late = u32::try_from(self.town.rng.range(1, 5)).expect("minutes") * MINUTE;
        self.plan.at(now + late, Step::Tag(flow.to));
    }

    /// The program marks an account; a stranger may object days later.
    pub(crate) fn tag(&mut self, account: Id) {
        self.mark(self.cast.tag_desk, account, MARK);
        if is_innocent(&self.town, account) && self.town.rng.chance(300) {
            let later = u32::try_from(self.town.rng.range(2, 5)).expect("days") * DAY;
            self.plan.at(self.town.now + later, Step::Release(account));
        }
    }

    pub(crate) fn release(&mut self, account: Id) {
        let body = one(&self.town, account, RELEASE);
        self.town.ask(self.cast.tag_desk, Some(account), body, Purpose::TagReturn);
        self.plan.at(self.town.now + 9 * HOUR, Step::GiveBack(account));
    }

    /// The mark goes back; its levy takes the release along.
    pub(crate) fn give_back(&mut self, account: Id) {
        let body = one(&self.town, self.cast.tag_desk, MARK);
        self.town.ask(account, Some(self.cast.tag_desk), body, Purpose::TagReturn);
    }

    fn mark(&mut self, by: Id, account: Id, mosaic: &str) {
        self.tagging.marked.insert(account);
        let body = one(&self.town, account, mosaic);
        let Some(hash) = self.town.ask(by, Some(account), body, Purpose::Tag) else { return };
        let innocent = is_innocent(&self.town, account);
        let (hash, account, mosaic) = (hash.to_string(), number(account), mosaic.to_owned());
        self.tagging.tags.push(TagTruth { hash, account, mosaic, innocent });
    }
}

fn is_innocent(town: &Town, account: Id) -> bool {
    !matches!(town.role(account), Role::Thief | Role::Buyer)
}

fn one(town: &Town, to: Id, mosaic: &str) -> Body {
    let mosaic = Mosaic { id: mosaic_id(mosaic), quantity: 1 };
    body::transfer_of_mosaics(town.address(to), 1_000_000, None, vec![mosaic])
}
