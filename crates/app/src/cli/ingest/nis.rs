//! `ingest --nis`: NEM from running NIS1 nodes, believed where they all say the same, once or for as long as nobody
//! interrupts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use coinhound_chains::http::{Auth, Endpoint};
use coinhound_chains::nem::Network;
use coinhound_chains::nem::http::{Limits, NisNode, endpoint_hint};
use coinhound_ingest::accounts::AccountError;
use coinhound_ingest::nis::{Agreement, NisRelation, nem_chain};
use coinhound_ingest::{
    Control, FollowOptions, NisLoadError, NisOptions, NisOutcome, NisProgress, follow_nis, load_nis,
};
use coinhound_model::Height;
use coinhound_store::storage::DiskStorage;
use serde_json::{Value, json};

use super::COMMIT_EVERY;
use super::node::{Wall, wait};
use crate::cli::chain::{disk_advice, store_failure};
use crate::cli::context::Context;
use crate::cli::options::IngestArgs;
use crate::cli::progress::Progress;
use crate::cli::{Format, emit, interrupt, tell};
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Cell, Facts, Sheet, json as print_json};

/// Reads the nodes and prints what the store now holds.
pub fn run(args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let network = network(&args.nem_network)?;
    let mut nodes = args.nis.iter().map(|url| node(url, network)).collect::<Outcome<Vec<_>>>()?;
    let store = context.store_of_ledger(&nem_chain(network));
    let storage = DiskStorage::new(&store);
    storage.create_root().map_err(|error| failure(&NisLoadError::Storage(error)))?;
    let options = NisOptions {
        start: args.start_height.map(Height),
        behind: args.behind,
        accept_reorg: args.accept_reorg,
        ..NisOptions::new(u64::try_from(context.now).unwrap_or(0))
    };
    let mut watcher = Watcher::new(args.follow, context);
    let loaded = if args.follow {
        let follow = FollowOptions { poll: Duration::from_secs(args.poll), ..FollowOptions::default() };
        let mut clock = Wall { fixed: context.fixed_now };
        follow_nis(&mut nodes, Arc::new(storage), &options, &follow, &mut clock, &mut |step| watcher.watch(&step))
    } else {
        load_nis(&mut nodes, Arc::new(storage), &options, &mut |step| watcher.watch(&step))
    };
    watcher.progress.finish();
    match loaded {
        Ok(loaded) => print(&loaded, &store, args, context),
        Err(NisLoadError::Node(error)) if interrupt::asked() => {
            tell(&format!("stopped while a node was asked ({error}); what was committed is kept"));
            Ok(Exit::Partial)
        }
        Err(error) => Err(failure(&error)),
    }
}

fn network(name: &str) -> Outcome<Network> {
    let found = Network::ALL.into_iter().find(|network| network.name() == name);
    found.ok_or_else(|| {
        let known = Network::ALL.map(Network::name).join(", ");
        Failure::new(Exit::Usage, format!("`{name}` is no network of NEM")).hint(format!("known: {known}"))
    })
}

