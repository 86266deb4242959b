//! What happens to a checked block: its rows, and their way into a durable store.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::Result;
use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::rows::rows;
use coinhound_ingest::accounts::{AccountOptions, AccountSession};
use coinhound_ingest::evm::evm_chain;
use coinhound_model::{AccountBlock, Hash256, Height};
use coinhound_store::storage::DiskStorage;

use crate::data::Recorded;
use crate::{ours, thousandths, timed};

/// Prints CPU time of rows, and of `count` blocks taken into a store on disk: the real ones again and again under other
/// names.
///
/// # Errors
/// When a store cannot be written.
pub fn measure(blocks: &[Recorded], count: u32) -> Result<()> {
    let checked = blocks.iter().map(ours::rlp).collect::<Result<Vec<_>>>()?;
    let repeats = count / u32::try_from(checked.len())?;
    let (made, spent) = timed(|| -> Result<Vec<AccountBlock>> {
        let mut made = Vec::new();
        for _ in 0..repeats {
            made = checked
                .iter()
                .map(|(block, receipts)| Ok(rows(block, receipts, None)?.block))
                .collect::<Result<_>>()?;
        }
        Ok(black_box(made))
    });
    let made = made?;
    let blocks = u128::from(repeats) * made.len() as u128;
    println!("{:<40} {:>12}", "coinhound: rows of a checked block", thousandths(spent.as_nanos() / blocks / 1_000));

    let folder = tempfile::tempdir()?;
    let disk = DiskStorage::new(folder.path());
    disk.create_root()?;
    let chain = evm_chain(ChainRules::default());
    let mut session = AccountSession::open(Arc::new(disk), chain, AccountOptions::new(0))?;
    let chained = (0..count).map(|nth| renamed(&made[nth as usize % made.len()], nth)).collect::<Vec<_>>();
    let moves: usize = chained.iter().flat_map(|block| &block.txs).map(|tx| tx.moves.len()).sum();
    let (ended, spent) = timed(|| -> Result<_> {
        for block in &chained {
            session.push(block)?;
        }
        Ok(session.finish()?)
    });
    ended?;
    let nanos = spent.as_nanos();
    println!("{:<40} {:>12}", "coinhound: rows into a durable store", thousandths(nanos / u128::from(count) / 1_000));
    println!("  {count} blocks, {moves} movements, {} us a movement", thousandths(nanos / moves as u128));
    Ok(())
}

/// The same rows as the block at another height, on top of the one below.
fn renamed(block: &AccountBlock, nth: u32) -> AccountBlock {
    let name = |nth: u32| {
        let mut name = [7; 32];
        name[..4].copy_from_slice(&nth.to_le_bytes());
        Hash256(name)
    };
    let mut block = block.clone();
    (block.height, block.hash, block.prev) = (Height(20_000_000 + nth), name(nth + 1), name(nth));
    block.txs.iter_mut().zip(0_u32..).for_each(|(tx, at)| {
        tx.hash.0[..4].copy_from_slice(&nth.to_le_bytes());
        tx.hash.0[4..8].copy_from_slice(&at.to_le_bytes());
    });
    block
}
