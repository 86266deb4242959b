//! A block: its bytes against its header, and its transactions as rows.

use coinhound_model::block::CoinBlock;
use coinhound_model::print::TxPrint;
use coinhound_model::{Hash256, Height, LockKind};

use crate::bitcoin::decode::{Cursor, DecodeError, Fault, Field};
use crate::bitcoin::hash::{double_sha256, double_sha256_of};
use crate::bitcoin::header::{Header, WorkError};
use crate::bitcoin::lanes::double_sha256_each;
use crate::bitcoin::merkle::{Repeated, merkle_root};
use crate::bitcoin::mweb::{Extension, ExtensionError, check_extension};
use crate::bitcoin::params::Params;
use crate::bitcoin::script::bip34_height;
use crate::bitcoin::span::Span;
use crate::bitcoin::tx::{Scratch, TX_LEN_MIN, TxReader};

/// The heaviest block consensus allows, in weight units; without an extension none is longer in bytes.
pub const BLOCK_WEIGHT_MAX: usize = 4_000_000;

/// How a coinbase output with a witness commitment begins (BIP 141).
const COMMITMENT: [u8; 6] = [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];

/// Why bytes are not a block of the network.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// A field is not as it should be.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The header proves no work.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// Longer or heavier than any block may be.
    #[error("the block weighs at least {weight} units, more than the {BLOCK_WEIGHT_MAX} allowed")]
    Overweight {
        /// Weight units, or the least they can be.
        weight: usize,
    },
    /// Longer than any block with its extension may be.
    #[error("the block has {len} bytes, more than the {max} that block and extension may have")]
    TooLong {
        /// Bytes.
        len: usize,
        /// The most there may be.
        max: usize,
    },
    /// The first transaction makes no coins.
    #[error("byte {offset}: the first transaction is not a coinbase")]
    NoCoinbase {
        /// Where it begins.
        offset: usize,
    },
    /// A later transaction makes coins.
    #[error("byte {offset}: transaction {index} is a second coinbase")]
    SecondCoinbase {
        /// Its index in the block.
        index: usize,
        /// Where it begins.
        offset: usize,
    },
    /// The transactions are not those the header names.
    #[error("the transactions hash to {computed}, the header says {header}")]
    MerkleRoot {
        /// In the header.
        header: Hash256,
        /// Of the transactions.
        computed: Hash256,
    },
    /// Transactions are repeated.
    #[error(transparent)]
    Repeated(#[from] Repeated),
    /// The witnesses are not those the coinbase commits to.
    #[error("the witnesses hash to {computed}, the coinbase commits to {committed}")]
    WitnessCommitment {
        /// In the coinbase.
        committed: Hash256,
        /// Of the witnesses.
        computed: Hash256,
    },
    /// The coinbase commits to witnesses but lacks the 32 bytes that belong to the commitment.
    #[error(
        "the coinbase commits to witnesses, but its own witness is not one item of 32 bytes: was the block stored without witnesses?"
    )]
    WitnessNonce,
    /// The extension block, or what settles it, is not as the rules of the network ask.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
    /// A witness that nothing commits to.
    #[error("byte {offset}: transaction {index} has a witness, but the coinbase commits to none")]
    UnexpectedWitness {
        /// Its index in the block.
        index: usize,
        /// Where it begins.
        offset: usize,
    },
}

/// Which checks are made beside those that reading needs; the merkle root is always checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checks {
    /// That the header's hash reaches its target.
    pub work: bool,
    /// That the witnesses are those committed to; costs hashing every byte a second time.
    pub witness: bool,
}

impl Checks {
    /// Everything.
    pub const ALL: Self = Self { work: true, witness: true };
}

/// Reads a block and checks work, merkle root and witness commitment.
///
/// # Errors
/// Names what is wrong, with the byte offset where there is one.
pub fn parse_block(bytes: &[u8], params: &Params) -> Result<CoinBlock, BlockError> {
    BlockParser::new(params, Checks::ALL).parse(bytes)
}

/// Reads a block with chosen checks.
///
/// # Errors
/// As [`parse_block`].
pub fn parse_block_with(bytes: &[u8], params: &Params, checks: Checks) -> Result<CoinBlock, BlockError> {
    BlockParser::new(params, checks).parse(bytes)
}

/// Reads block after block, keeping memory between them: one per thread.
#[derive(Debug)]
pub struct BlockParser<'p> {
    params: &'p Params,
    checks: Checks,
    scratch: Scratch,
}

