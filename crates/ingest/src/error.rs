//! Why loading stopped.

use coinhound_chains::bitcoin::files::BlockFileError;
use coinhound_chains::bitcoin::headers::HeaderError;
use coinhound_model::{BlockHash, Height, LedgerError, TxHash};
use coinhound_store::failure::StoreError;
use coinhound_store::storage::StorageError;

use crate::node::NodeError;

/// Why a load ended early. What was committed before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The block files.
    #[error(transparent)]
    Files(#[from] BlockFileError),
    /// The node failed or lied.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The blocks have no order.
    #[error(transparent)]
    Headers(#[from] HeaderError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store's disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What was stored before.
    #[error(transparent)]
    Prior(#[from] LedgerError),
    /// The store begins at another height than the one given.
    #[error(
        "the store begins at height {first}, not at {asked}: leave the start height out, or load into another folder"
    )]
    OtherStart {
        /// Of the store.
        first: Height,
        /// Of the caller.
        asked: Height,
    },
    /// The store was made by a build that knows a veto set this one does not.
    #[error("the store was made with veto set `{name}`, which this build does not know")]
    UnknownVeto {
        /// The set's name.
        name: String,
    },
}

/// Why a block that hashes right cannot follow the chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeriveError {
    /// The block names another parent than the chain's tip.
    #[error("block {block} at height {height} names parent {found}, the chain's tip is {expected}")]
    NotNext {
        /// The block.
        block: BlockHash,
        /// Where it was offered.
        height: Height,
        /// The parent it names.
        found: BlockHash,
        /// The tip.
        expected: BlockHash,
    },
    /// An input spends an output that no earlier block made, although the chain is whole from genesis.
    #[error(
        "transaction {tx} in block {block} at height {height} spends {prev}:{index}, which no earlier transaction made"
    )]
    NoSuchCoin {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// The spending transaction.
        tx: TxHash,
        /// The transaction it names.
        prev: TxHash,
        /// The output it names.
        index: u32,
    },
    /// The undo file's coins do not match the block's inputs.
    #[error("block {block} at height {height} has {inputs} inputs, its undo record {spent} coins")]
    UndoMismatch {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// Inputs in the block.
        inputs: usize,
        /// Coins in the record.
        spent: usize,
    },
    /// The block does not end with its extension, though every chain of the network has one at this height.
    #[error(
        "block {block} at height {height} lacks its extension: was it asked of a node that does not serve extension blocks?"
    )]
    NoExtension {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
    },
    /// A transaction pays out more than it takes in.
    #[error("transaction {tx} in block {block} at height {height} pays out {paid} units and may pay {taken}")]
    Overspent {
        /// The block.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// The transaction.
        tx: TxHash,
        /// Sum of its outputs.
        paid: u128,
        /// Sum of its inputs, or what a coinbase may claim.
        taken: u128,
    },
    /// The store met damage while it was asked about earlier blocks.
    #[error(transparent)]
    Prior(#[from] LedgerError),
}
