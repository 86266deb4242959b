//! A plan's blocks as a node sends them: some at a time, as many as fit a few megabytes. The first of them is judged
//! before more are asked for, so a node that makes up long ones is cut short by the first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use coinhound_chains::bitcoin::rpc::NodeRpc;
use coinhound_model::BlockHash;
use coinhound_model::block::CoinBlock;

use crate::node::NodeError;
use crate::source::{Source, Told, Unfed};

/// Blocks asked for together come to about this many bytes.
const TOGETHER_LEN: usize = 8_000_000;
/// The most blocks asked for together: they may be longer than those before.
const TOGETHER_MAX: usize = 64;

/// A node that two threads ask: one for blocks, one for what they spend.
pub(super) struct Shared<'a, 'p>(Mutex<&'a mut NodeRpc<'p>>);

impl<'a, 'p> Shared<'a, 'p> {
    pub fn new(node: &'a mut NodeRpc<'p>) -> Self {
        Self(Mutex::new(node))
    }

    /// The node, alone.
    pub fn lock(&self) -> MutexGuard<'_, &'a mut NodeRpc<'p>> {
        // Each question stands for itself: one that panicked leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fetches the blocks of a plan.
pub(super) struct Larder<'a, 'p> {
    node: &'a Shared<'a, 'p>,
    hashes: &'a [BlockHash],
    /// Fetched and not asked for yet.
    waiting: VecDeque<Vec<u8>>,
    current: Vec<u8>,
    /// How many to ask for next.
    together: usize,
}

impl<'a, 'p> Larder<'a, 'p> {
    pub fn new(node: &'a Shared<'a, 'p>, hashes: &'a [BlockHash]) -> Self {
        Self { node, hashes, waiting: VecDeque::new(), current: Vec::new(), together: 1 }
    }

    fn fetch(&mut self, at: usize) -> Result<(), NodeError> {
        let end = self.hashes.len().min(at + self.together);
        self.waiting.extend(self.node.lock().blocks(&self.hashes[at..end])?);
        let bytes: usize = self.waiting.iter().map(Vec::len).sum();
        let mean = bytes / self.waiting.len().max(1);
        self.together = (TOGETHER_LEN / mean.max(1)).clamp(1, TOGETHER_MAX.min(self.together * 2));
        Ok(())
    }
}

impl Source for Larder<'_, '_> {
    fn bytes(&mut self, at: usize) -> Result<&[u8], Unfed> {
        if self.waiting.is_empty() {
            self.fetch(at)?;
        }
        self.current = self.waiting.pop_front().expect("one block at least comes of those asked for");
        Ok(&self.current)
    }

    fn tell(&mut self, _: usize, _: &CoinBlock) -> Told {
        Told::default()
    }
}
