//! Why a block cannot be booked.

use crate::nem::address::Address;
use crate::nem::check::{BlockFault, COSIGNATORIES_MAX};

/// Why a block cannot be booked. Indexes count transactions of the block from zero.
///
/// All but the first three say that a block does what its chain forbids, as far as this ledger knows its chain: the
/// one who told it has another chain, or made it up.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// It is not the next block.
    #[error("the block is not the next one")]
    NotNext(#[from] BlockFault),
    /// A height beyond what rows count.
    #[error("height {got} does not fit 32 bits")]
    Height {
        /// The height.
        got: u64,
    },
    /// A time beyond what rows count.
    #[error("block {height} is of the time {got}, which does not fit 32 bits")]
    Time {
        /// The block's height.
        height: u64,
        /// Seconds since 1970.
        got: u64,
    },
    /// A mosaic that nobody defined.
    #[error("block {height}, transaction {index}: the mosaic `{}` was never defined", mosaic.escape_debug())]
    UnknownMosaic {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// Its name.
        mosaic: String,
    },
    /// A mosaic's name that no mosaic can have.
    #[error("block {height}, transaction {index}: `{}` is not the name of a mosaic that may be made", mosaic.escape_debug())]
    Name {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The name.
        mosaic: String,
    },
    /// A property of a definition that cannot be.
    #[error(
        "block {height}, transaction {index}: the mosaic `{}` has the {property} `{}`, expected {expected}",
        mosaic.escape_debug(), got.escape_debug()
    )]
    Property {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The mosaic.
        mosaic: String,
        /// Which property.
        property: &'static str,
        /// What it can be.
        expected: &'static str,
        /// What it is, shortened.
        got: String,
    },
    /// A supply change by another account than the mosaic's maker.
    #[error("block {height}, transaction {index}: the supply of `{}` is changed by {got}, expected {expected}", mosaic.escape_debug())]
    NotMaker {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The mosaic.
        mosaic: String,
        /// Who made it.
        expected: Address,
        /// Who changes it.
        got: Address,
    },
    /// A supply change that the mosaic's definition or its supply forbids.
    #[error("block {height}, transaction {index}: the supply of `{}` cannot change like this: {why}", mosaic.escape_debug())]
    Supply {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The mosaic.
        mosaic: String,
        /// What forbids it.
        why: &'static str,
    },
    /// An amount that no node can count.
    #[error("block {height}, transaction {index}: an amount of `{}` that does not fit 63 bits", mosaic.escape_debug())]
    Amount {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The mosaic.
        mosaic: String,
    },
    /// A multisig account signs by itself.
    #[error("block {height}, transaction {index}: {account} needs its cosignatories, and signs by itself")]
    SignsAlone {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The account.
        account: Address,
    },
    /// Somebody signs for an account who is not its cosignatory.
    #[error("block {height}, transaction {index}: {signer} signs for {account}, whose cosignatory he is not")]
    NotCosignatory {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The account.
        account: Address,
        /// Who signs.
        signer: Address,
    },
    /// Fewer signatures than the account asks for.
    #[error("block {height}, transaction {index}: {got} cosignatories sign for {account}, expected {expected}")]
    TooFewSign {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The account.
        account: Address,
        /// How many must.
        expected: usize,
        /// How many do; one who is being removed does not count.
        got: usize,
    },
    /// More cosignatories than an account can have.
    #[error(
        "block {height}, transaction {index}: {account} has {got} cosignatories, expected {COSIGNATORIES_MAX} at most"
    )]
    Cosignatories {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The account.
        account: Address,
        /// How many it would have.
        got: usize,
    },
    /// A number of signatures that an account cannot ask for.
    #[error("block {height}, transaction {index}: {account} asks for {got} signatures of {cosignatories}")]
    Minimum {
        /// The block's height.
        height: u64,
        /// Which transaction.
        index: usize,
        /// The account.
        account: Address,
        /// How many cosignatories it has.
        cosignatories: usize,
        /// How many it asks for.
        got: i64,
    },
}

/// Blocks cannot be taken back.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot go back to height {to}: {lowest} is the lowest that is remembered")]
pub struct UnwindError {
    /// The height asked for.
    pub to: u64,
    /// The lowest that would be possible.
    pub lowest: u64,
}

/// Why bytes are not a saved ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// Not what [`crate::nem::NemLedger::to_bytes`] writes.
    #[error("the saved ledger cannot be read")]
    Damaged(#[source] serde_json::Error),
    /// A ledger that no blocks lead to.
    #[error("the saved ledger cannot be: {0}")]
    Impossible(&'static str),
    /// Another format.
    #[error("the saved ledger has format {got}, this build reads {expected}")]
    Format {
        /// The format of this build.
        expected: u32,
        /// The format of the bytes.
        got: u32,
    },
}
