//! `ingest --nis`: NEM from running NIS1 nodes, believed where they all say the same, once or for as long as nobody
//! interrupts.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::http::{Auth, Endpoint};
use coinhound_chains::nem::Network;
use coinhound_chains::nem::http::{Limits, NisNode, endpoint_hint};
use coinhound_ingest::nis::{Agreement, NisRelation, nem_chain};
use coinhound_ingest::{
    Control, FollowOptions, NisLoadError, NisOptions, NisOutcome, NisProgress, NisReport, follow_nis, load_nis,
};
use coinhound_model::Height;
use coinhound_store::storage::DiskStorage;
use serde_json::{Value, json};

use super::accounts::{LATER, Watcher, facts, lag_cell, last_words, storage_failure, store_side};
use super::node::{Wall, wait};
use crate::cli::context::Context;
use crate::cli::options::IngestArgs;
use crate::cli::{interrupt, tell};
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Cell, Sheet};
use crate::standing::{NodeHeight, Relation, Standing};

/// Reads the nodes and prints what the store now holds.
pub fn run(args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let network = network(&args.nem_network)?;
    let mut nodes = args.nis.iter().map(|url| node(url, network)).collect::<Outcome<Vec<_>>>()?;
    let store = context.store_of_ledger(&nem_chain(network));
    let storage = DiskStorage::new(&store);
    storage.create_root().map_err(|error| storage_failure(&error))?;
    let options = NisOptions {
        start: args.start_height.map(Height),
        behind: args.behind,
        accept_reorg: args.accept_reorg,
        ..NisOptions::new(u64::try_from(context.now).unwrap_or(0))
    };
    let mut watcher =
        Watcher::new(&store, if nodes.len() == 1 { "the node" } else { "the nodes" }, args.follow, context);
    let asked = Standing {
        nodes: nodes.iter().map(|node| NodeHeight { url: node.url().to_owned(), height: None }).collect(),
        until: "latest".to_owned(),
        ..Standing::default()
    };
    let mut watch = |step: NisProgress<'_>| watched(&step, &mut watcher);
    let loaded = if args.follow {
        let follow = FollowOptions { poll: Duration::from_secs(args.poll), ..FollowOptions::default() };
        let mut clock = Wall { fixed: context.fixed_now };
        follow_nis(&mut nodes, Arc::new(storage), &options, &follow, &mut clock, &mut watch)
    } else {
        load_nis(&mut nodes, Arc::new(storage), &options, &mut watch)
    };
    watcher.finish();
    match loaded {
        Ok(loaded) => {
            watcher.nodes(standing(&loaded.report), loaded.report.trouble.as_ref());
            print(&loaded, &store, &watcher, args, context)
        }
        Err(NisLoadError::Node(error)) if interrupt::asked() => {
            tell(&format!("stopped while a node was asked ({error}); what was committed is kept"));
            Ok(Exit::Partial)
        }
        Err(error) => {
            let failure = failure(&error);
            if error.is_of_a_node() {
                watcher.failed(asked, &failure);
            }
            Err(failure)
        }
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

/// What the nodes said, for the note beside the store.
fn standing(report: &NisReport) -> Standing {
    let nodes = report.nodes.iter().map(|node| NodeHeight { url: node.url.clone(), height: node.height });
    let relation = match report.relation {
        NisRelation::NodeBehind => Relation::NodeBehind,
        NisRelation::LowerBranch { .. } => Relation::LowerBranch,
        _ => Relation::Following,
    };
    let height = report.ours.map(|(height, _)| height.0);
    Standing { nodes: nodes.collect(), until: "latest".to_owned(), height, relation, ..Standing::default() }
}

fn watched(step: &NisProgress<'_>, watcher: &mut Watcher) -> Control {
    match step {
        NisProgress::Block { height, tip, .. } => watcher.block(*height, *tip),
        NisProgress::Reread { height, to } => watcher.reread(*height, *to),
        NisProgress::Committed(_) => watcher.committed(),
        NisProgress::Nodes(report) => watcher.nodes(standing(report), report.trouble.as_ref()),
        NisProgress::Waiting { .. } => watcher.waiting(),
        _ => watcher.control(),
    }
}

fn print(loaded: &NisOutcome, store: &Path, watcher: &Watcher, args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let chain = nem_chain(network(&args.nem_network)?);
    let facts = facts(&loaded.accounts, &chain, store, LATER)?;
    if watcher.told_as_events(&loaded.accounts, &chain, args.follow) {
        return Ok(Exit::Success);
    }
    let (told, agreement, sound) = agreement(&loaded.report.agreement);
    let lag = loaded.report.lag();
    let mut nodes = Sheet::new(&["node/url", ">its height/height"]);
    for node in &loaded.report.nodes {
        nodes.push([Cell::from(&node.url), Cell::maybe_number(node.height, "never answered")]);
    }
    if !args.follow {
        tell(&watcher.pace().told());
    }
    let facts = facts
        .with("agreement", Cell::new(told, agreement))
        .with("stands/store lag", lag_cell(lag, "the lowest of the nodes"))
        .with("relation", standing(&loaded.report).relation.told())
        .with("/stopped", Cell::new("", loaded.stopped))
        .with("/speed", Cell::new("", watcher.pace().json()));
    context.print_with_facts(&facts, "nodes", &nodes)?;
    last_words(loaded.stopped, args.follow, store, context);
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

/// What may pass is told apart from what a node must not do.
fn failure(error: &NisLoadError) -> Failure {
    let failure = match error {
        NisLoadError::Rows(error) => return store_side(error),
        NisLoadError::Storage(source) => return storage_failure(source),
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
