//! Ethereum's blocks from files: looked through once, put in order by what they name, and taken like a node's.
//!
//! Every block must stand on the one below and is recomputed with its receipts (`chains`). Nothing in files tells which chain
//! the network follows: where they hold several, the one that reaches highest is taken, and of two that reach as high
//! neither. That a block's parts fit its header does not show that it is the block it seems to be: the next one names it. So a
//! block is left out that those right above it contradict; the highest of all, and the highest below a gap, are taken as they
//! stand. What cannot be read is named, left out, and ends the chain where nothing else stands in its place. The bytes depend
//! on what the files hold, and not on their number, names or order.

mod error;
mod plan;
mod report;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use coinhound_chains::evm::dao::{Drain, FORK};
use coinhound_chains::evm::files::{EvmFiles, EvmFilesError, FoundBlock, ReadError, ScanStep};
use coinhound_chains::evm::rpc::Place;
use coinhound_chains::evm::{ChainRules, Hash, Header};
use coinhound_model::{Hash256, Height};
use coinhound_store::storage::Storage;

pub use error::EvmFilesLoadError;
pub use report::{Contradiction, EvmFilesOutcome, EvmFilesReport, Gap, Parting};

use crate::accounts::{AccountError, AccountSession};
use crate::evm::drain;
use crate::evm::evm_chain;
use crate::evm::options::{EvmOptions, EvmProgress};
use crate::evm::reader::{as_rows, check_start, height_of};
use crate::options::Control;
use plan::{Plan, Reach, other_branch};

