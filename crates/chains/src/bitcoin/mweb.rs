//! Litecoin's extension block (MWEB, LIP 2 to 4): read to its end, and held against the block it hangs on.
//!
//! What happens inside is hidden by design and none of it is on this ledger: proofs, signatures and the trees
//! of commitments are not checked, and nothing of them is kept. What joins it to the ledger is: the coins that
//! went in (peg-ins) and came out (peg-outs) are those of its kernels, and the transaction that settles it
//! takes just these and commits to its header. So a block whose coins could be other ones is refused.
//!
//! Rules: Litecoin Core's `mweb_node.cpp`; layout: its `mw/models`, written with Core's own serializer.

use coinhound_model::block::{CoinBlock, CoinTx};
use coinhound_model::{Height, TxHash};

use crate::bitcoin::decode::{Cursor, DecodeError, Fault, Field};
use crate::bitcoin::params::Params;
use crate::bitcoin::script::{MwebLock, bip34_height, lock_script, mweb_lock};
use crate::bitcoin::undo::take_number;

/// A point of the curve: a commitment or a public key.
const POINT_LEN: usize = 33;
const HASH_LEN: usize = 32;
const SIGNATURE_LEN: usize = 64;
const RANGE_PROOF_LEN: usize = 675;
/// Key for the exchange, view tag, masked value and nonce of an output that has the usual fields.
const STANDARD_FIELDS_LEN: usize = POINT_LEN + 1 + 8 + 16;
/// Features, commitments and keys, signature of the shortest input.
const INPUT_LEN_MIN: usize = 1 + HASH_LEN + 2 * POINT_LEN + SIGNATURE_LEN;
/// Commitment, two keys, features, range proof, signature of the shortest output.
const OUTPUT_LEN_MIN: usize = 3 * POINT_LEN + 1 + RANGE_PROOF_LEN + SIGNATURE_LEN;
/// Features, excess, signature of the shortest kernel.
const KERNEL_LEN_MIN: usize = 1 + POINT_LEN + SIGNATURE_LEN;
/// An amount and a script, both as short as can be.
const PEG_OUT_LEN_MIN: usize = 2;

/// Why an extension block, or the lack of one, is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtensionError {
    /// A transaction is marked as settling the extension block and is not the block's last.
    #[error("byte {offset}: transaction {index} settles the extension block, which only a block's last may")]
    NotLast {
        /// Its index in the block.
        index: usize,
        /// Where it begins.
        offset: usize,
    },
    /// The block's last transaction pays the extension block's balance and is not marked.
    #[error(
        "the block at height {height} lacks its extension: was it asked of a node that does not serve extension blocks?"
    )]
    Missing {
        /// The height the coinbase tells.
        height: Height,
    },
    /// The settling transaction's first output is not the extension block's balance.
    #[error("the transaction that settles the extension block does not begin with its balance")]
    NoBalance,
    /// The settling transaction commits to another header.
    #[error("the extension block's header hashes to {computed}, the block commits to {committed}")]
    Header {
        /// In the block.
        committed: String,
        /// Of the header.
        computed: String,
    },
    /// The extension block belongs to another height.
    #[error("the extension block is of height {extension}, the block of height {block}")]
    OtherHeight {
        /// In the extension's header.
        extension: u64,
        /// In the coinbase.
        block: Height,
    },
    /// A coinbase or the settling transaction pays into the extension block.
    #[error("transaction {index} pays into the extension block, which a coinbase and the settling one may not")]
    StrayPegIn {
        /// Its index in the block.
        index: usize,
    },
    /// The settling transaction takes other coins than the block's peg-ins.
    #[error("the transaction that settles the extension block does not take the block's peg-ins, in their order")]
    OtherInputs,
    /// The extension block counts other coins coming in than the block has.
    #[error("the extension block tells other peg-ins than the block has")]
    PegIns,
    /// The extension block counts other coins going out than the settling transaction pays.
    #[error("the extension block tells other peg-outs than the transaction that settles it pays")]
    PegOuts,
}

/// What joins an extension block to the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Extension<'a> {
    /// BLAKE3 of its header.
    hash: [u8; HASH_LEN],
    height: u64,
    /// Amount, and the kernel that takes it.
    peg_ins: Vec<(u64, [u8; HASH_LEN])>,
    /// Amount and locking script.
    peg_outs: Vec<(u64, &'a [u8])>,
}

