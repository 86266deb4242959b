//! What reading nodes of NEM and of Ethereum have in common: progress, commits now and then, a line for each block once
//! their chain is followed, and the note beside the store.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use coinhound_ingest::accounts::{AccountError, AccountOutcome};
use coinhound_ingest::{Control, Trouble};
use coinhound_model::{ChainId, Height};
use coinhound_store::view::AccountView;

use super::COMMIT_EVERY;
use super::events::{Events, Pace};
use super::node::now;
use crate::cli::chain::{disk_advice, store_failure};
use crate::cli::context::Context;
use crate::cli::progress::Progress;
use crate::cli::{Format, interrupt, tell};
use crate::ethereum;
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Cell, Facts};
use crate::standing::{Relation, Standing};

/// What to do where a node told no block.
pub const LATER: &str = "run it again later";

/// How often the note beside the store is written while nothing changes.
const NOTE_EVERY: Duration = Duration::from_secs(10);

/// Shows progress, decides on commits and stops, and keeps the note beside the store.
pub struct Watcher {
    store: PathBuf,
    fixed_now: Option<i64>,
    progress: Progress,
    events: Events<AccountView>,
    pace: Pace,
    /// The range that is being read, before the nodes' chain is followed.
    begun: Option<Height>,
    committed: Instant,
    /// The last note, and when it was written.
    note: Option<Standing>,
    noted: Option<Instant>,
}

impl Watcher {
    /// `who` is read into a store: `the node`, `the nodes`.
    pub fn new(store: &Path, who: &'static str, follow: bool, context: &Context) -> Self {
        let json = follow && context.format == Format::Json;
        Self {
            store: store.to_owned(),
            fixed_now: context.fixed_now,
            progress: Progress::new(),
            events: Events::new(store.to_owned(), who, follow, json),
            pace: Pace::new(),
            begun: None,
            committed: Instant::now(),
            note: Standing::read(store),
            noted: None,
        }
    }

    /// A block was taken, `tip` is the last one to take.
    pub fn block(&mut self, height: Height, tip: Height) -> Control {
        self.pace.block(0);
        if !self.events.is_following() {
            let begun = *self.begun.get_or_insert(height);
            let total = u64::from(tip.0.saturating_sub(begun.0)) + 1;
            self.progress.counted("reading blocks", "blocks", u64::from(height.0.saturating_sub(begun.0)) + 1, total);
        }
        match self.control() {
            Control::Go if self.committed.elapsed() >= COMMIT_EVERY => Control::Commit,
            control => control,
        }
    }

    /// So many of all bytes of files were looked through.
    pub fn scanning(&mut self, done: u64, total: u64) -> Control {
        self.progress.counted("looking through files", "bytes", done, total);
        self.control()
    }

    /// A stored block was read again, `to` is the last one.
    pub fn reread(&mut self, height: Height, to: Height) -> Control {
        self.progress.counted("reading stored blocks again", "blocks", height.0.into(), to.0.into());
        self.control()
    }

    /// Blocks are durable.
    pub fn committed(&mut self) -> Control {
        self.committed = Instant::now();
        self.events.committed();
        self.control()
    }

    /// The nodes have nothing new, or failed.
    pub fn waiting(&mut self) -> Control {
        self.progress.finish();
        if self.note.as_ref().is_some_and(Standing::is_read) {
            self.events.caught_up(&self.pace);
        }
        self.control()
    }

    /// The nodes were asked, or failed; `said` is what they and the store are now.
    pub fn nodes(&mut self, said: Standing, trouble: Option<&Trouble>) -> Control {
        let newest = said.nodes.iter().filter_map(|node| node.height).min();
        if let Some(newest) = newest {
            self.events.newest(&newest.to_string());
        }
        self.events.behind(said.relation == Relation::NodeBehind, newest);
        self.events.trouble(trouble);
        let note = said.after(trouble, self.note.as_ref(), now(self.fixed_now));
        let differs = |old: &Standing| (&old.error, &old.nodes, old.height) != (&note.error, &note.nodes, note.height);
        let is_new = self.note.as_ref().is_none_or(differs);
        let is_due = self.noted.is_none_or(|noted| noted.elapsed() >= NOTE_EVERY);
        self.note = Some(note);
        if is_new || is_due {
            self.keep_note();
        }
        self.control()
    }

