//! The facts of a range of blocks, ids resolved: what `ingest` derives and the store keeps.
//!
//! Plain vectors in chain order. Every count is cumulative from the first ingested block, so a slice
//! at a block boundary is a pure cut and two adjacent ranges concatenate without renumbering.

use coinhound_model::print::{CollabPrint, InputPrint, TxPrint};
use coinhound_model::{AddressId, BlockHash, Height, HoldingId, InputId, KeyHash, LockKind, MovementId, TxHash};

/// How many rows of each kind lie before a point of the chain, from the first ingested block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Transactions.
    pub txs: u64,
    /// Inputs, coinbase inputs not counted.
    pub inputs: u64,
    /// Outputs.
    pub outputs: u64,
    /// Distinct addresses.
    pub addresses: u64,
    /// Bytes of address payload.
    pub address_bytes: u64,
    /// Foreign coins spent.
    pub foreign: u64,
    /// Scripts kept verbatim.
    pub scripts: u64,
    /// Bytes of scripts kept verbatim.
    pub script_bytes: u64,
    /// Keys revealed by spending.
    pub reveals: u64,
    /// Merges of tier T0.
    pub t0: u64,
    /// Merges of tier T1.
    pub t1: u64,
}

/// One block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockRow {
    /// The 80 bytes that hash to the block's name.
    pub header: [u8; 80],
    /// The hash of `header`.
    pub hash: BlockHash,
    /// Length of the whole block in bytes.
    pub size: u32,
    /// Counts after this block.
    pub ends: Counts,
}

/// One transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxRow {
    /// Its hash without the witness.
    pub txid: TxHash,
    /// Inputs up to and including this transaction.
    pub input_end: u64,
    /// Outputs up to and including this transaction.
    pub output_end: u64,
    /// Weight units.
    pub weight: u32,
    /// How it was put together.
    pub print: TxPrint,
    /// Which collaborative predicates hold.
    pub collab: CollabPrint,
}

/// One input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InputRow {
    /// The coin it empties.
    pub coin: HoldingId,
    /// How it was signed.
    pub print: InputPrint,
}

/// One output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutputRow {
    /// In the smallest unit.
    pub value: u64,
    /// [`AddressId::NONE`] for data carriers and provably unspendable scripts.
    pub address: AddressId,
}

/// An address at its first appearance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressRow {
    /// Shape of the locking script.
    pub kind: LockKind,
    /// Payload bytes up to and including this address.
    pub payload_end: u64,
}

/// A coin made before the ingested range, at the moment it is spent. Its id is
/// [`HoldingId::foreign`] of its rank.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ForeignRow {
    /// The transaction that made it.
    pub txid: TxHash,
    /// Which of its outputs.
    pub index: u32,
    /// The transaction that spends it.
    pub spender: MovementId,
    /// In the smallest unit, or [`ForeignRow::UNKNOWN`].
    pub value: u64,
    /// [`AddressId::NONE`] where the locking script is not known.
    pub address: AddressId,
    /// Height of the block that made it, or `u32::MAX`.
    pub height: u32,
    /// Whether a coinbase made it.
    pub coinbase: bool,
}

impl ForeignRow {
    /// The value of a coin whose amount nobody told.
    pub const UNKNOWN: u64 = u64::MAX;
}

/// A script that no id stands for, kept verbatim: a data carrier or an oversized script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScriptRow {
    /// The output that carries it.
    pub output: HoldingId,
    /// Which kind.
    pub kind: LockKind,
    /// Script bytes up to and including this one.
    pub end: u64,
}

/// The first time an address's key was shown while its lock holds only a hash of a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RevealRow {
    /// The spending transaction.
    pub tx: MovementId,
    /// The address.
    pub address: AddressId,
    /// HASH160 of its key.
    pub key: KeyHash,
}

/// An edge that joined two clusters: one row of a tier's merge log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MergeRow {
    /// The transaction that shows it.
    pub tx: MovementId,
    /// T1: the later input of the pair. T0: zero.
    pub input: InputId,
    /// T1: the address of the transaction's first input. T0: the older address.
    pub a: AddressId,
    /// The address that joined.
    pub b: AddressId,
}

/// The facts of the blocks from `start` on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// Height of the first block.
    pub start: Height,
    /// Counts before the first block.
    pub base: Counts,
    /// By height.
    pub blocks: Vec<BlockRow>,
    /// By [`MovementId`].
    pub txs: Vec<TxRow>,
    /// By [`InputId`].
    pub inputs: Vec<InputRow>,
    /// By [`HoldingId`].
    pub outputs: Vec<OutputRow>,
    /// By [`AddressId`].
    pub addresses: Vec<AddressRow>,
    /// The addresses' payloads.
    pub address_bytes: Vec<u8>,
    /// By foreign rank.
    pub foreign: Vec<ForeignRow>,
    /// In chain order.
    pub scripts: Vec<ScriptRow>,
    /// The verbatim scripts.
    pub script_bytes: Vec<u8>,
    /// In chain order.
    pub reveals: Vec<RevealRow>,
    /// Merge log of tier T0 (same key), in chain order.
    pub t0: Vec<MergeRow>,
    /// Merge log of tier T1 (co-spend), in chain order.
    pub t1: Vec<MergeRow>,
}
