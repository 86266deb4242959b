//! `ingest --evm`: Ethereum from a running node, recomputed block by block, once or for as long as nobody interrupts.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::evm::ChainRules;
use coinhound_chains::evm::rpc::{Auth, Endpoint, EndpointError, EvmError, EvmNode, Limits, Place};
use coinhound_ingest::evm::{EvmRelation, evm_chain};
use coinhound_ingest::{
    Control, EvmLoadError, EvmOptions, EvmOutcome, EvmProgress, EvmReport, FollowOptions, follow_evm, load_evm,
};
use coinhound_model::Height;
use coinhound_store::storage::DiskStorage;

use super::accounts::{LATER, Watcher, facts, lag_cell, last_words, storage_failure, store_side};
use super::node::{Wall, wait};
use super::openings;
use crate::cli::context::Context;
use crate::cli::network::other_chain;
use crate::cli::options::IngestArgs;
use crate::cli::{interrupt, tell};
use crate::exit::{Exit, Failure, Outcome};
use crate::out::{Cell, Sheet};
use crate::standing::{NodeHeight, Relation, Standing};
use crate::text::grouped;

/// Reads the node and prints what the store now holds.
pub fn run(url: &str, rules: ChainRules, args: &IngestArgs, context: &Context) -> Outcome<Exit> {
    let mut node = open(url, rules)?;
    let openings = args.openings.as_deref().map(openings::read).transpose()?;
    let chain = evm_chain(rules);
    let store = context.store_of_ledger(&chain);
    let storage = DiskStorage::new(&store);
    storage.create_root().map_err(|error| storage_failure(&error))?;
    let options = EvmOptions {
        start: args.start_height.map(Height),
        until: args.until,
        openings,
        ..EvmOptions::new(u64::try_from(context.now).unwrap_or(0))
    };
    let asked = Asked { url: public(node.url()), until: args.until };
    let secret = node.url().to_owned();
    let mut watcher = Watcher::new(&store, "the node", args.follow, context);
    let mut watch = |step: EvmProgress<'_>| watched(&step, &asked, &mut watcher);
    let loaded = if args.follow {
        let follow = FollowOptions { poll: Duration::from_secs(args.poll), ..FollowOptions::default() };
        let mut clock = Wall { fixed: context.fixed_now };
        follow_evm(&mut node, Arc::new(storage), &options, &follow, &mut clock, &mut watch)
    } else {
        load_evm(&mut node, Arc::new(storage), &options, &mut watch)
    };
    watcher.finish();
    match loaded {
        Ok(loaded) => {
            watcher.nodes(asked.standing(&loaded.report), loaded.report.trouble.as_ref());
            print(&loaded, &asked, rules, &store, &watcher, args, context)
        }
        Err(EvmLoadError::Node(error)) if interrupt::asked() => {
            let error = error.to_string().replace(&secret, &asked.url);
            tell(&format!("stopped while the node was asked ({error}); what was committed is kept"));
            Ok(Exit::Partial)
        }
        Err(error) => {
            let failure = without(failure(&error), &secret, &asked.url);
            if error.is_of_the_node() {
                watcher.failed(asked.standing(&EvmReport::default()), &failure);
            }
            Err(failure)
        }
    }
}

