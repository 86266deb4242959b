//! What a commit will leave, decided before anything is written.

use coinhound_model::{BlockHash, Height};

use crate::cut::FactsSlice;
use crate::derive::Want;
use crate::facts::{Counts, Facts};
use crate::failure::StoreError;
use crate::layout::{LayoutParams, Span};
use crate::manifest::{Family, Params};
use crate::opened::{Opened, Part};

/// The chain after the commit, and where each of its segments comes from.
pub(super) struct Plan<'a> {
    pub old: Option<&'a Opened>,
    pub new: FactsSlice<'a>,
    /// Blocks below this height stay as they are.
    pub kept_end: u32,
    pub first: Height,
    pub tip: Height,
    pub tip_hash: BlockHash,
    pub ends: Counts,
    pub base: Option<Height>,
    /// The old base is kept below this height; `first` when none of it is.
    pub base_kept: Height,
    pub segments: Vec<Planned<'a>>,
}

/// One segment of the new layout.
pub(super) struct Planned<'a> {
    pub span: Span,
    pub source: Source<'a>,
}

/// Where a segment's facts come from.
pub(super) enum Source<'a> {
    /// The file is right as it is.
    Stored(&'a Part),
    /// From these, in order.
    Made(Vec<Piece<'a>>),
}

/// Some blocks of a file, or of the facts to store.
pub(super) enum Piece<'a> {
    Old(&'a Part, Span),
    New(Span),
}

/// Facts of one segment: part of the caller's, or read and put together.
pub(super) enum Held<'a> {
    New(FactsSlice<'a>),
    Own(Facts),
}

impl Held<'_> {
    pub fn as_slice(&self) -> FactsSlice<'_> {
        match self {
            Self::New(facts) => *facts,
            Self::Own(facts) => facts.as_slice(),
        }
    }

    fn into_facts(self) -> Facts {
        match self {
            Self::New(facts) => facts.to_facts(),
            Self::Own(facts) => facts,
        }
    }
}

impl<'a> Plan<'a> {
    /// Checks that `facts` continue what is kept of `old`, and lays out the result.
    pub fn new(
        params: &Params,
        old: Option<&'a Opened>,
        keep: Option<Height>,
        new: FactsSlice<'a>,
    ) -> Result<Self, StoreError> {
        let kept = kept_chain(old, keep, new)?;
        check_new(&kept, params.family, new)?;
        let params = &params.layout();
        let old = old.filter(|_| keep.is_some());
        let end = new.span().end.max(kept.end);
        let tip = Height(end - 1);
        let layout = params.layout(kept.first, tip);
        let tip_hash = match (new.blocks.last(), old) {
            (Some(block), _) => block.hash,
            (None, Some(old)) => old.part(tip.0).facts.block_hash(tip),
            (None, None) => return Err(StoreError::Nothing),
        };
        let ends = if new.blocks.is_empty() { kept.counts } else { new.ends() };
        let mut plan = Self {
            old,
            new,
            kept_end: kept.end,
            first: kept.first,
            tip,
            tip_hash,
            ends,
            base: layout.base,
            base_kept: kept.first,
            segments: Vec::new(),
        };
        plan.base_kept = plan.base_kept_by(params);
        plan.segments = layout.segments.iter().map(|&span| Planned { span, source: plan.source(span) }).collect();
        Ok(plan)
    }

    fn base_kept_by(&self, params: &LayoutParams) -> Height {
        let old = self.old.and_then(|old| old.layout.base);
        let both = old.zip(self.base).map(|(old, new)| old.min(new));
        both.map_or(self.first, |base| base.min(params.fold_below(self.kept_end)).max(self.first))
    }

