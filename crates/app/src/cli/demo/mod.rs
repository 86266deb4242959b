//! `demo`: the theft at Coincheck as far as it is told, then a made chain that goes on where sources end; or the Bitcoin
//! story. On this machine alone, through the same code as every other verb.

mod annex;
mod bitcoin;
mod coincheck;
mod reconstruction;
mod swaps;
mod truth;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde_json::json;

use super::args::{Cli, Command, Format};
use super::context::{Context, case_failure};
use super::options::{DemoArgs, Story, TraceArgs};
use super::{emit, tell};
use crate::case::Case;
use crate::exit::{Attempt, Exit, Failure, OrName, Outcome};
use crate::out::json as print_json;
use crate::report::{Document, csv, json as report_json};

/// The file that says a folder is a demo's to clear. Written before anything else.
const MARK: &str = ".coinhound-demo";

const MARK_TEXT: &str = "`coinhound demo` made this folder and replaces what it put here when it runs again.\n";

/// What the demo puts into its folder, and all it ever removes there.
const PARTS: [&str; 8] =
    ["blocks", "store", "report", "services.yaml", "truth.json", "demo.case", "coincheck", "reconstruction"];

/// Runs the demo.
pub fn run(args: &DemoArgs, context: &Context) -> Outcome<Exit> {
    let folder = args.out.clone().unwrap_or_else(|| context.folders.demo());
    claim(&folder)?;
    match args.story {
        Story::Bitcoin => bitcoin::run(args.seed.unwrap_or(2018), &folder, context),
        Story::Coincheck => {
            let told = coincheck::run(&folder.join("coincheck"), context)?;
            let made = reconstruction::run(args.seed.unwrap_or(1), &folder.join("reconstruction"), context)?;
            print(&told, &made, context)?;
            tell_where(&folder, &[("what is told", &told.page), ("the reconstruction", &made.page)], context)?;
            Ok(Exit::Success)
        }
    }
}

/// A part of the demo, traced and reported.
struct Told {
    document: Document,
    page: PathBuf,
}

/// Both parts for programs: one value, or one table. A person has read them already.
fn print(told: &Told, made: &Told, context: &Context) -> Outcome<()> {
    match context.format {
        Format::Table => Ok(()),
        Format::Json => emit(&print_json::pretty(&json!({
            "coincheck": report_json::value(&told.document),
            "reconstruction": report_json::value(&made.document),
            "pages": [told.page.display().to_string(), made.page.display().to_string()],
        }))),
        Format::Csv => {
            let (first, second) = (csv::ends(&told.document), csv::ends(&made.document));
            emit(&format!("{first}{}", second.split_once("\r\n").map_or("", |(_, rows)| rows)))
        }
    }
}

/// `trace` as the command line gives it when nothing is said.
fn defaults() -> TraceArgs {
    match Cli::parse_from(["coinhound", "trace"]).command {
        Command::Trace(args) => args,
        _ => unreachable!("the command line names the verb"),
    }
}

/// Takes the folder for a demo: an empty one gets the mark, a marked one is cleared of what an earlier demo left, any
/// other is refused.
fn claim(folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder).or_name(Exit::Failure, Attempt::Create, folder)?;
    let unreadable = |result| OrName::or_name(result, Exit::Failure, Attempt::Read, folder);
    let entries = unreadable(std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>))?;
    let mark = folder.join(MARK);
    let ours = |name: &OsStr| mark.is_file() && (name == MARK || PARTS.iter().any(|part| name == *part));
    if let Some(other) = entries.iter().find(|entry| !ours(&entry.file_name())) {
        let message = format!("`{}` holds `{}`, which no demo made", folder.display(), other.path().display());
        return Err(Failure::new(Exit::Input, message).hint("name an empty or a new folder with --out"));
    }
    std::fs::write(&mark, MARK_TEXT).or_name(Exit::Failure, Attempt::Write, &mark)?;
    entries.iter().filter(|entry| entry.file_name() != MARK).try_for_each(|entry| {
        let path = entry.path();
        // A link is removed, never what it points to.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.or_name(Exit::Failure, Attempt::Remove, &path)
    })
}

fn open(path: &Path, name: &str, context: &Context) -> Outcome<Case> {
    Case::create(path, name, &context.stamp()).map_err(|error| case_failure(&error))
}

/// Writes a file that the demo brings along.
fn put(path: &Path, content: &str) -> Outcome<()> {
    std::fs::write(path, content).or_name(Exit::Failure, Attempt::Write, path)
}

fn create(folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder).or_name(Exit::Failure, Attempt::Create, folder)
}

/// Where the reports lie: data to a person, beside the data to a program.
fn tell_where(folder: &Path, reports: &[(&str, &Path)], context: &Context) -> Outcome<()> {
    let shown = folder.display();
    tell(&format!(
        "\nthe reports are pages that open in any browser; ask on with\n  coinhound --store {shown}/coincheck/store --case {shown}/coincheck/coincheck.case seed list\n  coinhound --store {shown}/reconstruction/store status"
    ));
    let lines: String = reports.iter().map(|(what, path)| format!("report, {what}: {}\n", path.display())).collect();
    if context.format == Format::Table {
        return emit(&format!("\n{lines}"));
    }
    tell(lines.trim_end());
    Ok(())
}