fn node(url: &str, network: Network) -> Outcome<NisNode<'static>> {
    let endpoint = Endpoint::parse(url, Auth::None).map_err(|error| {
        let failure = Failure::because(Exit::Usage, &error);
        match endpoint_hint(&error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    Ok(NisNode::new(endpoint, network, Limits::default()).with_sleep(Box::new(wait)))
}

/// Shows progress, decides on commits and stops.
struct Watcher {
    progress: Progress,
    follow: bool,
    json: bool,
    /// The range that is read before the nodes' chain is followed.
    begun: Option<Height>,
    committed: Instant,
    trouble: Option<String>,
}

impl Watcher {
    fn new(follow: bool, context: &Context) -> Self {
        let json = follow && context.format == Format::Json;
        Self { progress: Progress::new(), follow, json, begun: None, committed: Instant::now(), trouble: None }
    }

    fn watch(&mut self, step: &NisProgress<'_>) -> Control {
        match step {
            NisProgress::Block { height, tip, txs } => self.block(*height, *tip, *txs),
            NisProgress::Reread { height, to } => {
                self.progress.stage("reading stored blocks again", to.0.into());
                self.progress.step(height.0.into(), to.0.into(), 0);
            }
            NisProgress::Committed(_) => self.committed = Instant::now(),
            NisProgress::Nodes(report) => {
                let trouble = report.trouble.as_ref().map(|trouble| trouble.message.clone());
                if self.follow && trouble != self.trouble {
                    self.tell_trouble(trouble.as_deref());
                    self.trouble = trouble;
                }
            }
            _ => {}
        }
        if interrupt::asked() {
            return Control::Stop;
        }
        let is_due = matches!(step, NisProgress::Block { .. }) && self.committed.elapsed() >= COMMIT_EVERY;
        if is_due { Control::Commit } else { Control::Go }
    }

    fn block(&mut self, height: Height, tip: Height, txs: usize) {
        let begun = *self.begun.get_or_insert(height);
        let total = u64::from(tip.0.saturating_sub(begun.0)) + 1;
        let done = u64::from(height.0.saturating_sub(begun.0)) + 1;
        if self.follow && done == total {
            let event = json!({ "event": "block", "height": height.0, "transactions": txs });
            self.say(&format!("{height}  {txs} transactions"), &event);
            return;
        }
        self.progress.stage("reading blocks", total);
        self.progress.step(done, total, 0);
    }

    fn tell_trouble(&self, trouble: Option<&str>) {
        match trouble {
            Some(message) => self.say(
                &format!("warning: {message}; trying again, with longer pauses"),
                &json!({ "event": "trouble", "message": message }),
            ),
            None => self.say("the nodes are read again", &json!({ "event": "recovered" })),
        }
    }

    fn say(&self, text: &str, event: &Value) {
        if self.json {
            // Nobody reads on: the next signal ends the program, and the store is as good as ever.
            let _ = emit(&print_json::line(event));
        } else {
            tell(text);
        }
    }
}

fn print(loaded: &NisOutcome, store: &std::path::Path, args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let Some((first, last, tip)) = loaded.accounts.range else {
        return Err(Failure::new(Exit::Partial, "no block was read").hint("run it again later"));
    };
    if args.follow && context.format == Format::Json {
        let event = json!({ "event": "stopped", "height": last.0, "block": tip.to_string(), "added": loaded.accounts.added,
            "displaced": loaded.accounts.removed });
        emit(&print_json::line(&event))?;
        return Ok(Exit::Success);
    }
    let (told, agreement, sound) = agreement(&loaded.report.agreement);
    let lag = loaded.report.lag();
    let mut nodes = Sheet::new(&["node/url", ">its height/height"]);
    for node in &loaded.report.nodes {
        nodes.push([Cell::from(&node.url), Cell::maybe_number(node.height, "never answered")]);
    }
    let facts = Facts::new()
        .with("store", store.display().to_string())
        .with("chain", nem_chain(network(&args.nem_network)?).0.as_str())
        .with("blocks", Cell::new(format!("{first} to {last}"), json!({ "first": first.0, "last": last.0 })))
        .with("tip", tip.to_string())
        .with("added", Cell::number(loaded.accounts.added))
        .with("displaced by reorganisation/displaced", Cell::number(loaded.accounts.removed))
        .with("agreement", Cell::new(told, agreement))
        .with("stands/store lag", Cell::maybe_number(lag, "not known"))
        .with("relation", relation(loaded.report.relation))
        .with("/stopped", Cell::new("", loaded.stopped));
    context.print_with_facts(&facts, "nodes", &nodes)?;
    if loaded.stopped && !args.follow {
        tell("stopped: what was read is kept; run the same command again to go on from there");
    }
    if context.store.is_none() {
        let name = store.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        tell(&format!("hint: ask it with --store {name}"));
    }
    let whole = sound && lag == Some(0) && !loaded.stopped && loaded.report.trouble.is_none();
    Ok(if whole || args.follow { Exit::Success } else { Exit::Partial })
}

/// Whether the nodes say the same, in words, for programs, and whether that is all that can be asked for.
fn agreement(agreement: &Agreement) -> (String, Value, bool) {
    let kind = |kind: &str| json!({ "kind": kind, "nodes": null, "height": null });
    match agreement {
        Agreement::OneNode => (
            "one node was asked: its word alone says that this is the network's chain".to_owned(),
            kind("one node"),
            true,
        ),
        Agreement::All { nodes } => (
            format!("{nodes} nodes were asked and every block added was the same at all of them"),
            json!({ "kind": "all", "nodes": nodes, "height": null }),
            true,
        ),
        Agreement::Disagreed { height, told } => {
            let told: Vec<String> =
                told.iter().map(|version| format!("{} has {}", version.url, version.hash)).collect();
            tell(&format!("warning: the nodes differ at height {height}: {}", told.join("; ")));
            (
                format!("the nodes differ: nothing from height {height} on was stored"),
                json!({ "kind": "disagreed", "nodes": told.len(), "height": height.0 }),
                false,
            )
        }
        _ => ("not known".to_owned(), kind("not known"), true),
    }
}

fn relation(relation: NisRelation) -> &'static str {
    match relation {
        NisRelation::NodeBehind => "a node has not reached the store's newest block",
        NisRelation::LowerBranch { .. } => "the nodes left the store's branch for one that is not as high yet",
        _ => "following",
    }
}

/// What may pass is told apart from what a node must not do.
fn failure(error: &NisLoadError) -> Failure {
    let failure = match error {
        NisLoadError::Rows(AccountError::Store(error)) => return store_failure(error),
        NisLoadError::Storage(source) | NisLoadError::Rows(AccountError::Storage(source)) => {
            let failure = Failure::because(Exit::Store, source);
            return match disk_advice(source) {
                Some(hint) => failure.hint(hint),
                None => failure,
            };
        }
        error if error.is_transient() => Failure::because(Exit::Node, error),
        error if error.is_of_a_node() || matches!(error, NisLoadError::OtherStart { .. }) => {
            Failure::because(Exit::Input, error)
        }
        error => Failure::because(Exit::Store, error),
    };
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
