//! The `rev` files of a blocks folder, and which record belongs to which block.

use std::path::PathBuf;

use coinhound_model::block::{CoinBlock, SpentCoin};
use coinhound_model::{BlockHash, Hash256};

use crate::bitcoin::files::{BlockDir, BlockFileError, Kind, Source, list, next_magic};
use crate::bitcoin::hash::double_sha256_of;
use crate::bitcoin::params::Params;
use crate::bitcoin::undo::decode::{UndoDecodeError, decode_with, tx_count};
use crate::bitcoin::undo::siblings::{Siblings, certain, shape};

/// Magic and length before each record.
const FRAME_LEN: u64 = 8;
/// The hash behind each record.
const SUM_LEN: u64 = 32;
/// The longest undo data a block can have: each spent coin's script is at most 10,000 bytes, and a block
/// has at most 4,000,000 / 164 inputs.
const UNDO_LEN_MAX: u32 = 0x1000_0000;

/// Why a block's spent coins cannot be told from its node's undo files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] BlockFileError),
    /// No record belongs to the block.
    #[error("`{}` has no undo data of block {hash}", path.display())]
    Missing {
        /// The rev file.
        path: PathBuf,
        /// The block.
        hash: BlockHash,
    },
    /// The record is the block's by its hash, yet does not read.
    #[error("undo data at byte {offset} of `{}` does not read", path.display())]
    Decode {
        /// The rev file.
        path: PathBuf,
        /// Where the data begins.
        offset: u64,
        /// What is wrong with it; its own offset counts from there.
        source: UndoDecodeError,
    },
    /// The record is the block's by its hash, yet tells another number of coins than it has inputs.
    #[error("undo data at byte {offset} of `{}` tells {got} coins, block {hash} spends {want}", path.display())]
    Mismatch {
        /// The rev file.
        path: PathBuf,
        /// Where the data begins.
        offset: u64,
        /// The block.
        hash: BlockHash,
        /// Coins told.
        got: usize,
        /// Coins spent.
        want: usize,
    },
    /// Blocks of one parent spend equally many coins in each transaction, and nothing tells whose record is whose.
    #[error("`{}` has undo data that may be block {hash}'s or that of another block upon the same parent", path.display())]
    Ambiguous {
        /// The rev file.
        path: PathBuf,
        /// The block.
        hash: BlockHash,
    },
}

/// One record of a rev file.
#[derive(Clone, Copy, Debug)]
struct UndoRecord {
    offset: u64,
    len: u32,
    txs: u64,
}

/// One rev file, its records located.
#[derive(Debug)]
pub struct UndoFile {
    params: Params,
    source: Source,
    records: Vec<UndoRecord>,
    siblings: Siblings,
    /// Where the next record is looked for first.
    next: usize,
    buffer: Vec<u8>,
}

