//! What a load is asked to do, and what it tells while it works.

use std::time::Duration;

use coinhound_analysis::patterns::VetoSet;
use coinhound_chains::bitcoin::files::ScanProgress;
use coinhound_model::Height;
use coinhound_store::layout::LayoutParams;
use coinhound_store::writer::Committed;

use crate::node::NodeReport;

/// What a load is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Height of the first block: where block files do not tell it themselves, and where a range read from a node
    /// begins (at the genesis block unless told).
    pub start: Option<Height>,
    /// A new store's segment sizes and fold; a store that exists keeps its own.
    pub layout: LayoutParams,
    /// What forbids a co-spend edge in a new store; a store that exists keeps its own.
    pub veto: VetoSet,
    /// Threads to use, 1 or 2: more do not help. The bytes do not depend on it.
    pub threads: usize,
    /// Blocks of this many bytes together make a commit; a quarter of that does where a long segment ends.
    pub batch_bytes: u64,
    /// How many transactions a session may know in memory, about 200 bytes each, before it leaves them to the store.
    /// Look-ups in the store are slower; the bytes do not depend on it.
    pub session_txs: usize,
    /// Seconds since 1970, for the commit history in `local/` and nothing else.
    pub now: u64,
}

impl Options {
    /// What the program does unless told otherwise.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self {
            start: None,
            layout: LayoutParams::mainnet(),
            veto: VetoSet::COINHOUND_1,
            threads: 2,
            batch_bytes: 1_000_000_000,
            session_txs: 4_000_000,
            now,
        }
    }
}

/// What happens.
#[derive(Debug)]
pub enum Progress<'a> {
    /// Frames and headers are being read.
    Scanning(ScanProgress),
    /// A block was read and parsed and is derived next; an answer to this changes nothing.
    Parsed {
        /// Its height.
        height: Height,
    },
    /// A block was derived: the `done`-th of `total` in this plan.
    Block {
        /// Its height.
        height: Height,
        /// Its length in bytes.
        bytes: u64,
        /// Blocks of the plan so far.
        done: u64,
        /// Blocks of the plan.
        total: u64,
    },
    /// A node's headers were fetched up to `height`, of `tip`.
    Headers {
        /// The newest height fetched.
        height: Height,
        /// The height of the node's newest block.
        tip: Height,
    },
    /// A node was asked, or failed: how the store stands to it now.
    Node(&'a NodeReport),
    /// A followed node has nothing new, or failed: it is asked again when the rest of the pause is over.
    Waiting {
        /// The rest of the pause.
        left: Duration,
    },
    /// Files are being written.
    Committing,
    /// They are durable.
    Committed(&'a Committed),
}

/// What the watcher wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// Go on.
    Go,
    /// Commit what is there, then go on.
    Commit,
    /// Commit what is there, then return.
    Stop,
}
