//! Writing the files of a plan that are not there yet.

use std::cmp::Reverse;

use coinhound_model::Height;

use super::Tally;
use super::plan::{Piece, Plan, Planned, Source};
use super::workers;
use crate::base::{BaseTable, History, Step};
use crate::cut::FactsSlice;
use crate::derive::Want;
use crate::error::Health;
use crate::failure::StoreError;
use crate::manifest::FileEntry;
use crate::overlay::{self, overlay_role};
use crate::segment::{self, facts_role};
use crate::storage::Storage;

/// One commit's work on files.
pub(super) struct Build<'a> {
    pub storage: &'a dyn Storage,
    pub plan: &'a Plan<'a>,
    pub threads: usize,
    pub health: &'a Health,
    pub skip_unwind: bool,
}

/// The files of one segment.
struct Filed {
    facts: FileEntry,
    overlay: Option<FileEntry>,
    overlay_written: bool,
}

impl Build<'_> {
    /// Every file that the new manifest names, in no particular order.
    pub fn files(&self) -> Result<(Vec<FileEntry>, Tally), StoreError> {
        let segments = &self.plan.segments;
        // Long segments first, so that two threads end at about the same time.
        let mut order: Vec<&Planned<'_>> = segments.iter().collect();
        order.sort_by_key(|planned| Reverse(planned.span.blocks()));
        let filed = workers::run(self.threads, order.len(), |at| self.segment(order[at]))?;
        let mut tally = Tally::default();
        let mut files = Vec::new();
        for (planned, filed) in order.iter().zip(filed) {
            count(&mut tally, planned, &filed);
            files.push(filed.facts);
            files.extend(filed.overlay);
        }
        if let Some(base) = self.plan.base {
            files.extend(self.base(base, &mut tally)?);
        }
        Ok((files, tally))
    }

    fn segment(&self, planned: &Planned<'_>) -> Result<Filed, StoreError> {
        let above_base = self.plan.base.is_none_or(|base| planned.span.start >= base.0);
        let named = |role: String| self.plan.old.and_then(|old| old.manifest.file(&role)).cloned();
        let stored = matches!(planned.source, Source::Stored(_));
        let facts_entry = named(facts_role(planned.span)).filter(|_| stored);
        let overlay_entry = named(overlay_role(planned.span)).filter(|_| stored && above_base);
        if let Some(facts) = facts_entry.clone()
            && (overlay_entry.is_some() || !above_base)
        {
            return Ok(Filed { facts, overlay: overlay_entry, overlay_written: false });
        }
        let facts = self.plan.facts(planned, Want::all())?;
        assert_eq!(facts.as_slice().span(), planned.span, "a segment is made of exactly its blocks");
        let facts_entry = facts_entry.map_or_else(|| segment::write(self.storage, facts.as_slice()), Ok)?;
        let overlay = above_base.then(|| overlay::write(self.storage, facts.as_slice())).transpose()?;
        Ok(Filed { facts: facts_entry, overlay_written: overlay.is_some(), overlay })
    }

    /// The base's files below `base`.
    fn base(&self, base: Height, tally: &mut Tally) -> Result<Vec<FileEntry>, StoreError> {
        let old = self.plan.old.and_then(|old| old.base.as_deref());
        let old_height = old.map_or(self.plan.first, |old| old.height);
        if let Some(entries) = self.unchanged_base(base, old_height) {
            return Ok(entries);
        }
        tally.folded += u32::from(base > self.plan.base_kept);
        tally.filtered += u32::from(old_height > self.plan.base_kept);
        let step = Step {
            old,
            kept: self.plan.base_kept,
            kept_counts: self.plan.kept_counts(self.plan.base_kept),
            first: self.plan.first,
            ends: self.plan.base_ends(base),
            history: &Below { plan: self.plan, base },
            skip_unwind: self.skip_unwind,
        };
        workers::run(self.threads, BaseTable::ALL.len(), |at| {
            let table = BaseTable::ALL[at];
            let derived = step.derive(table)?;
            self.health.check()?;
            Ok(derived.write(self.storage, table, base)?)
        })
    }

    fn unchanged_base(&self, base: Height, old_height: Height) -> Option<Vec<FileEntry>> {
        let old = self.plan.old.filter(|_| old_height == base && self.plan.base_kept == base)?;
        BaseTable::ALL.iter().map(|table| old.manifest.file(&table.role(base)).cloned()).collect()
    }
}

/// The facts below the new base.
struct Below<'a> {
    plan: &'a Plan<'a>,
    base: Height,
}

impl History for Below<'_> {
    fn each(&self, from: Height, want: Want, visit: &mut dyn FnMut(FactsSlice<'_>)) -> Result<(), StoreError> {
        let inside = |planned: &&Planned<'_>| planned.span.start >= from.0 && planned.span.end <= self.base.0;
        for planned in self.plan.segments.iter().filter(inside) {
            visit(self.plan.facts(planned, want)?.as_slice());
        }
        Ok(())
    }
}

fn count(tally: &mut Tally, planned: &Planned<'_>, filed: &Filed) {
    tally.overlays += u32::from(filed.overlay_written);
    let Source::Made(pieces) = &planned.source else {
        tally.reused += 1;
        return;
    };
    tally.written += 1;
    tally.sealed += u32::from(planned.span.blocks() > 1);
    let old = pieces.iter().filter(|piece| matches!(piece, Piece::Old(..))).count();
    let cut = |piece: &Piece<'_>| matches!(piece, Piece::Old(part, span) if part.facts.span() != *span);
    tally.merged += u32::from(old > 0 && pieces.len() > 1);
    tally.cut += u32::from(pieces.iter().any(cut));
}
