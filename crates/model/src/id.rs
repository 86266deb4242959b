//! Dense ids: positions in one ledger as one store numbers it.
//!
//! An id means something only together with the store (and the manifest) it came from. Ids never
//! leave a process: whatever is saved, printed or sent names chain, block hash, transaction and index.

use std::fmt;

macro_rules! dense_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
        #[repr(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// The id as an index into a column.
            #[must_use]
            pub fn index(self) -> usize {
                usize::try_from(self.0).expect("ids fit the address space: 64-bit targets only")
            }
        }
    };
}

dense_id! {
    /// A movement's position in its ledger, ascending in the ledger's own order. On a coin ledger,
    /// the transaction's position in the chain from the first block of the ingested range.
    MovementId
}

dense_id! {
    /// A place where value rests. On a coin ledger, one output's position in the chain, or a
    /// *foreign* coin: one made before the ingested range, numbered in the order of spending.
    HoldingId
}

dense_id! {
    /// An address: a distinct locking script. The rank of its first appearance in
    /// (transaction, foreign inputs, outputs) order.
    AddressId
}

dense_id! {
    /// One input's position in the chain; coinbase inputs are not counted.
    InputId
}

impl HoldingId {
    /// Foreign coins have this bit; ids are stored in five bytes.
    pub const FOREIGN_BIT: u64 = 1 << 39;

    /// The coin made before the ingested range that was the `rank`-th of its kind to be spent.
    #[must_use]
    pub fn foreign(rank: u64) -> Self {
        debug_assert!(rank < Self::FOREIGN_BIT);
        Self(rank | Self::FOREIGN_BIT)
    }

    /// The rank of a foreign coin, or `None` for a coin made inside the ingested range.
    #[must_use]
    pub fn foreign_rank(self) -> Option<u64> {
        (self.0 & Self::FOREIGN_BIT != 0).then_some(self.0 & !Self::FOREIGN_BIT)
    }
}

impl AddressId {
    /// What an output without an address has: data carriers and provably unspendable scripts.
    pub const NONE: Self = Self(u64::MAX);

    /// Whether this names an address.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// A block's distance from the genesis block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Height(pub u32);

impl Height {
    /// The height after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
