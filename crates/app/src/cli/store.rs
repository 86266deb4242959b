//! `store`: check every byte, and make a damaged derived table anew.

use coinhound_chains::bitcoin::Network;
use coinhound_store::check;
use coinhound_store::storage::DiskStorage;

use super::chain::{Chain, store_failure};
use super::context::Context;
use super::options::{StoreAction, StoreArgs};
use super::progress::Progress;
use crate::exit::{Exit, Outcome};
use crate::out::Sheet;
use crate::text::grouped;

/// Runs the action.
pub fn run(args: &StoreArgs, context: &Context) -> Outcome<Exit> {
    match &args.action {
        StoreAction::Check => check(context),
        StoreAction::Rebuild { role } => rebuild(role, context),
    }
}

/// Verifies pages, layout and derived tables. Damage is data: it is printed, and told by the exit code.
fn check(context: &Context) -> Outcome<Exit> {
    let folder = context.store_path(Network::Main);
    Chain::require(&folder)?;
    let mut progress = Progress::new();
    let mut done = 0;
    let report = check::check(&DiskStorage::new(&folder), &mut |role| {
        done += 1;
        progress.stage("checking", 0);
        progress.note(done, role);
    });
    progress.finish();
    let report = report.map_err(|error| store_failure(&error))?;
    let mut sheet = Sheet::new(&["finding"]);
    report.findings.iter().for_each(|finding| sheet.push([finding.to_string()]));
    let verdict =
        if report.findings.is_empty() { "sound".to_owned() } else { format!("{} findings", report.findings.len()) };
    let facts = [
        ("store", folder.display().to_string()),
        ("verified", format!("{} bytes in {} files", grouped(report.bytes), report.files)),
        ("derived tables made anew and compared", report.compared.to_string()),
        ("verdict", verdict),
    ];
    context.print_with_facts(&facts, "findings", &sheet)?;
    if report.findings.is_empty() {
        return Ok(Exit::Success);
    }
    super::tell(
        "\nhint: `coinhound store rebuild ROLE` makes a derived table anew; damaged facts are read again with `coinhound ingest` into a new store",
    );
    Ok(Exit::Store)
}

fn rebuild(role: &str, context: &Context) -> Outcome<Exit> {
    let folder = context.store_path(Network::Main);
    Chain::require(&folder)?;
    let file = check::rebuild(&DiskStorage::new(&folder), role).map_err(|error| store_failure(&error))?;
    super::tell(&format!("`{role}` made anew: {} bytes, as the manifest names them", grouped(file.length)));
    Ok(Exit::Success)
}
