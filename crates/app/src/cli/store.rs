//! `store`: check every byte, and make a damaged derived table anew.

use coinhound_store::check;
use coinhound_store::storage::DiskStorage;
use serde_json::json;

use super::chain::{Chain, store_failure};
use super::context::Context;
use super::options::{StoreAction, StoreArgs};
use super::progress::Progress;
use crate::exit::{Exit, Outcome};
use crate::out::{Cell, Facts, Sheet, cell::whole};
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
    let folder = context.store_path();
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
    let sound = report.findings.is_empty();
    let verdict = if sound { "sound".to_owned() } else { format!("{} findings", report.findings.len()) };
    let verified = format!("{} bytes in {} files", grouped(report.bytes), report.files);
    let facts = Facts::new()
        .with("store", folder.display().to_string())
        .with("verified", Cell::new(verified, json!({ "bytes": whole(report.bytes), "files": report.files })))
        .with("derived tables made anew and compared/compared", Cell::number(report.compared))
        .with("verdict/sound", Cell::new(verdict, sound));
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
    let folder = context.store_path();
    Chain::require(&folder)?;
    let file = check::rebuild(&DiskStorage::new(&folder), role).map_err(|error| store_failure(&error))?;
    let facts = Facts::new().with("table", role).with("bytes", Cell::number(file.length));
    context.done(&format!("`{role}` made anew: {} bytes, as the manifest names them", grouped(file.length)), &facts)
}
