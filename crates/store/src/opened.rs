//! Every file of one manifest, open: what a view reads and a writer continues.

use std::sync::Arc;

use coinhound_model::Height;

use crate::base::Base;
use crate::error::{DamageError, Health};
use crate::facts::Counts;
use crate::failure::StoreError;
use crate::layout::{Layout, Span};
use crate::manifest::{FileEntry, Manifest};
use crate::overlay::{Overlay, overlay_role};
use crate::segment::{Segment, facts_role};
use crate::storage::Storage;

/// The files of a store as of one manifest.
#[derive(Debug)]
pub(crate) struct Opened {
    pub manifest: Manifest,
    pub layout: Layout,
    pub health: Health,
    /// By height.
    pub segments: Vec<Part>,
    pub edges: Edges,
    pub base: Option<Arc<Base>>,
}

/// Where segments end, by the ids that hot paths know: side by side, so that finding one stays in cache.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    txs: Vec<u64>,
    outputs: Vec<u64>,
    addresses: Vec<u64>,
    moves: Vec<u64>,
    holdings: Vec<u64>,
    /// How many segments are folded into the base.
    pub folded: usize,
}

impl Edges {
    fn of(segments: &[Part]) -> Self {
        let ends = |count: fn(&Counts) -> u64| segments.iter().map(|part| count(part.facts.ends())).collect();
        Self {
            txs: ends(|counts| counts.txs),
            outputs: ends(|counts| counts.outputs),
            addresses: ends(|counts| counts.addresses),
            moves: ends(|counts| counts.moves),
            holdings: ends(|counts| counts.holdings),
            folded: segments.iter().take_while(|part| part.overlay.is_none()).count(),
        }
    }

    /// The position of the segment with this transaction.
    #[inline]
    pub fn tx(&self, tx: u64) -> usize {
        self.txs.partition_point(|&end| end <= tx)
    }

    /// The position of the segment with this output.
    #[inline]
    pub fn output(&self, output: u64) -> usize {
        self.outputs.partition_point(|&end| end <= output)
    }

    /// The position of the segment in which this address first appeared.
    #[inline]
    pub fn address(&self, address: u64) -> usize {
        self.addresses.partition_point(|&end| end <= address)
    }

    /// The position of the segment with this movement of an account ledger.
    #[inline]
    pub fn movement(&self, movement: u64) -> usize {
        self.moves.partition_point(|&end| end <= movement)
    }

    /// The position of the segment in which this holding first appeared.
    #[inline]
    pub fn holding(&self, holding: u64) -> usize {
        self.holdings.partition_point(|&end| end <= holding)
    }
}

/// One segment.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub facts: Arc<Segment>,
    /// Above the base.
    pub overlay: Option<Arc<Overlay>>,
}

impl Opened {
    /// Opens what `manifest` names; files that `before` has open stay open.
    pub fn open(
        storage: &dyn Storage,
        manifest: &Manifest,
        before: Option<&Self>,
        health: &Health,
    ) -> Result<Self, StoreError> {
        let layout = manifest.params.layout().layout(Height(manifest.first), manifest.tip.height());
        let mut segments: Vec<Part> = Vec::with_capacity(layout.segments.len());
        let mut ends = Counts::default();
        for &span in &layout.segments {
            let part = open_part(storage, manifest, span, layout.base, before, health)?;
            if *part.facts.base() != ends {
                return Err(disagree(&part.facts, "its counts do not continue those of the segment before").into());
            }
            if !part.facts.is_of(manifest.params.family) {
                return Err(disagree(&part.facts, "its rows are those of the other kind of ledger").into());
            }
            ends = *part.facts.ends();
            segments.push(part);
        }
        let edges = Edges::of(&segments);
        let opened = Self { manifest: manifest.clone(), layout, health: health.clone(), segments, edges, base: None };
        opened.check_tip()?;
        let base = opened.layout.base.map(|height| opened.open_base(storage, height, before)).transpose()?;
        health.check()?;
        Ok(Self { base, ..opened })
    }

    fn open_base(&self, storage: &dyn Storage, height: Height, before: Option<&Self>) -> Result<Arc<Base>, StoreError> {
        let same = before.filter(|before| base_files(&before.manifest, height) == base_files(&self.manifest, height));
        if let Some(base) = same.and_then(|before| before.base.as_ref()).filter(|base| base.height == height) {
            return Ok(Arc::clone(base));
        }
        let ends = self.counts_before(height.0);
        Base::open(storage, &self.manifest, height, &ends, &self.health).map(Arc::new)
    }

    fn check_tip(&self) -> Result<(), StoreError> {
        let tip = self.tip();
        let last = &self.last().facts;
        if last.block_hash(tip) == self.manifest.tip.hash {
            return Ok(());
        }
        self.health.check()?;
        Err(disagree(last, "its last block is not the manifest's tip").into())
    }

    fn last(&self) -> &Part {
        self.segments.last().expect("a layout has at least one segment")
    }

    /// The lowest height.
    pub fn first(&self) -> Height {
        Height(self.manifest.first)
    }

    /// The highest height.
    pub fn tip(&self) -> Height {
        self.manifest.tip.height()
    }

    /// The segment that a height of the store lies in.
    pub fn part(&self, height: u32) -> &Part {
        let at = self.segments.partition_point(|part| part.facts.span().end <= height);
        &self.segments[at.min(self.segments.len() - 1)]
    }

    /// Counts before a height of the store, or after its tip.
    pub fn counts_before(&self, height: u32) -> Counts {
        self.part(height.max(1) - 1).facts.counts_before(height)
    }

    /// The segment that holds a row, by its kind's count; `None` above the tip.
    pub fn part_of(&self, id: u64, count: fn(&Counts) -> u64) -> Option<&Part> {
        let at = self.segments.partition_point(|part| count(part.facts.ends()) <= id);
        self.segments.get(at)
    }
}

fn open_part(
    storage: &dyn Storage,
    manifest: &Manifest,
    span: Span,
    base: Option<Height>,
    before: Option<&Opened>,
    health: &Health,
) -> Result<Part, StoreError> {
    let known =
        before.and_then(|before| Some((before, before.segments.iter().find(|part| part.facts.span() == span)?)));
    let entry = named(manifest, facts_role(span))?;
    let unchanged = |role: &str| known.is_some_and(|(before, _)| before.manifest.file(role) == manifest.file(role));
    let facts = match known.filter(|_| unchanged(&entry.role)) {
        Some((_, part)) => Arc::clone(&part.facts),
        None => Arc::new(Segment::open(storage, entry, span, health)?),
    };
    if base.is_some_and(|base| span.end <= base.0) {
        return Ok(Part { facts, overlay: None });
    }
    let entry = named(manifest, overlay_role(span))?;
    let overlay = match known.filter(|_| unchanged(&entry.role)).and_then(|(_, part)| part.overlay.as_ref()) {
        Some(overlay) => Arc::clone(overlay),
        None => Arc::new(Overlay::open(storage, entry, health)?),
    };
    Ok(Part { facts, overlay: Some(overlay) })
}

fn named(manifest: &Manifest, role: String) -> Result<&FileEntry, StoreError> {
    manifest.file(&role).ok_or(StoreError::FileNotNamed { role })
}

fn base_files(manifest: &Manifest, height: Height) -> Vec<Option<&FileEntry>> {
    crate::base::BaseTable::ALL.iter().map(|table| manifest.file(&table.role(height))).collect()
}

fn disagree(facts: &Segment, what: &'static str) -> DamageError {
    DamageError::Shape { file: facts.table().file().name().to_owned(), offset: 0, what }
}
