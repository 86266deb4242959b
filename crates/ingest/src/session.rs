//! One writer's session over a store: takes planned blocks from any source and commits what they become.
//!
//! What a reorganisation displaces is given up only together with the commit of as many blocks of the other
//! branch as outrank it, or as make a whole batch where the branch is followed without outranking it.

use std::sync::Arc;

use coinhound_analysis::patterns::VetoSet;
use coinhound_chains::bitcoin::Params as ChainParams;
use coinhound_chains::bitcoin::headers::Plan;
use coinhound_model::block::CoinBlock;
use coinhound_model::{BlockHash, Height};
use coinhound_store::FactsSlice;
use coinhound_store::facts::Facts;
use coinhound_store::failure::StoreError;
use coinhound_store::layout::LayoutParams;
use coinhound_store::local::BlockPlace;
use coinhound_store::manifest::{MANIFEST, Manifest, Params};
use coinhound_store::storage::Storage;
use coinhound_store::view::View;
use coinhound_store::writer::{Committed, Note, Writer};

use crate::derive::Deriver;
use crate::error::{DeriveError, LoadError};
use crate::feed::{Fed, feed};
use crate::node::{NodeError, NodeReport};
use crate::options::{Control, Options, Progress};
use crate::outcome::Outcome;
use crate::run::Run;
use crate::source::{Bad, Source, Told, Unfed};

/// Asks for the coins that a block spends, where its source did not tell them.
pub(crate) type Ask<'a> = dyn FnMut(&mut Deriver<'_>, &CoinBlock) -> Result<Told, NodeError> + 'a;

/// What a plan does to the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    /// Where a new store begins.
    pub first: Height,
    /// The highest stored block that stays.
    pub keep: Option<Height>,
    /// How many blocks are taken.
    pub count: usize,
    /// How many of them must be derived before what they displace may go.
    pub enough: usize,
    /// Whether a whole batch of them is enough too. A branch that never outranks what it displaces, and is followed
    /// all the same, may be long: held to its end, it would be as much memory as somebody wants it to be.
    pub in_parts: bool,
}

impl Way {
    /// What this plan does.
    pub fn of(plan: &Plan) -> Self {
        let keep = plan.fork.map(|fork| fork.height);
        Self { first: plan.first, keep, count: plan.blocks.len(), enough: plan.enough, in_parts: false }
    }
}

/// How the blocks of a plan ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// All were taken, or the watcher stopped it.
    Done,
    /// The one at this place of the plan cannot be used.
    Bad { at: usize, bad: Bad },
}

/// A store being written, and what was done to it.
pub(crate) struct Session<'a> {
    params: &'a ChainParams,
    storage: Arc<dyn Storage>,
    options: &'a Options,
    layout: LayoutParams,
    veto: VetoSet,
    watch: &'a mut dyn FnMut(Progress) -> Control,
    writer: Writer,
    /// Stands right above the stored tip: it goes on where the last plan ended.
    rested: Option<Deriver<'a>>,
    /// Seconds since 1970, for the commit history.
    pub now: u64,
    pub outcome: Outcome,
}

impl<'a> Session<'a> {
    /// Opens the store for writing, or prepares a new one.
    pub fn open(
        params: &'a ChainParams,
        storage: Arc<dyn Storage>,
        options: &'a Options,
        watch: &'a mut dyn FnMut(Progress) -> Control,
    ) -> Result<Self, LoadError> {
        let (stored, veto) = parameters(&*storage, params, options)?;
        let layout = stored.layout();
        let writer = Writer::open_or_create(storage.clone(), params.chain_id(), stored)?;
        let writer = writer.with_threads(options.threads);
        let (now, outcome) = (options.now, Outcome::default());
        let session = Self { params, storage, options, layout, veto, watch, writer, rested: None, now, outcome };
        session.check_start()?;
        Ok(session)
    }

    /// A store begins where it began: another start height would be silently meaningless.
    fn check_start(&self) -> Result<(), LoadError> {
        match (self.range(), self.options.start) {
            (Some((first, ..)), Some(asked)) if asked != first => Err(LoadError::OtherStart { first, asked }),
            _ => Ok(()),
        }
    }

    pub fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// The lowest and the highest stored height, and the tip's block.
    pub fn range(&self) -> Option<(Height, Height, BlockHash)> {
        self.writer.range()
    }

    /// The store at its tip; none while there is nothing in it.
    pub fn view(&self) -> Result<Option<View>, LoadError> {
        Ok(self.range().map(|_| View::open(&*self.storage)).transpose()?)
    }

    /// Tells the watcher.
    pub fn watch(&mut self, progress: Progress<'_>) -> Control {
        (self.watch)(progress)
    }

    /// Tells how the store and a node stand to each other, and keeps it; a wish to stop is remembered.
    pub fn tell_node(&mut self, report: NodeReport) {
        self.outcome.stopped |= (self.watch)(Progress::Node(&report)) == Control::Stop;
        self.outcome.node = Some(report);
    }

    /// What was done, once there is nothing more to do.
    pub fn into_outcome(self) -> Outcome {
        Outcome { range: self.range(), ..self.outcome }
    }

