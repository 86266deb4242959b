//! What is told of the theft at Coincheck: the eleven transfers as a supplied table, through the same way as any other.

use std::path::Path;
use std::sync::Arc;

use coinhound_analysis::trace::accounts::expand_account;
use coinhound_chains::table::{TableFile, TableMap};
use coinhound_model::AccountLedger;

use super::{Told, annex, create, defaults, open, put};
use crate::case::Seed;
use crate::cli::accounts::{Accounts, seed};
use crate::cli::args::Format;
use crate::cli::context::{Context, case_failure};
use crate::cli::ingest::table;
use crate::cli::ledger::Opened;
use crate::cli::{emit, report, result, tag, tell, trace};
use crate::exit::{Exit, OrFail, Outcome};
use crate::register::coincheck;

/// Loads, traces and reports it, and says where the report lies.
pub fn run(folder: &Path, context: &Context) -> Outcome<Told> {
    tell(
        "1. what is told of the theft at Coincheck, 26 January 2018: a supplied table, not verified against a chain\n",
    );
    create(folder)?;
    put(&folder.join("transfers.csv"), coincheck::transfers_csv())?;
    put(&folder.join("map.toml"), coincheck::map_toml())?;
    put(&folder.join("tags.yaml"), coincheck::tagpack())?;
    let store = folder.join("store");
    load(&store, context)?;
    let ledger = Accounts::open(&store, None)?;
    let mut case = open(&folder.join("coincheck.case"), "Coincheck 2018", context)?;
    tag::import_into(&mut case, &folder.join("tags.yaml"), &tag::Choices::default(), context)?;
    case.add_seeds(&seeds(&ledger)?, &context.stamp()).map_err(|error| case_failure(&error))?;
    let (mut document, _) = trace::trace(&defaults(), &mut case, &Opened::Accounts(Box::new(ledger)), context)?;
    document.annex = annex::coincheck();
    report::write(&document, &folder.join("report"))?;
    if context.format == Format::Table {
        result::print(&document, context)?;
        emit(&annex::lines())?;
    }
    Ok(Told { document, page: folder.join("report").join(report::FILES[0]) })
}

fn load(store: &Path, context: &Context) -> Outcome<()> {
    let map = TableMap::parse(coincheck::map_toml()).or_exit(Exit::Failure)?;
    let bytes = coincheck::transfers_csv().as_bytes().to_vec();
    let file = TableFile { name: "transfers.csv".to_owned(), bytes, map: Arc::new(map) };
    table::load(vec![file], &["map.toml"], None, false, store, context.now).map(|_| ())
}

/// The eleven transfers: everything that the thief's first account was credited with.
fn seeds(ledger: &Accounts) -> Outcome<Vec<Seed>> {
    let thief = ledger.find_account(coincheck::THIEF)?;
    let credits = expand_account(&ledger.view, thief, ledger.view.as_of().height).or_exit(Exit::Store)?;
    credits.iter().map(|credit| seed::of(ledger, credit.movement, "theft", "one of the eleven transfers")).collect()
}