impl<'p> BlockParser<'p> {
    /// A parser for a network's blocks.
    #[must_use]
    pub fn new(params: &'p Params, checks: Checks) -> Self {
        Self { params, checks, scratch: Scratch::default() }
    }

    /// Gives back a block that is done with: the next one is written into its memory, which saves the
    /// system a third of its work on bulk loads.
    pub fn recycle(&mut self, block: CoinBlock) {
        self.scratch.spare = block;
    }

    /// Reads a block.
    ///
    /// # Errors
    /// As [`parse_block`].
    pub fn parse(&mut self, bytes: &[u8]) -> Result<CoinBlock, BlockError> {
        check_len(bytes, self.params)?;
        let mut cursor = Cursor::new(bytes);
        let header_bytes: &[u8; Header::LEN] = cursor.array(Field::Header)?;
        let header = Header::from_bytes(header_bytes);
        let hash = double_sha256(header_bytes);
        if self.checks.work {
            header.check_work(hash, self.params)?;
        }
        let (mut block, extension) = self.read_txs(bytes, cursor)?;
        self.check_body(bytes, &block, &header)?;
        check_extension(&block, extension.as_ref(), self.params)?;
        block.hash = hash;
        block.prev = header.prev;
        block.header.extend_from_slice(header_bytes);
        block.time = header.time;
        block.size = self.scratch.size(bytes.len());
        Ok(block)
    }

    fn check_body(&self, bytes: &[u8], block: &CoinBlock, header: &Header) -> Result<(), BlockError> {
        let computed = merkle_root(block.txs.iter().map(|tx| tx.txid))?;
        if computed != header.merkle_root {
            return Err(BlockError::MerkleRoot { header: header.merkle_root, computed });
        }
        if !self.checks.witness {
            return Ok(());
        }
        check_witness(bytes, &self.scratch.spans, block, header.version, self.params)
    }

    fn read_txs<'a>(
        &mut self,
        bytes: &'a [u8],
        mut cursor: Cursor<'a>,
    ) -> Result<(CoinBlock, Option<Extension<'a>>), BlockError> {
        let start = cursor.offset();
        let count = cursor.count(TX_LEN_MIN, Field::TxCount)?;
        if count == 0 {
            return Err(cursor.error_at(start, Field::TxCount, Fault::Zero).into());
        }
        let mut weight = 4 * cursor.offset();
        let mut reader = TxReader::new(cursor, self.params, count, std::mem::take(&mut self.scratch));
        for index in 0..count {
            let offset = reader.cursor.offset();
            let row = reader.read()?;
            weight += usize::try_from(row.weight).expect("at most four times the block's length");
            match (index, row.print.contains(TxPrint::COINBASE)) {
                (0, false) => return Err(BlockError::NoCoinbase { offset }),
                (1.., true) => return Err(BlockError::SecondCoinbase { index, offset }),
                _ => {}
            }
            if row.print.contains(TxPrint::POOL) && (index == 0 || index + 1 < count) {
                return Err(ExtensionError::NotLast { index, offset }.into());
            }
        }
        let extension = if reader.settles_pool() { Some(Extension::read(&mut reader.cursor)?) } else { None };
        reader.cursor.end()?;
        if weight > BLOCK_WEIGHT_MAX {
            return Err(BlockError::Overweight { weight });
        }
        let (block, scratch) = reader.finish(bytes);
        self.scratch = scratch;
        Ok((block, extension))
    }
}

/// Refuses unread what is longer than any block of the network.
fn check_len(bytes: &[u8], params: &Params) -> Result<(), BlockError> {
    let (len, max) = (bytes.len(), params.block_len_max());
    match params.mweb {
        _ if len <= max => Ok(()),
        None => Err(BlockError::Overweight { weight: len }),
        Some(_) => Err(BlockError::TooLong { len, max }),
    }
}

/// Checks the witnesses against the coinbase's commitment, as Core's `CheckWitnessMalleation` does.
///
/// Core knows the height and so whether segwit rules bind; here a commitment binds when any witness
/// is there, or when the coinbase itself tells a height (BIP 34) at which they do.
fn check_witness(
    bytes: &[u8],
    spans: &[Span],
    block: &CoinBlock,
    version: i32,
    params: &Params,
) -> Result<(), BlockError> {
    let Some(committed) = commitment(block) else {
        return match spans.iter().position(|span| span.has_witness()) {
            Some(index) => Err(BlockError::UnexpectedWitness { index, offset: spans[index].start }),
            None => Ok(()),
        };
    };
    let any_witness = spans.iter().any(|span| span.has_witness());
    if !any_witness && !segwit_binds(block, version, params) {
        return Ok(());
    }
    let nonce = coinbase_nonce(bytes, spans[0]).ok_or(BlockError::WitnessNonce)?;
    let computed = double_sha256_of(&[&witness_root(bytes, spans, block)?.0, nonce]);
    if computed == committed { Ok(()) } else { Err(BlockError::WitnessCommitment { committed, computed }) }
}

