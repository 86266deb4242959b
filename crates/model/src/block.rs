//! One block of a coin chain as rows, checked against its header, ids not yet given.
//!
//! Rows are flat and of fixed size, scripts lie in one buffer: a block of 4,000 transactions is a
//! handful of allocations. What `chains` writes here, `ingest` resolves to dense ids.

use crate::hash::{BlockHash, KeyHash, TxHash};
use crate::id::Height;
use crate::lock::{Lock, LockKind};
use crate::print::{InputPrint, TxPrint};

/// A block whose merkle root, witness commitment and proof of work were checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoinBlock {
    /// The block's hash.
    pub hash: BlockHash,
    /// Its parent's hash.
    pub prev: BlockHash,
    /// The 80 bytes that were hashed.
    pub header: Vec<u8>,
    /// Seconds since 1970 as the miner claims.
    pub time: u32,
    /// Length of the whole block in bytes, witness included; without an extension block (Litecoin), whose bytes
    /// no header commits to.
    pub size: u32,
    /// In block order; the first is the coinbase.
    pub txs: Vec<CoinTx>,
    /// Of all transactions in order; a coinbase has none.
    pub inputs: Vec<CoinInput>,
    /// Of all transactions in order.
    pub outputs: Vec<CoinOutput>,
    /// The locks' payloads, in output order.
    pub payloads: Vec<u8>,
    /// Keys that inputs showed and their locks do not: `input` is an index into `inputs`.
    pub reveals: Vec<KeyReveal>,
    /// The coinbase's signature script: a miner's message.
    pub coinbase_script: Vec<u8>,
}

/// One transaction's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoinTx {
    /// Its hash without the witness.
    pub txid: TxHash,
    /// End of its inputs in [`CoinBlock::inputs`].
    pub input_end: u32,
    /// End of its outputs in [`CoinBlock::outputs`].
    pub output_end: u32,
    /// Weight units: three times the stripped size plus the whole size.
    pub weight: u32,
    /// `LOCK_NEAR_TIP` is set by `ingest`, which knows the height.
    pub print: TxPrint,
    /// `nLockTime` as it stands.
    pub lock_time: u32,
}

/// One input's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoinInput {
    /// The transaction that made the coin.
    pub prev_txid: TxHash,
    /// Which of its outputs.
    pub prev_index: u32,
    /// How it was signed.
    pub print: InputPrint,
}

/// One output's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoinOutput {
    /// In the smallest unit.
    pub value: u64,
    /// Shape of the locking script.
    pub kind: LockKind,
    /// End of its payload in [`CoinBlock::payloads`].
    pub payload_end: u32,
}

/// A public key that an input showed while its lock holds only a script's hash (nested P2WPKH).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyReveal {
    /// Index into [`CoinBlock::inputs`].
    pub input: u32,
    /// HASH160 of the key.
    pub key: KeyHash,
}

/// A coin that a block spends, with what its own block said of it: from undo files or a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpentCoin {
    /// In the smallest unit.
    pub value: u64,
    /// Shape of its locking script.
    pub kind: LockKind,
    /// The lock's payload.
    pub payload: Vec<u8>,
    /// Height of the block that made it.
    pub height: Height,
    /// Whether a coinbase made it.
    pub coinbase: bool,
}

impl CoinBlock {
    /// The locking script of output `index` of the block.
    #[must_use]
    pub fn lock(&self, index: usize) -> Lock<'_> {
        let output = &self.outputs[index];
        let start = index.checked_sub(1).map_or(0, |before| self.outputs[before].payload_end);
        Lock { kind: output.kind, payload: &self.payloads[start as usize..output.payload_end as usize] }
    }
}
