//! The assets that one lane's stolen value is in: one walk, and in the end a trail for each asset.

use coinhound_model::Units;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::taint::sum;
use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::trail::AccountTrail;
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
        let mut rows = Vec::with_capacity(part_of.len());
        for (reached, &part) in found.reached.into_iter().zip(part_of) {
            let of_part = &mut trails[part as usize].reached;
            rows.push(row(of_part.len()));
            of_part.push(reached);
        }
        // What ended a fee or burnt value names no holding: its hop does.
        let mut payers = vec![0; found.ends.len()];
        let ending = found.hops.iter().filter_map(|hop| Some((hop.end?, hop.from)));
        ending.for_each(|(end, from)| payers[end as usize] = from);
        let mut ends = Vec::with_capacity(found.ends.len());
        for (mut end, payer) in found.ends.into_iter().zip(payers) {
            let of_part = &mut trails[part_of[end.reached.unwrap_or(payer) as usize] as usize].ends;
            end.reached = end.reached.map(|reached| rows[reached as usize]);
            ends.push(row(of_part.len()));
            of_part.push(end);
        }
        for mut hop in found.hops {
            let trail = &mut trails[part_of[hop.from as usize] as usize];
            hop.from = rows[hop.from as usize];
            hop.to = hop.to.map(|to| rows[to as usize]);
            hop.end = hop.end.map(|end| ends[end as usize]);
            trail.hops.push(hop);
        }
        for mut converted in found.conversions {
            let trail = &mut trails[part_of[converted.reached as usize] as usize];
            (converted.reached, converted.end) = (rows[converted.reached as usize], ends[converted.end as usize]);
            trail.conversions.push(converted);
        }
        for mut opened in found.opened {
            let trail = &mut trails[part_of[opened.reached as usize] as usize];
            opened.reached = rows[opened.reached as usize];
            trail.opened.push(opened);
        }
        for seed in &mut trails[0].seeds {
            seed.reached = rows[seed.reached as usize];
        }
        trails
    }
}
