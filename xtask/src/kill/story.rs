//! What is loaded: a chain, then branches that displace its end, each in a block file of its own.

use std::collections::VecDeque;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_model::BlockHash;
use coinhound_sim::Sealed;
use coinhound_sim::mainnet::{Chain, Shape};
use coinhound_store::storage::Dice;

/// Branches after the first chain.
const BRANCHES: u64 = 5;

/// Blocks of the first chain: enough for mined coins to be spent, and for eight folds.
const BLOCKS_MIN: u64 = 130;

/// The deepest branch, in blocks: below a fold from any height.
const DEPTH_MAX: usize = 24;

/// One block file, and what the chain is once it is there.
pub struct Chapter {
    /// The block file's bytes.
    pub file: Vec<u8>,
    /// The best chain's blocks by height.
    pub best: Vec<BlockHash>,
}

/// The chapters that follow from a seed.
pub fn story(seed: u64) -> Vec<Chapter> {
    let mut dice = Dice::new(seed);
    let shape = Shape { block_weight: 12_000, coins_max: 5_000, ..Shape::of_bytes(seed, 4_000_000) };
    let mut pen = Pen { chain: Chain::new(shape), past: VecDeque::new(), best: Vec::new() };
    let first = BLOCKS_MIN + dice.below(16);
    let mut chapters = vec![pen.grow(first)];
    for branch in 1..=BRANCHES {
        let depth = 1 + dice.index(DEPTH_MAX);
        pen.fork(depth, seed.wrapping_mul(100).wrapping_add(branch));
        chapters.push(pen.grow(depth as u64 + 1 + dice.below(4)));
    }
    chapters
}

struct Pen {
    chain: Chain,
    /// The chain as it was before each of its last blocks.
    past: VecDeque<Chain>,
    best: Vec<BlockHash>,
}

impl Pen {
    fn grow(&mut self, blocks: u64) -> Chapter {
        let mut file = Vec::new();
        for _ in 0..blocks {
            self.past.push_back(self.chain.clone());
            if self.past.len() > DEPTH_MAX {
                self.past.pop_front();
            }
            let block: Sealed = self.chain.next().expect("the shape is larger than the story");
            put_frame(&mut file, Network::Regtest.params().magic, &block.bytes);
            self.best.push(block.hash);
        }
        Chapter { file, best: self.best.clone() }
    }

    /// Goes back by `depth` blocks, to go on differently.
    fn fork(&mut self, depth: usize, seed: u64) {
        let kept = self.past.len() - depth.min(self.past.len());
        let dropped = self.past.len() - kept;
        self.chain = self.past[kept].clone();
        self.chain.reseed(seed);
        self.past.truncate(kept);
        self.best.truncate(self.best.len() - dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chapter_outgrows_the_one_it_displaces() {
        let chapters = story(3);
        for pair in chapters.windows(2) {
            assert!(pair[1].best.len() > pair[0].best.len());
            assert_ne!(pair[1].best[pair[0].best.len() - 1], pair[0].best[pair[0].best.len() - 1]);
        }
    }
}
