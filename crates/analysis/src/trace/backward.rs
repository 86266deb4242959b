//! Where a coin's value came from: FIFO and LIFO by exact inversion, haircut by its integer rule over the debits.

use coinhound_model::{HoldingId, MovementId, Pruned, Unresolved};

use crate::taint::Rule;

/// What stands behind one coin by one rule. The sources sum to what was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backward<U> {
    /// By which rule.
    pub rule: Rule,
    /// Which coin.
    pub coin: HoldingId,
    /// How much of it was asked for.
    pub asked: U,
    /// Every movement that was gone back through, descending.
    pub hops: Vec<BackHop<U>>,
    /// What each hop asks of its debits, in their order; see [`BackHop::debits`].
    pub demands: Vec<Demand<U>>,
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
    pub debits: std::ops::Range<u32>,
}

/// How much is asked of a coin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demand<U> {
    /// Which coin.
    pub holding: HoldingId,
    /// How much of it.
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