/// An Ethereum node by its address.
///
/// # Errors
/// An address that is none.
pub fn open(url: &str, rules: ChainRules) -> Outcome<EvmNode<'static>> {
    let endpoint = Endpoint::parse(url, Auth::None).map_err(|error| {
        let failure = Failure::because(Exit::Usage, &error);
        match endpoint_hint(&error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    Ok(EvmNode::new(endpoint, rules, Limits::default()).with_sleep(Box::new(wait)))
}

fn endpoint_hint(error: &EndpointError) -> Option<String> {
    Some(match error {
        EndpointError::NotAUrl { .. } => "write it as `http://127.0.0.1:8545`".into(),
        EndpointError::Scheme { .. } => {
            "only plain HTTP is spoken here (port 8545): reach a node by TLS through a tunnel of your own".into()
        }
        EndpointError::NoPort { host } => format!("add the node's JSON-RPC port, such as `http://{host}:8545`"),
        _ => return error.hint(),
    })
}

/// A node's address without its path, in which gateways have their keys.
#[must_use]
pub fn public(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.split_once('/') {
        Some((host, path)) if !path.is_empty() => format!("{scheme}://{host}/***"),
        Some((host, _)) => format!("{scheme}://{host}"),
        None => url.to_owned(),
    }
}

/// A failure that names the node by what may be printed.
#[must_use]
pub fn without(failure: Failure, secret: &str, public: &str) -> Failure {
    let clean = |text: String| text.replace(secret, public);
    Failure {
        exit: failure.exit,
        message: clean(failure.message),
        causes: failure.causes.into_iter().map(clean).collect(),
        hint: failure.hint.map(clean),
    }
}

/// Which node was asked, and for what.
struct Asked {
    url: String,
    until: Place,
}

impl Asked {
    fn until(&self) -> String {
        match self.until {
            Place::Number(height) => height.to_string(),
            named => named.to_string(),
        }
    }

    fn standing(&self, report: &EvmReport) -> Standing {
        let relation = match report.relation {
            EvmRelation::NodeBehind => Relation::NodeBehind,
            EvmRelation::LowerBranch => Relation::LowerBranch,
            _ => Relation::Following,
        };
        let node = NodeHeight { url: self.url.clone(), height: report.node };
        let height = report.ours.map(|(height, _)| height.0);
        Standing { nodes: vec![node], until: self.until(), height, relation, ..Standing::default() }
    }
}

fn watched(step: &EvmProgress<'_>, asked: &Asked, watcher: &mut Watcher) -> Control {
    match step {
        EvmProgress::Node(report) => watcher.nodes(asked.standing(report), report.trouble.as_ref()),
        EvmProgress::Block { height, tip, .. } => watcher.block(*height, *tip),
        EvmProgress::Waiting { .. } => watcher.waiting(),
        EvmProgress::Committed(_) => watcher.committed(),
        _ => watcher.control(),
    }
}

fn print(
    loaded: &EvmOutcome,
    asked: &Asked,
    rules: ChainRules,
    store: &Path,
    watcher: &Watcher,
    args: &IngestArgs,
    context: &Context,
) -> Outcome<Exit> {
    let report = &loaded.report;
    warn_of_untraced(report.untraced_blocks);
    let facts = facts(&loaded.accounts, &evm_chain(rules), store, LATER)?;
    if watcher.told_as_events(&loaded.accounts, &evm_chain(rules), args.follow) {
        return Ok(Exit::Success);
    }
    let standing = asked.standing(report);
    let lag = standing.height.and_then(|ours| standing.lag(ours));
    if !args.follow {
        tell(&watcher.pace().told());
    }
    let facts = facts
        .with("node", asked.url.as_str())
        .with("read up to/until", asked.until())
        .with("stands/store lag", lag_cell(lag, "the node's block of that kind"))
        .with("relation", standing.relation.told())
        .with("blocks added without traces/untraced", Cell::number(report.untraced_blocks))
        .with("/stopped", Cell::new("", loaded.stopped))
        .with("/speed", Cell::new("", watcher.pace().json()));
    context.print_with_facts(&facts, "", &Sheet::new(&[]))?;
    last_words(loaded.stopped, args.follow, store, context);
    let is_read = lag == Some(0) && standing.relation == Relation::Following;
    let whole = is_read && !loaded.stopped && report.trouble.is_none() && report.untraced_blocks == 0;
    Ok(if whole || args.follow { Exit::Success } else { Exit::Partial })
}

/// Tells that what contracts passed on is not in the store.
pub fn warn_of_untraced(blocks: u64) {
    if blocks > 0 {
        tell(&format!(
            "warning: the node told no traces of {} blocks: what contracts passed on inside their transactions is not known, and every answer says so",
            grouped(blocks)
        ));
    }
}

/// What may pass is told apart from what a node must not do, and both from what the store refuses.
pub fn failure(error: &EvmLoadError) -> Failure {
    let failure = match error {
        EvmLoadError::Accounts(error) => return store_side(error),
        EvmLoadError::Node(EvmError::OtherChain { got, .. }) => {
            let failure = Failure::because(Exit::Input, error);
            if let Some(name) = got.parse().ok().and_then(other_chain) {
                return failure.hint(format!("that is {name}, which is not read yet: name a node of Ethereum itself"));
            }
            failure
        }
        error if error.is_transient() => Failure::because(Exit::Node, error),
        error => Failure::because(Exit::Input, error),
    };
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_an_address_is_never_printed() {
        assert_eq!(public("http://127.0.0.1:8545/"), "http://127.0.0.1:8545");
        assert_eq!(public("http://gateway:80/v3/sesame"), "http://gateway:80/***");
        let told = Failure::new(Exit::Node, "no answer at http://gateway:80/v3/sesame").hint("x");
        let clean = without(told, "http://gateway:80/v3/sesame", "http://gateway:80/***");
        assert!(!clean.to_string().contains("sesame"), "{clean}");
    }
}
