//! Blocks of one parent: the hash behind their undo data is over that parent, and so tells them from all
//! others but not from each other.

use std::collections::BTreeMap;

use coinhound_model::BlockHash;
use coinhound_model::block::{CoinBlock, SpentCoin};

use crate::bitcoin::block::{Checks, parse_block_with};
use crate::bitcoin::files::{BlockDir, BlockFileError, Record, blocks_of_file};

/// The blocks of one blk file that share their parent with another of it.
///
/// A block's undo data lies in the rev file with its blk file's number, so no other file matters.
#[derive(Debug)]
pub(super) struct Siblings {
    dir: BlockDir,
    by_parent: BTreeMap<BlockHash, Vec<Record>>,
}

impl Siblings {
    /// Reads the headers of a blk file; none when it is not there.
    pub(super) fn of_file(dir: &BlockDir, file: u32) -> Result<Self, BlockFileError> {
        let mut by_parent: BTreeMap<BlockHash, Vec<Record>> = BTreeMap::new();
        for record in blocks_of_file(dir, file)? {
            let children = by_parent.entry(record.header.prev).or_default();
            if children.iter().all(|known| known.hash != record.hash) {
                children.push(record);
            }
        }
        by_parent.retain(|_, children| children.len() > 1);
        Ok(Self { dir: dir.clone(), by_parent })
    }

    /// How many blocks the undo data of this block's shape and parent could belong to, itself included; none when
    /// no other block has its parent.
    pub(super) fn alike(&self, block: &CoinBlock) -> Result<Option<usize>, BlockFileError> {
        let Some(children) = self.by_parent.get(&block.prev) else { return Ok(None) };
        let mut alike = 1;
        for sibling in children.iter().filter(|sibling| sibling.hash != block.hash) {
            let bytes = self.dir.read(sibling)?;
            let checks = Checks { work: false, witness: false };
            // One that does not read may have been whole when it was connected.
            let parsed = parse_block_with(&bytes, self.dir.params(), checks);
            alike += usize::from(parsed.map_or(true, |other| shape(&other).eq(shape(block))));
        }
        Ok(Some(alike))
    }
}

/// How many coins each transaction but the first spends.
pub(super) fn shape(block: &CoinBlock) -> impl Iterator<Item = usize> {
    let ends = block.txs.iter().map(|tx| tx.input_end as usize);
    ends.clone().zip(ends.skip(1)).map(|(start, end)| end - start)
}

/// Whether no transaction pays more than these coins hold; they have the block's shape.
pub(super) fn pays_for(coins: &[SpentCoin], block: &CoinBlock) -> bool {
    let mut outputs = block.txs.first().map_or(0, |coinbase| coinbase.output_end as usize);
    let mut coins = coins.iter();
    block.txs.iter().skip(1).zip(shape(block)).all(|(tx, inputs)| {
        let spent: u128 = coins.by_ref().take(inputs).map(|coin| u128::from(coin.value)).sum();
        let made = &block.outputs[outputs..tx.output_end as usize];
        outputs = tx.output_end as usize;
        spent >= made.iter().map(|output| u128::from(output.value)).sum()
    })
}

/// The one of several fitting records' coins that must be the block's; none when that is not certain.
///
/// Each of the blocks alike has a record only if there are as many records: otherwise the one at hand may be another's.
pub(super) fn certain(mut fitting: Vec<Vec<SpentCoin>>, alike: usize, block: &CoinBlock) -> Option<Vec<SpentCoin>> {
    if alike > 1 && fitting.len() >= alike {
        fitting.retain(|coins| pays_for(coins, block));
    } else if alike > 1 {
        return None;
    }
    let first = fitting.pop()?;
    fitting.iter().all(|other| *other == first).then_some(first)
}
