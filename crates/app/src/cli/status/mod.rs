//! `status`: what the store holds, and how its node stands.

pub mod node;

use coinhound_model::Ledger;
use serde_json::{Value, json};

use super::accounts;
use super::chain::Chain;
use super::context::Context;
use super::ledger::Opened;
use crate::exit::{Exit, Outcome};
use crate::gaps::Gaps;
use crate::out::{Cell, Facts, Sheet, cell::whole};
use crate::text::grouped;

/// Prints range, tip and counts.
pub fn run(context: &Context) -> Outcome<Exit> {
    let chain = match context.ledger()? {
        Opened::Coins(chain) => chain,
        Opened::Accounts(ledger) => return accounts::status::run(&ledger, context),
    };
    let facts = facts(&chain, context);
    chain.healthy()?;
    let counts = counts(&chain, context);
    let gaps = chain.gaps.as_ref().map(|gaps| (gaps.sheet(), gaps.unusable_sheet()));
    let more = gaps.iter().flat_map(|(holes, bad)| [("", holes), ("", bad)]);
    context.print_with_tables(&facts, ("", &counts), &more.collect::<Vec<_>>())?;
    Ok(Exit::Success)
}

fn facts(chain: &Chain, context: &Context) -> Facts {
    let (as_of, txs) = (chain.view.as_of(), chain.view.counts().txs);
    let time = txs.checked_sub(1).map(|last| chain.view.time(coinhound_model::MovementId(last)));
    let manifest = chain.view.manifest();
    let bytes: u64 = manifest.files.iter().map(|file| file.length).sum();
    let size = format!("{} bytes in {} files", grouped(bytes), manifest.files.len());
    let blocks = json!({ "first": as_of.first.0, "last": as_of.height.0 });
    let list = |of: fn(&Gaps) -> Sheet| chain.gaps.as_ref().map_or(Value::Null, |gaps| of(gaps).json());
    Facts::new()
        .with("store", context.store_path().display().to_string())
        .with("chain", Cell::new(format!("{} ({})", chain.network, as_of.chain), as_of.chain.0.as_str()))
        .with("/network", chain.network.name())
        .with("blocks", Cell::new(format!("{} to {}", as_of.first, as_of.height), blocks))
        .with("tip", as_of.block.to_string())
        .with("tip time", time.map_or_else(|| Cell::none("none"), Cell::time))
        .with("size", Cell::new(size, json!({ "bytes": whole(bytes), "files": manifest.files.len() })))
        .with("veto set", &manifest.params.veto)
        .with("gaps", Cell::new(chain.gaps.as_ref().map_or("not known".to_owned(), Gaps::summary), list(Gaps::sheet)))
        .with("/unusable blocks", Cell::new("", list(Gaps::unusable_sheet)))
        .with("/counts", Cell::new("", counted(chain)))
        .with("node", node::cell(chain, context))
}

/// How many rows of what there are: the words of the table, and the field of the JSON.
fn rows(chain: &Chain) -> [(&'static str, &'static str, u64); 8] {
    let counts = chain.view.counts();
    [
        ("transactions", "transactions", counts.txs),
        ("inputs", "inputs", counts.inputs),
        ("outputs", "outputs", counts.outputs),
        ("addresses", "addresses", counts.addresses),
        ("coins made before the range", "foreign_coins", counts.foreign),
        ("scripts kept verbatim", "scripts", counts.scripts),
        ("same-key merges", "same_key_merges", counts.t0),
        ("co-spend merges", "co_spend_merges", counts.t1),
    ]
}

fn counted(chain: &Chain) -> Value {
    Value::Object(rows(chain).into_iter().map(|(_, field, count)| (field.to_owned(), whole(count))).collect())
}

fn counts(chain: &Chain, context: &Context) -> Sheet {
    let number = |count: u64| if context.format == super::Format::Table { grouped(count) } else { count.to_string() };
    let mut sheet = Sheet::new(&["rows", ">count"]);
    rows(chain).into_iter().for_each(|(name, _, count)| sheet.push([name.to_owned(), number(count)]));
    sheet
}
