//! `ingest --rpc`: a running node into the store, once or for as long as nobody interrupts.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use coinhound_chains::bitcoin::rpc::{Limits, NodeRpc};
use coinhound_chains::bitcoin::{Network, Params};
use coinhound_ingest::node::Relation;
use coinhound_ingest::{
    Clock, Control, FollowOptions, LoadError, NodeReport, Options, Outcome as Loaded, Progress as Step, Untold,
    follow_node, load_node,
};
use coinhound_model::Height;
use coinhound_store::storage::DiskStorage;
use coinhound_store::view::View;
use serde_json::json;

use super::events::{Events, Pace};
use super::{COMMIT_EVERY, auth, load_failure, print, warn_of_unchecked};
use crate::cli::context::Context;
use crate::cli::options::IngestArgs;
use crate::cli::progress::Progress;
use crate::cli::{Format, interrupt, tell};
use crate::contact::Contact;
use crate::exit::{Exit, Failure, Outcome};
use crate::gaps::Gaps;
use crate::out::{Cell, Facts};
use crate::text::grouped;

/// How often the note beside the store is written while nothing changes.
const NOTE_EVERY: Duration = Duration::from_secs(10);

/// Reads the node and prints what the store now holds.
pub fn run(url: &str, network: Network, args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let endpoint = auth::endpoint(url, network, args, &context.folders)?;
    let params: &'static Params = network.params();
    let store = context.store_of(network);
    let storage = DiskStorage::new(&store);
    storage.create_root().map_err(|error| load_failure(&LoadError::Storage(error)))?;
    let mut node = NodeRpc::new(endpoint, params, Limits::default()).with_sleep(Box::new(wait));
    let mut watcher = Watcher::new(node.url().trim_end_matches('/').to_owned(), store, args.follow, context);
    let start = args.start_height.map(Height);
    let options = Options { start, ..Options::new(u64::try_from(context.now).unwrap_or(0)) };
    let storage = Arc::new(storage);
    let loaded = if args.follow {
        let follow = FollowOptions { poll: Duration::from_secs(args.poll), ..FollowOptions::default() };
        let mut clock = Wall { fixed: context.fixed_now };
        follow_node(&mut node, storage, &options, &follow, &mut clock, &mut |step| watcher.watch(&step))
    } else {
        load_node(&mut node, storage, &options, &mut |step| watcher.watch(&step))
    };
    watcher.end(loaded, network, args, context)
}

/// A pause of the node's client, broken off when the program is asked to end.
pub(super) fn wait(pause: Duration) -> ControlFlow<()> {
    let end = Instant::now() + pause;
    while Instant::now() < end {
        if interrupt::asked() {
            return ControlFlow::Break(());
        }
        std::thread::sleep(Duration::from_millis(50).min(end.saturating_duration_since(Instant::now())));
    }
    ControlFlow::Continue(())
}

/// The time of day, or the one that somebody fixed.
pub(super) struct Wall {
    pub(super) fixed: Option<i64>,
}

impl Clock for Wall {
    fn now(&mut self) -> u64 {
        now(self.fixed)
    }

    fn sleep(&mut self, pause: Duration) {
        std::thread::sleep(pause);
    }
}

/// Seconds since 1970, or the present that somebody fixed.
pub(super) fn now(fixed: Option<i64>) -> u64 {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    fixed.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_else(clock)
}

/// Shows progress, decides on commits and stops, and keeps the notes beside the store.
struct Watcher {
    url: String,
    store: PathBuf,
    fixed_now: Option<i64>,
    progress: Progress,
    events: Events<View>,
    pace: Pace,
    /// The last note, and when it was written.
    note: Option<Contact>,
    noted: Option<Instant>,
    committed: Instant,
}

impl Watcher {
    fn new(url: String, store: PathBuf, follow: bool, context: &Context) -> Self {
        let json = follow && context.format == Format::Json;
        Self {
            note: Contact::read(&store),
            events: Events::new(store.clone(), "the node", follow, json),
            pace: Pace::new(),
            url,
            store,
            fixed_now: context.fixed_now,
            progress: Progress::new(),
            noted: None,
            committed: Instant::now(),
        }
    }

    fn watch(&mut self, step: &Step<'_>) -> Control {
        match step {
            Step::Headers { height, tip } => {
                self.progress.stage("reading headers", u64::from(tip.0));
                self.progress.step(u64::from(height.0), u64::from(tip.0), 0);
            }
            Step::Block { bytes, done, total, .. } => return self.block(*bytes, *done, *total),
            Step::Node(report) => self.node(report),
            Step::Waiting { .. } => self.waiting(),
            Step::Committed(committed) => {
                self.committed = Instant::now();
                // Nothing is lost with this note but what `status` says of gaps.
                let _ = Gaps::none(&committed.block).write(&DiskStorage::new(&self.store));
                self.events.committed();
            }
            _ => {}
        }
        if interrupt::asked() { Control::Stop } else { Control::Go }
    }

