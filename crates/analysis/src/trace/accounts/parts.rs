//! The assets that one lane's stolen value is in: one walk, and in the end a trail for each asset.

use coinhound_model::Units;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::taint::sum;
use crate::trace::accounts::converted::{Converted, Declined, Opened};
use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::trail::{AccountEnd, AccountHop, AccountTrail, Reached};
use crate::trace::lane::row;
use crate::trace::trail::add_up;

/// The assets of a lane: the stolen one is the first, the others stand in the order in which they were opened.
pub(super) struct Parts<U> {
    rows: Vec<Part<U>>,
    known: HashMap<u32, u32, FixedState>,
}

struct Part<U> {
    asset: u32,
    /// Seeds and what was opened.
    entered: U,
}

impl<U: Units> Parts<U> {
    pub(super) fn new(asset: u32, stolen: U) -> Self {
        let known = [(asset, 0)].into_iter().collect();
        Self { rows: vec![Part { asset, entered: stolen }], known }
    }

    /// The number of an asset among those of the lane.
    pub(super) fn of(&mut self, asset: u32) -> u32 {
        let rows = &mut self.rows;
        *self.known.entry(asset).or_insert_with(|| {
            rows.push(Part { asset, entered: U::ZERO });
            row(rows.len() - 1)
        })
    }

    /// An asset by its number among those of the lane.
    pub(super) fn asset(&self, part: u32) -> u32 {
        self.rows[part as usize].asset
    }

    /// Adds to what an asset's trail begins with. False where a rule that `conserves` cannot count it.
    pub(super) fn enter(&mut self, part: u32, units: U, conserves: bool) -> bool {
        let entered = &mut self.rows[part as usize].entered;
        match entered.checked_add(units) {
            Some(sum) => *entered = sum,
            None => return !conserves,
        }
        true
    }

    /// What to say where too much comes into the stolen asset; in others it is not the theft's fault.
    pub(super) fn too_much(&self, part: u32, theft: u32, what: &'static str) -> Option<AccountFault> {
        (part == 0).then_some(AccountFault::TooMuch { theft, what })
    }

    /// Divides what a lane found by asset; `part_of` names the part of each reached holding.
    ///
    /// # Panics
    /// When the ends of a conserving rule do not sum to what entered an asset: a bug, never a rounding.
    pub(super) fn divide(&self, found: AccountTrail<U>, part_of: &[u32]) -> Vec<AccountTrail<U>> {
        let mut trails = if self.rows.len() == 1 { vec![found] } else { self.share_out(found, part_of) };
        for (trail, part) in trails.iter_mut().zip(&self.rows) {
            trail.entered = part.entered;
            trail.totals = add_up(trail.ends.iter().map(|end| (end.terminal, end.units)));
            if trail.rule.conserves() {
                let ended = trail.totals.iter().fold(U::ZERO, |all, total| sum(all, total.units));
                assert_eq!(ended, trail.entered, "a trail's ends sum to what was stolen and opened");
            }
        }
        // An asset whose own rows let nothing be opened in it was named and has no trail.
        trails.retain(|trail| !trail.reached.is_empty());
        trails
    }

    fn share_out(&self, found: AccountTrail<U>, part_of: &[u32]) -> Vec<AccountTrail<U>> {
        let AccountTrail { rule, theft, is_complete, .. } = found;
        let empty = |part: &Part<U>| AccountTrail::new(rule, theft, part.asset, is_complete);
        let mut trails: Vec<_> = self.rows.iter().map(empty).collect();
        (trails[0].stolen, trails[0].seeds) = (found.stolen, found.seeds);
        let mut share = Share { trails, part_of, rows: Vec::new(), ends: Vec::new() };
        share.reached(found.reached);
        share.ends(found.ends, &found.hops);
        share.hops(found.hops);
        share.conversions(found.conversions, found.opened);
        share.declined(found.declined);
        share.trails
    }
}

/// The rows of a lane on their way into the trails of their assets.
struct Share<'a, U> {
    trails: Vec<AccountTrail<U>>,
    /// By reached holding of the lane: the number of its asset.
    part_of: &'a [u32],
    /// By reached holding of the lane: its row in the trail of its asset.
    rows: Vec<u32>,
    /// By end of the lane: its row in the trail of its asset.
    ends: Vec<u32>,
}

impl<U: Units> Share<'_, U> {
    /// The trail of a reached holding of the lane, and its row there.
    fn place(&mut self, reached: u32) -> (&mut AccountTrail<U>, u32) {
        (&mut self.trails[self.part_of[reached as usize] as usize], self.rows[reached as usize])
    }

    fn reached(&mut self, found: Vec<Reached<U>>) {
        for (reached, &part) in found.into_iter().zip(self.part_of) {
            let of_part = &mut self.trails[part as usize].reached;
            self.rows.push(row(of_part.len()));
            of_part.push(reached);
        }
        for seed in &mut self.trails[0].seeds {
            seed.reached = self.rows[seed.reached as usize];
        }
    }

    fn ends(&mut self, found: Vec<AccountEnd<U>>, hops: &[AccountHop<U>]) {
        // What ended as a fee or burnt names no holding: its hop does.
        let mut payers = vec![0; found.len()];
        let ending = hops.iter().filter_map(|hop| Some((hop.end?, hop.from)));
        ending.for_each(|(end, from)| payers[end as usize] = from);
        for (mut end, payer) in found.into_iter().zip(payers) {
            let (trail, place) = self.place(end.reached.unwrap_or(payer));
            end.reached = end.reached.map(|_| place);
            let at = row(trail.ends.len());
            trail.ends.push(end);
            self.ends.push(at);
        }
    }

    fn hops(&mut self, found: Vec<AccountHop<U>>) {
        for mut hop in found {
            hop.to = hop.to.map(|to| self.rows[to as usize]);
            hop.end = hop.end.map(|end| self.ends[end as usize]);
            let (trail, from) = self.place(hop.from);
            hop.from = from;
            trail.hops.push(hop);
        }
    }

    fn conversions(&mut self, found: Vec<Converted<U>>, opened: Vec<Opened<U>>) {
        for mut converted in found {
            converted.end = self.ends[converted.end as usize];
            let (trail, reached) = self.place(converted.reached);
            converted.reached = reached;
            trail.conversions.push(converted);
        }
        for mut opened in opened {
            let (trail, reached) = self.place(opened.reached);
            opened.reached = reached;
            trail.opened.push(opened);
        }
    }

    fn declined(&mut self, found: Vec<Declined<U>>) {
        for mut declined in found {
            let (trail, reached) = self.place(declined.reached);
            declined.reached = reached;
            trail.declined.push(declined);
        }
    }
}
