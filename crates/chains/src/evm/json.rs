//! What nodes answer in JSON, encoded as it is hashed: nothing is taken on the word of its text.
//!
//! A block's, transaction's or receipt's fields are put back into the encoding that the chain hashed. Where the answer
//! also tells a hash or a sender, it must be the one that follows.

pub(super) mod fields;
mod receipt;
mod tx;

use std::fmt;

use serde::Deserialize;

use crate::evm::block::{Block, BlockFault, Parts};
use crate::evm::hash::{Hash, keccak256};
use crate::evm::rlp::Writer;
use fields::{Data, Quantity};
pub use receipt::parse_receipts;

/// Why JSON is not a block or its receipts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not the JSON that was expected; line and column are in the text.
    #[error("not the answer that was expected: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A block without its transactions.
    #[error("the block has no `transactions`")]
    NoTransactions,
    /// A field that the transaction's type must have.
    #[error("transaction {index} has no `{field}`, which its type {kind} needs")]
    Missing {
        /// Which transaction, from zero.
        index: usize,
        /// The field.
        field: &'static str,
        /// The transaction's type.
        kind: u8,
    },
    /// What was told is not what follows from the rest.
    #[error("the {what} that was told is {got}, what follows is {want}")]
    Told {
        /// Which: `block hash`, `transaction hash` or `sender`.
        what: &'static str,
        /// What the answer says.
        got: String,
        /// Recomputed.
        want: String,
    },
    /// The block that it describes does not hold together.
    #[error(transparent)]
    Block(#[from] BlockFault),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BlockText {
    hash: Hash,
    parent_hash: Hash,
    sha3_uncles: Hash,
    miner: Data,
    state_root: Hash,
    transactions_root: Hash,
    receipts_root: Hash,
    logs_bloom: Data,
    difficulty: Quantity,
    number: Quantity,
    gas_limit: Quantity,
    gas_used: Quantity,
    timestamp: Quantity,
    extra_data: Data,
    mix_hash: Hash,
    nonce: Data,
    base_fee_per_gas: Option<Quantity>,
    withdrawals_root: Option<Hash>,
    blob_gas_used: Option<Quantity>,
    excess_blob_gas: Option<Quantity>,
    parent_beacon_block_root: Option<Hash>,
    requests_hash: Option<Hash>,
    /// Not in what is told of an uncle.
    transactions: Option<Vec<tx::TxText>>,
    withdrawals: Option<Vec<WithdrawalText>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WithdrawalText {
    index: Quantity,
    validator_index: Quantity,
    address: Data,
    amount: Quantity,
}

/// Reads a block as `eth_getBlockByNumber` with whole transactions answers it. `uncles` are the RLP of its uncles'
/// headers, which the answer names but does not hold.
///
/// # Errors
/// [`JsonError`]; also where the told hash of the block, or of a transaction, or its sender, is not what follows.
pub fn parse_block(text: &str, uncles: Vec<Vec<u8>>, chain: u64) -> Result<Block, JsonError> {
    let told: BlockText = serde_json::from_str(text)?;
    let told_transactions = told.transactions.as_deref().ok_or(JsonError::NoTransactions)?;
    let transactions =
        told_transactions.iter().enumerate().map(|(index, tx)| tx.encode(index)).collect::<Result<_, _>>()?;
    let withdrawals = told.withdrawals.as_ref().map(|items| items.iter().map(WithdrawalText::encode).collect());
    let parts = Parts { header: told.encode_header(), transactions, uncles, withdrawals };
    let block = Block::check(&parts, chain)?;
    must_be("block hash", told.hash, block.header.hash)?;
    for (text, tx) in told_transactions.iter().zip(&block.transactions) {
        text.compare(tx)?;
    }
    Ok(block)
}

/// The hash that a block is told to have and those of its uncles, none of them checked: what to ask for next.
///
/// # Errors
/// [`JsonError::Malformed`].
pub fn parse_names(text: &str) -> Result<(Hash, Vec<Hash>), JsonError> {
    #[derive(Deserialize)]
    struct Names {
        hash: Hash,
        #[serde(default)]
        uncles: Vec<Hash>,
    }
    let Names { hash, uncles } = serde_json::from_str(text)?;
    Ok((hash, uncles))
}

/// Reads a header alone, as `eth_getUncleByBlockHashAndIndex` answers it: its RLP, which hashes to what was told.
///
/// # Errors
/// [`JsonError`].
pub fn parse_header(text: &str) -> Result<Vec<u8>, JsonError> {
    let told: BlockText = serde_json::from_str(text)?;
    let header = told.encode_header();
    must_be("block hash", told.hash, keccak256(&header))?;
    Ok(header)
}

impl BlockText {
    fn encode_header(&self) -> Vec<u8> {
        let mut list = Writer::new();
        [self.parent_hash, self.sha3_uncles].iter().for_each(|hash| list.bytes(&hash.0));
        list.bytes(&self.miner.0);
        [self.state_root, self.transactions_root, self.receipts_root].iter().for_each(|hash| list.bytes(&hash.0));
        list.bytes(&self.logs_bloom.0);
        for number in [self.difficulty, self.number, self.gas_limit, self.gas_used, self.timestamp] {
            list.uint(number.0);
        }
        list.bytes(&self.extra_data.0);
        list.bytes(&self.mix_hash.0);
        list.bytes(&self.nonce.0);
        self.base_fee_per_gas.iter().for_each(|number| list.uint(number.0));
        self.withdrawals_root.iter().for_each(|hash| list.bytes(&hash.0));
        [self.blob_gas_used, self.excess_blob_gas].iter().flatten().for_each(|number| list.uint(number.0));
        [self.parent_beacon_block_root, self.requests_hash].iter().flatten().for_each(|hash| list.bytes(&hash.0));
        list.into_list()
    }
}

impl WithdrawalText {
    fn encode(&self) -> Vec<u8> {
        let mut list = Writer::new();
        list.uint(self.index.0);
        list.uint(self.validator_index.0);
        list.bytes(&self.address.0);
        list.uint(self.amount.0);
        list.into_list()
    }
}

fn must_be<T: PartialEq + fmt::Display>(what: &'static str, got: T, want: T) -> Result<(), JsonError> {
    if got == want { Ok(()) } else { Err(JsonError::Told { what, got: got.to_string(), want: want.to_string() }) }
}
