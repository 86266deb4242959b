//! `status` of a store of accounts: what it holds, and what stands behind it.

use coinhound_model::{AccountLedger, MovementId};
use coinhound_store::Tier;
use serde_json::{Value, json};

use super::chain::Accounts;
use super::nodes;
use crate::cli::Format;
use crate::cli::context::Context;
use crate::ethereum::is_evm;
use crate::exit::{Exit, Outcome};
use crate::money::ToldBy;
use crate::out::{Cell, Facts, Sheet, cell::whole};
use crate::report::html::utc;
use crate::report::words;
use crate::supply::{File, Supply};
use crate::text::grouped;

/// Most assets to print; JSON holds all.
const ASSETS_MAX: u32 = 20;

/// Prints range, tip, counts, assets and where supplied rows come from.
pub fn run(ledger: &Accounts, context: &Context) -> Outcome<Exit> {
    let facts = facts(ledger, context);
    let (counts, assets, files) = (counts(ledger, context), assets(ledger, context), files(ledger.supply.as_ref()));
    let skipped = skipped(ledger.supply.as_ref());
    ledger.healthy()?;
    let more = [("assets", &assets), ("files", &files), ("skipped_rows", &skipped)];
    context.print_with_tables(&facts, ("", &counts), &more)?;
    Ok(Exit::Success)
}

fn facts(ledger: &Accounts, context: &Context) -> Facts {
    let (view, as_of) = (&ledger.view, ledger.view.as_of());
    let time = view.movements().end.checked_sub(1).map(|last| view.time(MovementId(last)));
    let manifest = view.manifest();
    let bytes: u64 = manifest.files.iter().map(|file| file.length).sum();
    let size = format!("{} bytes in {} files", grouped(bytes), manifest.files.len());
    let blocks = json!({ "first": as_of.first.0, "last": as_of.height.0 });
    let begins = if view.is_complete() && is_evm(&as_of.chain) {
        "with block 0 and the balances that somebody supplied for it"
    } else if view.is_complete() {
        "where every balance is zero"
    } else {
        "later: what was held before is not known, where nobody supplied it"
    };
    let facts = Facts::new()
        .with("store", context.store_path().display().to_string())
        .with("chain", Cell::new(format!("{} ({})", ledger.network(), as_of.chain), as_of.chain.0.as_str()))
        .with("/network", ledger.network())
        .with("evidence", words::evidence(view.is_supplied()))
        .with(
            &format!("{}s/blocks", ledger.block_word()),
            Cell::new(format!("{} to {}", as_of.first, as_of.height), blocks),
        )
        .with("tip", ledger.hash(&as_of.block))
        .with("tip time", time.map_or_else(|| Cell::none("none"), |time| Cell::new(format!("{} UTC", utc(time)), time)))
        .with("begins/complete", Cell::new(begins, view.is_complete()))
        .with("size", Cell::new(size, json!({ "bytes": whole(bytes), "files": manifest.files.len() })))
        .with("rows left out/skipped", skipped_told(ledger))
        .with("/counts", Cell::new("", counted(ledger)));
    let facts = if view.is_supplied() { facts } else { facts.with("node", nodes::cell(ledger, context)) };
    ledger.and_missing(facts)
}

fn skipped_told(ledger: &Accounts) -> Cell {
    match &ledger.supply {
        Some(supply) => Cell::number(supply.skipped()),
        None if ledger.view.is_supplied() => Cell::none("not known: no note of the load lies beside the store"),
        None => Cell::new("none", 0),
    }
}

/// How many rows of what there are: the words of the table, and the field of the JSON.
fn rows(ledger: &Accounts) -> [(&'static str, &'static str, u64); 7] {
    let counts = ledger.view.counts();
    [
        ("transactions", "transactions", counts.txs),
        ("movements", "movements", counts.moves),
        ("accounts", "accounts", counts.addresses),
        ("balances", "balances", counts.holdings),
        ("assets", "assets", counts.assets),
        ("notes", "notes", counts.notes),
        ("same-control merges", "same_control_merges", ledger.view.merge_count(Tier::T0)),
    ]
}

fn counted(ledger: &Accounts) -> Value {
    Value::Object(rows(ledger).into_iter().map(|(_, field, count)| (field.to_owned(), whole(count))).collect())
}

fn counts(ledger: &Accounts, context: &Context) -> Sheet {
    let number = |count: u64| if context.format == Format::Table { grouped(count) } else { count.to_string() };
    let mut sheet = Sheet::new(&["rows", ">count"]);
    rows(ledger).into_iter().for_each(|(name, _, count)| sheet.push([name.to_owned(), number(count)]));
    sheet
}

fn assets(ledger: &Accounts, context: &Context) -> Sheet {
    let mut sheet = Sheet::new(&["asset/ticker", "id", ">decimals", "told by"]);
    let all = if context.format == Format::Json { ledger.view.assets() } else { ledger.view.assets().min(ASSETS_MAX) };
    for asset in (0..all).map(|asset| ledger.asset(asset)) {
        let decimals = Cell::maybe_number(asset.decimals.map(u64::from), "not known");
        let told = match (asset.told_by, asset.decimals) {
            (ToldBy::Ledger, None) => Cell::none("nobody"),
            (told_by, _) => Cell::from(told_by.name()),
        };
        sheet.push([Cell::new(asset.name(), asset.ticker.as_str()), Cell::from(&asset.id), decimals, told]);
    }
    sheet
}

/// The files of a supplied ledger.
pub fn files(supply: Option<&Supply>) -> Sheet {
    let mut sheet =
        Sheet::new(&["file", "map", ">rows", ">left out by the map/filtered", ">left out as bad/skipped", "digest"]);
    for file in supply.iter().flat_map(|supply| &supply.files) {
        sheet.push([
            Cell::from(&file.name.0),
            Cell::from(&file.map.0),
            Cell::number(file.rows),
            Cell::number(file.filtered),
            Cell::number(file.bad),
            Cell::from(&file.digest),
        ]);
    }
    sheet
}

/// The rows that were left out because they could not be read.
pub fn skipped(supply: Option<&Supply>) -> Sheet {
    let mut sheet = Sheet::new(&["row left out of/file", ">line", "why/reason"]);
    let rows = |file: &File| file.skipped.iter().map(|row| (file.name.clone(), row.clone())).collect::<Vec<_>>();
    for (name, row) in supply.iter().flat_map(|supply| &supply.files).flat_map(rows) {
        sheet.push([Cell::from(&name.0), Cell::number(row.line), Cell::from(&row.reason.0)]);
    }
    sheet
}
