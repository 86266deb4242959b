//! What a load of Ethereum is asked to do, what it tells while it works, and how it ends.

use std::time::Duration;

use coinhound_chains::evm::Address;
use coinhound_chains::evm::rpc::Place;
use coinhound_model::{BlockHash, Height};
use coinhound_store::writer::Committed;
use ruint::aliases::U256;

use crate::accounts::{AccountOptions, AccountOutcome};
use crate::follow::Trouble;

/// An account's balance in the state that the ledger's first block is, supplied by somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opening {
    /// Whose.
    pub account: Address,
    /// How much, in wei.
    pub wei: U256,
}

/// What a load is asked to do.
#[derive(Clone, Debug)]
pub struct EvmOptions {
    /// Height of the first block of a new store. Unless told: 0 with supplied openings, else 1.
    pub start: Option<Height>,
    /// Up to which block: the newest finalized one unless told.
    pub until: Place,
    /// Balances of block 0, for a new store that begins there; what is not named is zero.
    pub openings: Option<Vec<Opening>>,
    /// How many stored blocks another branch may displace: 128 unless told, more than two epochs and their vote.
    pub reorg_blocks_max: u32,
    /// How rows are written.
    pub accounts: AccountOptions,
}

impl EvmOptions {
    /// What the program does unless told otherwise.
    #[must_use]
    pub fn new(now: u64) -> Self {
        let accounts = AccountOptions::new(now);
        Self { start: None, until: Place::Finalized, openings: None, reorg_blocks_max: 128, accounts }
    }

    /// Where a new store begins.
    pub(super) fn first(&self) -> Height {
        self.start.unwrap_or(Height(u32::from(self.openings.is_none())))
    }
}

/// Whose chain is ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum EvmRelation {
    /// The store holds a part of the node's chain, or all of it, or this is not known yet.
    #[default]
    Following,
    /// The node has not reached the store's newest block, and has the same below.
    NodeBehind,
    /// The node left the store's branch for one that is not as high yet. Nothing is taken back until it is.
    LowerBranch,
}

/// How a store and the node stand to each other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EvmReport {
    /// The height of the node's newest block of the wanted kind; none while it never answered.
    pub node: Option<u64>,
    /// The store's newest block.
    pub ours: Option<(Height, BlockHash)>,
    /// Whose chain is ahead.
    pub relation: EvmRelation,
    /// Blocks of this session for which the node told no traces.
    pub untraced_blocks: u64,
    /// What went wrong since the node was last read to its tip.
    pub trouble: Option<Trouble>,
}

/// What happens.
#[derive(Debug)]
#[non_exhaustive]
pub enum EvmProgress<'a> {
    /// Files are looked through: so many bytes of all.
    Scanning {
        /// Bytes that were read.
        done: u64,
        /// Bytes of all files.
        total: u64,
    },
    /// The node was asked, or failed: how the store stands to it now.
    Node(&'a EvmReport),
    /// A block was taken; it is stored with the next commit.
    Block {
        /// Its height.
        height: Height,
        /// The height of the last one to take.
        tip: Height,
        /// Its transactions.
        txs: usize,
    },
    /// The node has nothing new, or failed: it is asked again when the rest of the pause is over.
    Waiting {
        /// The rest of the pause.
        left: Duration,
    },
    /// Blocks were made durable.
    Committed(&'a Committed),
}

/// What a load did, and how the store stands to the node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvmOutcome {
    /// What was added and removed, and the stored range.
    pub accounts: AccountOutcome,
    /// What the node said last.
    pub report: EvmReport,
    /// Whether the watcher stopped the load before its end.
    pub stopped: bool,
}
