//! The blocks a scripted node knows, and which of them are its chain.

use std::collections::BTreeMap;

use coinhound_chains::bitcoin::block::tx_bytes;
use coinhound_chains::bitcoin::{Checks, Header, Params, parse_block_with};
use coinhound_model::{BlockHash, TxHash};

use crate::node::lie::Lie;
use crate::node::made::{grind, name};

/// What a node holds.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) params: &'static Params,
    known: BTreeMap<BlockHash, Vec<u8>>,
    /// By height.
    active: Vec<BlockHash>,
    /// Where each transaction of the chain lies; made when first asked for.
    index: Option<BTreeMap<TxHash, (BlockHash, usize)>>,
}

impl Chain {
    pub(crate) fn new(params: &'static Params, blocks: &[Vec<u8>]) -> Self {
        let mut chain = Self { params, known: BTreeMap::new(), active: Vec::new(), index: None };
        chain.set(blocks);
        chain
    }

    /// Makes these blocks the chain; earlier ones stay known.
    pub(crate) fn set(&mut self, blocks: &[Vec<u8>]) {
        assert!(!blocks.is_empty(), "a node has at least the first block");
        self.active = blocks.iter().map(|block| self.learn(block.clone())).collect();
        self.index = None;
    }

    /// Forgets every block that is not on the chain.
    pub(crate) fn forget_aside(&mut self) {
        let active: std::collections::BTreeSet<BlockHash> = self.active.iter().copied().collect();
        self.known.retain(|hash, _| active.contains(hash));
    }

    pub(crate) fn active(&self) -> &[BlockHash] {
        &self.active
    }

    pub(crate) fn set_active(&mut self, active: Vec<BlockHash>) {
        self.active = active;
        self.index = None;
    }

    pub(crate) fn tip(&self) -> u32 {
        u32::try_from(self.active.len() - 1).expect("test chains are short")
    }

    pub(crate) fn hash_at(&self, height: u32) -> Option<BlockHash> {
        self.active.get(height as usize).copied()
    }

    pub(crate) fn block(&self, hash: BlockHash) -> Option<&[u8]> {
        self.known.get(&hash).map(Vec::as_slice)
    }

    pub(crate) fn active_height(&self, hash: BlockHash) -> Option<u32> {
        let height = self.active.iter().position(|&active| active == hash)?;
        u32::try_from(height).ok()
    }

    /// Height of any known block.
    pub(crate) fn height(&self, hash: BlockHash) -> Option<u32> {
        let mut above = 0;
        let mut at = hash;
        loop {
            if let Some(height) = self.active_height(at) {
                return Some(height + above);
            }
            at = self.header(at)?.prev;
            above += 1;
        }
    }

    pub(crate) fn header(&self, hash: BlockHash) -> Option<Header> {
        self.block(hash)?.first_chunk().map(Header::from_bytes)
    }

    /// A transaction of the chain, and the block it stands in.
    pub(crate) fn tx(&mut self, txid: TxHash) -> Option<(BlockHash, Vec<u8>)> {
        let index = self.index.get_or_insert_with(|| index(self.params, &self.known, &self.active));
        let (hash, nth) = *index.get(&txid)?;
        Some((hash, tx_bytes(self.known.get(&hash)?, nth, self.params).ok()?.to_vec()))
    }

    /// Tells a lie by another chain: the block at `height` is varied and those above are put onto it.
    pub(crate) fn vary(&mut self, lie: Lie, height: u32, turn: u32) {
        if height > self.tip() || height == 0 {
            return;
        }
        let above = self.active.split_off(height as usize);
        for (nth, hash) in above.into_iter().enumerate() {
            let mut block = self.known[&hash].clone();
            let mut header = Header::from_bytes(block.first_chunk().expect("a block begins with a header"));
            header.prev = *self.active.last().expect("the first block stays");
            match nth {
                0 => self.vary_header(lie, &mut header, turn),
                _ => grind(&mut header, self.params),
            }
            block[..Header::LEN].copy_from_slice(&header.to_bytes());
            let hash = self.learn(block);
            self.active.push(hash);
        }
        self.index = None;
    }

    fn vary_header(&self, lie: Lie, header: &mut Header, turn: u32) {
        match lie {
            Lie::LittleWork => {
                while header.check_work(header.hash(), self.params).is_ok() {
                    header.nonce = header.nonce.wrapping_add(1);
                }
                return;
            }
            Lie::OtherTarget => header.bits = 0x2070_0000,
            Lie::EarlyTime => header.time = self.header(self.active[0]).expect("the first block is known").time,
            Lie::Unlinked => header.prev = BlockHash::default(),
            _ => header.time += turn,
        }
        grind(header, self.params);
    }

    fn learn(&mut self, block: Vec<u8>) -> BlockHash {
        let hash = name(&block);
        self.known.insert(hash, block);
        hash
    }
}

fn index(
    params: &Params,
    known: &BTreeMap<BlockHash, Vec<u8>>,
    active: &[BlockHash],
) -> BTreeMap<TxHash, (BlockHash, usize)> {
    let mut index = BTreeMap::new();
    for hash in active {
        // A varied header leaves the transactions as they are; what does not parse has none to find.
        let Ok(block) = parse_block_with(&known[hash], params, Checks { work: false, witness: false }) else {
            continue;
        };
        index.extend(block.txs.iter().enumerate().map(|(nth, tx)| (tx.txid, (*hash, nth))));
    }
    index
}
