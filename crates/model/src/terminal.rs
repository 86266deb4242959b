//! Where a stolen lot ends: one closed list, used by every rule, report and sum.

use std::fmt;

/// The end of a stolen lot's way. The terminals of a trail sum to what was stolen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Terminal {
    /// Lies unspent in a holding as of the traced height.
    AtRest,
    /// Arrived at a tagged service; the number indexes the trace's list of services.
    AtService(u32),
    /// Went into a collaborative transaction: its outputs are candidates, not links.
    Mixed,
    /// Sent where nobody can spend it.
    Burned,
    /// Frozen by the asset's issuer.
    Frozen,
    /// Paid to miners or validators.
    Fee,
    /// Not claimed by the miner who could have.
    Lost,
    /// Exchanged for another asset; a child trail follows that one.
    Converted,
    /// Came back to where it was stolen from and was taken again: the later seed counts it.
    Returned,
    /// Not followed, because a parameter says so.
    Pruned(Pruned),
    /// Cannot be followed from what was ingested.
    Unresolved(Unresolved),
}

/// Which parameter ended the walk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pruned {
    /// The lot was below the dust limit.
    Dust,
    /// The lot was as many movements away from the theft as the limit allows.
    Hops,
    /// The next movement is later than the time limit.
    Time,
    /// The next movement is above the height limit.
    Height,
}

/// What is missing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Unresolved {
    /// The next movement also takes a foreign holding whose amount is not known.
    AmountUnknown,
    /// The ledger's rows of this asset contradict each other where the way goes on: a token's contract can write anything.
    Contradiction,
}

impl Terminal {
    /// The terminal's name without its detail, as reports print it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::AtRest => "at rest",
            Self::AtService(_) => "at service",
            Self::Mixed => "mixed",
            Self::Burned => "burned",
            Self::Frozen => "frozen",
            Self::Fee => "fee",
            Self::Lost => "lost",
            Self::Converted => "converted",
            Self::Returned => "returned",
            Self::Pruned(Pruned::Dust) => "pruned: dust",
            Self::Pruned(Pruned::Hops) => "pruned: hops",
            Self::Pruned(Pruned::Time) => "pruned: time",
            Self::Pruned(Pruned::Height) => "pruned: height",
            Self::Unresolved(Unresolved::AmountUnknown) => "unresolved: amount unknown",
            Self::Unresolved(Unresolved::Contradiction) => "unresolved: contradiction",
        }
    }
}

impl fmt::Display for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
