//! The Bitcoin story: a chain with a theft, written, read, tagged, traced and reported.

use std::path::Path;

use coinhound_chains::bitcoin::Network;
use coinhound_sim::theft::{Options, heist};

use super::{defaults, open};
use crate::cli::args::Format;
use crate::cli::chain::Chain;
use crate::cli::context::Context;
use crate::cli::ledger::Opened;
use crate::cli::{emit, ingest, report, result, seed, tag, tell, trace};
use crate::exit::{Exit, OrFail, Outcome};

/// Tells the story.
pub fn run(number: u64, folder: &Path, context: &Context) -> Outcome<Exit> {
    tell("writing a chain with a theft in it ...");
    let made = heist(&Options { seed: number, ..Options::default() });
    let files = made.write(folder, coinhound_sim::Layout::default()).or_exit(Exit::Failure)?;
    tell("reading its block files ...");
    let store = folder.join("store");
    ingest::load(&files.blocks, Network::Regtest.params(), &store, None, context.now)?;
    let chain = Chain::open(&store, None)?;
    let mut case = open(&folder.join("demo.case"), "demo", context)?;
    tag::import_into(&mut case, &files.tag_pack, &tag::Choices::default(), context)?;
    let coins = made.truth.theft.seeds.iter().map(|coin| format!("{}:{}", coin.txid, coin.vout));
    seed::add_coins(&mut case, &chain, coins, context)?;
    tell("following the stolen coins ...\n");
    let (document, _) = trace::trace(&defaults(), &mut case, &Opened::Coins(Box::new(chain)), context)?;
    report::write(&document, &folder.join("report"))?;
    result::print(&document, context)?;
    tell_where(folder, context)?;
    Ok(Exit::Success)
}

/// Where the report lies: data to a person, beside the data to a program.
fn tell_where(folder: &Path, context: &Context) -> Outcome<()> {
    let report = format!("report: {}", folder.join("report").join(report::FILES[0]).display());
    tell(&format!(
        "\nthe report is a page that opens in any browser; ask on with\n  coinhound --store {0}/store --case {0}/demo.case seed list\n  coinhound --store {0}/store status",
        folder.display()
    ));
    if context.format == Format::Table {
        return emit(&format!("\n{report}\n"));
    }
    tell(&report);
    Ok(())
}