impl UndoFile {
    /// Opens the rev file beside a blk file and locates its records; none when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(dir: &BlockDir, file: u32) -> Result<Option<Self>, BlockFileError> {
        if list(dir.folder(), Kind::Undo)?.binary_search(&file).is_err() {
            return Ok(None);
        }
        let mut source = Source::open(dir, Kind::Undo, file)?;
        let records = locate(&mut source, dir.params().magic)?;
        // After the records: whoever wrote one had stored its block before.
        let siblings = Siblings::of_file(dir, file)?;
        let params = dir.params().clone();
        Ok(Some(Self { params, source, records, siblings, next: 0, buffer: Vec::new() }))
    }

    /// The coins `block` spends, in input order, and checked against the block as far as it shows them.
    ///
    /// Fastest when blocks are asked for in the order they were connected. A genesis block or one with
    /// its coinbase alone spends nothing and needs no record.
    ///
    /// # Errors
    /// [`UndoError`]; all but the first kind mean that the coins must be found another way.
    pub fn coins(&mut self, block: &CoinBlock) -> Result<Vec<SpentCoin>, UndoError> {
        if block.inputs.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(alike) = self.siblings.alike(block)? {
            return self.coins_among_siblings(block, alike);
        }
        let record = self.find(block)?;
        let txs = decode_with(&self.buffer, &self.params).map_err(|source| self.unreadable(record, source))?;
        let coins: Vec<SpentCoin> = txs.into_iter().flatten().collect();
        let (got, want) = (coins.len(), block.inputs.len());
        if got == want {
            return Ok(coins);
        }
        Err(UndoError::Mismatch { path: self.source.path.clone(), offset: record.offset, hash: block.hash, got, want })
    }

    /// The coins of a block whose parent has other blocks too: each of their records could be its own.
    fn coins_among_siblings(&mut self, block: &CoinBlock, alike: usize) -> Result<Vec<SpentCoin>, UndoError> {
        let (path, hash) = (self.source.path.clone(), block.hash);
        let mut fitting: Vec<Vec<SpentCoin>> = Vec::new();
        for at in self.fitting(block) {
            let record = self.records[at];
            if self.read(record)? == self.sum_for(block.prev) {
                let txs = decode_with(&self.buffer, &self.params).map_err(|source| self.unreadable(record, source))?;
                if txs.iter().map(Vec::len).eq(shape(block)) {
                    fitting.push(txs.into_iter().flatten().collect());
                }
            }
        }
        if fitting.is_empty() {
            return Err(UndoError::Missing { path, hash });
        }
        certain(fitting, alike, block).ok_or(UndoError::Ambiguous { path, hash })
    }

    /// The records of as many transactions as the block has: the expected one first, then the others after and before.
    fn fitting(&self, block: &CoinBlock) -> Vec<usize> {
        let txs = block.txs.len() as u64 - 1;
        let order = (self.next..self.records.len()).chain((0..self.next).rev());
        order.filter(|at| self.records[*at].txs == txs).collect()
    }

    fn unreadable(&self, record: UndoRecord, source: UndoDecodeError) -> UndoError {
        UndoError::Decode { path: self.source.path.clone(), offset: record.offset, source }
    }

    /// Reads the block's record into the buffer.
    fn find(&mut self, block: &CoinBlock) -> Result<UndoRecord, UndoError> {
        for at in self.fitting(block) {
            let record = self.records[at];
            if self.read(record)? == self.sum_for(block.prev) {
                self.next = at + 1;
                return Ok(record);
            }
        }
        Err(UndoError::Missing { path: self.source.path.clone(), hash: block.hash })
    }

    /// Reads a record into the buffer and returns the hash behind it.
    fn read(&mut self, record: UndoRecord) -> Result<Hash256, BlockFileError> {
        self.buffer.resize(record.len as usize, 0);
        self.source.read_exact(&mut self.buffer, record.offset)?;
        let mut sum = Hash256::ZERO;
        self.source.read_exact(&mut sum.0, record.offset + u64::from(record.len))?;
        Ok(sum)
    }

    fn sum_for(&self, prev: BlockHash) -> Hash256 {
        double_sha256_of(&[&prev.0, &self.buffer])
    }
}

/// Locates the records. A record cannot be checked before its block is known; so where one does not end
/// at the next, the next is looked for inside it too.
fn locate(source: &mut Source, magic: [u8; 4]) -> Result<Vec<UndoRecord>, BlockFileError> {
    let end = source.len()?;
    let mut records: Vec<UndoRecord> = Vec::new();
    let mut at = 0;
    while at < end {
        if let Some(record) = record_at(source, magic, at, end)? {
            records.push(record);
            at = record.end();
            continue;
        }
        let from = records.last().filter(|last| last.end() == at).map_or(at + 1, |last| last.offset);
        let mut accept = |source: &mut Source, start| Ok(record_at(source, magic, start, end)?.is_some());
        match next_magic(source, magic, from..end, &mut accept)? {
            Some(start) => at = start,
            None => break,
        }
    }
    Ok(records)
}

/// The record whose frame begins at `at`, if it can be one and is whole.
fn record_at(source: &mut Source, magic: [u8; 4], at: u64, end: u64) -> Result<Option<UndoRecord>, BlockFileError> {
    // Magic, length, and the count of transactions in up to nine bytes.
    let mut head = [0; 17];
    let got = source.read_up_to(&mut head, at)?;
    let [_, _, _, _, a, b, c, d, ..] = head;
    let len = u32::from_le_bytes([a, b, c, d]);
    let Some(txs) = tx_count(&head[8..got.max(8)]) else { return Ok(None) };
    let record = UndoRecord { offset: at + FRAME_LEN, len, txs };
    Ok((head.starts_with(&magic) && len <= UNDO_LEN_MAX && record.end() <= end).then_some(record))
}

impl UndoRecord {
    /// Where the hash behind it ends.
    fn end(self) -> u64 {
        self.offset + u64::from(self.len) + SUM_LEN
    }
}
