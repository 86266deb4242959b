//! `report`: a kept run, made again from the chain and written down.

use std::path::{Path, PathBuf};

use coinhound_model::AsOf;
use serde_json::json;

use super::args::Format;
use super::context::{Context, case_failure};
use super::emit;
use super::ledger::{By, Opened};
use super::options::ReportArgs;
use crate::case::{Case, Run};
use crate::exit::{Attempt, Exit, Failure, OrFail, OrName, Outcome};
use crate::out::json as print_json;
use crate::report::{Document, Parameters, csv, html, json as report_json};

/// The files of every report.
pub const FILES: [&str; 4] = ["report.html", "report.json", "hops.csv", "ends.csv"];

/// One more, where value was converted.
const CONVERSIONS: &str = "conversions.csv";

/// Writes the report and prints where it lies.
pub fn run(args: &ReportArgs, context: &Context) -> Outcome<Exit> {
    let case = context.open_case()?;
    let (id, run) = pick(&case, args.run)?;
    let ledger = Opened::open(&context.store_path(), Some(run.height))?;
    check_block(&run, ledger.as_of())?;
    let parameters: Parameters = serde_json::from_str(&run.parameters).or_exit(Exit::Store)?;
    let document = ledger.trace(&case, By::Parameters(&parameters), 2)?;
    check_findings(id, &run, &document)?;
    let name = document.case.to_string();
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{name}-report")));
    write(&document, &folder)?;
    let more = csv::has_conversions(&document).then_some(CONVERSIONS);
    let files = FILES.into_iter().chain(more).map(|name| folder.join(name).display().to_string());
    let files: Vec<String> = files.collect();
    match context.format {
        Format::Json => emit(&print_json::pretty(&json!({ "run": id, "page": files[0], "files": files })))?,
        Format::Table | Format::Csv => emit(&format!("{}\n", files[0]))?,
    }
    Ok(Exit::Success)
}

fn pick(case: &Case, wanted: Option<i64>) -> Outcome<(i64, Run)> {
    let mut runs = case.runs().map_err(|error| case_failure(&error))?;
    let found = match wanted {
        None => runs.pop(),
        Some(id) => runs.into_iter().find(|(known, _)| *known == id),
    };
    let message =
        wanted.map_or_else(|| "the case has no trace to report".to_owned(), |id| format!("the case has no run {id}"));
    found.ok_or_else(|| {
        Failure::new(Exit::NotFound, message).hint("run `coinhound trace` first; `coinhound case show` lists the runs")
    })
}

/// A report never mixes two histories.
fn check_block(run: &Run, as_of: &AsOf) -> Outcome<()> {
    if as_of.chain == run.chain && as_of.block == run.block {
        return Ok(());
    }
    let message = format!(
        "the run holds as of block {} at height {}, but this store has {} there",
        run.block, run.height, as_of.block
    );
    Err(Failure::new(Exit::NotFound, message)
        .hint("the chain was reorganised since, or the store is another one: run `coinhound trace` again"))
}

/// The run made again must find what it found: otherwise seeds changed in between.
fn check_findings(id: i64, run: &Run, document: &Document) -> Outcome<()> {
    let trails = document.thefts.iter().flat_map(|theft| &theft.trails);
    let now = trails.flat_map(|trail| trail.ends.iter().map(|end| &end.finding.id));
    if now.eq(run.findings.iter().map(|finding| &finding.id)) {
        return Ok(());
    }
    let message = format!("run {id} does not find today what it found when it was kept");
    Err(Failure::new(Exit::Input, message).hint("the case's seeds were changed since: run `coinhound trace` again"))
}

/// Writes the files. Each replaces what stood there only when it is whole; one that an earlier report left and this one
/// has not is taken away.
pub(super) fn write(document: &Document, folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder).or_name(Exit::Failure, Attempt::Create, folder)?;
    let contents = [
        html::page(document),
        print_json::pretty(&report_json::value(document)),
        csv::hops(document),
        csv::ends(document),
    ];
    for (name, content) in FILES.iter().zip(contents) {
        replace(&folder.join(name), &content)?;
    }
    let conversions = folder.join(CONVERSIONS);
    if csv::has_conversions(document) {
        return replace(&conversions, &csv::conversions(document));
    }
    match std::fs::remove_file(&conversions) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).or_name(Exit::Failure, Attempt::Remove, &conversions)
        }
        _ => Ok(()),
    }
}

fn replace(file: &Path, content: &str) -> Outcome<()> {
    let unfinished = file.with_extension("unfinished");
    std::fs::write(&unfinished, content).or_name(Exit::Failure, Attempt::Write, &unfinished)?;
    std::fs::rename(&unfinished, file).or_name(Exit::Failure, Attempt::Write, file)
}
