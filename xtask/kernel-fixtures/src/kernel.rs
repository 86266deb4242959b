//! Bitcoin Core's kernel over one folder: blocks go in, the tip and what is stored come out.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, ensure};
use bitcoin::consensus::serialize;
use bitcoin::hashes::Hash;
use bitcoin::{Block, BlockHash};
use bitcoinkernel::prelude::*;
use bitcoinkernel::{
    BlockHeader, BlockTreeEntry, BlockValidationStateRef, ChainType, ChainstateManager, Context, ContextBuilder,
    ProcessBlockHeaderResult, ProcessBlockResult, ValidationMode,
};

/// The kernel, opened. The manager goes before its context does.
pub struct Kernel {
    pub manager: ChainstateManager,
    _context: Context,
    refused: Arc<Mutex<Vec<BlockHash>>>,
}

/// Where the kernel keeps its blocks below its data folder.
pub fn blocks_folder(data: &Path) -> PathBuf {
    data.join("blocks")
}

impl Kernel {
    /// Opens a data folder, which may be new.
    pub fn open(data: &Path) -> Result<Self> {
        let blocks = blocks_folder(data);
        std::fs::create_dir_all(&blocks).with_context(|| format!("cannot create `{}`", blocks.display()))?;
        let refused = Arc::new(Mutex::new(Vec::new()));
        let heard = refused.clone();
        let context = ContextBuilder::new()
            .chain_type(ChainType::Regtest)
            .with_block_checked_validation(move |block: bitcoinkernel::Block, state: BlockValidationStateRef<'_>| {
                if state.mode() != ValidationMode::Valid {
                    heard.lock().expect("no holder panics").push(BlockHash::from_byte_array(block.hash().to_bytes()));
                }
            })
            .build()
            .context("the kernel's context cannot be made")?;
        let manager = ChainstateManager::builder(&context, text(data)?, text(&blocks)?)
            .and_then(|builder| builder.worker_threads(1).build())
            .with_context(|| format!("the kernel cannot open `{}`", data.display()))?;
        manager.import_blocks().context("the kernel cannot begin its chain")?;
        Ok(Self { manager, _context: context, refused })
    }

    pub fn tip(&self) -> BlockHash {
        hash_of(&self.manager.active_chain().tip())
    }

    /// Announces a header, so that its block may come before its parent's.
    pub fn announce(&self, header: &bitcoin::block::Header) -> Result<()> {
        let header = BlockHeader::new(&serialize(header))?;
        let answer = self.manager.process_block_header(&header)?;
        ensure!(matches!(answer, ProcessBlockHeaderResult::Valid), "the kernel refuses a header");
        Ok(())
    }

    /// Offers a block, which must be taken as new; that says nothing of its transactions, the tip does.
    pub fn offer(&self, block: &Block) -> Result<()> {
        let answer = self.answer(block)?;
        ensure!(answer.is_new_block(), "the kernel answers {answer:?} to block {}", block.block_hash());
        Ok(())
    }

    /// What the kernel says of a block at once.
    pub fn answer(&self, block: &Block) -> Result<ProcessBlockResult> {
        Ok(self.manager.process_block(&bitcoinkernel::Block::new(&serialize(block))?))
    }

    /// Offers a block that must become the tip.
    pub fn extend(&self, block: &Block) -> Result<()> {
        self.offer(block)?;
        self.expect_tip(block.block_hash())
    }

    pub fn expect_tip(&self, want: BlockHash) -> Result<()> {
        let got = self.tip();
        ensure!(got == want, "the kernel's tip is {got}, not {want}: it refused {:?}", self.refused());
        Ok(())
    }

    /// Blocks that were found invalid when they were to be connected.
    pub fn refused(&self) -> Vec<BlockHash> {
        self.refused.lock().expect("no holder panics").clone()
    }

    pub fn entry(&self, hash: BlockHash) -> Result<BlockTreeEntry<'_>> {
        let found = self.manager.get_block_tree_entry(&bitcoinkernel::BlockHash::from(hash.to_byte_array()));
        found.with_context(|| format!("the kernel does not know block {hash}"))
    }
}

pub fn hash_of(entry: &BlockTreeEntry<'_>) -> BlockHash {
    BlockHash::from_byte_array(entry.block_hash().to_bytes())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("`{}` is not a name in UTF-8", path.display()))
}