impl<'a> Extension<'a> {
    /// Reads an extension block behind a block's transactions.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let start = cursor.offset();
        if cursor.byte(Field::Extension)? != 1 {
            return Err(cursor.error_at(start, Field::Extension, Fault::NotAllowed));
        }
        let mut extension = Self::default();
        extension.header(cursor)?;
        for _ in 0..cursor.count(INPUT_LEN_MIN, Field::ExtensionInput)? {
            input(cursor)?;
        }
        for _ in 0..cursor.count(OUTPUT_LEN_MIN, Field::ExtensionOutput)? {
            output(cursor)?;
        }
        for _ in 0..cursor.count(KERNEL_LEN_MIN, Field::ExtensionKernel)? {
            extension.kernel(cursor)?;
        }
        Ok(extension)
    }

    fn header(&mut self, cursor: &mut Cursor<'a>) -> Result<(), DecodeError> {
        let start = cursor.offset();
        self.height = take_number(cursor, Field::ExtensionHeader)?;
        // Roots of outputs, kernels and leaf set, kernel offset, stealth offset.
        cursor.take(5 * HASH_LEN, Field::ExtensionHeader)?;
        // Sizes of the trees of outputs and kernels.
        take_number(cursor, Field::ExtensionHeader)?;
        take_number(cursor, Field::ExtensionHeader)?;
        self.hash = *blake3::hash(cursor.since(start)).as_bytes();
        Ok(())
    }

    fn kernel(&mut self, cursor: &mut Cursor<'a>) -> Result<(), DecodeError> {
        const FIELD: Field = Field::ExtensionKernel;
        let start = cursor.offset();
        let features = cursor.byte(FIELD)?;
        let has = |bit: u8| features & bit != 0;
        let mut peg_in = None;
        if has(0x01) {
            take_number(cursor, FIELD)?; // fee
        }
        if has(0x02) {
            peg_in = Some(take_number(cursor, FIELD)?);
        }
        if has(0x04) {
            for _ in 0..cursor.count(PEG_OUT_LEN_MIN, FIELD)? {
                self.peg_outs.push((take_number(cursor, FIELD)?, cursor.sized(FIELD, FIELD)?));
            }
        }
        if has(0x08) {
            take_number(cursor, FIELD)?; // height it is locked until
        }
        if has(0x10) {
            cursor.take(POINT_LEN, FIELD)?; // stealth excess
        }
        if has(0x20) {
            cursor.sized(FIELD, FIELD)?; // extra data
        }
        cursor.take(POINT_LEN + SIGNATURE_LEN, FIELD)?;
        self.peg_ins.extend(peg_in.map(|units| (units, *blake3::hash(cursor.since(start)).as_bytes())));
        Ok(())
    }
}

fn input(cursor: &mut Cursor<'_>) -> Result<(), DecodeError> {
    const FIELD: Field = Field::ExtensionInput;
    let features = cursor.byte(FIELD)?;
    let has = |bit: u8| features & bit != 0;
    cursor.take(HASH_LEN + 2 * POINT_LEN, FIELD)?;
    if has(0x01) {
        cursor.take(POINT_LEN, FIELD)?;
    }
    if has(0x02) {
        cursor.sized(FIELD, FIELD)?;
    }
    cursor.take(SIGNATURE_LEN, FIELD).map(drop)
}

fn output(cursor: &mut Cursor<'_>) -> Result<(), DecodeError> {
    const FIELD: Field = Field::ExtensionOutput;
    cursor.take(3 * POINT_LEN, FIELD)?;
    let features = cursor.byte(FIELD)?;
    let has = |bit: u8| features & bit != 0;
    if has(0x01) {
        cursor.take(STANDARD_FIELDS_LEN, FIELD)?;
    }
    if has(0x02) {
        cursor.sized(FIELD, FIELD)?;
    }
    cursor.take(RANGE_PROOF_LEN + SIGNATURE_LEN, FIELD).map(drop)
}

