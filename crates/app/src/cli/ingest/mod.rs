//! `ingest`: blocks into the store, from a node's files or from the node itself.

mod accounts;
mod auth;
mod events;
pub mod evm;
mod evm_files;
mod files;
mod nis;
pub mod node;
mod openings;
mod options;
pub mod table;

use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;
use coinhound_chains::bitcoin::Network;
use coinhound_chains::bitcoin::headers::HeaderError;
use coinhound_chains::evm::ChainRules;
use coinhound_ingest::{LoadError, NodeError, Outcome as Loaded};
use coinhound_model::Height;
use serde_json::json;

use super::chain::{disk_advice, store_failure};
use super::context::Context;
use super::network::Named;
use super::{interrupt, tell};
use crate::exit::{Exit, Failure, Outcome};
use crate::gaps::Gaps;
use crate::out::{Cell, Facts};

pub use files::load;
pub use options::IngestArgs;

/// How much work a loss of power may cost.
const COMMIT_EVERY: Duration = Duration::from_secs(30);

/// Most unchecked targets to print one by one; a range has one at its beginning.
const UNCHECKED_MAX: usize = 20;

/// What may be read.
const FEEDS: &str = "name a node's folder of block files with --blocks DIR, a running node with --rpc URL, an Ethereum node with --evm URL, NEM nodes with --nis URL, or files of rows with --table FILE";

/// Reads from whichever feed was named.
pub fn run(args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    if !args.table.is_empty() {
        interrupt::heed()?;
        return table::run(args, context);
    }
    if !args.nis.is_empty() {
        interrupt::heed()?;
        return nis::run(args, context);
    }
    if let Some(url) = &args.evm {
        interrupt::heed()?;
        return evm::run(url, rules(args)?, args, context);
    }
    match (&args.blocks, &args.rpc, args.network) {
        (Some(_), Some(_), _) => {
            Err(Failure::new(Exit::Usage, "the configuration names both a folder of blocks and a node")
                .hint("say which with --blocks DIR or --rpc URL"))
        }
        (None, None, _) => Err(Failure::new(Exit::Usage, "say where the blocks are").hint(FEEDS)),
        (Some(_), None, _) if args.follow => {
            Err(Failure::new(Exit::Usage, "files are not followed")
                .hint("name a running node with --rpc URL or --evm URL"))
        }
        (None, Some(_), Named::Ethereum(_)) => {
            Err(Failure::new(Exit::Usage, "--rpc asks nodes of coins").hint("name an Ethereum node with --evm URL"))
        }
        (Some(blocks), None, Named::Ethereum(rules)) => {
            interrupt::heed()?;
            evm_files::run(blocks, rules, args, context)
        }
        (Some(blocks), None, Named::Coins(network)) => {
            begin()?;
            files::run(blocks, network, args, context)
        }
        (None, Some(url), Named::Coins(network)) => {
            begin()?;
            node::run(url, network, args, context)
        }
    }
}

/// The chain that an Ethereum node is to be of.
fn rules(args: &IngestArgs) -> Outcome<ChainRules> {
    match args.network {
        Named::Ethereum(rules) => Ok(rules),
        Named::Coins(network) => {
            Err(Failure::new(Exit::Usage, format!("--evm reads Ethereum, and --network says {}", network.name()))
                .hint("leave --network out, or say --network ethereum"))
        }
    }
}

fn begin() -> Outcome<()> {
    coinhound_ingest::restart_with_huge_pages();
    interrupt::heed()
}

/// What was said on the command line outranks what the configuration says of the other kind.
pub fn settle(args: &mut IngestArgs, matches: &ArgMatches) {
    let said = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
    if said("table") || said("nis") || said("evm") {
        (args.rpc, args.blocks) = (None, None);
    }
    if said("evm") && !said("network") && matches!(args.network, Named::Coins(_)) {
        args.network = Named::Ethereum(ChainRules::default());
    }
    if said("blocks") {
        args.rpc = None;
    } else if said("rpc") {
        args.blocks = None;
    }
    if said("rpc_cookie") {
        args.rpc_user = None;
    } else if said("rpc_user") {
        args.rpc_cookie = None;
    }
}

/// Prints what a store holds after a load; `more` are facts of the feed.
fn print(loaded: &Loaded, more: Facts, network: Network, args: &IngestArgs, context: &Context) -> Outcome<()> {
    let store = context.store_of(network);
    let (first, last, tip) = loaded.range.expect("a store with nothing in it is told apart before");
    if loaded.stopped && !args.follow {
        tell(&format!("stopped: blocks {first} to {last} are kept; run the same command again to go on from there"));
    }
    let gaps = Gaps::of(loaded).expect("a store with a range has a tip");
    let facts = Facts::new()
        .with("store", store.display().to_string())
        .with("network", network.name())
        .with("blocks", Cell::new(format!("{first} to {last}"), json!({ "first": first.0, "last": last.0 })))
        .with("tip", tip.to_string())
        .with("added", Cell::number(loaded.added))
        .with("displaced by reorganisation/displaced", Cell::number(loaded.removed))
        .with("stale blocks left out/stale", Cell::number(loaded.stale.into()))
        .with("/coins unknown", Cell::new("", loaded.undo_missing.blocks))
        .with("/unchecked targets", Cell::new("", heights(&loaded.unchecked)))
        .with("/stopped", Cell::new("", loaded.stopped))
        .with("/unusable blocks", Cell::new("", gaps.unusable_sheet().json()))
        .and(more);
    context.print_with_facts(&facts, "gaps", &gaps.sheet())?;
    if context.store.is_none() && Named::Coins(network) != context.network {
        tell(&format!("hint: this store is not the default one; ask it with --store {}", store.display()));
    }
    Ok(())
}

fn heights(heights: &[Height]) -> Vec<u32> {
    heights.iter().map(|height| height.0).collect()
}

/// Tells which changes of the target were taken as they are.
fn warn_of_unchecked(loaded: &Loaded) {
    for height in loaded.unchecked.iter().take(UNCHECKED_MAX) {
        tell(&format!(
            "warning: the target of block {height}, the first of its period, could not be checked: the period before is not at hand; its own was taken"
        ));
    }
}

fn load_failure(error: &LoadError) -> Failure {
    match error {
        LoadError::Files(error) => files::files_failure(error),
        LoadError::Node(error) => node_failure(error),
        LoadError::Store(error) => store_failure(error),
        LoadError::Headers(HeaderError::Unanchored { .. }) => {
            Failure::because(Exit::Input, error).hint("say at which height the first block stands with --start-height")
        }
        LoadError::Storage(error) => match disk_advice(error) {
            Some(hint) => Failure::because(Exit::Store, error).hint(hint),
            None => Failure::because(Exit::Store, error),
        },
        LoadError::Headers(_) | LoadError::OtherStart { .. } => Failure::because(Exit::Input, error),
        _ => Failure::because(Exit::Store, error),
    }
}

/// What may pass is told apart from what a node must not do.
fn node_failure(error: &NodeError) -> Failure {
    let failure = Failure::because(if error.is_transient() { Exit::Node } else { Exit::Input }, error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
