//! The contract between what stores ledgers and what computes over them.
//!
//! A [`Ledger`] value is a view pinned to one height: every answer holds as of [`Ledger::as_of`].
//! Hot calls return plain values and cannot fail; a view that meets damage answers with empties,
//! remembers it, and [`Ledger::health`] tells. No result leaves `analysis` before health was asked.

use std::ops::Range;

use bitflags::bitflags;

use crate::chain::ChainId;
use crate::hash::{BlockHash, TxHash};
use crate::id::{AddressId, Height, HoldingId, MovementId};
use crate::units::Units;

/// The point of the chain that answers refer to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsOf {
    /// Which chain.
    pub chain: ChainId,
    /// Lowest height that was ingested.
    pub first: Height,
    /// The height answers hold at.
    pub height: Height,
    /// The block at that height.
    pub block: BlockHash,
}

/// One side of a movement: value leaving or entering a holding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<U> {
    /// Where the value leaves or rests.
    pub holding: HoldingId,
    /// How much. Zero for a foreign holding of unknown amount (see [`MovementMarks::AMOUNT_UNKNOWN`]).
    pub units: U,
    /// Who can move it; [`AddressId::NONE`] when nobody can.
    pub owner: AddressId,
}

bitflags! {
    /// What the engine must know about a movement before it follows value through it.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct MovementMarks: u32 {
        /// Makes new value (a coinbase): has credits and no debits.
        const ISSUES = 1 << 0;
        /// Some debit's amount is not known: the coin was made before the ingested range.
        const AMOUNT_UNKNOWN = 1 << 1;
        /// Inputs are signed with mixed sighash types: no co-spend evidence.
        const MIXED_SIGHASH = 1 << 2;
        /// Settles a pool whose inside is not on the ledger: nobody can tell which debit became which credit.
        /// What enters is mixed, what leaves is of unknown origin, and the debits have no owner in common.
        const POOL = 1 << 3;
    }
}

/// A movement by what outlives this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovementFact {
    /// Height of its block.
    pub height: Height,
    /// Hash of its block.
    pub block: BlockHash,
    /// Its position within the block.
    pub position: u32,
    /// Its hash.
    pub tx: TxHash,
    /// The block's time in seconds since 1970: a miner's claim.
    pub time: u32,
}

/// Why a ledger's answers cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger is damaged: {message}")]
pub struct LedgerError {
    /// File, offset and what was expected.
    pub message: String,
}

/// An ordered record of movements, pinned to one height.
pub trait Ledger: Sync {
    /// How amounts are counted here.
    type Units: Units;

    /// What the answers hold at.
    fn as_of(&self) -> &AsOf;

    /// All movements of the view, ascending; the order is topological.
    fn movements(&self) -> Range<u64>;

    /// The height of a movement's block.
    fn height(&self, movement: MovementId) -> Height;

    /// The time of a movement's block, seconds since 1970.
    fn time(&self, movement: MovementId) -> u32;

    /// What the engine must know before following value through.
    fn marks(&self, movement: MovementId) -> MovementMarks;

    /// The collaborative predicates that hold.
    fn collab(&self, movement: MovementId) -> crate::print::CollabPrint;

    /// Replaces `into` with the debits in ledger order.
    fn debits(&self, movement: MovementId, into: &mut Vec<Entry<Self::Units>>);

    /// Replaces `into` with the credits in ledger order, zero-value ones included.
    fn credits(&self, movement: MovementId, into: &mut Vec<Entry<Self::Units>>);

    /// The first movement after `after` that takes from the holding, or `None` when it lies still.
    fn next(&self, holding: HoldingId, after: MovementId) -> Option<MovementId>;

    /// The movement that made a coin and which of its credits it is; `None` for a foreign coin.
    fn origin(&self, holding: HoldingId) -> Option<(MovementId, u32)>;

    /// A holding's amount and owner. Zero for a foreign holding of unknown amount.
    fn entry(&self, holding: HoldingId) -> Entry<Self::Units>;

    /// A movement by what outlives this process.
    fn fact(&self, movement: MovementId) -> MovementFact;

    /// The outpoint of a coin: the hash that made it and the index there; foreign coins included.
    fn outpoint(&self, holding: HoldingId) -> (TxHash, u32);

    /// Movements with this hash, ascending. More than one only for the duplicate coinbases of BIP 30.
    fn find(&self, tx: &TxHash) -> Vec<MovementId>;

    /// The holdings that were ever owned by an address, ascending, foreign ones last.
    fn holdings(&self, owner: AddressId, into: &mut Vec<HoldingId>);

    /// Replaces `into` with the other addresses known to use a key of this one (tier T0), ascending.
    /// A ledger without a key table knows none.
    fn same_key(&self, owner: AddressId, into: &mut Vec<AddressId>) {
        let _ = owner;
        into.clear();
    }

    /// Whether some movement may settle a pool ([`MovementMarks::POOL`]): where none does, value whose origin
    /// was ingested is known to the last unit.
    fn has_pools(&self) -> bool {
        false
    }

    /// How many addresses the view knows; ids run from zero.
    fn addresses(&self) -> u64;

    /// Whether everything answered so far was verified.
    ///
    /// # Errors
    /// The first damage met, sticky.
    fn health(&self) -> Result<(), LedgerError>;
}
