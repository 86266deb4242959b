//! What a node answers over HTTP, into the same types as the binary form.
//!
//! Answers are held to what they can be held to: where one names a hash, it is computed and must agree. A
//! public node's block names none. Signatures are the caller's to check ([`SignedTransaction::verify`]).
//!
//! Modifications and mosaics keep the order in which they stand, since that is hashed.

mod at;
mod node;
mod strict;
mod tx;

use serde_json::Value;

pub use node::{parse_height, parse_network_number};

use at::At;

use crate::nem::address::Address;
use crate::nem::block::{Block, BlockKind};
use crate::nem::bytes::Hash;
use crate::nem::tx::SignedTransaction;

/// A longer answer is not looked at, in bytes. The first block, with 1,353 transactions, has about a million.
pub const TEXT_LEN_MAX: usize = 64 << 20;

/// Why an answer is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Longer than any honest answer.
    #[error("an answer of {got} bytes, where {TEXT_LEN_MAX} are the most")]
    Length {
        /// Its length.
        got: usize,
    },
    /// Not JSON, or an object has a key twice.
    #[error("the answer is not JSON to rely on")]
    Syntax(#[source] serde_json::Error),
    /// A field is absent or null.
    #[error("{path} is missing")]
    Missing {
        /// Where it should be.
        path: String,
    },
    /// A field has a value that it cannot have.
    #[error("{path}: expected {expected}, got {got}")]
    Field {
        /// Where it is.
        path: String,
        /// What was looked for.
        expected: &'static str,
        /// What is there, shortened.
        got: String,
    },
    /// A hash is told that the content does not have.
    #[error("{path}: {told} is told, but the content hashes to {computed}")]
    Hash {
        /// Where it is.
        path: String,
        /// What the answer says.
        told: Hash,
        /// What its content says.
        computed: Hash,
    },
}

/// A transaction with what a node tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The height of its block, unless it is not in one yet.
    pub height: Option<u64>,
    /// The node's own number for it, by which its pages go on.
    pub id: Option<u64>,
    /// The transaction. Hashes that were told are its own.
    pub signed: SignedTransaction,
}

/// A block with what a node tells local callers of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExplorerBlock {
    /// The block. The hashes told of it and of its transactions are its own.
    pub block: Block,
    /// How hard it was to harvest.
    pub difficulty: u64,
    /// Who got the fees: the harvester, or the account that it harvests for.
    pub beneficiary: Address,
    /// The sum of all fees in millionths of a XEM.
    pub total_fee: u64,
}

/// Reads a transaction alone.
///
/// # Errors
/// Says which field is wrong.
pub fn parse_transaction(text: &str) -> Result<SignedTransaction, JsonError> {
    tx::signed(&At::root(&value(text)?))
}

/// Reads a block, as `/block/at/public` and `/chain/last-block` answer.
///
/// # Errors
/// Says which field is wrong.
pub fn parse_block(text: &str) -> Result<Block, JsonError> {
    block(&At::root(&value(text)?))
}

/// Reads a transaction with its place, as `/transaction/get` answers.
///
/// # Errors
/// Says which field is wrong, or that a hash told is not the transaction's.
pub fn parse_pair(text: &str) -> Result<Pair, JsonError> {
    pair(&At::root(&value(text)?))
}

/// Reads a page of transactions, as `/account/transfers/..` answer.
///
/// # Errors
/// Says which field is wrong, or that a hash told is not the transaction's.
pub fn parse_pairs(text: &str) -> Result<Vec<Pair>, JsonError> {
    At::root(&value(text)?).get("data")?.list(pair)
}

/// Reads a block with its hashes, as `/local/block/at` answers.
///
/// # Errors
/// Says which field is wrong, or that a hash told is not the content's.
pub fn parse_explorer_block(text: &str) -> Result<ExplorerBlock, JsonError> {
    explorer_block(&At::root(&value(text)?))
}

/// Reads blocks with their hashes, as `/local/chain/blocks-after` answers.
///
/// # Errors
/// Says which field is wrong, or that a hash told is not the content's.
pub fn parse_explorer_blocks(text: &str) -> Result<Vec<ExplorerBlock>, JsonError> {
    At::root(&value(text)?).get("data")?.list(explorer_block)
}

fn value(text: &str) -> Result<Value, JsonError> {
    if text.len() > TEXT_LEN_MAX {
        return Err(JsonError::Length { got: text.len() });
    }
    strict::value(text).map_err(JsonError::Syntax)
}

fn block(at: &At<'_>) -> Result<Block, JsonError> {
    let kind = at.get("type")?;
    let read_kind = || BlockKind::of_code(u32::from_le_bytes(kind.i32().ok()?.to_le_bytes()));
    let version = at.get("version")?;
    let (1, network) = version.version()? else { return Err(version.refuse("version 1 of a block")) };
    Ok(Block {
        kind: read_kind().ok_or_else(|| kind.refuse("a type of block: 1 or -1"))?,
        network,
        timestamp: at.get("timeStamp")?.u32()?,
        harvester: at.get("signer")?.key()?,
        signature: tx::signature(at)?,
        previous: at.get("prevBlockHash")?.hash()?,
        height: at.get("height")?.u64()?,
        transactions: at.get("transactions")?.list(tx::signed_in_block)?,
    })
}

fn pair(at: &At<'_>) -> Result<Pair, JsonError> {
    let signed = tx::signed(&at.get("transaction")?)?;
    let meta = at.get("meta")?;
    if let Some(told) = meta.maybe_object("hash") {
        agree(&told, signed.hash())?;
    }
    agree_inner(&meta, &signed)?;
    let number = |name| meta.maybe(name).map(|at| at.u64()).transpose();
    Ok(Pair { height: number("height")?, id: number("id")?, signed })
}

fn explorer_block(at: &At<'_>) -> Result<ExplorerBlock, JsonError> {
    let block = block(&at.get("block")?)?;
    agree(&at.get("hash")?, block.hash())?;
    let told = at.get("txes")?;
    let in_list = told.list(|at| {
        let signed = tx::signed_in_block(&at.get("tx")?)?;
        agree(&at.get("hash")?, signed.hash())?;
        agree_inner(at, &signed).map(|()| signed)
    })?;
    if in_list != block.transactions {
        return Err(told.refuse("the transactions of the block"));
    }
    Ok(ExplorerBlock {
        beneficiary: at.get("beneficiary")?.address_or_key(block.network)?,
        difficulty: at.get("difficulty")?.u64()?,
        total_fee: at.get("totalFee")?.u64()?,
        block,
    })
}

fn agree(told: &At<'_>, computed: Hash) -> Result<(), JsonError> {
    match told.hash()? {
        same if same == computed => Ok(()),
        other => Err(JsonError::Hash { path: told.to_string(), told: other, computed }),
    }
}

/// The hash of an inner transaction, if there is one on either side.
fn agree_inner(at: &At<'_>, signed: &SignedTransaction) -> Result<(), JsonError> {
    match (at.maybe_object("innerHash"), signed.inner_hash()) {
        (Some(told), Some(computed)) => agree(&told, computed),
        (Some(told), None) => Err(told.refuse("no inner hash, since this is no multisig transaction")),
        (None, _) => Ok(()),
    }
}