/// Brings a store up to the blocks of files and folders. Running it again adds what is new.
///
/// A new store begins where it is told to, else with the lowest block that the files hold, but not with block 0 unless
/// balances were supplied for it. Up to which block is said by [`Place::Number`]; the other places mean all.
///
/// # Errors
/// [`EvmFilesLoadError`]. What was committed before stays, and so does what was recomputed before the error.
pub fn load_evm_files(
    paths: &[PathBuf],
    rules: ChainRules,
    storage: Arc<dyn Storage>,
    options: &EvmOptions,
    watch: &mut dyn FnMut(EvmProgress<'_>) -> Control,
) -> Result<EvmFilesOutcome, EvmFilesLoadError> {
    let session = AccountSession::open(storage, evm_chain(rules), options.accounts.clone())?;
    let scanned =
        EvmFiles::scan(paths, &mut |ScanStep { done, total }| match watch(EvmProgress::Scanning { done, total }) {
            Control::Stop => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
    let files = match scanned {
        Err(EvmFilesError::Stopped) => {
            let (accounts, report) = (session.finish()?, EvmFilesReport::default());
            return Ok(EvmFilesOutcome { accounts, report, stopped: true });
        }
        scanned => scanned?,
    };
    let mut options = options.clone();
    let is_start_found = session.range().is_none() && options.openings.is_none() && options.start.is_none();
    if is_start_found {
        options.start = lowest(&files)?;
    }
    check_start(&session, &options)?;
    let report = EvmFilesReport::of(&files);
    let (parent, stopped) = (None, false);
    let mut taking = Taking { files, rules, session, options, is_start_found, watch, parent, report, stopped };
    let taken = taking.take();
    // What was recomputed before an error stays; after one of the store nothing more is written.
    if !matches!(taken, Err(EvmFilesLoadError::Accounts(_))) {
        taking.commit()?;
    }
    taken?;
    taking.into_outcome()
}

/// Where a new store begins unless told: the balances before block 0 are in no block.
fn lowest(files: &EvmFiles) -> Result<Option<Height>, EvmFilesLoadError> {
    let lowest = files.blocks().map(|found| found.number).min();
    Ok(lowest.map(|number| height_of(number.max(1))).transpose()?)
}

/// Files being taken into a store.
struct Taking<'a> {
    files: EvmFiles,
    rules: ChainRules,
    session: AccountSession,
    options: EvmOptions,
    /// Whether the store begins where the files do, and not where it was told to.
    is_start_found: bool,
    watch: &'a mut dyn FnMut(EvmProgress<'_>) -> Control,
    /// The header of the session's tip, where the files hold it.
    parent: Option<Header>,
    report: EvmFilesReport,
    stopped: bool,
}

impl Taking<'_> {
    /// Takes chain after chain: each damaged block is left out, and what is left is looked at again.
    fn take(&mut self) -> Result<(), EvmFilesLoadError> {
        let mut reach = Reach::of(&self.files);
        loop {
            let plan = self.plan(&reach)?;
            (self.report.parting, self.report.contradiction) = (plan.parting, plan.contradiction);
            let Some(damaged) = self.take_chain(&plan.chain)? else { return Ok(()) };
            self.files.forget(&damaged);
            if self.is_start_found && self.session.range().is_none() {
                self.options.start = lowest(&self.files)?;
            }
            reach = Reach::of(&self.files);
        }
    }

    fn plan(&mut self, reach: &Reach) -> Result<Plan, EvmFilesLoadError> {
        let until = match self.options.until {
            Place::Number(number) => number,
            _ => u64::MAX,
        };
        let Some((first, tip, hash)) = self.session.range() else {
            return Ok(Plan::from_start(reach, u64::from(self.options.first().0), until));
        };
        if self.parent.is_none() {
            self.parent = self.files.header(&named(hash), self.rules);
        }
        let plan = Plan::behind(reach, u64::from(tip.0), named(hash), until);
        if plan.chain.is_empty() && plan.parting.is_none() {
            other_branch(reach, &self.session, first, tip)?;
        }
        Ok(plan)
    }

    /// Takes blocks upwards; the first that is damaged, where one is.
    fn take_chain(&mut self, chain: &[FoundBlock]) -> Result<Option<FoundBlock>, EvmFilesLoadError> {
        let tip = chain.last().map_or(0, |last| last.number);
        for found in chain {
            if self.stopped {
                return Ok(None);
            }
            let told = match self.files.read(found, self.rules) {
                Ok(told) => told,
                Err(ReadError::Damaged(fault)) => {
                    self.report.add_fault(fault);
                    return Ok(Some(*found));
                }
                Err(error) => return Err(error.into()),
            };
            let header = &told.block.header;
            if let Some(parent) = &self.parent {
                let number = header.number;
                header.check_parent(parent).map_err(|source| EvmFilesLoadError::Block { number, source })?;
            }
            self.report.untraced_blocks += u64::from(told.traces.is_none());
            let drain = self.drain(header.number)?;
            let block = as_rows(&told, &self.options, drain.as_ref())?;
            if let Some(committed) = self.session.push(&block)? {
                (self.watch)(EvmProgress::Committed(&committed));
            }
            self.parent = Some(told.block.header);
            self.tell(block.height, height_of(tip)?, block.txs.len())?;
        }
        Ok(None)
    }

    /// For the block in which the network itself moved ether: what it moved, where the ledger knows all that led to it.
    fn drain(&mut self, number: u64) -> Result<Option<Drain>, EvmFilesLoadError> {
        if number != FORK {
            return Ok(None);
        }
        self.commit()?;
        let counted = self.session.stored().map(drain::counted).transpose().map_err(AccountError::from)?;
        Ok(counted.flatten())
    }

    fn tell(&mut self, height: Height, tip: Height, txs: usize) -> Result<(), EvmFilesLoadError> {
        match (self.watch)(EvmProgress::Block { height, tip, txs }) {
            Control::Go => {}
            Control::Commit => self.commit()?,
            Control::Stop => self.stopped = true,
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), EvmFilesLoadError> {
        if let Some(committed) = self.session.commit()? {
            (self.watch)(EvmProgress::Committed(&committed));
        }
        Ok(())
    }

    fn into_outcome(mut self) -> Result<EvmFilesOutcome, EvmFilesLoadError> {
        self.report.close(self.files, &self.session)?;
        Ok(EvmFilesOutcome { accounts: self.session.finish()?, report: self.report, stopped: self.stopped })
    }
}

/// A block's name as Ethereum has it.
fn named(hash: Hash256) -> Hash {
    let mut bytes = hash.0;
    bytes.reverse();
    Hash(bytes)
}