    fn source(&self, span: Span) -> Source<'a> {
        let old_parts = self.old.map_or(&[][..], |old| &old.segments);
        let same = |part: &&Part| part.facts.span() == span && span.end <= self.kept_end;
        if let Some(part) = old_parts.iter().find(same) {
            return Source::Stored(part);
        }
        let kept = Span { start: self.first.0, end: self.kept_end };
        let mut pieces = Vec::new();
        for part in old_parts {
            let blocks = part.facts.span().intersect(span).and_then(|blocks| blocks.intersect(kept));
            pieces.extend(blocks.map(|blocks| Piece::Old(part, blocks)));
        }
        pieces.extend(self.new.span().intersect(span).map(Piece::New));
        Source::Made(pieces)
    }

    /// The facts of a segment; columns that are not wanted may be empty.
    pub fn facts(&self, planned: &Planned<'a>, want: Want) -> Result<Held<'a>, StoreError> {
        match &planned.source {
            Source::Stored(part) => Ok(Held::Own(self.read(part, want)?)),
            Source::Made(pieces) => self.assemble(pieces),
        }
    }

    fn assemble(&self, pieces: &[Piece<'a>]) -> Result<Held<'a>, StoreError> {
        if let [Piece::New(span)] = pieces {
            return Ok(Held::New(self.new.part(*span)));
        }
        let mut whole: Option<Facts> = None;
        for piece in pieces {
            let next = match piece {
                Piece::New(span) => Held::New(self.new.part(*span)),
                Piece::Old(part, span) => Held::Own(self.cut(part, *span)?),
            };
            match &mut whole {
                Some(whole) => whole.append(next.as_slice()),
                None => whole = Some(next.into_facts()),
            }
        }
        let whole = whole.expect("every segment has blocks, kept or new: the layout ends at the tip");
        assert_eq!(whole.check(), Ok(()), "facts that hold apart hold together");
        Ok(Held::Own(whole))
    }

    fn cut(&self, part: &Part, span: Span) -> Result<Facts, StoreError> {
        let facts = self.read(part, Want::all())?;
        facts.check()?;
        Ok(if facts.span() == span { facts } else { facts.slice(span) })
    }

    fn read(&self, part: &Part, want: Want) -> Result<Facts, StoreError> {
        let facts = part.facts.facts(want);
        if let Some(old) = self.old {
            old.health.check()?;
        }
        Ok(facts)
    }

    /// Counts before a height that is kept or the first.
    pub fn kept_counts(&self, height: Height) -> Counts {
        self.old.filter(|_| height > self.first).map_or(Counts::default(), |old| old.counts_before(height.0))
    }

    /// Counts before the new base.
    pub fn base_ends(&self, base: Height) -> Counts {
        if base.0 <= self.kept_end { self.kept_counts(base) } else { self.new.counts_before(base.0) }
    }
}

/// What stays.
struct Kept {
    first: Height,
    end: u32,
    counts: Counts,
    tip: Option<BlockHash>,
}

fn kept_chain(old: Option<&Opened>, keep: Option<Height>, new: FactsSlice<'_>) -> Result<Kept, StoreError> {
    let Some(keep) = keep else {
        return Ok(Kept { first: new.start, end: new.start.0, counts: Counts::default(), tip: None });
    };
    let Some(old) = old else {
        return Err(StoreError::NotAdjacent { got: new.start, want: keep.next() });
    };
    let (first, tip) = (old.first(), old.tip());
    if !(first..=tip).contains(&keep) {
        return Err(StoreError::OutOfRange { asked: keep, first, tip });
    }
    let kept = Kept {
        first,
        end: keep.0 + 1,
        counts: old.counts_before(keep.0 + 1),
        tip: Some(old.part(keep.0).facts.block_hash(keep)),
    };
    old.health.check()?;
    Ok(kept)
}

fn check_new(kept: &Kept, family: Family, new: FactsSlice<'_>) -> Result<(), StoreError> {
    if new.blocks.is_empty() {
        return if kept.tip.is_some() { Ok(()) } else { Err(StoreError::Nothing) };
    }
    if new.start.0 != kept.end {
        return Err(StoreError::NotAdjacent { got: new.start, want: Height(kept.end) });
    }
    if new.base != kept.counts {
        return Err(StoreError::OtherPast { height: new.start });
    }
    if let Some(got) = new.family().filter(|got| *got != family) {
        return Err(StoreError::OtherFamily { got, want: family });
    }
    check_sizes(&new.blocks[new.blocks.len() - 1].ends)?;
    check_links(kept.tip, new)?;
    Ok(new.check()?)
}

fn check_links(mut below: Option<BlockHash>, new: FactsSlice<'_>) -> Result<(), StoreError> {
    for (block, height) in new.blocks.iter().zip(new.start.0..) {
        if below.is_some_and(|hash| block.prev() != hash) {
            return Err(StoreError::NotAChain { height: Height(height) });
        }
        below = Some(block.hash);
    }
    Ok(())
}

/// Ids on disk: four bytes with the largest value taken, 39 or 40 bits.
fn check_sizes(ends: &Counts) -> Result<(), StoreError> {
    let (narrow, wide) = (u64::from(u32::MAX), coinhound_model::HoldingId::FOREIGN_BIT);
    let sizes = [
        ("transactions", ends.txs, narrow),
        ("addresses", ends.addresses, narrow),
        ("revealed keys", ends.reveals, narrow),
        ("outputs", ends.outputs, wide),
        ("foreign coins", ends.foreign, wide),
        ("movements", ends.moves, 1 << 40),
        ("holdings", ends.holdings, narrow),
        ("assets", ends.assets, narrow),
    ];
    match sizes.into_iter().find(|(_, count, limit)| count >= limit) {
        Some((what, count, limit)) => Err(StoreError::TooMany { what, count, limit }),
        None => Ok(()),
    }
}
