//! Another branch: where it leaves the store's, and how it takes its place.

use coinhound_chains::nem::BlockFault;
use coinhound_chains::nem::http::ToldBlock;
use coinhound_chains::nem::ledger::row_hash;
use coinhound_chains::nem::network::REWRITE_LIMIT_BLOCKS;
use coinhound_model::BlockHash;

use crate::nis::error::NisLoadError;
use crate::nis::fork::highest;
use crate::nis::panel::Told;
use crate::nis::reader::{Pass, Reader, height_of};

/// Where the nodes' chain leaves the store's.
pub(super) struct Parting {
    /// The last height in common.
    pub fork: u64,
    /// The nodes' block right above it.
    theirs: BlockHash,
}

impl Reader<'_, '_, '_> {
    /// Whether all nodes have the store's block at a height.
    pub(super) fn is_ours(&mut self, height: u64) -> Result<bool, NisLoadError> {
        let ours = self.session.block(height_of(height))?.hash;
        Ok(matches!(self.panel.probe(height)?, Told::Same(told) if row_hash(&told.hash) == ours))
    }

    /// Where the nodes' chain leaves the store's below `at`; none, and reported, where they differ among themselves
    /// right there.
    pub(super) fn parting(&mut self, at: u64) -> Result<Option<Parting>, NisLoadError> {
        let first = self.session.range().map_or(at, |(first, ..)| u64::from(first.0));
        let fork = highest(first, at, |height| self.is_ours(height))?;
        // The chain may have changed meanwhile: above a fork at the very tip there is nothing to look at.
        let next = fork.map_or(first, |fork| (fork + 1).min(at));
        match (self.panel.probe(next)?, fork) {
            (Told::Different(told), _) => {
                self.found.1 = self.panel.disagreement(height_of(next), &told);
                Ok(None)
            }
            (Told::Same(told), Some(fork)) => {
                let theirs = self.signed(&told)?;
                Ok(Some(Parting { fork, theirs }))
            }
            (Told::Same(told), None) => {
                let theirs = self.signed(&told)?;
                let ours = self.session.block(height_of(first))?.hash;
                Err(NisLoadError::OtherChain { first: height_of(first), ours, theirs })
            }
        }
    }

    /// The hash of a block that is to be named: nobody shall be shown one that its harvester did not sign.
    fn signed(&self, told: &ToldBlock) -> Result<BlockHash, NisLoadError> {
        let (url, height, hash) = (self.panel.url(), height_of(told.block.height), row_hash(&told.hash));
        let fault = |source| BlockFault::Signature { height: told.block.height, source };
        told.block.verify().map_err(|source| NisLoadError::BadBlock {
            url,
            height,
            hash,
            source: Box::new(fault(source)),
        })?;
        Ok(hash)
    }

    /// Gives up the store's branch above the fork for the nodes', once so many of its blocks are proven as are given up.
    pub(super) fn turn(&mut self, parting: &Parting, ours: u64, tip: u64) -> Result<Pass, NisLoadError> {
        let Parting { fork, theirs } = *parting;
        let depth = ours - fork;
        if depth > REWRITE_LIMIT_BLOCKS && self.options.accept_reorg != Some(theirs) {
            let (fork, depth) = (height_of(fork), u32::try_from(depth).unwrap_or(u32::MAX));
            return Err(NisLoadError::DeepReorg { fork, depth, ours: self.session.block(fork.next())?.hash, theirs });
        }
        let Some(mut ledger) = self.ledger_at(fork)? else { return Ok(Pass::Done) };
        let enough = fork + depth.min(REWRITE_LIMIT_BLOCKS);
        let mut blocks = Vec::new();
        for height in fork + 1..=enough {
            match self.panel.at(height, tip)? {
                Told::Same(told) => blocks.push(self.judged(&mut ledger, &told)?),
                Told::Different(told) => {
                    self.found.1 = self.panel.disagreement(height_of(height), &told);
                    return Ok(Pass::Done);
                }
            }
        }
        self.session.fork(height_of(fork))?;
        self.ledger = Some(ledger);
        for block in &blocks {
            self.push(block, tip)?;
        }
        self.commit()?;
        Ok(Pass::Turned)
    }
}