    fn block(&mut self, bytes: u64, done: u64, total: u64) -> Control {
        if !self.events.is_following() {
            self.progress.stage("reading blocks", total);
            self.progress.step(done, total, bytes);
        }
        self.pace.block(bytes);
        if interrupt::asked() {
            return Control::Stop;
        }
        if self.committed.elapsed() >= COMMIT_EVERY { Control::Commit } else { Control::Go }
    }

    fn waiting(&mut self) {
        self.progress.finish();
        let is_read = self.note.as_ref().is_some_and(Contact::is_read);
        if is_read {
            self.events.caught_up(&self.pace);
        }
    }

    fn node(&mut self, report: &NodeReport) {
        let status = report.status.as_ref();
        if let Some(status) = status {
            self.events.newest(&status.best.to_string());
        }
        self.events.behind(report.relation == Relation::NodeBehind, status.map(|status| status.blocks.0.into()));
        self.events.trouble(report.trouble.as_ref());
        let note = Contact::of(&self.url, report, self.note.as_ref(), now(self.fixed_now));
        let differs = |old: &Contact| (&old.error, &old.node, old.height) != (&note.error, &note.node, note.height);
        let is_new = self.note.as_ref().is_none_or(differs);
        let is_due = self.noted.is_none_or(|noted| noted.elapsed() >= NOTE_EVERY);
        self.note = Some(note);
        if is_new || is_due {
            self.keep_note();
        }
    }

    /// The note is for `status` alone: where it cannot be kept, loading goes on.
    fn keep_note(&mut self) {
        self.noted = Some(Instant::now());
        if let Some(note) = &self.note {
            let _ = note.write(&self.store);
        }
    }

    /// Tells how it ended.
    fn end(
        mut self,
        loaded: Result<Loaded, LoadError>,
        network: Network,
        args: &IngestArgs,
        context: &Context,
    ) -> Outcome<Exit> {
        self.progress.finish();
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(LoadError::Node(error)) if interrupt::asked() => {
                tell(&format!("stopped while the node was asked ({error}); what was committed is kept"));
                return Ok(Exit::Partial);
            }
            Err(error) => return Err(self.failed(&error)),
        };
        if let Some(report) = &loaded.node {
            self.node(report);
            self.keep_note();
        }
        self.finish(&loaded, network, args, context)
    }

    fn failed(&mut self, error: &LoadError) -> Failure {
        let failure = load_failure(error);
        if let LoadError::Node(_) = error {
            let (url, before, now) = (&self.url, self.note.as_ref(), now(self.fixed_now));
            let message = std::iter::once(&failure.message).chain(&failure.causes).cloned().collect::<Vec<_>>();
            self.note = Some(Contact::failed(url, message.join(": "), failure.hint.clone(), before, now));
            self.keep_note();
        }
        failure
    }

    fn finish(&self, loaded: &Loaded, network: Network, args: &IngestArgs, context: &Context) -> Outcome<Exit> {
        let report = loaded.node.clone().unwrap_or_default();
        let behind = report.relation == Relation::NodeBehind;
        if behind {
            tell(
                "warning: the node has not the store's newest block: it is loading its chain, or was set up anew; nothing was taken back",
            );
        }
        warn_of_unknown_coins(&loaded.undo_missing);
        warn_of_unchecked(loaded);
        if loaded.range.is_none() {
            return Err(
                Failure::new(Exit::Partial, "the node has no block yet, or none was read").hint("run it again later")
            );
        }
        if args.follow && self.events.is_json() {
            let tip = loaded.range.map(|(_, last, block)| (last, block.to_string()));
            self.events.stopped(tip, loaded.added, loaded.removed);
        } else {
            if !args.follow {
                tell(&self.pace.told());
            }
            print(loaded, self.facts(&report), network, args, context)?;
        }
        let read = report.lag() == Some(0) && report.trouble.is_none() && !behind;
        Ok(if read { Exit::Success } else { Exit::Partial })
    }

    fn facts(&self, report: &NodeReport) -> Facts {
        let lag = report.lag();
        let told = match lag {
            None => "not known".to_owned(),
            Some(0) => "at the node's newest block".to_owned(),
            Some(1) => "1 block behind the node".to_owned(),
            Some(lag) => format!("{lag} blocks behind the node"),
        };
        Facts::new()
            .with("node", self.url.as_str())
            .with("stands/store lag", Cell::new(told, lag.map_or(serde_json::Value::Null, |lag| json!(lag))))
            .with("/speed", Cell::new("", self.pace.json()))
    }
}

fn warn_of_unknown_coins(untold: &Untold) {
    let warn = |text: &str| tell(&format!("warning: spent coins are not known: {text}"));
    untold.reasons.iter().for_each(|reason| warn(reason));
    let others = untold.blocks.saturating_sub(untold.reasons.len() as u64);
    if others > 0 {
        warn(&format!("of {} more blocks, for such reasons", grouped(others)));
    }
}
