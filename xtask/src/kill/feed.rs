//! Where the blocks of a load that is killed come from: a folder of block files, or a node of Ethereum.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use coinhound_chains::bitcoin::{BlockDir, Network};
use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::rpc::{Auth, Endpoint, EvmNode, Limits, Place};
use coinhound_ingest::accounts::AccountOptions;
use coinhound_ingest::evm::{EvmOptions, EvmProgress, load_evm};
use coinhound_ingest::{Control, Options, Progress, load_blocks};
use coinhound_model::Height;
use coinhound_sim::evm::traffic::FIRST;
use coinhound_store::Family;
use coinhound_store::layout::LayoutParams;
use coinhound_store::storage::Storage;

/// Where blocks come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Feed {
    /// A folder of block files of Bitcoin's regtest.
    Files(PathBuf),
    /// The address of a node that tells a story of `sim::evm` on mainnet.
    Node(String),
}

/// What a load tells, whatever it reads.
pub enum Heard {
    /// It reads on: frames, headers, the next block, or asks a node for it.
    Reading,
    /// A block at this height was read.
    Read(Height),
    /// A commit begins.
    Committing,
    /// A commit with this height is durable.
    Committed(Height),
}

impl Feed {
    /// What a command line names: a URL is a node, all else a folder.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("http://") { Self::Node(text.to_owned()) } else { Self::Files(text.into()) }
    }

    /// As a command line names it.
    pub fn text(&self) -> String {
        match self {
            Self::Files(folder) => folder.display().to_string(),
            Self::Node(url) => url.clone(),
        }
    }

    /// What kind of store it fills.
    pub fn family(&self) -> Family {
        match self {
            Self::Files(_) => Family::Coins,
            Self::Node(_) => Family::Accounts,
        }
    }

    /// A load with segments and folds so small that a short chain has many, and a commit every `batch` blocks.
    ///
    /// # Errors
    /// Those of the load.
    pub fn load(
        &self,
        storage: Arc<dyn Storage>,
        threads: usize,
        batch: u64,
        hear: &mut dyn FnMut(Heard),
    ) -> Result<()> {
        match self {
            Self::Files(folder) => {
                let dir = BlockDir::open(folder, Network::Regtest.params())?;
                let options = Options { layout: LayoutParams::tiny(), threads, ..Options::new(0) };
                load_blocks(&dir, storage, &options, &mut |progress| of_files(&progress, batch, hear))?;
            }
            Self::Node(url) => {
                let (mut node, options) = (client(url)?, options(threads)?);
                let mut done = 0_u64;
                load_evm(&mut node, storage, &options, &mut |progress| of_a_node(&progress, batch, &mut done, hear))?;
            }
        }
        Ok(())
    }
}

fn of_files(progress: &Progress<'_>, batch: u64, hear: &mut dyn FnMut(Heard)) -> Control {
    match progress {
        Progress::Scanning(_) => hear(Heard::Reading),
        Progress::Parsed { height } => hear(Heard::Read(*height)),
        Progress::Block { done, .. } => {
            hear(Heard::Reading);
            if done.is_multiple_of(batch) {
                return Control::Commit;
            }
        }
        Progress::Committing => hear(Heard::Committing),
        Progress::Committed(committed) => hear(Heard::Committed(committed.tip)),
        // A load of block files asks no node.
        Progress::Headers { .. } | Progress::Node(_) | Progress::Waiting { .. } => {}
    }
    Control::Go
}

fn of_a_node(progress: &EvmProgress<'_>, batch: u64, done: &mut u64, hear: &mut dyn FnMut(Heard)) -> Control {
    match progress {
        EvmProgress::Block { height, .. } => {
            hear(Heard::Read(*height));
            hear(Heard::Reading);
            *done += 1;
            if done.is_multiple_of(batch) {
                return Control::Commit;
            }
        }
        EvmProgress::Committed(committed) => hear(Heard::Committed(committed.tip)),
        _ => {}
    }
    Control::Go
}

/// A client that does not wait between repetitions.
///
/// # Errors
/// When the address is none.
pub fn client(url: &str) -> Result<EvmNode<'static>> {
    let endpoint = Endpoint::parse(url, Auth::None).with_context(|| format!("`{url}` is no address"))?;
    let node = EvmNode::new(endpoint, ChainRules::default(), Limits { retries: 0, ..Limits::default() });
    Ok(node.with_sleep(Box::new(|_| ControlFlow::Continue(()))))
}

/// Stores begin above the first block of the story.
///
/// # Errors
/// When the height does not fit.
pub fn options(threads: usize) -> Result<EvmOptions> {
    let start = Some(Height(u32::try_from(FIRST + 1)?));
    let accounts = AccountOptions { layout: LayoutParams::tiny(), threads, ..AccountOptions::new(0) };
    Ok(EvmOptions { start, until: Place::Latest, accounts, ..EvmOptions::new(0) })
}
