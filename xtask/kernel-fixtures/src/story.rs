//! The chain's story: growth, blocks out of order, lost branches, and blocks that break the rules.

use anyhow::{Context, Result, ensure};
use bitcoin::hashes::Hash;
use bitcoin::{Block, BlockHash, TxMerkleNode, Witness, constants::genesis_block};

use crate::kernel::Kernel;
use crate::mine;
use crate::rng::Rng;
use crate::traffic::{Branch, Filling, Maker};
use crate::wallet::Wallet;

/// Blocks until the first coinbase can be spent, and some more.
const OPENING: u32 = 110;
/// Blocks that come out of order among each other.
const WINDOW: u32 = 16;
/// Transactions in a block, at most.
const PAYMENTS: Filling = Filling::Payments(24);
/// So few that blocks upon one parent often look alike.
const FEW_PAYMENTS: Filling = Filling::Payments(2);
/// Blocks of the last chapter, after the bulk.
const ENDING: u32 = 12;

/// How long the story is.
#[derive(Clone, Copy)]
pub struct Length {
    /// Blocks of ordinary size, at least.
    pub blocks: u32,
    /// Blocks of nearly four megabytes, to fill more than one file.
    pub bulk: u32,
}

/// How a block breaks the rules so late that the kernel stores it first.
#[derive(Clone, Copy)]
enum Forgery {
    Signature,
    Claim,
    SpentTwice,
}

/// A chain being told to the kernel.
pub struct Story<'k> {
    kernel: &'k Kernel,
    pub maker: Maker,
    branch: Branch,
    /// Every block that the kernel stored, in order of storing; genesis first.
    pub stored: Vec<BlockHash>,
    /// Those of them that break the rules.
    pub refused: Vec<BlockHash>,
}

impl<'k> Story<'k> {
    pub fn new(kernel: &'k Kernel, seed: u64) -> Result<Self> {
        let genesis = genesis_block(bitcoin::Network::Regtest);
        kernel.expect_tip(genesis.block_hash())?;
        let mut rng = Rng::new(seed);
        let maker = Maker { wallet: Wallet::new(&mut rng), rng };
        let branch = Branch::of_genesis(&genesis);
        Ok(Self { kernel, maker, branch, stored: vec![genesis.block_hash()], refused: Vec::new() })
    }

    /// Tells the whole story.
    pub fn tell(&mut self, length: Length) -> Result<()> {
        self.grow(OPENING)?;
        let forgeries = [Forgery::Signature, Forgery::Claim, Forgery::SpentTwice];
        for round in 0.. {
            self.grow(20)?;
            self.out_of_order(WINDOW, PAYMENTS)?;
            self.reorganise(1 + round % 12, PAYMENTS)?;
            for _ in 0..4 {
                self.reorganise(1, FEW_PAYMENTS)?;
            }
            self.forge(forgeries[round as usize % forgeries.len()])?;
            self.grow(2)?;
            self.lose_a_race(1 + round % 3)?;
            if self.branch.height >= length.blocks {
                break;
            }
        }
        for done in (0..length.bulk).step_by(8) {
            self.out_of_order(8.min(length.bulk - done), Filling::Bulk)?;
        }
        self.grow(ENDING)?;
        self.reorganise(6, PAYMENTS)?;
        self.reject_altered()?;
        self.grow(ENDING)
    }

    fn grow(&mut self, blocks: u32) -> Result<()> {
        self.grow_with(blocks, PAYMENTS)
    }

    fn grow_with(&mut self, blocks: u32, filling: Filling) -> Result<()> {
        for _ in 0..blocks {
            let block = self.maker.next(&mut self.branch, filling);
            self.kernel.extend(&block)?;
            self.stored.push(block.block_hash());
        }
        Ok(())
    }

    /// As a node does while it catches up: headers first, then blocks as they come.
    fn out_of_order(&mut self, blocks: u32, filling: Filling) -> Result<()> {
        let mut made: Vec<Block> = (0..blocks).map(|_| self.maker.next(&mut self.branch, filling)).collect();
        for block in &made {
            self.kernel.announce(&block.header)?;
        }
        self.maker.rng.shuffle(&mut made);
        for block in &made {
            self.kernel.offer(block)?;
            self.stored.push(block.block_hash());
        }
        self.kernel.expect_tip(self.branch.tip)
    }

