//! Why a store could not be opened, read or written.

use coinhound_model::Height;

use crate::audit::FactsError;
use crate::commit::PublishError;
use crate::error::DamageError;
use crate::layout::LayoutError;
use crate::manifest::{Family, ManifestError, Params};
use crate::storage::StorageError;
use crate::table::{OpenTableError, WriteTableError};

/// Why a store could not be opened, read or written. Whatever it is, the last commit stands.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Bytes on disk are not what was committed.
    #[error(transparent)]
    Damage(#[from] DamageError),
    /// The manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A table cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenTableError),
    /// A table cannot be written.
    #[error(transparent)]
    Write(#[from] WriteTableError),
    /// A manifest cannot be published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Format parameters that lay out nothing.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The store was made with other parameters; they are part of every file.
    #[error("the store was made with {stored:?}, not with {asked:?}")]
    OtherParams {
        /// Of the store.
        stored: Params,
        /// Of the caller.
        asked: Params,
    },
    /// Facts that contradict themselves: nothing was written.
    #[error("the facts to store contradict themselves")]
    Facts(#[from] FactsError),
    /// Facts of coins for a store of accounts, or the reverse: nothing was written.
    #[error("the facts to store are those of {got}, the store holds {want}")]
    OtherFamily {
        /// Of the facts.
        got: Family,
        /// Of the store.
        want: Family,
    },
    /// Facts that do not continue what is stored.
    #[error("the facts to store start at height {got}, expected {want}")]
    NotAdjacent {
        /// Their first height.
        got: Height,
        /// One past the last height that stays.
        want: Height,
    },
    /// Facts that were derived against another past.
    #[error("the facts to store from height {height} were derived from other counts than the store holds there")]
    OtherPast {
        /// Their first height.
        height: Height,
    },
    /// A block whose header does not name the one before it.
    #[error("block {height} does not follow the block below it")]
    NotAChain {
        /// The upper one.
        height: Height,
    },
    /// More rows than the ids on disk can number.
    #[error("{count} {what} are more than this format numbers ({limit})")]
    TooMany {
        /// Of which kind.
        what: &'static str,
        /// How many there would be.
        count: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A commit that would leave no block.
    #[error("a store holds at least one block: nothing is kept and nothing is added")]
    Nothing,
    /// Another height than those ingested.
    #[error("height {asked} was not ingested: the store holds {first} to {tip}")]
    OutOfRange {
        /// Asked for.
        asked: Height,
        /// The lowest.
        first: Height,
        /// The highest, or the height a view is pinned to.
        tip: Height,
    },
    /// Files of a manifest that are not those its layout asks for.
    #[error("the manifest names no file `{role}`, which its heights and parameters ask for")]
    FileNotNamed {
        /// The file's role.
        role: String,
    },
    /// A derived table that, made anew, is not what the manifest names: the facts or the program differ.
    #[error("`{role}` made anew from the facts has other bytes than the manifest names")]
    Differs {
        /// The table.
        role: String,
    },
    /// A file that is not made of others.
    #[error("`{role}` is not a derived table: facts have to be read again from the chain")]
    NotDerived {
        /// The file's role.
        role: String,
    },
    /// A commit failed before: what is in memory may not be what is on disk.
    #[error("an earlier commit failed: open the store again")]
    Poisoned,
}
