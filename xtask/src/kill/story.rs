//! What is loaded: a chain, then branches that displace its end, each in a block file of its own or served by a node.

use std::collections::VecDeque;

use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_model::BlockHash;
use coinhound_sim::Sealed;
use coinhound_sim::evm::Traffic;
use coinhound_sim::mainnet::{Chain, Shape};
use coinhound_store::Family;
use coinhound_store::storage::Dice;
use coinhound_testkit::evm::Served;

/// Branches after the first chain.
const BRANCHES: u64 = 5;

/// Blocks of the first chain: enough for mined coins to be spent, and for eight folds.
const BLOCKS_MIN: u64 = 130;

/// Blocks of the first chain of Ethereum: four folds.
const EVM_BLOCKS_MIN: usize = 64;

/// The deepest branch, in blocks: below a fold from any height.
const DEPTH_MAX: usize = 24;

/// What there is to read from now on, and what the chain is then.
pub struct Chapter {
    /// A further block file, or what a node serves.
    pub material: Material,
    /// The best chain's blocks by height, from the store's first on.
    pub best: Vec<BlockHash>,
}

/// What a chapter adds.
pub enum Material {
    /// A further block file's bytes.
    File(Vec<u8>),
    /// The whole chain that a node serves, with the block below the store's first.
    Chain(Served),
}

/// The chapters that follow from a seed, as this kind of store holds them.
pub fn story(family: Family, seed: u64) -> Vec<Chapter> {
    match family {
        Family::Coins => of_coins(seed),
        Family::Accounts => of_accounts(seed),
    }
}

/// A chain of Ethereum across its forks, and branches of it.
fn of_accounts(seed: u64) -> Vec<Chapter> {
    let mut dice = Dice::new(seed);
    let (mut traffic, mut past) = (Traffic::mainnet(seed), Vec::new());
    let mut chain = Served::new();
    let mut chapters = Vec::new();
    for branch in 0..=BRANCHES {
        let mut more = EVM_BLOCKS_MIN + dice.index(16);
        if branch > 0 {
            let depth = 1 + dice.index(DEPTH_MAX);
            let kept = chain.len() - depth;
            traffic = Traffic::clone(&past[kept]);
            traffic.reseed(seed.wrapping_mul(100).wrapping_add(branch));
            chain.truncate(kept);
            past.truncate(kept);
            more = depth + 1 + dice.index(4);
        }
        for _ in 0..more {
            past.push(traffic.clone());
            chain.push(traffic.block());
        }
        let best = chain[1..].iter().map(|block| block.hash.row()).collect();
        chapters.push(Chapter { material: Material::Chain(chain.clone()), best });
    }
    chapters
}

fn of_coins(seed: u64) -> Vec<Chapter> {
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
        Chapter { material: Material::File(file), best: self.best.clone() }
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
        for family in Family::ALL {
            for pair in story(family, 3).windows(2) {
                assert!(pair[1].best.len() > pair[0].best.len());
                assert_ne!(pair[1].best[pair[0].best.len() - 1], pair[0].best[pair[0].best.len() - 1]);
            }
        }
    }
}
