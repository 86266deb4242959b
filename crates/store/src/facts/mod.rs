//! The facts of a range of blocks, ids resolved: what `ingest` derives and the store keeps.
//!
//! Plain vectors in chain order. Every count is cumulative from the first ingested block, so a slice
//! at a block boundary is a pure cut and two adjacent ranges concatenate without renumbering. Inputs, outputs,
//! foreign coins, scripts and revealed keys are those of coin ledgers; movements, holdings, assets and notes are
//! those of account ledgers.

mod accounts;

use std::fmt;

use coinhound_model::print::{CollabPrint, InputPrint, TxPrint};
use coinhound_model::{
    AddressId, BlockHash, Hash256, Height, HoldingId, InputId, KeyHash, LockKind, MovementId, TxHash,
};

pub use accounts::{AssetRow, HoldingRow, MoveRow, NoteRow};
pub(crate) use accounts::{NO_HOLDING, wide_holding};

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
    /// Movements of an account ledger.
    pub moves: u64,
    /// Holdings: balances that an address ever had to do with, one for each asset.
    pub holdings: u64,
    /// Assets.
    pub assets: u64,
    /// Bytes of the assets' texts.
    pub asset_bytes: u64,
    /// Notes that came with transactions.
    pub notes: u64,
    /// Bytes of notes.
    pub note_bytes: u64,
}

/// One block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockRow {
    /// The 80 bytes that hash to the block's name; of an account block: its parent's hash (4..36), its maker (36..68),
    /// its time (68..72), zeros elsewhere.
    pub header: [u8; 80],
    /// Its hash.
    pub hash: BlockHash,
    /// Length of the whole block in bytes.
    pub size: u32,
    /// Counts after this block.
    pub ends: Counts,
}

impl BlockRow {
    /// The hash of the block below.
    #[must_use]
    pub fn prev(&self) -> BlockHash {
        Hash256(*self.header[4..].first_chunk().expect("a header has 80 bytes"))
    }
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

/// One input, in eight bytes: a load holds millions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InputRow(u64);

impl InputRow {
    /// Bits of a coin's id, foreign ones included.
    const COIN_BITS: u32 = 40;

    /// An input that empties `coin`, signed as `print` says.
    ///
    /// # Panics
    /// When the coin's id is wider than 40 bits: a range of 2^39 coins is out of every chain's reach, and rows are made
    /// before the writer could refuse it.
    #[must_use]
    pub fn new(coin: HoldingId, print: InputPrint) -> Self {
        assert!(coin.0 >> Self::COIN_BITS == 0, "a coin's id has at most 40 bits");
        Self(u64::from(print.bits()) << Self::COIN_BITS | coin.0)
    }

    /// The coin it empties.
    #[must_use]
    pub fn coin(self) -> HoldingId {
        HoldingId(self.0 & ((1 << Self::COIN_BITS) - 1))
    }

    /// How it was signed.
    #[must_use]
    pub fn print(self) -> InputPrint {
        let bits = u16::try_from(self.0 >> Self::COIN_BITS).expect("only a print's bits stand above a coin's");
        InputPrint::from_bits_retain(bits)
    }
}

impl fmt::Debug for InputRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputRow").field("coin", &self.coin()).field("print", &self.print()).finish()
    }
}

/// One output, in twelve bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OutputRow {
    value: [u32; 2],
    address: u32,
}

/// Stands for [`AddressId::NONE`] where an address has four bytes.
const NO_ADDRESS: u32 = u32::MAX;

impl OutputRow {
    /// An output of `value` that `address` owns.
    ///
    /// # Panics
    /// When the address is neither none nor below 2^32 - 1: so many are out of every chain's reach, and rows are made
    /// before the writer could refuse them.
    #[must_use]
    pub fn new(value: u64, address: AddressId) -> Self {
        let narrow = |id| u32::try_from(id).ok().filter(|id| *id != NO_ADDRESS).expect("an address has four bytes");
        let words = value.to_le_bytes();
        let (words, _) = words.as_chunks::<4>();
        Self {
            value: [u32::from_le_bytes(words[0]), u32::from_le_bytes(words[1])],
            address: if address.is_some() { narrow(address.0) } else { NO_ADDRESS },
        }
    }

    /// In the smallest unit.
    #[must_use]
    pub fn value(self) -> u64 {
        u64::from(self.value[1]) << 32 | u64::from(self.value[0])
    }

    /// [`AddressId::NONE`] for data carriers and provably unspendable scripts.
    #[must_use]
    pub fn address(self) -> AddressId {
        if self.address == NO_ADDRESS { AddressId::NONE } else { AddressId(u64::from(self.address)) }
    }
}

impl fmt::Debug for OutputRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputRow").field("value", &self.value()).field("address", &self.address()).finish()
    }
}

/// An address at its first appearance, in eight bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AddressRow {
    payload_end: [u8; 7],
    kind: LockKind,
}

impl AddressRow {
    /// Where payloads end at most: no chain has so many bytes, but a damaged file may say so.
    const END_MAX: u64 = (1 << 56) - 1;

    /// An address whose payload ends at that byte, or at 2^56 - 1.
    #[must_use]
    pub fn new(kind: LockKind, payload_end: u64) -> Self {
        let bytes = payload_end.min(Self::END_MAX).to_le_bytes();
        Self { payload_end: *bytes.first_chunk().expect("eight bytes begin with seven"), kind }
    }

    /// Shape of the locking script.
    #[must_use]
    pub fn kind(self) -> LockKind {
        self.kind
    }

    /// Payload bytes up to and including this address.
    #[must_use]
    pub fn payload_end(self) -> u64 {
        let mut bytes = [0; 8];
        bytes[..7].copy_from_slice(&self.payload_end);
        u64::from_le_bytes(bytes)
    }
}

impl fmt::Debug for AddressRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressRow").field("kind", &self.kind()).field("payload_end", &self.payload_end()).finish()
    }
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
    /// The transaction that shows it; its rank in an account ledger.
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
    /// By the transaction's rank: of a coin ledger its [`MovementId`].
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
    /// Of an account ledger, by the transaction's rank: movements up to and including it. Empty in a coin ledger.
    pub tx_moves: Vec<u64>,
    /// Of an account ledger, by [`MovementId`].
    pub moves: Vec<MoveRow>,
    /// Of an account ledger, by [`HoldingId`].
    pub holdings: Vec<HoldingRow>,
    /// By number.
    pub assets: Vec<AssetRow>,
    /// The assets' texts.
    pub asset_bytes: Vec<u8>,
    /// In chain order.
    pub notes: Vec<NoteRow>,
    /// What the notes say.
    pub note_bytes: Vec<u8>,
}
