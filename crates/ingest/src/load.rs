//! The driver over a node's block files: scan, plan, then blocks into facts into commits.
//!
//! A block that cannot be used is named and counts as missing, and the plan is made again without
//! it. What a reorganisation displaces is given up only together with the commit of the blocks that win.

use std::sync::Arc;

use coinhound_analysis::patterns::VetoSet;
use coinhound_chains::bitcoin::files::{BlockDir, Record, Scan};
use coinhound_chains::bitcoin::headers::{HeaderTree, Plan};
use coinhound_model::{BlockHash, Height, Ledger};
use coinhound_store::facts::Facts;
use coinhound_store::failure::StoreError;
use coinhound_store::local::BlockPlace;
use coinhound_store::manifest::{MANIFEST, Manifest, Params};
use coinhound_store::storage::Storage;
use coinhound_store::view::View;
use coinhound_store::writer::{Note, Writer};

use crate::derive::Deriver;
use crate::error::{DeriveError, LoadError};
use crate::feed::{Fed, Order, Unfed, feed};
use crate::options::{Control, Options, Progress};
use crate::outcome::{Outcome, Unusable};
use crate::scan_index;

/// Brings a store up to the chain that a folder of block files holds. Running it again adds what is new.
///
/// `watch` is told what happens and may ask for a commit or a stop; nothing finished is lost by stopping.
///
/// # Errors
/// [`LoadError`]. What was committed before stays.
pub fn load_blocks(
    dir: &BlockDir,
    storage: Arc<dyn Storage>,
    options: &Options,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<Outcome, LoadError> {
    let (params, veto) = parameters(&*storage, dir, options)?;
    let writer =
        Writer::open_or_create(storage.clone(), dir.params().chain_id(), params)?.with_threads(options.threads);
    let mut load = Load { dir, storage, options, veto, watch, writer, outcome: Outcome::default() };
    load.check_start()?;
    let scan = load.scan()?;
    load.follow_plans(&scan)?;
    load.outcome.range = load.writer.range();
    Ok(load.outcome)
}

/// The parameters of the store that is there, else those asked for.
fn parameters(storage: &dyn Storage, dir: &BlockDir, options: &Options) -> Result<(Params, VetoSet), LoadError> {
    let params = match storage.length(MANIFEST) {
        Ok(_) => Manifest::read_for(storage, &dir.params().chain_id()).map_err(StoreError::from)?.params,
        Err(error) if error.is_not_found() => Params::new(&options.layout, options.veto.name),
        Err(error) => return Err(error.into()),
    };
    match VetoSet::named(&params.veto) {
        Some(veto) => Ok((params, veto)),
        None => Err(LoadError::UnknownVeto { name: params.veto }),
    }
}

/// One run.
struct Load<'a> {
    dir: &'a BlockDir,
    storage: Arc<dyn Storage>,
    options: &'a Options,
    veto: VetoSet,
    watch: &'a mut dyn FnMut(Progress) -> Control,
    writer: Writer,
    outcome: Outcome,
}

/// How a plan ended.
enum Ended {
    Done,
    /// The block at this index of the plan cannot be used.
    Unusable(usize),
}

/// A plan being carried out: what was derived since the last commit.
struct Run<'p> {
    deriver: Deriver<'p>,
    keep: Option<Height>,
    facts: Facts,
    places: Vec<(BlockHash, BlockPlace)>,
    bytes: u64,
    done: usize,
    total: usize,
    /// Stored blocks that the plan displaces: they go only together with the commit of all that replaces them.
    displaced: u64,
}

impl Run<'_> {
    fn may_commit(&self) -> bool {
        !self.facts.blocks.is_empty() && (self.displaced == 0 || self.done == self.total)
    }

    fn push(&mut self, record: &Record, fed: &Fed) -> Result<(), DeriveError> {
        self.deriver.push(&fed.block, fed.spent.as_deref(), &mut self.facts)?;
        let place = BlockPlace { file: record.file, offset: record.offset, length: record.len };
        self.places.push((record.hash, place));
        self.bytes += u64::from(record.len);
        self.done += 1;
        Ok(())
    }
}

impl<'a> Load<'a> {
    /// A store begins where it began: another start height would be silently meaningless.
    fn check_start(&self) -> Result<(), LoadError> {
        match (self.writer.range(), self.options.start) {
            (Some((first, ..)), Some(asked)) if asked != first => Err(LoadError::OtherStart { first, asked }),
            _ => Ok(()),
        }
    }

    fn scan(&mut self) -> Result<Scan, LoadError> {
        let known = scan_index::read(&*self.storage)?;
        let watch = &mut *self.watch;
        let scan = self.dir.rescan(known, &mut |progress| {
            watch(Progress::Scanning(progress));
        })?;
        scan_index::write(&*self.storage, &scan)?;
        self.outcome.notices.extend(scan.notices.iter().cloned());
        Ok(scan)
    }

    /// Plans and takes blocks until a plan runs through: each round without the blocks that failed.
    fn follow_plans(&mut self, scan: &Scan) -> Result<(), LoadError> {
        if scan.records.is_empty() && self.writer.range().is_none() {
            // A node that has only just begun, or files without one whole block: the notices tell which.
            return Ok(());
        }
        let mut unusable: Vec<usize> = Vec::new();
        loop {
            let view = self.view()?;
            let plan = self.plan(scan, view.as_ref(), &unusable)?;
            let ended = self.take(&plan, scan, view)?;
            self.outcome.note_plan(plan);
            match ended {
                Ended::Done => return Ok(()),
                Ended::Unusable(record) => unusable.push(record),
            }
        }
    }

