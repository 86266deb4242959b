//! Whether a ledger that was read is one that blocks lead to, as far as later blocks rely on it.

use crate::nem::check::COSIGNATORIES_MAX;
use crate::nem::ledger::asset::{Asset, is_full_name};
use crate::nem::ledger::names::XEM;
use crate::nem::ledger::state::{Change, Cosignatories};
use crate::nem::ledger::{NemLedger, Start, Taken, Tip, wide};
use crate::nem::network::REWRITE_LIMIT_BLOCKS;

/// What cannot be.
type Check = Result<(), &'static str>;

fn must(holds: bool, what: &'static str) -> Check {
    if holds { Ok(()) } else { Err(what) }
}

impl NemLedger {
    /// Holds what was read against what is relied on.
    pub(super) fn check(&self) -> Check {
        let is_late = |height: u64| height > 1;
        must(
            matches!(self.start, Start::Nemesis(_)) || is_late(self.first_height()),
            "it begins late at no late height",
        )?;
        self.check_journal()?;
        self.state.check(self.is_complete())?;
        let mut changes = self.journal.iter().flat_map(|taken| &taken.changes);
        changes.try_for_each(|change| self.check_change(change))
    }

    /// One block after the other, up to the tip.
    fn check_journal(&self) -> Check {
        must(wide(self.journal.len()) <= REWRITE_LIMIT_BLOCKS, "it remembers more blocks than can be taken back")?;
        let belows = self.journal.iter().map(|Taken { below, .. }| *below);
        let mut tips: Vec<Option<Tip>> = belows.chain([self.tip]).collect();
        must(tips.remove(0).is_none_or(|tip| self.is_place(tip)), "its oldest block is at no height of it")?;
        let mut below = self.journal.front().and_then(|taken| taken.below);
        for tip in tips.into_iter().map(|tip| tip.ok_or("it remembers blocks below none")) {
            let tip = tip?;
            let next = below.map_or(self.first_height(), |tip| tip.height + 1);
            must(tip.height == next && self.is_place(tip), "its blocks do not follow each other")?;
            must(below.is_none_or(|below| below.timestamp <= tip.timestamp), "a block is older than the one below")?;
            below = Some(tip);
        }
        Ok(())
    }

    fn is_place(&self, tip: Tip) -> bool {
        tip.height >= self.first_height() && u32::try_from(tip.height).is_ok()
    }

    /// What would be put back is held to the same.
    fn check_change(&self, change: &Change) -> Check {
        match change {
            Change::Mosaic(name, before) => before.iter().try_for_each(|asset| asset.check(name)),
            Change::Remote(..) => Ok(()), // whatever its height, nothing relies on it
            Change::Multisig(_, before) => before.iter().try_for_each(Cosignatories::check),
            Change::Used(name) => check_used(name, self.is_complete()),
        }
    }
}

/// A name that moved although its definition is unknown.
pub(super) fn check_used(name: &str, is_complete: bool) -> Check {
    must(!is_complete, "a mosaic of unknown definition in a ledger from the first block")?;
    must(is_full_name(name) && name != XEM, "a name that no mosaic has")
}

impl Asset {
    pub(super) fn check(&self, name: &str) -> Check {
        must(is_full_name(name) && name != XEM, "a name that no mosaic has")?;
        let place = self.id.strip_prefix(name).ok_or("an asset of another name")?;
        must(place.is_empty() || is_place(place), "an asset that is not named by its place")?;
        self.terms.check()?;
        must(self.supply <= crate::nem::ledger::asset::UNITS_MAX, "more of a mosaic than there can be")
    }
}

/// Whether this tells a definition apart by its place: `@height/index`.
fn is_place(text: &str) -> bool {
    let parts = text.strip_prefix('@').and_then(|text| text.split_once('/'));
    let is_number = |text: &str| text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
    parts.is_some_and(|(height, index)| is_number(height) && is_number(index))
}

impl Cosignatories {
    pub(super) fn check(&self) -> Check {
        let count = self.all.len();
        must((1..=COSIGNATORIES_MAX).contains(&count), "a number of cosignatories that cannot be")?;
        must(
            usize::try_from(self.minimum).is_ok_and(|minimum| minimum <= count),
            "a number of signatures that cannot be",
        )
    }
}
