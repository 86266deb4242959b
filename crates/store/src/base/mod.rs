//! The base: what all blocks below the fold say about earlier ones, folded into dense tables.
//!
//! Each table is one file and one function of (what is kept of the old table, the facts of the blocks
//! that come new): the same bytes whether it was folded step by step, filtered down after a
//! reorganisation, or built at once. Building holds one table in memory at a time: at most 16 bytes
//! a coin (`coins`), 4 to 12 bytes an id (the others).

mod clusters;
mod coins;
mod index;
mod moves;
mod spender;
mod stored;

pub use stored::BASE_DIR;
pub(crate) use stored::Base;

use coinhound_model::Height;

use crate::buckets::Buckets;
use crate::cut::FactsSlice;
use crate::derive::{Owned, Tier, Touched, Want};
use crate::facts::Counts;
use crate::failure::StoreError;

/// One of the base's tables. The names are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BaseTable {
    /// Coin to the transaction that spends it.
    Spender,
    /// Transaction hash to transaction.
    Txids,
    /// Lock to address.
    Locks,
    /// Key to addresses.
    Keys,
    /// Address to coins, or to holdings.
    Coins,
    /// Holding to movements.
    Moves,
    /// Address to cluster and back, tier T0.
    T0,
    /// Address to cluster and back, tier T1.
    T1,
}

impl BaseTable {
    /// Every table.
    pub const ALL: [Self; 8] =
        [Self::Spender, Self::Txids, Self::Locks, Self::Keys, Self::Coins, Self::Moves, Self::T0, Self::T1];

    /// The name in file names and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spender => "spender",
            Self::Txids => "txids",
            Self::Locks => "locks",
            Self::Keys => "keys",
            Self::Coins => "coins",
            Self::Moves => "moves",
            Self::T0 => "t0",
            Self::T1 => "t1",
        }
    }

    /// The table with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }
}

/// A derived table in memory, ready to be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Derived {
    /// By coin: the spender, or [`UNSPENT`].
    Spender(Vec<u32>),
    /// Transactions or addresses by hash.
    Index(Buckets),
    /// Addresses and revealed keys by key.
    Keys { keys: Buckets, reveals: Buckets },
    /// Sorted by (address, coin), with the number of addresses.
    Coins { addresses: u64, owned: Vec<Owned> },
    /// Sorted by (holding, movement), with the number of holdings.
    Moves { holdings: u64, touched: Vec<Touched> },
    /// The root of every address (of none where nothing was joined), or of those listed; and the same addresses by (root, address).
    Clusters { listed: Option<Vec<u32>>, roots: Vec<u32>, members: Vec<u32> },
}

/// What the spender of a coin reads as while nobody spent it.
pub(crate) const UNSPENT: u32 = u32::MAX;

/// The facts below the new base, segment by segment.
pub(crate) trait History: Sync {
    /// Visits the facts from `from`, which is a segment's start, to the new base; columns that are not wanted may be empty.
    fn each(&self, from: Height, want: Want, visit: &mut dyn FnMut(FactsSlice<'_>)) -> Result<(), StoreError>;
}

/// From which old base to which new one.
pub(crate) struct Step<'a> {
    /// What is folded already, if anything.
    pub old: Option<&'a Base>,
    /// The old base is kept below this height; above it the history is new. A multiple of the fold, or `first`.
    pub kept: Height,
    /// Counts before `kept`.
    pub kept_counts: Counts,
    /// The lowest height.
    pub first: Height,
    /// Counts before the new base.
    pub ends: Counts,
    /// All facts below the new base.
    pub history: &'a dyn History,
    /// A planted fault for the tests of tests: spenders and movements above the fork stay.
    pub skip_unwind: bool,
}

impl Step<'_> {
    /// The old base, when any of it is kept.
    fn kept_base(&self) -> Option<&Base> {
        self.old.filter(|_| self.kept > self.first)
    }

    /// Derives one table.
    pub fn derive(&self, table: BaseTable) -> Result<Derived, StoreError> {
        match table {
            BaseTable::Spender => spender::derive(self).map(Derived::Spender),
            BaseTable::Txids => index::txids(self).map(Derived::Index),
            BaseTable::Locks => index::locks(self).map(Derived::Index),
            BaseTable::Keys => index::keys(self).map(|(keys, reveals)| Derived::Keys { keys, reveals }),
            BaseTable::Coins => {
                coins::derive(self).map(|owned| Derived::Coins { addresses: self.ends.addresses, owned })
            }
            BaseTable::Moves => {
                moves::derive(self).map(|touched| Derived::Moves { holdings: self.ends.holdings, touched })
            }
            BaseTable::T0 => clusters::derive(self, Tier::T0),
            BaseTable::T1 => clusters::derive(self, Tier::T1),
        }
    }
}
