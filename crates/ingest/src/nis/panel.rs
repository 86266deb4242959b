//! Several nodes asked the same: a block counts only where all have it.

use std::collections::VecDeque;

use coinhound_chains::nem::http::{NisError, NisNode, PAGE_BLOCKS, ToldBlock};
use coinhound_chains::nem::ledger::row_hash;
use coinhound_model::Height;

use crate::nis::report::{Agreement, NodeWord, Version};

/// What the nodes have at a height.
pub(super) enum Told {
    /// All have this.
    Same(ToldBlock),
    /// They differ: what each has, in their order.
    Different(Vec<ToldBlock>),
}

/// Nodes that are asked the same.
pub(super) struct Panel<'r, 'p> {
    nodes: &'r mut [NisNode<'p>],
    /// What each told beyond what was asked for, ascending without a hole.
    ahead: Vec<VecDeque<ToldBlock>>,
}

impl<'r, 'p> Panel<'r, 'p> {
    pub fn new(nodes: &'r mut [NisNode<'p>]) -> Self {
        assert!(!nodes.is_empty(), "one node is asked at least");
        assert!(nodes.iter().all(|node| node.network() == nodes[0].network()), "the nodes are of one network");
        let ahead = nodes.iter().map(|_| VecDeque::new()).collect();
        Self { nodes, ahead }
    }

    /// The address of the first, which stands for all where they agree.
    pub fn url(&self) -> String {
        self.nodes[0].url().to_owned()
    }

    pub fn check_networks(&mut self) -> Result<(), NisError> {
        self.nodes.iter_mut().try_for_each(NisNode::check_network)
    }

    /// What each node says of itself, before any was asked.
    pub fn words(&self) -> Vec<NodeWord> {
        self.nodes.iter().map(|node| NodeWord { url: node.url().to_owned(), height: None }).collect()
    }

    /// How far each node is.
    pub fn heights(&mut self) -> Result<Vec<u64>, NisError> {
        self.nodes.iter_mut().map(NisNode::height).collect()
    }

    /// Forgets what was told ahead: the chain may be another now.
    pub fn forget(&mut self) {
        self.ahead.iter_mut().for_each(VecDeque::clear);
    }

    /// How it counts when all say the same.
    pub fn agreement(&self) -> Agreement {
        match self.nodes.len() {
            1 => Agreement::OneNode,
            nodes => Agreement::All { nodes },
        }
    }

    /// How it counts when they do not.
    pub fn disagreement(&self, height: Height, told: &[ToldBlock]) -> Agreement {
        let version = |(node, told): (&NisNode<'_>, &ToldBlock)| Version {
            url: node.url().to_owned(),
            hash: row_hash(&told.hash),
            is_signed: told.block.verify().is_ok(),
        };
        Agreement::Disagreed { height, told: self.nodes.iter().zip(told).map(version).collect() }
    }

    /// The block at a height, where blocks up to `last` will be wanted too.
    pub fn at(&mut self, height: u64, last: u64) -> Result<Told, NisError> {
        let most = usize::try_from(last.saturating_sub(height)).unwrap_or(PAGE_BLOCKS).saturating_add(1);
        let mut told = Vec::with_capacity(self.nodes.len());
        for (node, ahead) in self.nodes.iter_mut().zip(&mut self.ahead) {
            if ahead.front().is_none_or(|next| next.block.height != height) {
                *ahead = node.blocks(height, most.min(PAGE_BLOCKS))?.into();
            }
            told.push(ahead.pop_front().expect("one block comes at least"));
        }
        if told.iter().all(|other| other.hash == told[0].hash) {
            return Ok(Told::Same(told.swap_remove(0)));
        }
        Ok(Told::Different(told))
    }

    /// The block at a height alone, asked for anew.
    pub fn probe(&mut self, height: u64) -> Result<Told, NisError> {
        self.forget();
        let told = self.at(height, height);
        self.forget();
        told
    }
}
