//! What can be wrong with a block that a stranger told.

use crate::nem::block::BlockKind;
use crate::nem::bytes::{Hash, PublicKey};
use crate::nem::check::TRANSACTIONS_MAX;
use crate::nem::network::Network;
use crate::nem::sign::VerifyError;

/// Why a block cannot stand on its parent. Indexes count transactions of the block from zero; times are in seconds
/// since the chain's own epoch.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlockFault {
    /// Not the next one.
    #[error("the block's height is {got}, expected {expected}")]
    Height {
        /// The next height.
        expected: u64,
        /// The block's.
        got: u64,
    },
    /// A first block elsewhere than at height 1, or another one there.
    #[error("block {height} is of the type {}, expected {}", got.code().cast_signed(), expected.code().cast_signed())]
    Kind {
        /// The block's height.
        height: u64,
        /// What it must be there.
        expected: BlockKind,
        /// What it is.
        got: BlockKind,
    },
    /// Not the first block of this chain.
    #[error("the first block is {got}, expected {expected}")]
    Nemesis {
        /// The chain's first block.
        expected: Hash,
        /// What the block's content hashes to.
        got: Hash,
    },
    /// It stands on another block.
    #[error("block {height} stands on {got}, expected {expected}")]
    Previous {
        /// The block's height.
        height: u64,
        /// What the block below hashes to.
        expected: Hash,
        /// What it names.
        got: Hash,
    },
    /// It stands on nothing, which only the first block of a chain does.
    #[error("block {height} names no block before it")]
    NoPrevious {
        /// The block's height.
        height: u64,
    },
    /// It is older than the block it stands on.
    #[error("block {height} is of the time {got}, expected {parent} or later")]
    Timestamp {
        /// The block's height.
        height: u64,
        /// The time of the block below.
        parent: u32,
        /// The block's.
        got: u32,
    },
    /// The block, a transaction, what is inside it or a cosignature is of another network.
    #[error("block {height}{}: the version is of {got}, expected {expected}", at(*index))]
    Network {
        /// The block's height.
        height: u64,
        /// Which transaction; none when it is the block itself.
        index: Option<usize>,
        /// The chain's network.
        expected: Network,
        /// The one that is named.
        got: Network,
    },
    /// More transactions than a block may hold.
    #[error("block {height} holds {got} transactions, expected {TRANSACTIONS_MAX} at most")]
    Transactions {
        /// The block's height.
        height: u64,
        /// How many there are.
        got: usize,
    },
    /// A signature does not hold.
    #[error("block {height} is not what its signers signed")]
    Signature {
        /// The block's height.
        height: u64,
        /// Whose, and where.
        source: VerifyError,
    },
    /// A transaction stands in the block twice.
    #[error("block {height}, transaction {index}: {hash} stood in transaction {first} already")]
    Duplicate {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// Which one it repeats.
        first: usize,
        /// The hash of what stands twice: of the transaction, or of the one inside it.
        hash: Hash,
    },
    /// A deadline that is not within the day after its transaction was made.
    #[error(
        "block {height}, transaction {index}: made at {timestamp}, good until {deadline}, expected within a day after"
    )]
    Deadline {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// When it says it was made.
        timestamp: u32,
        /// Until when it says it is good.
        deadline: u32,
    },
    /// A transaction whose deadline was over before the block.
    #[error("block {height}, transaction {index}: good until {deadline}, but the block is of the time {got}")]
    Late {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// Until when it is good.
        deadline: u32,
        /// The block's time.
        got: u32,
    },
    /// A message longer than was allowed at this height.
    #[error("block {height}, transaction {index}: a message of {got} bytes, expected {most} at most")]
    Message {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The most there may be.
        most: usize,
        /// How many there are.
        got: usize,
    },
    /// A transaction lists more of something than any node takes.
    #[error("block {height}, transaction {index}: {got} {what}, expected {most} at most")]
    TooMany {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// Of what.
        what: &'static str,
        /// The most there may be.
        most: usize,
        /// How many there are.
        got: usize,
    },
    /// Somebody signs a multisig transaction twice.
    #[error("block {height}, transaction {index}: {signer} signs twice")]
    Cosigner {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// Who.
        signer: PublicKey,
    },
    /// The harvester harvests a transaction of his own.
    #[error("block {height}, transaction {index}: signed by the block's own harvester {signer}")]
    OwnTransaction {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// Who.
        signer: PublicKey,
    },
    /// A mosaic is made in another account's name.
    #[error("block {height}, transaction {index}: the mosaic is made by {got}, expected {expected} who signs")]
    Creator {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// Who signs.
        expected: PublicKey,
        /// In whose name.
        got: PublicKey,
    },
}

fn at(index: Option<usize>) -> String {
    index.map(|index| format!(", transaction {index}")).unwrap_or_default()
}