    /// Derives and commits a plan's blocks, as far as they can be used.
    ///
    /// `view` is the store at its tip, and `ask` is asked for spent coins where a range begins above the genesis block.
    pub fn take<S: Source>(
        &mut self,
        way: Way,
        view: Option<View>,
        source: S,
        ask: &mut Ask<'_>,
    ) -> Result<Ended, LoadError> {
        let mut run = self.start(way, view, source.bytes_ahead())?;
        let mut ended = Ok(Ended::Done);
        feed(source, self.params, way.count, self.options.threads, |at, fed| match self.take_one(&mut run, fed, ask) {
            Ok(None) => !self.outcome.stopped,
            Ok(Some(bad)) => {
                ended = Ok(Ended::Bad { at, bad });
                false
            }
            Err(error) => {
                ended = Err(error);
                false
            }
        });
        if ended.is_ok() && run.may_commit() {
            self.commit(&mut run)?;
        }
        if let Ok(Ended::Done) = ended {
            self.rested = run.rest();
        }
        ended
    }

    /// Takes the blocks above `keep` away, with nothing in their place.
    pub fn truncate(&mut self, keep: Height) -> Result<(), LoadError> {
        self.rested = None;
        let removed = self.range().map_or(0, |(_, tip, _)| u64::from(tip.0.saturating_sub(keep.0)));
        let committed = self.publish(Some(keep), Facts { start: keep.next(), ..Facts::default() }.as_slice(), &[])?;
        self.outcome.removed += removed;
        self.tell_commit(committed);
        Ok(())
    }

    fn start(&mut self, way: Way, view: Option<View>, bytes_ahead: u64) -> Result<Run<'a>, LoadError> {
        let range = self.range();
        let displaced = match (range, way.keep) {
            (Some((_, tip, _)), Some(keep)) => u64::from(tip.0 - keep.0),
            _ => 0,
        };
        let deriver = match self.rested.take().filter(|_| displaced == 0) {
            Some(deriver) => deriver,
            None => {
                let base = view.zip(way.keep).map(|(view, keep)| view.at(keep)).transpose()?;
                let first = range.map_or(way.first, |(first, ..)| first);
                let mut deriver = Deriver::new(self.params, self.veto, first, base);
                deriver.make_room(bytes_ahead, self.options.session_txs);
                deriver
            }
        };
        Ok(Run::new(deriver, way, displaced, self.options.batch_bytes))
    }

    /// Derives one block and commits when it is time; returns why the block cannot be used.
    fn take_one(
        &mut self,
        run: &mut Run<'a>,
        fed: Result<&Fed, Unfed>,
        ask: &mut Ask<'_>,
    ) -> Result<Option<Bad>, LoadError> {
        let fed = match fed {
            Ok(fed) => fed,
            Err(unfed) => return Ok(Some(unfed.into())),
        };
        let height = run.deriver.next_height();
        self.watch(Progress::Parsed { height });
        match run.push(fed, ask) {
            Ok(missing) => missing.into_iter().for_each(|reason| self.outcome.undo_missing.note(reason)),
            Err(Bad::Derive(DeriveError::Prior(damage))) => return Err(LoadError::Prior(damage)),
            Err(bad) => return Ok(Some(bad)),
        }
        let (done, total, bytes) = (run.done as u64, run.total as u64, u64::from(fed.block.size));
        let control = self.watch(Progress::Block { height, bytes, done, total });
        self.outcome.stopped |= control == Control::Stop;
        if run.may_commit() && (control == Control::Commit || self.is_due(run)) {
            self.commit(run)?;
        }
        Ok(None)
    }

    /// Whether it is time for a commit: what was derived is a whole batch, or a good part of one and ends with a segment
    /// that will not soon be written anew.
    fn is_due(&self, run: &Run<'_>) -> bool {
        run.is_full() || (run.is_part_full() && self.layout.ends_long(run.deriver.next_height()))
    }

    fn commit(&mut self, run: &mut Run<'a>) -> Result<(), LoadError> {
        let committed = self.publish(run.keep, run.facts(), &run.places)?;
        self.outcome.added += u64::from(run.facts().span().blocks());
        self.outcome.removed += std::mem::take(&mut run.displaced);
        run.keep = Some(committed.tip);
        if run.deriver.session_txs() > self.options.session_txs {
            // From here on the store answers for what the session knew.
            run.deriver = Deriver::new(self.params, self.veto, committed.first, self.view()?);
        }
        run.begin_batch();
        self.tell_commit(committed);
        Ok(())
    }

    fn publish(
        &mut self,
        keep: Option<Height>,
        facts: FactsSlice<'_>,
        places: &[(BlockHash, BlockPlace)],
    ) -> Result<Committed, LoadError> {
        self.watch(Progress::Committing);
        Ok(self.writer.commit(keep, facts, Note { places, time: self.now })?)
    }

    fn tell_commit(&mut self, committed: Committed) {
        self.watch(Progress::Committed(&committed));
        self.outcome.last = Some(committed);
    }
}

/// The parameters of the store that is there, else those asked for.
fn parameters(storage: &dyn Storage, chain: &ChainParams, options: &Options) -> Result<(Params, VetoSet), LoadError> {
    let params = match storage.length(MANIFEST) {
        Ok(_) => Manifest::read_for(storage, &chain.chain_id()).map_err(StoreError::from)?.params,
        Err(error) if error.is_not_found() => Params::new(&options.layout, options.veto.name),
        Err(error) => return Err(error.into()),
    };
    match VetoSet::named(&params.veto) {
        Some(veto) => Ok((params, veto)),
        None => Err(LoadError::UnknownVeto { name: params.veto }),
    }
}
