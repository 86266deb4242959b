//! What one block of an account ledger may hold.
//!
//! Far above what any ledger makes, and low enough that no feed can fill the memory with one block.

use coinhound_model::{Account, AccountBlock, AccountMove, AccountTx};

use super::error::AccountError;

/// Transactions, movements, notes and links of one block together.
pub const BLOCK_ROWS_MAX: usize = 1 << 25;

/// Bytes of one block's notes together.
pub const BLOCK_TEXT_BYTES_MAX: usize = 1 << 31;

/// Bytes that name an account.
pub const ACCOUNT_BYTES_MAX: usize = 1_024;

/// Bytes of an asset's id and ticker together.
pub const TOKEN_BYTES_MAX: usize = 4_096;

/// How many rows a block brings.
pub(super) fn rows(block: &AccountBlock) -> usize {
    block.txs.iter().map(|tx| 1 + tx.moves.len() + tx.notes.len() + tx.links.len()).sum()
}

/// Refuses a block that cannot be stored, before anything of it was taken.
pub(super) fn check(block: &AccountBlock) -> Result<(), AccountError> {
    let refuse = |what, got, max| {
        let (block, height) = (block.hash, block.height);
        if got > max { Err(AccountError::TooLarge { block, height, what, got, max }) } else { Ok(()) }
    };
    refuse("rows", rows(block), BLOCK_ROWS_MAX)?;
    let text = block.txs.iter().flat_map(|tx| &tx.notes).map(|note| note.bytes.len()).sum();
    refuse("bytes of notes", text, BLOCK_TEXT_BYTES_MAX)?;
    let named = block.txs.iter().flat_map(accounts).map(|account| account.0.len()).max();
    refuse("bytes in one account's name", named.unwrap_or(0), ACCOUNT_BYTES_MAX)?;
    let tokens = block.txs.iter().flat_map(|tx| &tx.moves).map(|one| one.token.id.len() + one.token.ticker.len());
    refuse("bytes in one asset's texts", tokens.max().unwrap_or(0), TOKEN_BYTES_MAX)?;
    block.txs.iter().enumerate().try_for_each(|(at, tx)| check_sides(block, at, tx))
}

fn accounts(tx: &AccountTx) -> impl Iterator<Item = &Account> {
    let moved = tx.moves.iter().flat_map(|one| one.from.iter().chain(&one.to));
    moved.chain(tx.links.iter().flat_map(|link| [&link.account, &link.controller]))
}

fn check_sides(block: &AccountBlock, tx: usize, row: &AccountTx) -> Result<(), AccountError> {
    let fits = |one: &AccountMove| one.from.is_some() == one.kind.takes() && one.to.is_some() == one.kind.gives();
    let Some(movement) = row.moves.iter().position(|one| !fits(one)) else { return Ok(()) };
    let one = &row.moves[movement];
    Err(AccountError::Sides {
        block: block.hash,
        height: block.height,
        tx,
        movement,
        kind: one.kind,
        from: one.from.is_some(),
        to: one.to.is_some(),
    })
}
