//! Why a block of an account ledger cannot be taken, or why nothing can.

use coinhound_model::{BlockHash, Height, LedgerError, MoveKind};
use coinhound_store::failure::StoreError;
use coinhound_store::storage::StorageError;

/// Why a block of an account ledger was not taken. What was committed before stays; after a refused block the session
/// can go on with another one, after any other failure it must be opened anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The block has another height than the one after the tip.
    #[error("block {block} has height {found}, the next one is {expected}")]
    OtherHeight {
        /// The block.
        block: BlockHash,
        /// Its height.
        found: Height,
        /// The height after the tip.
        expected: Height,
    },
    /// The block names another parent than the tip.
    #[error("block {block} at height {height} names parent {found}, the ledger's tip is {expected}")]
    NotNext {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// The parent it names.
        found: BlockHash,
        /// The tip.
        expected: BlockHash,
    },
    /// A movement has a side that its kind does not have, or lacks one.
    #[error(
        "movement {movement} of transaction {tx} in block {block} at height {height} is a {kind}: \
         it takes from {} and gives to {}, and names {} and {}",
        somebody(kind.takes()), somebody(kind.gives()), somebody(*from), somebody(*to)
    )]
    Sides {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// The transaction's position in the block.
        tx: usize,
        /// The movement's position in the transaction.
        movement: usize,
        /// Its kind.
        kind: MoveKind,
        /// Whether it names who it leaves.
        from: bool,
        /// Whether it names who receives it.
        to: bool,
    },
    /// Something in the block is larger than a block may hold.
    #[error("block {block} at height {height} holds {got} {what}, at most {max} are taken")]
    TooLarge {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// Of which kind.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// How many there may be.
        max: usize,
    },
    /// An asset is counted in another unit than before.
    #[error(
        "block {block} at height {height} counts the asset `{}` with {}, which appeared with {}",
        asset.escape_debug(), decimals(*got), decimals(*expected)
    )]
    OtherDecimals {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// The asset's id.
        asset: String,
        /// Decimal places at its first appearance; none where they were unknown.
        expected: Option<u8>,
        /// Decimal places now; none where they are unknown.
        got: Option<u8>,
    },
    /// A height that is not in the ledger.
    #[error("height {asked} is not in the ledger, which holds {first} to {tip}")]
    OutOfRange {
        /// Asked for.
        asked: Height,
        /// The lowest.
        first: Height,
        /// The highest.
        tip: Height,
    },
    /// There is no ledger yet to go back in.
    #[error("nothing is stored yet")]
    Empty,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store's disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What was stored before.
    #[error(transparent)]
    Prior(#[from] LedgerError),
}

fn decimals(count: Option<u8>) -> String {
    count.map_or_else(|| "no number of decimals".to_owned(), |count| format!("{count} decimals"))
}

fn somebody(is_there: bool) -> &'static str {
    if is_there { "somebody" } else { "nobody" }
}
