//! What stands behind a coin: every movement gone back through and every source, in flat tables of dense ids.

use std::fmt;
use std::ops::Range;

use coinhound_model::{AsOf, HoldingId, MovementId, Pruned, Units, Unresolved};

use crate::taint::{Rule, sum};
use crate::trace::lane::row;

/// What stands behind one coin by one rule. The sources sum to what was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backward<U> {
    /// What it holds as of.
    pub as_of: AsOf,
    /// By which rule.
    pub rule: Rule,
    /// Which coin.
    pub coin: HoldingId,
    /// How much of it was asked for.
    pub asked: U,
    /// Every movement that was gone back through, descending.
    pub hops: Vec<BackHop<U>>,
    /// The coin that was asked about, then what each hop asks of its debits, in their order; see [`BackHop::debits`].
    pub demands: Vec<Demand<U>>,
    /// Which units of the demanded coins, where the rule has an order; see [`Backward::spans`].
    pub spans: Vec<Span<U>>,
    /// Where the way back ended, in the order it did.
    pub sources: Vec<Source<U>>,
    /// `sources` added up by kind, ascending by kind.
    pub totals: Vec<SourceTotal<U>>,
}

/// A movement gone back through: what is asked of its credits is asked of its debits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackHop<U> {
    /// Which.
    pub movement: MovementId,
    /// How much of its credits was asked for.
    pub asked: U,
    /// One more than the least depth of the credits asked for.
    pub depth: u32,
    /// Range in [`Backward::demands`].
    pub debits: Range<u32>,
}

/// How much is asked of a coin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demand<U> {
    /// Which coin.
    pub holding: HoldingId,
    /// How much of it.
    pub units: U,
    /// How many movements from the coin that was asked about, by the shortest way.
    pub depth: u32,
    /// Range in [`Backward::spans`].
    pub(crate) spans: (u32, u32),
}

/// Units of a coin next to each other, as the rule counts them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span<U> {
    /// The first of them, counted from zero.
    pub start: U,
    /// How many; never zero.
    pub units: U,
}

/// The end of the way back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source<U> {
    /// Which kind of origin.
    pub kind: SourceKind,
    /// The coin where the way back ended.
    pub holding: HoldingId,
    /// How much of it.
    pub units: U,
    /// How many movements from the coin that was asked about.
    pub depth: u32,
}

/// Where value comes from: one closed list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SourceKind {
    /// Made by the movement that credits the coin: a coinbase.
    Issued,
    /// Lay with a tagged service; the number indexes the caller's list of services.
    AtService(u32),
    /// Came out of a collaborative transaction: its inputs are candidates, not links.
    Mixed,
    /// Made before the ingested range.
    Unknown,
    /// Paid out of a pool: where it came from is not on the ledger.
    OutOfPool,
    /// Not followed back, because a parameter says so.
    Pruned(Pruned),
    /// Cannot be followed back from what was ingested.
    Unresolved(Unresolved),
}

/// The sum over one kind of source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceTotal<U> {
    /// Which.
    pub kind: SourceKind,
    /// How much.
    pub units: U,
    /// In how many sources.
    pub sources: u32,
}

impl SourceKind {
    /// The kind's name without its detail, as reports print it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::AtService(_) => "at service",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown: before the ingested range",
            Self::OutOfPool => "unknown: out of a pool",
            Self::Pruned(Pruned::Dust) => "pruned: dust",
            Self::Pruned(Pruned::Hops) => "pruned: hops",
            Self::Pruned(Pruned::Time) => "pruned: time",
            Self::Pruned(Pruned::Height) => "pruned: height",
            Self::Unresolved(Unresolved::AmountUnknown) => "unresolved: amount unknown",
            Self::Unresolved(Unresolved::Contradiction) => "unresolved: contradiction",
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl<U: Units> Backward<U> {
    /// Which units of a demanded coin were asked for, ascending; empty where the rule has no order.
    #[must_use]
    pub fn spans(&self, demand: &Demand<U>) -> &[Span<U>] {
        let (start, len) = demand.spans;
        &self.spans[start as usize..][..len as usize]
    }

    /// What a hop asked of its debits, in their order.
    #[must_use]
    pub fn asked_of(&self, hop: &BackHop<U>) -> &[Demand<U>] {
        &self.demands[hop.debits.start as usize..hop.debits.end as usize]
    }

    /// The sum over one kind of source; zero when nothing came from there.
    #[must_use]
    pub fn total(&self, kind: SourceKind) -> U {
        self.totals.iter().find(|total| total.kind == kind).map_or(U::ZERO, |total| total.units)
    }

    /// Keeps the spans of a demand.
    pub(crate) fn keep_spans(&mut self, spans: &[Span<U>]) -> (u32, u32) {
        let start = row(self.spans.len());
        self.spans.extend_from_slice(spans);
        (start, row(spans.len()))
    }

    /// Makes `totals` of `sources`, and checks the sum.
    pub(crate) fn add_up(&mut self) {
        let mut all = U::ZERO;
        for source in &self.sources {
            let found = self.totals.binary_search_by_key(&source.kind, |total| total.kind);
            let at = found.unwrap_or_else(|at| {
                self.totals.insert(at, SourceTotal { kind: source.kind, units: U::ZERO, sources: 0 });
                at
            });
            self.totals[at].units = sum(self.totals[at].units, source.units);
            self.totals[at].sources += 1;
            all = sum(all, source.units);
        }
        assert_eq!(all, self.asked, "the sources sum to what was asked");
    }
}