    fn view(&self) -> Result<Option<View>, LoadError> {
        Ok(self.writer.range().map(|_| View::open(&*self.storage)).transpose()?)
    }

    fn plan(&self, scan: &Scan, view: Option<&View>, unusable: &[usize]) -> Result<Plan, LoadError> {
        let mut tree = HeaderTree::new(self.dir.params());
        if let Some(view) = view {
            let (first, tip) = (view.as_of().first, view.as_of().height);
            let headers: Result<Vec<_>, _> =
                (first.0..=tip.0).map(|h| view.block(Height(h)).map(|row| row.header)).collect();
            tree.add_stored(first, &headers?);
        }
        tree.add_records(&scan.records);
        for record in unusable {
            tree.mark_damaged(*record);
        }
        // A coinbase that cannot be read tells no height; the plan then says what it lacks.
        let mut claimed = |record: usize| self.dir.claimed_height(&scan.records[record]).ok().flatten();
        Ok(tree.plan(self.options.start, &mut claimed)?)
    }

    fn take(&mut self, plan: &Plan, scan: &Scan, view: Option<View>) -> Result<Ended, LoadError> {
        let records: Vec<Record> = plan.blocks.iter().map(|block| scan.records[block.record]).collect();
        let mut run = self.start(plan, view)?;
        let (dir, threads) = (self.dir, self.options.threads);
        let order = Order { dir, records: &records, with_undo: plan.first != Height(0) };
        let mut result = Ok(Ended::Done);
        feed(order, threads, |record, fed| match self.take_one(&mut run, record, fed) {
            Ok(Some(unusable)) => {
                self.outcome.unusable.push(unusable);
                result = Ok(Ended::Unusable(plan.blocks[run.done].record));
                false
            }
            Ok(None) => !self.outcome.stopped,
            Err(error) => {
                result = Err(error);
                false
            }
        });
        if result.is_ok() && run.may_commit() {
            self.commit(&mut run)?;
        }
        result
    }

    fn start(&self, plan: &Plan, view: Option<View>) -> Result<Run<'a>, LoadError> {
        let keep = plan.fork.map(|fork| fork.height);
        let stored = view.as_ref().map(|view| view.as_of().height);
        let base = view.zip(keep).map(|(view, keep)| view.at(keep)).transpose()?;
        let deriver = Deriver::new(self.dir.params(), self.veto, plan.first, base);
        let facts = deriver.empty_facts();
        let displaced = match (stored, keep) {
            (Some(stored), Some(keep)) => u64::from(stored.0 - keep.0),
            _ => 0,
        };
        let (places, total) = (Vec::new(), plan.blocks.len());
        Ok(Run { deriver, keep, facts, places, bytes: 0, done: 0, total, displaced })
    }

    /// Derives one block and commits when it is time; returns the block when it cannot be used.
    fn take_one(
        &mut self,
        run: &mut Run<'a>,
        record: &Record,
        fed: Result<&Fed, Unfed>,
    ) -> Result<Option<Unusable>, LoadError> {
        let unusable =
            |reason: String| Some(Unusable { hash: record.hash, file: record.file, offset: record.offset, reason });
        let fed = match fed {
            Ok(fed) => fed,
            Err(unfed) => return Ok(unusable(unfed.to_string())),
        };
        (self.watch)(Progress::Parsed { height: run.deriver.next_height() });
        match run.push(record, fed) {
            Ok(()) => {}
            Err(DeriveError::Prior(damage)) => return Err(LoadError::Prior(damage)),
            Err(error) => {
                run.facts = run.facts.slice(run.facts.span());
                return Ok(unusable(error.to_string()));
            }
        }
        self.outcome.undo_missing.extend(fed.undo_missing.as_ref().map(ToString::to_string));
        let height = Height(run.deriver.next_height().0 - 1);
        let (done, total) = (run.done as u64, run.total as u64);
        let control = (self.watch)(Progress::Block { height, bytes: u64::from(record.len), done, total });
        self.outcome.stopped |= control == Control::Stop;
        if run.may_commit() && (control == Control::Commit || run.bytes >= self.options.batch_bytes) {
            self.commit(run)?;
        }
        Ok(None)
    }

    fn commit(&mut self, run: &mut Run<'a>) -> Result<(), LoadError> {
        (self.watch)(Progress::Committing);
        let note = Note { places: &run.places, time: self.options.now };
        let committed = self.writer.commit(run.keep, &run.facts, note)?;
        self.outcome.added += run.facts.blocks.len() as u64;
        self.outcome.removed += std::mem::take(&mut run.displaced);
        run.keep = Some(committed.tip);
        if run.deriver.session_txs() > self.options.session_txs {
            // From here on the store answers for what the session knew.
            run.deriver = Deriver::new(self.dir.params(), self.veto, committed.first, self.view()?);
        }
        run.facts = run.deriver.empty_facts();
        run.places.clear();
        run.bytes = 0;
        (self.watch)(Progress::Committed(&committed));
        self.outcome.last = Some(committed);
        Ok(())
    }
}
