//! From what nodes say to blocks in the store: passes until the store's tip is theirs.

mod rows;
mod turn;

use std::sync::Arc;

use coinhound_chains::nem::http::NisNode;
use coinhound_chains::nem::{NemLedger, Network};
use coinhound_model::Height;
use coinhound_store::storage::Storage;

use crate::accounts::{AccountOptions, AccountSession};
use crate::follow::Trouble;
use crate::nis::error::NisLoadError;
use crate::nis::options::{NisOptions, NisOutcome, NisProgress};
use crate::nis::panel::{Panel, Told};
use crate::nis::report::{Agreement, NisRelation, NisReport};
use crate::nis::{memory, nem_chain};
use crate::options::Control;

/// How often the nodes' chain may change while it is read.
const CHANGES_MAX: u32 = 8;
/// How often nodes that only grow are read again before that is left for later.
const PASSES_MAX: u32 = 64;

/// Nodes being read into a store.
pub(super) struct Reader<'r, 'a, 'p> {
    panel: Panel<'r, 'p>,
    network: Network,
    session: AccountSession,
    storage: Arc<dyn Storage>,
    options: &'a NisOptions,
    watch: &'a mut dyn FnMut(NisProgress<'_>) -> Control,
    /// What rows depend on, at the session's tip; none where that is to be read again.
    ledger: Option<NemLedger>,
    /// Rows pushed since the last commit.
    rows: usize,
    report: NisReport,
    /// What the pass under way found; reported when it is over.
    found: (NisRelation, Agreement),
    is_checked: bool,
    pub stopped: bool,
    /// Seconds since 1970, for the report.
    pub now: u64,
}

/// How one pass ended.
enum Pass {
    /// The store's tip is the nodes', or nothing more can be taken now.
    Done,
    /// Blocks were added.
    Grown,
    /// Blocks of another branch took the place of stored ones.
    Turned,
}

