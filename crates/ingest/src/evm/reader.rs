//! From what a node says to blocks in the store: passes until the store's tip is the node's.

use std::sync::Arc;

use coinhound_chains::evm::Header;
use coinhound_chains::evm::dao::{Drain, FORK};
use coinhound_chains::evm::rows::{rows, rows_of_fork};
use coinhound_chains::evm::rpc::{EvmNode, Place, ToldBlock};
use coinhound_model::{AccountBlock, AccountMove, AccountTx, Height, MoveKind, Note, NoteKind};
use coinhound_store::storage::Storage;

use crate::accounts::{AccountError, AccountSession};
use crate::evm::drain;
use crate::evm::error::EvmLoadError;
use crate::evm::evm_chain;
use crate::evm::options::{EvmOptions, EvmOutcome, EvmProgress, EvmRelation, EvmReport, Opening};
use crate::follow::Trouble;
use crate::options::Control;

/// How often the node's chain may change while it is read.
const CHANGES_MAX: u32 = 8;
/// How often a node that only grows is read again before that is left for later.
const PASSES_MAX: u32 = 64;
/// Said of balances that no block holds.
const SUPPLIED: &str = "balances of block 0 as somebody supplied them";

/// A node being read into a store.
pub(super) struct Reader<'r, 'a, 'p> {
    pub(super) node: &'r mut EvmNode<'p>,
    pub(super) session: AccountSession,
    pub(super) options: &'a EvmOptions,
    watch: &'a mut dyn FnMut(EvmProgress<'_>) -> Control,
    /// The header of the session's tip, once the node was asked for it.
    pub(super) parent: Option<Header>,
    report: EvmReport,
    is_checked: bool,
    pub stopped: bool,
    /// Seconds since 1970, for the commit history.
    pub now: u64,
}

/// How one pass ended.
pub(super) enum Pass {
    /// The store's tip is the node's, or nothing more can be taken now.
    Done,
    /// Blocks were added.
    Grown,
    /// Blocks of another branch took the place of stored ones.
    Turned,
}

impl<'r, 'a, 'p> Reader<'r, 'a, 'p> {
    pub fn open(
        node: &'r mut EvmNode<'p>,
        storage: Arc<dyn Storage>,
        options: &'a EvmOptions,
        watch: &'a mut dyn FnMut(EvmProgress<'_>) -> Control,
    ) -> Result<Self, EvmLoadError> {
        let session = AccountSession::open(storage, evm_chain(node.rules()), options.accounts.clone())?;
        check_start(&session, options)?;
        let (report, now) = (EvmReport::default(), options.accounts.now);
        Ok(Self { node, session, options, watch, parent: None, report, is_checked: false, stopped: false, now })
    }

    pub fn into_outcome(mut self) -> Result<EvmOutcome, EvmLoadError> {
        self.note_tip();
        Ok(EvmOutcome { accounts: self.session.finish()?, report: self.report, stopped: self.stopped })
    }

    /// Reads the node up to its newest block of the wanted kind.
    pub fn catch_up(&mut self) -> Result<(), EvmLoadError> {
        self.session.set_now(self.now);
        if !self.is_checked {
            self.node.check_chain()?;
            self.is_checked = true;
        }
        let (mut changes, mut moved_at) = (0, None);
        for _ in 0..PASSES_MAX {
            let ended = self.pass();
            // What was recomputed before an error stays; after one of the store nothing more is written.
            if ended.as_ref().err().is_none_or(EvmLoadError::is_of_the_node) {
                self.commit()?;
            }
            match ended {
                _ if self.stopped => break,
                Ok(Pass::Done) => break,
                Ok(Pass::Grown) => {}
                Ok(Pass::Turned) => changes += 1,
                Err(error) => {
                    // The same again is no movement.
                    let at = self.session.range();
                    if !error.may_be_movement() || moved_at == Some(at) {
                        return Err(error);
                    }
                    moved_at = Some(at);
                    changes += 1;
                }
            }
            if changes == CHANGES_MAX {
                return Err(EvmLoadError::Restless { times: changes });
            }
        }
        self.report.trouble = None;
        self.tell()
    }

    fn pass(&mut self) -> Result<Pass, EvmLoadError> {
        let header = self.node.header(self.options.until)?;
        let tip = height_of(header.number)?;
        self.report.node = Some(header.number);
        self.report.relation = EvmRelation::Following;
        match self.session.range() {
            None => self.begin(tip),
            Some((first, ours, _)) => self.go_on(first, ours, tip),
        }
    }

    fn begin(&mut self, tip: Height) -> Result<Pass, EvmLoadError> {
        let first = self.options.first();
        if tip < first {
            return Err(EvmLoadError::BelowStart { tip: u64::from(tip.0), start: first });
        }
        self.parent = match first.0.checked_sub(1) {
            Some(below) => Some(self.node.header(Place::Number(u64::from(below)))?),
            None => None,
        };
        self.take_up_to(first, tip)
    }

    fn go_on(&mut self, first: Height, ours: Height, tip: Height) -> Result<Pass, EvmLoadError> {
        let at = ours.min(tip);
        if tip < first {
            self.report.relation = EvmRelation::NodeBehind;
            return Ok(Pass::Done);
        }
        let theirs = self.node.header(Place::Number(u64::from(at.0)))?;
        if theirs.hash.row() == self.session.block(at)?.hash {
            if tip <= ours {
                self.report.relation = if tip < ours { EvmRelation::NodeBehind } else { EvmRelation::Following };
                return Ok(Pass::Done);
            }
            self.parent = Some(theirs);
            return self.take_up_to(ours.next(), tip);
        }
        if tip < ours {
            self.report.relation = EvmRelation::LowerBranch;
            return Ok(Pass::Done);
        }
        self.turn(first, ours)
    }

    fn take_up_to(&mut self, from: Height, tip: Height) -> Result<Pass, EvmLoadError> {
        for height in (from.0..=tip.0).map(Height) {
            let (block, header) = self.fetched(height, self.parent.clone().as_ref())?;
            self.push(&block, header, tip)?;
            if self.stopped {
                return Ok(Pass::Done);
            }
        }
        Ok(Pass::Grown)
    }

    /// A block of the node's as rows, with its header.
    pub(super) fn fetched(
        &mut self,
        height: Height,
        parent: Option<&Header>,
    ) -> Result<(AccountBlock, Header), EvmLoadError> {
        let told = self.node.block(u64::from(height.0), parent)?;
        self.report.untraced_blocks += u64::from(told.traces.is_none());
        let drain = self.drain(height)?;
        Ok((as_rows(&told, self.options, drain.as_ref())?, told.block.header))
    }

    /// For the block in which the network itself moved ether: what it moved, as far as that is known.
    fn drain(&mut self, height: Height) -> Result<Option<Drain>, EvmLoadError> {
        if u64::from(height.0) != FORK {
            return Ok(None);
        }
        self.commit()?;
        let is_below = self.session.range().is_some_and(|(_, tip, _)| tip.next() == height);
        let stored = self.session.stored().filter(|_| is_below);
        match stored.map(drain::counted).transpose().map_err(AccountError::from)?.flatten() {
            Some(counted) => Ok(Some(counted)),
            None => Ok(drain::told(self.node)?),
        }
    }

    pub(super) fn push(&mut self, block: &AccountBlock, header: Header, tip: Height) -> Result<(), EvmLoadError> {
        if let Some(committed) = self.session.push(block)? {
            (self.watch)(EvmProgress::Committed(&committed));
        }
        self.parent = Some(header);
        match (self.watch)(EvmProgress::Block { height: block.height, tip, txs: block.txs.len() }) {
            Control::Go => {}
            // What displaces stored blocks is stored whole or not at all.
            Control::Commit if self.session.is_below_stored() => {}
            Control::Commit => self.commit()?,
            Control::Stop => self.stopped = true,
        }
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<(), EvmLoadError> {
        if let Some(committed) = self.session.commit()? {
            (self.watch)(EvmProgress::Committed(&committed));
        }
        Ok(())
    }

    fn note_tip(&mut self) {
        self.report.ours = self.session.range().map(|(_, height, hash)| (height, hash));
    }

    /// Tells how things stand; a wish to stop is remembered.
    fn tell(&mut self) -> Result<(), EvmLoadError> {
        self.note_tip();
        self.stopped |= (self.watch)(EvmProgress::Node(&self.report)) == Control::Stop;
        Ok(())
    }

    /// Tells what went wrong, or that it is over, where that is news.
    pub fn tell_trouble(&mut self, trouble: Option<Trouble>) -> Result<(), EvmLoadError> {
        if self.report.trouble == trouble {
            return Ok(());
        }
        self.report.trouble = trouble;
        self.tell()
    }

    /// Tells the watcher.
    pub fn watch(&mut self, progress: EvmProgress<'_>) -> Control {
        (self.watch)(progress)
    }

    /// Has the chain's number checked again before the next blocks: another node may answer there now.
    pub fn distrust(&mut self) {
        self.is_checked = false;
    }
}