/// The root over the hashes with witness, the coinbase's counting as zero.
fn witness_root(bytes: &[u8], spans: &[Span], block: &CoinBlock) -> Result<Hash256, Repeated> {
    let with_witness = || spans.iter().enumerate().skip(1).filter(|(_, span)| span.has_witness());
    let mut leaves: Vec<Hash256> = block.txs.iter().map(|tx| tx.txid).collect();
    leaves[0] = Hash256::ZERO;
    let indexes: Vec<usize> = with_witness().map(|(index, _)| index).collect();
    let messages = with_witness().map(|(_, span)| &bytes[span.start..span.end]);
    double_sha256_each(messages, |nth, wtxid| leaves[indexes[nth]] = wtxid);
    let (last, settling) = (spans.len() - 1, spans[spans.len() - 1]);
    if settling.settles_pool() && settling.has_witness() {
        leaves[last] = settling.settling_wtxid(bytes);
    }
    merkle_root(leaves.into_iter())
}

/// The hash in the last of the coinbase's outputs that carries one.
fn commitment(block: &CoinBlock) -> Option<Hash256> {
    let outputs = 0..usize::try_from(block.txs.first()?.output_end).ok()?;
    let carried = outputs.rev().map(|index| block.lock(index)).filter(|lock| lock.kind == LockKind::DataCarrier);
    carried
        .map(|lock| lock.payload)
        .find_map(|script| script.strip_prefix(&COMMITMENT)?.first_chunk().copied())
        .map(Hash256)
}

/// The coinbase's one witness item, which must be 32 bytes long.
fn coinbase_nonce(bytes: &[u8], coinbase: Span) -> Option<&[u8]> {
    let witness = coinbase.witness(bytes);
    let nonce = witness.strip_prefix(&[1, 32])?;
    (nonce.len() == 32).then_some(nonce)
}

fn segwit_binds(block: &CoinBlock, version: i32, params: &Params) -> bool {
    claimed_height(&block.coinbase_script, version, params).is_some_and(|height| height >= params.segwit_height)
}

/// The height a coinbase tells, where BIP 34 makes it binding.
///
/// Before BIP 34 bound, anything may stand there; so a height below it, or in a block of version 1,
/// is not taken for one.
#[must_use]
pub fn claimed_height(coinbase_script: &[u8], version: i32, params: &Params) -> Option<Height> {
    bip34_height(coinbase_script).map(Height).filter(|height| version >= 2 && *height >= params.bip34_height)
}

/// Reads the height a block tells in its coinbase off its first bytes; the rest may be missing.
#[must_use]
pub fn height_in_coinbase(block_start: &[u8], params: &Params) -> Option<Height> {
    let mut cursor = Cursor::new(block_start);
    let header = Header::from_bytes(cursor.array(Field::Header).ok()?);
    cursor.compact(Field::TxCount).ok()?;
    cursor.u32(Field::Version).ok()?;
    if cursor.peek() == Some(0) {
        cursor.take(2, Field::SegwitFlag).ok()?;
    }
    let one_input = cursor.compact(Field::InputCount).ok()? == 1;
    cursor.take(36, Field::Prevout).ok()?;
    let script = cursor.sized(Field::SignatureScriptLen, Field::SignatureScript).ok()?;
    claimed_height(script, header.version, params).filter(|_| one_input)
}

/// The bytes of transaction `index` of a block, for re-reading.
///
/// # Errors
/// When the bytes do not read as a block, or it has fewer transactions.
pub fn tx_bytes<'a>(block: &'a [u8], index: usize, params: &Params) -> Result<&'a [u8], BlockError> {
    check_len(block, params)?;
    let mut cursor = Cursor::new(block);
    cursor.take(Header::LEN, Field::Header)?;
    let start = cursor.offset();
    let count = cursor.count(TX_LEN_MIN, Field::TxCount)?;
    if index >= count {
        return Err(cursor.error_at(start, Field::TxCount, Fault::NotAllowed).into());
    }
    let mut reader = TxReader::new(cursor, params, index + 1, Scratch::default());
    for _ in 0..index {
        reader.read()?;
    }
    let start = reader.cursor.offset();
    reader.read()?;
    Ok(reader.cursor.since(start))
}
