//! Our reading of a block and its receipts.

use anyhow::Result;
use coinhound_chains::evm::json::{parse_block, parse_receipts};
use coinhound_chains::evm::{Block, MAINNET, Parts, Receipt};

use crate::data::Recorded;

/// From what a node answers.
///
/// # Errors
/// When something does not hold.
pub fn json(recorded: &Recorded) -> Result<(Block, Vec<Receipt>)> {
    let block = parse_block(&recorded.json, recorded.uncles.clone(), MAINNET)?;
    let receipts = parse_receipts(&recorded.receipts_json)?;
    block.check_receipts(&receipts)?;
    Ok((block, receipts))
}

/// From RLP.
///
/// # Errors
/// When something does not hold.
pub fn rlp(recorded: &Recorded) -> Result<(Block, Vec<Receipt>)> {
    let block = Block::check(&Parts::of_rlp(&recorded.rlp)?, MAINNET)?;
    let receipts = recorded.receipts.iter().map(|bytes| Receipt::decode(bytes)).collect::<Result<Vec<_>, _>>()?;
    block.check_receipts(&receipts)?;
    Ok((block, receipts))
}