    /// A branch is connected and then loses against one that is longer by a block.
    fn reorganise(&mut self, depth: u32, filling: Filling) -> Result<()> {
        let mut winner = self.branch.clone();
        self.grow_with(depth, filling)?;
        let loser = self.branch.tip;
        for step in 0..=depth {
            self.kernel.expect_tip(loser).with_context(|| format!("after {step} blocks of another branch"))?;
            let block = self.maker.next(&mut winner, filling);
            self.kernel.offer(&block)?;
            self.stored.push(block.block_hash());
        }
        self.branch = winner;
        self.kernel.expect_tip(self.branch.tip)
    }

    /// A branch comes too late and is never connected.
    fn lose_a_race(&mut self, depth: u32) -> Result<()> {
        let mut late = self.branch.clone();
        self.grow(depth + 1)?;
        for _ in 0..depth {
            let block = self.maker.next(&mut late, PAYMENTS);
            self.kernel.offer(&block)?;
            self.stored.push(block.block_hash());
        }
        self.kernel.expect_tip(self.branch.tip)
    }

    /// A block that is stored, called new, and never becomes the tip; nor does any that builds on it.
    fn forge(&mut self, forgery: Forgery) -> Result<()> {
        let mut aside = self.branch.clone();
        let forged = self.forged(&mut aside, forgery)?;
        self.kernel.offer(&forged)?;
        let hash = forged.block_hash();
        self.kernel.expect_tip(self.branch.tip)?;
        ensure!(self.kernel.refused().contains(&hash), "the kernel did not say that it refused {hash}");
        self.stored.push(hash);
        self.refused.push(hash);
        let child = mine::block(hash, forged.header.time + 60, vec![mine::coinbase(aside.height + 1, 0, vec![])]);
        ensure!(self.kernel.answer(&child)?.is_rejected(), "the kernel takes a block upon one it refused");
        Ok(())
    }

    fn forged(&mut self, aside: &mut Branch, forgery: Forgery) -> Result<Block> {
        let before = aside.clone();
        let mut block = loop {
            let mut tried = before.clone();
            let block = self.maker.next(&mut tried, PAYMENTS);
            if block.txdata.iter().any(|tx| signature_place(tx).is_some()) {
                *aside = tried;
                break block;
            }
        };
        let mut txs = block.txdata.split_off(1);
        match forgery {
            Forgery::Signature => {
                let spoiled = txs.iter_mut().find_map(|tx| Some((signature_place(tx)?, tx)));
                let (input, tx) = spoiled.context("a block with a signature was asked for")?;
                spoil(&mut tx.input[input].witness);
            }
            Forgery::SpentTwice => {
                let twice = txs.iter().find(|tx| signature_place(tx).is_some()).context("as above")?.clone();
                let mut second = twice.clone();
                second.version.0 += 1;
                txs.push(second);
            }
            Forgery::Claim => {}
        }
        let claim: u64 = block.txdata[0].output.iter().map(|output| output.value.to_sat()).sum();
        let excess = if matches!(forgery, Forgery::Claim) { 20_000 } else { 0 };
        Ok(self.maker.seal(&before, claim + excess, txs))
    }

    /// A block whose transactions are not those of its header is not even stored.
    fn reject_altered(&mut self) -> Result<()> {
        let mut block = self.maker.next(&mut self.branch.clone(), PAYMENTS);
        block.header.merkle_root = TxMerkleNode::hash(b"another");
        mine::grind(&mut block.header);
        ensure!(self.kernel.answer(&block)?.is_rejected(), "the kernel takes a block with a wrong merkle root");
        self.kernel.expect_tip(self.branch.tip)
    }
}

/// The first input whose witness is a signature and a key.
fn signature_place(tx: &bitcoin::Transaction) -> Option<usize> {
    tx.input.iter().position(|input| input.witness.len() == 2 && input.witness[1].len() == 33)
}

/// Turns one bit of the signature's R.
fn spoil(witness: &mut Witness) {
    let mut items = witness.to_vec();
    items[0][10] ^= 1;
    *witness = Witness::from_slice(&items);
}
