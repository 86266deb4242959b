//! Another branch: where it leaves the store's, and how it takes its place.

use coinhound_chains::evm::Header;
use coinhound_chains::evm::rpc::Place;
use coinhound_model::Height;

use crate::evm::error::EvmLoadError;
use crate::evm::reader::{Pass, Reader};

impl Reader<'_, '_, '_> {
    /// Gives up the store's branch above the last block in common, once as many blocks of the node's are recomputed as
    /// are given up: they go with the commit of what replaces them.
    pub(super) fn turn(&mut self, first: Height, ours: Height) -> Result<Pass, EvmLoadError> {
        let common = self.common(first, ours)?;
        let fork = Height(u32::try_from(common.number).expect("it was asked for by a height of the store"));
        let (mut blocks, mut parent) = (Vec::new(), common.clone());
        for height in (fork.0 + 1..=ours.0).map(Height) {
            let (block, header) = self.fetched(height, Some(&parent))?;
            parent = header.clone();
            blocks.push((block, header));
        }
        self.session.fork(fork)?;
        self.parent = Some(common);
        for (block, header) in blocks {
            self.push(&block, header, ours)?;
        }
        self.commit()?;
        Ok(Pass::Turned)
    }

    /// The last block that the node has in common with the store, looked for backwards from the store's tip.
    fn common(&mut self, first: Height, ours: Height) -> Result<Header, EvmLoadError> {
        let most = self.options.reorg_blocks_max;
        for height in (first.0..ours.0).rev().map(Height) {
            if ours.0 - height.0 > most {
                return Err(EvmLoadError::DeepReorg { tip: ours, most });
            }
            let theirs = self.node.header(Place::Number(u64::from(height.0)))?;
            if theirs.hash.row() == self.session.block(height)?.hash {
                return Ok(theirs);
            }
        }
        let theirs = self.node.header(Place::Number(u64::from(first.0)))?.hash.row();
        Err(EvmLoadError::OtherChain { first, ours: self.session.block(first)?.hash, theirs })
    }
}