    /// Nothing but a wish to stop.
    #[expect(clippy::unused_self, reason = "one way to answer for every step")]
    pub fn control(&self) -> Control {
        if interrupt::asked() { Control::Stop } else { Control::Go }
    }

    /// The load is over: nothing moves on the terminal any more.
    pub fn finish(&self) {
        self.progress.finish();
    }

    /// The load ended for a reason that is the nodes'.
    pub fn failed(&mut self, asked: Standing, failure: &Failure) {
        let told: Vec<&str> = std::iter::once(&failure.message).chain(&failure.causes).map(String::as_str).collect();
        let note = asked.failed(told.join(": "), failure.hint.clone(), self.note.as_ref(), now(self.fixed_now));
        self.note = Some(note);
        self.keep_note();
    }

    /// How many blocks were read and how fast, for people and programs.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Ends the events of a chain that was followed; says whether there were any for programs.
    pub fn told_as_events(&self, loaded: &AccountOutcome, chain: &ChainId, follow: bool) -> bool {
        let is_told = follow && self.events.is_json();
        if is_told {
            let tip = loaded.range.map(|(_, last, block)| (last, ethereum::hash(chain, &block)));
            self.events.stopped(tip, loaded.added, loaded.removed);
        }
        is_told
    }

    /// The note is for `status` alone: where it cannot be kept, loading goes on.
    fn keep_note(&mut self) {
        self.noted = Some(Instant::now());
        if let Some(note) = &self.note {
            let _ = note.write(&self.store);
        }
    }
}

/// What a store holds after a load; `none` is what to do where nothing could be read.
///
/// # Errors
/// When there is no block at all.
pub fn facts(loaded: &AccountOutcome, chain: &ChainId, store: &Path, none: &str) -> Outcome<Facts> {
    let Some((first, last, tip)) = loaded.range else {
        return Err(Failure::new(Exit::Partial, "no block was read").hint(none));
    };
    let blocks = serde_json::json!({ "first": first.0, "last": last.0 });
    Ok(Facts::new()
        .with("store", store.display().to_string())
        .with("chain", chain.0.as_str())
        .with("blocks", Cell::new(format!("{first} to {last}"), blocks))
        .with("tip", ethereum::hash(chain, &tip))
        .with("added", Cell::number(loaded.added))
        .with("displaced by reorganisation/displaced", Cell::number(loaded.removed)))
}

/// How far the store is behind, as people read it.
pub fn lag_cell(lag: Option<u64>, what: &str) -> Cell {
    let told = match lag {
        None => "not known".to_owned(),
        Some(0) => format!("at {what}"),
        Some(1) => format!("1 block behind {what}"),
        Some(lag) => format!("{lag} blocks behind {what}"),
    };
    Cell::new(told, lag)
}

/// What the person is told at the end of a load.
pub fn last_words(stopped: bool, follow: bool, store: &Path, context: &Context) {
    if stopped && !follow {
        tell("stopped: what was read is kept; run the same command again to go on from there");
    }
    if context.store.is_none() && context.store_path() != store {
        let name = store.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        tell(&format!("hint: ask it with --store {name}"));
    }
}

/// The failure of a store of accounts, if an error is the store's.
pub fn store_side(error: &AccountError) -> Failure {
    match error {
        AccountError::Store(error) => store_failure(error),
        AccountError::Storage(source) => storage_failure(source),
        error => Failure::because(Exit::Store, error),
    }
}

/// A disk that refuses.
pub fn storage_failure(source: &coinhound_store::storage::StorageError) -> Failure {
    let failure = Failure::because(Exit::Store, source);
    match disk_advice(source) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
