//! Why loading stopped.

use coinhound_model::{BlockHash, Height, TxHash};

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
    #[error("transaction {tx} in block {block} at height {height} spends {prev}:{index}, which no earlier transaction made")]
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
    Prior(#[from] coinhound_model::LedgerError),
}