impl<'r, 'a, 'p> Reader<'r, 'a, 'p> {
    pub fn open(
        nodes: &'r mut [NisNode<'p>],
        storage: Arc<dyn Storage>,
        options: &'a NisOptions,
        watch: &'a mut dyn FnMut(NisProgress<'_>) -> Control,
    ) -> Result<Self, NisLoadError> {
        let network = nodes.first().expect("one node is asked at least").network();
        let panel = Panel::new(nodes);
        // Commits are decided here, since what rows depend on is written before each.
        let accounts = AccountOptions { batch_rows: usize::MAX, ..options.accounts.clone() };
        let session = AccountSession::open(storage.clone(), nem_chain(network), accounts)?;
        let ledger = match session.range() {
            Some((first, _, tip)) => {
                check_start(first, options.start)?;
                memory::load(&*storage, network, first, &tip)?
            }
            None => Some(NemLedger::partial(network, first_height(options))),
        };
        let report = NisReport { nodes: panel.words(), ..NisReport::default() };
        let now = options.accounts.now;
        let (rows, is_checked, stopped, found) = (0, false, false, Default::default());
        Ok(Self {
            panel,
            network,
            session,
            storage,
            options,
            watch,
            ledger,
            rows,
            report,
            found,
            is_checked,
            stopped,
            now,
        })
    }

    pub fn into_outcome(mut self) -> Result<NisOutcome, NisLoadError> {
        self.note_tip()?;
        Ok(NisOutcome { accounts: self.session.finish()?, report: self.report, stopped: self.stopped })
    }

    /// Reads the nodes up to their newest block.
    pub fn catch_up(&mut self) -> Result<(), NisLoadError> {
        self.session.set_now(self.now);
        if !self.is_checked {
            self.panel.check_networks()?;
            self.is_checked = true;
        }
        let (mut changes, mut moved_at) = (0, None);
        for pass in 0..PASSES_MAX {
            let ended = self.pass();
            // What was proven before an error stays; after one of the store nothing more is written.
            if ended.as_ref().err().is_none_or(NisLoadError::is_of_a_node) {
                self.commit()?;
            }
            match ended {
                _ if self.stopped => break,
                Ok(Pass::Done) => break,
                Ok(Pass::Grown) => {}
                // To turn once is what a reorganisation is.
                Ok(Pass::Turned) => changes += u32::from(pass > 0),
                Err(error) => {
                    // The same again is no movement.
                    let at = error.may_be_movement().filter(|at| moved_at != Some(*at));
                    moved_at = Some(at.ok_or(error)?);
                    changes += 1;
                }
            }
            if changes == CHANGES_MAX {
                return Err(NisLoadError::Restless { times: changes });
            }
        }
        (self.report.relation, self.report.agreement) = self.found.clone();
        self.tell()
    }

    fn pass(&mut self) -> Result<Pass, NisLoadError> {
        self.panel.forget();
        let heights = self.panel.heights()?;
        for (word, height) in self.report.nodes.iter_mut().zip(&heights) {
            word.height = Some(*height);
        }
        let lowest = *heights.iter().min().expect("one node is asked at least");
        let tip = lowest.saturating_sub(u64::from(self.options.behind)).min(u64::from(u32::MAX));
        self.found = (NisRelation::Following, self.panel.agreement());
        self.tell()?;
        match self.session.range() {
            None => self.begin(tip),
            Some((first, ..)) if tip < u64::from(first.0) => {
                self.found.0 = NisRelation::NodeBehind;
                Ok(Pass::Done)
            }
            Some((_, ours, _)) => self.go_on(u64::from(ours.0), tip),
        }
    }

    fn begin(&mut self, tip: u64) -> Result<Pass, NisLoadError> {
        let first = first_height(self.options);
        if tip < first {
            return Err(NisLoadError::BelowStart { tip, start: height_of(first) });
        }
        self.take_up_to(first, tip)
    }

    fn go_on(&mut self, ours: u64, tip: u64) -> Result<Pass, NisLoadError> {
        let at = ours.min(tip);
        if self.is_ours(at)? {
            if tip <= ours {
                if tip < ours {
                    self.found.0 = NisRelation::NodeBehind;
                }
                return Ok(Pass::Done);
            }
            self.remember(ours)?;
            return if self.stopped { Ok(Pass::Done) } else { self.take_up_to(ours + 1, tip) };
        }
        match self.parting(at)? {
            Some(parting) if tip < ours => {
                self.found.0 = NisRelation::LowerBranch { fork: height_of(parting.fork) };
                Ok(Pass::Done)
            }
            Some(parting) => self.turn(&parting, ours, tip),
            None => Ok(Pass::Done),
        }
    }

    /// Takes blocks as long as the nodes agree.
    fn take_up_to(&mut self, from: u64, tip: u64) -> Result<Pass, NisLoadError> {
        let mut ledger = self.ledger.take().expect("what rows depend on was remembered");
        let ended = self.take_with(&mut ledger, from, tip);
        self.ledger = Some(ledger);
        ended
    }

    fn take_with(&mut self, ledger: &mut NemLedger, from: u64, tip: u64) -> Result<Pass, NisLoadError> {
        for height in from..=tip {
            let told = match self.panel.at(height, tip)? {
                Told::Same(told) => told,
                Told::Different(told) => {
                    self.found.1 = self.panel.disagreement(height_of(height), &told);
                    return Ok(Pass::Done);
                }
            };
            let block = self.judged(ledger, &told)?;
            if let Err(error) = self.session.push(&block) {
                // The rows were refused: what is remembered must not be ahead of them.
                ledger.unwind(height - 1).expect("the newest block can be taken back");
                return Err(error.into());
            }
            let control = self.pushed(&block, tip);
            if control != Control::Go || self.rows >= self.options.accounts.batch_rows {
                self.commit_with(ledger)?;
            }
            if self.stopped {
                return Ok(Pass::Done);
            }
        }
        Ok(Pass::Grown)
    }

    /// What is known of the store's newest block.
    fn note_tip(&mut self) -> Result<(), NisLoadError> {
        let ours = self.session.range().map(|(_, height, hash)| (height, hash));
        if ours == self.report.ours {
            return Ok(());
        }
        self.report.tip_time = ours.map(|(height, _)| self.session.block(height)).transpose()?.map(|block| block.time);
        (self.report.ours, self.report.tip_since) = (ours, self.now);
        Ok(())
    }

    /// Tells how things stand; a wish to stop is remembered.
    fn tell(&mut self) -> Result<(), NisLoadError> {
        self.note_tip()?;
        self.stopped |= (self.watch)(NisProgress::Nodes(&self.report)) == Control::Stop;
        Ok(())
    }

    /// Tells what went wrong, or that it is over, where that is news.
    pub fn tell_trouble(&mut self, trouble: Option<Trouble>) -> Result<(), NisLoadError> {
        if self.report.trouble == trouble {
            return Ok(());
        }
        self.report.trouble = trouble;
        self.tell()
    }

    /// Tells the watcher.
    pub fn watch(&mut self, progress: NisProgress<'_>) -> Control {
        (self.watch)(progress)
    }

    /// Has the network checked again before the next blocks: another node may answer there now.
    pub fn distrust(&mut self) {
        self.is_checked = false;
        self.panel.forget();
    }
}

/// A height as the store counts; the nodes' are held below 2^32 before.
fn height_of(height: u64) -> Height {
    Height(u32::try_from(height).expect("no more than the highest height was asked for"))
}

/// Where a new store begins.
fn first_height(options: &NisOptions) -> u64 {
    u64::from(options.start.map_or(1, |start| start.0.max(1)))
}

/// A store begins where it began: another start height would be silently meaningless.
fn check_start(first: Height, asked: Option<Height>) -> Result<(), NisLoadError> {
    match asked.map(|asked| Height(asked.0.max(1))) {
        Some(asked) if asked != first => Err(NisLoadError::OtherStart { first, asked }),
        _ => Ok(()),
    }
}
