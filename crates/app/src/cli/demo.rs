//! `demo`: a chain with a theft, written, read, tagged, traced and reported on this machine alone.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use clap::Parser;
use coinhound_chains::bitcoin::Network;
use coinhound_sim::theft::{Options, heist};

use super::args::{Cli, Command, Format};
use super::chain::Chain;
use super::ledger::Opened;
use super::context::{Context, case_failure};
use super::options::{DemoArgs, TraceArgs};
use super::{emit, ingest, report, result, seed, tag, trace};
use crate::case::Case;
use crate::exit::{Attempt, Exit, Failure, OrFail, OrName, Outcome};

/// The file that says a folder is a demo's to clear. Written before anything else.
const MARK: &str = ".coinhound-demo";

const MARK_TEXT: &str = "`coinhound demo` made this folder and replaces what it put here when it runs again.\n";

/// What the demo puts into its folder, and all it ever removes there.
const PARTS: [&str; 6] = ["blocks", "store", "report", "services.yaml", "truth.json", "demo.case"];

/// Runs the demo.
pub fn run(args: &DemoArgs, context: &Context) -> Outcome<Exit> {
    let folder = args.out.clone().unwrap_or_else(|| context.folders.demo());
    claim(&folder)?;
    super::tell("writing a chain with a theft in it ...");
    let made = heist(&Options { seed: args.seed, ..Options::default() });
    let files = made.write(&folder, coinhound_sim::Layout::default()).or_exit(Exit::Failure)?;
    super::tell("reading its block files ...");
    let store = folder.join("store");
    ingest::load(&files.blocks, Network::Regtest.params(), &store, None, context.now)?;
    let chain = Chain::open(&store, None)?;
    let mut case = open(&folder.join("demo.case"), context)?;
    tag::import_into(&mut case, &files.tag_pack, &tag::Choices::default(), context)?;
    let coins = made.truth.theft.seeds.iter().map(|coin| format!("{}:{}", coin.txid, coin.vout));
    seed::add_coins(&mut case, &chain, coins, context)?;
    super::tell("following the stolen coins ...\n");
    let (document, _) = trace::trace(&defaults(), &mut case, &Opened::open(&store, None)?, context)?;
    report::write(&document, &folder.join("report"))?;
    result::print(&document, context)?;
    tell_where(&folder, context)?;
    Ok(Exit::Success)
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

fn open(path: &Path, context: &Context) -> Outcome<Case> {
    Case::create(path, "demo", &context.stamp()).map_err(|error| case_failure(&error))
}

/// Where the report lies: data to a person, beside the data to a program.
fn tell_where(folder: &Path, context: &Context) -> Outcome<()> {
    let report = format!("report: {}", folder.join("report").join(report::FILES[0]).display());
    super::tell(&format!(
        "\nthe report is a page that opens in any browser; ask on with\n  coinhound --store {0}/store --case {0}/demo.case seed list\n  coinhound --store {0}/store status",
        folder.display()
    ));
    if context.format == Format::Table {
        return emit(&format!("\n{report}\n"));
    }
    super::tell(&report);
    Ok(())
}
