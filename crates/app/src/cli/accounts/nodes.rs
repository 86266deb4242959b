//! How the nodes of an account ledger stood at the last contact, in one cell of `status`.

use coinhound_model::{AccountLedger, MovementId};
use serde_json::{Value, json};

use super::chain::{Accounts, Naming};
use crate::cli::context::Context;
use crate::cli::status::node::{span, unreachable};
use crate::out::Cell;
use crate::standing::{Relation, Standing};
use crate::text::grouped;

/// A newest block older than so many seconds says that the nodes lost the network: NEM's come every minute, Ethereum's
/// every twelve seconds and are final some fifteen minutes later.
const OLD_SECS: u64 = 2 * 3_600;

/// The last contact; nothing where no node was ever asked.
pub fn cell(ledger: &Accounts, context: &Context) -> Cell {
    let Some(standing) = Standing::read(&context.store_path()) else { return Cell::none("none was asked") };
    let now = u64::try_from(context.now).unwrap_or(0);
    let lag = standing.lag(ledger.view.manifest().tip.height);
    let age = age(&standing, ledger, lag);
    Cell::new(told(&standing, lag, age, now), value(&standing, lag, age))
}

/// How old the nodes' newest block was when they answered, where the store holds it and it is too old.
fn age(standing: &Standing, ledger: &Accounts, lag: Option<u64>) -> Option<u64> {
    let is_live = standing.until.parse::<u64>().is_err() && matches!(ledger.naming, Naming::Nem(_) | Naming::Evm(1));
    let last = ledger.tip().ok()?.movements().end.checked_sub(1)?;
    let time = u64::from(ledger.tip().ok()?.time(MovementId(last)));
    let age = standing.answered?.saturating_sub(time);
    (is_live && lag == Some(0) && age > OLD_SECS).then_some(age)
}

fn told(standing: &Standing, lag: Option<u64>, age: Option<u64>, now: u64) -> String {
    let mut parts = Vec::new();
    parts.extend(standing.error.as_ref().map(unreachable));
    parts.extend(age.map(|age| format!("OLD, the newest block is {} old", span(age))));
    match (standing.relation, lag) {
        (Relation::NodeBehind, _) => parts.push("BEHIND, without the store's newest block".to_owned()),
        (Relation::LowerBranch, _) => {
            parts.push("ON ANOTHER BRANCH than the store's, not as high yet: nothing was taken back".to_owned());
        }
        (Relation::Following, Some(0)) => parts.push(format!("the store holds its {}", newest(standing))),
        (Relation::Following, Some(lag)) => {
            parts.push(format!("the store is {} blocks behind its {}", grouped(lag), newest(standing)));
        }
        (Relation::Following, None) => {}
    }
    let urls: Vec<&str> = standing.nodes.iter().map(|node| node.url.as_str()).collect();
    let ago = span(now.saturating_sub(standing.asked));
    format!("{}: {}; asked {ago} ago", urls.join(", "), parts.join("; "))
}

/// `newest finalized block, height 21,000,000`.
fn newest(standing: &Standing) -> String {
    let height = standing.nodes.iter().filter_map(|node| node.height).min().unwrap_or(0);
    match standing.until.as_str() {
        until @ ("finalized" | "safe") => format!("newest {until} block, height {}", grouped(height)),
        "latest" => format!("newest block, height {}", grouped(height)),
        _ => format!("block at the height that was asked for, {}", grouped(height)),
    }
}

fn value(standing: &Standing, lag: Option<u64>, age: Option<u64>) -> Value {
    let error = standing.error.as_ref().map(|error| {
        json!({ "message": error.message, "hint": error.hint, "attempts": error.attempts, "since": error.since })
    });
    let nodes: Vec<Value> =
        standing.nodes.iter().map(|node| json!({ "url": node.url, "height": node.height })).collect();
    json!({
        "nodes": nodes, "until": standing.until, "asked": standing.asked, "answered": standing.answered,
        "error": error, "relation": standing.relation.told(), "store_lag": lag, "tip_age": age,
    })
}
