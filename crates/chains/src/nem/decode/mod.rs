//! The binary form read back, from bytes that a stranger wrote.
//!
//! Every length, size and count is held against the bytes that are left before anything is read or kept; an
//! object must fill its size exactly; a multisig transaction holds no other, so nothing nests deeper. Beyond
//! that nothing is refused for being large. What is read writes back to the same bytes
//! ([`crate::nem::encode`]): hashes and signatures are taken over those.

mod cursor;
mod tx;

pub use cursor::{DecodeError, Fault};

use cursor::Cursor;

use crate::nem::block::{Block, BlockKind};
use crate::nem::bytes::{Hash, PublicKey, Signature};
use crate::nem::tx::{SignedTransaction, Transaction, kind};

/// Reads a transaction with its signature.
///
/// # Errors
/// Says which field is wrong, and at which byte.
pub fn decode_transaction(bytes: &[u8]) -> Result<SignedTransaction, DecodeError> {
    let mut cursor = Cursor::new(bytes);
    let transaction = tx::signed(&mut cursor)?;
    cursor.end().map(|()| transaction)
}

/// Reads a transaction in the form that is hashed and signed; a multisig transaction has no cosignatures then.
///
/// # Errors
/// Says which field is wrong, and at which byte.
pub fn decode_unsigned(bytes: &[u8]) -> Result<Transaction, DecodeError> {
    let mut cursor = Cursor::new(bytes);
    let transaction = tx::unsigned(&mut cursor)?;
    cursor.end().map(|()| transaction)
}

/// Reads a whole block.
///
/// # Errors
/// Says which field is wrong, and at which byte.
pub fn decode_block(bytes: &[u8]) -> Result<Block, DecodeError> {
    let mut cursor = Cursor::new(bytes);
    let block = block(&mut cursor)?;
    cursor.end().map(|()| block)
}

fn block(cursor: &mut Cursor<'_>) -> Result<Block, DecodeError> {
    let kind = cursor.code("block type", BlockKind::of_code)?;
    let (version, network) = cursor.version()?;
    if version != 1 {
        return Err(cursor.refuse("block version", Fault::Value { got: version.into() }));
    }
    Ok(Block {
        kind,
        network,
        timestamp: cursor.u32("block timestamp")?,
        harvester: PublicKey(cursor.fixed("harvester")?),
        signature: Signature(cursor.fixed("block signature")?),
        previous: cursor.object("previous block hash", |inside| inside.fixed("previous block hash").map(Hash))?,
        height: cursor.u64("height")?,
        transactions: cursor.list("transactions", transaction_of_block)?,
    })
}

/// A cosignature is part of a multisig transaction, never of a block.
fn transaction_of_block(cursor: &mut Cursor<'_>) -> Result<SignedTransaction, DecodeError> {
    let start = cursor.mark();
    let signed = tx::signed(cursor)?;
    match signed.transaction.body.kind() {
        kind::COSIGNATURE => Err(start.error("transaction type", Fault::Value { got: kind::COSIGNATURE.into() })),
        _ => Ok(signed),
    }
}
