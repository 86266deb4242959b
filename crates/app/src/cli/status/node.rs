//! How the node stood at the last contact: what is wrong with it is named, and how long ago that was.

use serde_json::{Value, json};

use crate::cli::chain::Chain;
use crate::cli::context::Context;
use crate::contact::{Ailment, Contact, ContactError, NodeWord, spacing_secs};
use crate::out::Cell;
use crate::report::html::utc;
use crate::text::grouped;

/// The last contact in one cell; nothing where no node was ever asked.
pub fn cell(chain: &Chain, context: &Context) -> Cell {
    match Contact::read(&context.store_path()) {
        None => Cell::none("none was asked"),
        Some(contact) => {
            let ailments = contact.ailments(spacing_secs(chain.network));
            let lag = lag(&contact, chain);
            Cell::new(told(&contact, &ailments, lag, context.now), value(&contact, &ailments, lag))
        }
    }
}

/// How many blocks the store is behind what the node said it had.
fn lag(contact: &Contact, chain: &Chain) -> Option<u32> {
    let tip = chain.view.manifest().tip.height;
    Some(contact.node.as_ref()?.blocks.saturating_sub(tip))
}

/// `http://127.0.0.1:8332: the store is at its newest block, height 800,000; asked 3 min ago`.
fn told(contact: &Contact, ailments: &[Ailment], lag: Option<u32>, now: i64) -> String {
    let mut parts: Vec<String> = ailments.iter().map(|ailment| words(ailment, contact)).collect();
    match (&contact.node, lag) {
        (Some(node), Some(0)) if !contact.node_behind => {
            parts.push(format!("the store holds its newest block, height {}", grouped(node.blocks)));
        }
        (Some(node), Some(lag)) if lag > 0 => {
            parts.push(format!("the store is {} blocks behind its height {}", grouped(lag), grouped(node.blocks)));
        }
        _ => {}
    }
    if let Some(warnings) = contact.node.as_ref().map(|node| &node.warnings).filter(|list| !list.is_empty()) {
        let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        parts.push(format!("it warns: {}", warnings.join("; ")));
    }
    let ago = u64::try_from(now).unwrap_or(0).saturating_sub(contact.asked);
    format!("{}: {}; asked {} ago", contact.url, parts.join("; "), span(ago))
}

fn words(ailment: &Ailment, contact: &Contact) -> String {
    match ailment {
        Ailment::Unreachable { .. } => contact.error.as_ref().map(unreachable).unwrap_or_default(),
        Ailment::InitialDownload => "LOADING its chain for the first time".to_owned(),
        Ailment::Lagging { blocks } => {
            format!("LAGGING, {} blocks behind the headers it knows", grouped(blocks))
        }
        Ailment::OldTip { age } => format!("OLD, its newest blocks are {} old", span(*age)),
        Ailment::Stuck { secs } => {
            format!("STUCK, no new block for {}, which chance does not explain", span(*secs))
        }
        Ailment::Behind => "BEHIND, it does not have the store's newest block".to_owned(),
    }
}

/// `UNREACHABLE since 2026-01-01 00:00:00 UTC, failed 3 times: no answer`.
pub fn unreachable(error: &ContactError) -> String {
    let times = if error.attempts == 1 { "once".to_owned() } else { format!("{} times", error.attempts) };
    format!("UNREACHABLE since {} UTC, failed {times}: {}", moment(error.since), error.message)
}

fn moment(seconds: u64) -> String {
    u32::try_from(seconds).map_or_else(|_| seconds.to_string(), utc)
}

/// `45 s`, `12 min`, `5 h`, `3 days`: rounded down.
pub fn span(secs: u64) -> String {
    match secs {
        0..120 => format!("{secs} s"),
        120..7_200 => format!("{} min", secs / 60),
        7_200..172_800 => format!("{} h", secs / 3_600),
        _ => format!("{} days", grouped(secs / 86_400)),
    }
}

fn value(contact: &Contact, ailments: &[Ailment], lag: Option<u32>) -> Value {
    let error = contact.error.as_ref().map(|error| {
        json!({ "message": error.message, "hint": error.hint, "attempts": error.attempts, "since": error.since })
    });
    json!({
        "url": contact.url, "asked": contact.asked, "answered": contact.answered, "error": error,
        "states": ailments.iter().map(Ailment::name).collect::<Vec<_>>(), "store_lag": lag,
        "tip_since": contact.tip_since, "says": contact.node.as_ref().map(says),
    })
}

/// The node's own word.
fn says(node: &NodeWord) -> Value {
    json!({
        "chain": node.chain, "blocks": node.blocks, "headers": node.headers, "best": node.best,
        "median_time": node.median_time, "initial_download": node.initial_download, "pruned": node.pruned,
        "prune_height": node.prune_height, "warnings": node.warnings, "connections": node.connections,
        "agent": node.agent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_unit_that_says_most() {
        assert_eq!(
            [span(0), span(119), span(120), span(7_199), span(7_200), span(172_800)],
            ["0 s", "119 s", "2 min", "119 min", "2 h", "2 days"]
        );
    }
}
