//! What a load from NIS nodes is asked to do, what it tells while it works, and how it ends.

use std::time::Duration;

use coinhound_model::{BlockHash, Height};
use coinhound_store::writer::Committed;

use crate::accounts::{AccountOptions, AccountOutcome};
use crate::nis::report::NisReport;

/// What a load is asked to do.
#[derive(Clone, Debug)]
pub struct NisOptions {
    /// Height of the first block of a new store; the first of the chain unless told. Balances before it are unknown.
    pub start: Option<Height>,
    /// So many blocks below the lowest of the nodes' newest are left for later; none unless told.
    pub behind: u32,
    /// The first block of another branch that may displace more blocks than nodes exchange among themselves.
    pub accept_reorg: Option<BlockHash>,
    /// How rows are written.
    pub accounts: AccountOptions,
}

impl NisOptions {
    /// What the program does unless told otherwise.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self { start: None, behind: 0, accept_reorg: None, accounts: AccountOptions::new(now) }
    }
}

/// What happens.
#[derive(Debug)]
#[non_exhaustive]
pub enum NisProgress<'a> {
    /// The nodes were asked, or failed: how the store stands to them now.
    Nodes(&'a NisReport),
    /// A stored block was read again, since what it defined is not known here any more.
    Reread {
        /// Its height.
        height: Height,
        /// The last one to be read again.
        to: Height,
    },
    /// A block was taken; it is stored with the next commit.
    Block {
        /// Its height.
        height: Height,
        /// The height of the last one to take.
        tip: Height,
        /// Its transactions.
        txs: usize,
    },
    /// The nodes have nothing new, or failed: they are asked again when the rest of the pause is over.
    Waiting {
        /// The rest of the pause.
        left: Duration,
    },
    /// Files are being written.
    Committing,
    /// They are durable.
    Committed(&'a Committed),
}

/// What a load did, and how the store stands to the nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NisOutcome {
    /// What was added and removed, and the stored range.
    pub accounts: AccountOutcome,
    /// What the nodes said last.
    pub report: NisReport,
    /// Whether the watcher stopped the load before its end.
    pub stopped: bool,
}