/// A recomputed block as rows, with the supplied balances where it is block 0.
pub(super) fn as_rows(
    told: &ToldBlock,
    options: &EvmOptions,
    drain: Option<&Drain>,
) -> Result<AccountBlock, EvmLoadError> {
    let header = &told.block.header;
    let height = height_of(header.number)?;
    let traces = told.traces.as_deref();
    let rows = match drain {
        Some(drain) => rows_of_fork(&told.block, &told.receipts, traces, drain),
        None => rows(&told.block, &told.receipts, traces),
    };
    let mut block = rows.map_err(|source| EvmLoadError::Rows { height, source })?.block;
    if let Some(openings) = options.openings.as_deref().filter(|_| header.number == 0) {
        block.txs.insert(0, opening(&block, openings));
    }
    Ok(block)
}

fn opening(block: &AccountBlock, openings: &[Opening]) -> AccountTx {
    let token = coinhound_chains::evm::rows::ether();
    let of = |opening: &Opening| {
        let (kind, to) = (MoveKind::Opening, Some(opening.account.account()));
        AccountMove { kind, token: token.clone(), from: None, to, units: opening.wei }
    };
    let notes = vec![Note { kind: NoteKind::Flag, bytes: SUPPLIED.as_bytes().to_vec() }];
    AccountTx { hash: block.hash, moves: openings.iter().map(of).collect(), notes, links: Vec::new() }
}

pub(super) fn height_of(height: u64) -> Result<Height, EvmLoadError> {
    u32::try_from(height).map(Height).map_err(|_| EvmLoadError::TooHigh { height })
}

/// A store begins where it began: another start height would be silently meaningless.
pub(super) fn check_start(session: &AccountSession, options: &EvmOptions) -> Result<(), EvmLoadError> {
    let stored = session.range().map(|(first, ..)| first);
    let first = stored.unwrap_or_else(|| options.first());
    if let Some(asked) = options.start.filter(|asked| *asked != first) {
        return Err(EvmLoadError::OtherStart { first, asked });
    }
    match (&options.openings, first.0) {
        (None, 0) if stored.is_none() => Err(EvmLoadError::NoOpenings),
        (Some(_), 1..) => Err(EvmLoadError::LateOpenings { first }),
        _ => Ok(()),
    }
}
