//! A chain of mainnet's shape, of any length: the size, kinds, counts and ages of transactions are
//! those of recent mainnet blocks, so what is measured on it says something about mainnet.
//!
//! Memory is bounded by a cap on spendable coins, whatever the length.

mod mix;
mod owners;
mod pay;
mod pool;

use std::collections::VecDeque;
use std::path::Path;

use coinhound_model::{BlockHash, Height};

use crate::block::{Draft, Miner, Sealed};
use crate::keys::Keys;
use crate::mainnet::owners::{Owners, slot};
use crate::mainnet::pool::{Coin, Pool};
use crate::regtest::{INTERVAL_SECS, MATURITY, WEIGHT_MAX};
use crate::rng::Rng;
use crate::writer::{BlockWriter, Layout, WriteError, Written};

/// 2022-01-01 00:00:00 UTC: the first block after genesis.
const BEGIN: u32 = 1_640_995_200;

/// What the chain is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Same seed, same bytes.
    pub seed: u64,
    /// The chain ends at about this many bytes of block files.
    pub bytes: u64,
    /// Blocks are filled to nearly this weight; at least 8,000.
    pub block_weight: u32,
    /// At most this many coins can be spent at any time; each costs about 90 bytes of memory.
    pub coins_max: usize,
    /// Also make undo records, which costs half as much time again.
    pub undo: bool,
}

impl Shape {
    /// A chain of this many bytes in full blocks.
    #[must_use]
    pub fn of_bytes(seed: u64, bytes: u64) -> Self {
        Self { seed, bytes, block_weight: WEIGHT_MAX, coins_max: 2_000_000, undo: false }
    }
}

/// A chain as it grows: an iterator over its blocks from genesis on, in order of height.
///
/// A copy that is given another seed ([`Chain::reseed`]) goes on differently: a fork.
#[derive(Clone, Debug)]
pub struct Chain {
    shape: Shape,
    rng: Rng,
    keys: Keys,
    owners: Owners,
    pool: Pool,
    immature: VecDeque<Coin>,
    /// Mined coins that may be spent: pools pay their members at once.
    matured: Vec<Coin>,
    tip: BlockHash,
    next_height: u32,
    time: u32,
    bytes: u64,
    /// Marks the blocks of a fork as different even when empty.
    branch: u64,
}

impl Chain {
    /// The chain of this shape, before its genesis block.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        // About one owner for every 6,000 bytes of chain; each owner's wallets cost 250 bytes of memory.
        let rank_bits = u64::from((shape.bytes / 6_000).max(1).ilog2()).clamp(6, 18);
        let owners = Owners::new(rank_bits);
        let pool = Pool::new(owners.len(), shape.coins_max.max(1_000));
        Self {
            rng: Rng::new(shape.seed),
            keys: Keys::new(shape.seed),
            shape: Shape { block_weight: shape.block_weight.clamp(8_000, WEIGHT_MAX), ..shape },
            owners,
            pool,
            immature: VecDeque::new(),
            matured: vec![],
            tip: BlockHash::ZERO,
            next_height: 0,
            time: BEGIN,
            bytes: 0,
            branch: shape.seed,
        }
    }

    /// Lets the chain go on as another would have from here: same past, different future.
    pub fn reseed(&mut self, seed: u64) {
        self.rng = Rng::new(seed);
        self.branch = seed;
    }

    fn next_block(&mut self) -> Sealed {
        if self.next_height == 0 {
            return self.extend(Sealed::genesis());
        }
        let mut draft = Draft::new(self.tip, Height(self.next_height), self.time);
        let full = u64::from(self.shape.block_weight) * self.rng.range(960, 995) / 1000;
        while self.has_coins() && self.has_room(&draft, full) {
            self.add_tx(&mut draft);
        }
        let owner = self.owners.draw(&mut self.rng);
        let key = self.owners.fresh(owner);
        let message = format!("/coinhound sim/{:016x}", self.branch);
        let block = draft.seal(Miner { lock: &self.keys.lock(slot(owner, key)), message: message.as_bytes() });
        let (outpoint, value) = (block.reward_outpoint(), block.reward);
        self.immature.push_back(Coin { outpoint, value, owner, key, height: self.next_height, coinbase: true });
        self.extend(block)
    }

    fn has_coins(&self) -> bool {
        self.pool.len() > 0 || !self.matured.is_empty()
    }

    fn has_room(&self, draft: &Draft, full: u64) -> bool {
        let left = self.shape.bytes.saturating_sub(self.bytes + 300);
        (draft.weight() as u64) < full && (draft.size() as u64) < left
    }

    fn extend(&mut self, block: Sealed) -> Sealed {
        self.tip = block.hash;
        self.next_height += 1;
        self.bytes += block.bytes.len() as u64 + 8;
        self.time += u32::try_from(self.rng.draw(INTERVAL_SECS)).expect("below an hour");
        while self.immature.front().is_some_and(|coin| coin.height + MATURITY <= self.next_height) {
            let coin = self.immature.pop_front().expect("just seen");
            self.matured.push(coin);
        }
        block
    }
}

impl Iterator for Chain {
    type Item = Sealed;

    fn next(&mut self) -> Option<Sealed> {
        (self.bytes < self.shape.bytes).then(|| self.next_block())
    }
}

/// Writes a whole chain into a folder of block files.
///
/// # Errors
/// As [`BlockWriter`].
pub fn write(folder: &Path, shape: Shape, layout: Layout) -> Result<Written, WriteError> {
    let undo = shape.undo && layout.undo;
    let mut writer = BlockWriter::create(folder, Layout { undo, ..layout })?;
    Chain::new(Shape { undo, ..shape }).try_for_each(|block| writer.write(block))?;
    writer.finish()
}