/// Checks that an extension block, and the transaction that settles it, belong to the block; and that none is
/// missing.
///
/// Nothing in a header commits to the mark of that transaction, nor to there being an extension: a node that
/// does not serve extension blocks hands out the same block without both. The output that holds the extension's
/// balance is committed to, and gives it away.
pub(crate) fn check_extension(
    block: &CoinBlock,
    extension: Option<&Extension<'_>>,
    params: &Params,
) -> Result<(), ExtensionError> {
    let Some(mweb) = params.mweb else { return Ok(()) };
    let height = bip34_height(&block.coinbase_script).map(Height);
    let balance = balance(block);
    let Some(extension) = extension else {
        let missing = height.filter(|height| *height >= mweb.height && balance.is_some());
        return missing.map_or(Ok(()), |height| Err(ExtensionError::Missing { height }));
    };
    let committed = balance.ok_or(ExtensionError::NoBalance)?;
    if committed != extension.hash {
        let shown = |hash: [u8; HASH_LEN]| blake3::Hash::from_bytes(hash).to_string();
        return Err(ExtensionError::Header { committed: shown(committed), computed: shown(extension.hash) });
    }
    if let Some(block) = height.filter(|height| u64::from(height.0) != extension.height) {
        return Err(ExtensionError::OtherHeight { extension: extension.height, block });
    }
    check_peg_ins(block, extension)?;
    check_peg_outs(block, extension)
}

/// The header hash in the first output of a block's last transaction, the coinbase excepted.
fn balance(block: &CoinBlock) -> Option<[u8; HASH_LEN]> {
    let last = block.txs.len().checked_sub(1).filter(|last| *last > 0)?;
    match mweb_lock(block.lock(outputs(block, last).start)) {
        Some((MwebLock::Balance, header)) => Some(*header),
        _ => None,
    }
}

fn check_peg_ins(block: &CoinBlock, extension: &Extension<'_>) -> Result<(), ExtensionError> {
    let last = block.txs.len() - 1;
    let mut coins: Vec<(TxHash, u32)> = Vec::new();
    let mut told: Vec<(u64, [u8; HASH_LEN])> = Vec::new();
    for (index, tx) in block.txs.iter().enumerate() {
        for (nth, output) in (0_u32..).zip(outputs(block, index)) {
            let Some((MwebLock::PegIn, kernel)) = mweb_lock(block.lock(output)) else { continue };
            if index == 0 || index == last {
                return Err(ExtensionError::StrayPegIn { index });
            }
            coins.push((tx.txid, nth));
            told.push((block.outputs[output].value, *kernel));
        }
    }
    let taken = &block.inputs[input_start(&block.txs, last)..];
    // The first takes the balance of the block before; the first extension block of a chain has none.
    let Some(before) = taken.len().checked_sub(coins.len()).filter(|before| *before <= 1) else {
        return Err(ExtensionError::OtherInputs);
    };
    if !taken[before..].iter().map(|input| (input.prev_txid, input.prev_index)).eq(coins) {
        return Err(ExtensionError::OtherInputs);
    }
    let mut kernels = extension.peg_ins.clone();
    kernels.sort_unstable();
    told.sort_unstable();
    if told == kernels { Ok(()) } else { Err(ExtensionError::PegIns) }
}

fn check_peg_outs(block: &CoinBlock, extension: &Extension<'_>) -> Result<(), ExtensionError> {
    let paid = outputs(block, block.txs.len() - 1).skip(1);
    let mut paid: Vec<(u64, Vec<u8>)> =
        paid.map(|output| (block.outputs[output].value, lock_script(block.lock(output)))).collect();
    let mut told = extension.peg_outs.clone();
    paid.sort_unstable();
    told.sort_unstable();
    let same = paid.iter().map(|(units, script)| (*units, script.as_slice())).eq(told);
    if same { Ok(()) } else { Err(ExtensionError::PegOuts) }
}

fn outputs(block: &CoinBlock, index: usize) -> std::ops::Range<usize> {
    let start = index.checked_sub(1).map_or(0, |before| block.txs[before].output_end);
    start as usize..block.txs[index].output_end as usize
}

fn input_start(txs: &[CoinTx], index: usize) -> usize {
    index.checked_sub(1).map_or(0, |before| txs[before].input_end as usize)
}
