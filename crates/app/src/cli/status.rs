//! `status`: what the store holds.

use coinhound_model::Ledger;

use super::context::Context;
use crate::exit::{Exit, Outcome};
use crate::gaps::Gaps;
use crate::out::Sheet;
use crate::report::html::utc;
use crate::text::grouped;
use coinhound_chains::bitcoin::Network;

/// Prints range, tip and counts.
pub fn run(context: &Context) -> Outcome<Exit> {
    let chain = context.chain()?;
    let (as_of, counts) = (chain.view.as_of().clone(), *chain.view.counts());
    let time = counts.txs.checked_sub(1).map_or(0, |last| chain.view.time(coinhound_model::MovementId(last)));
    let manifest = chain.view.manifest();
    let bytes: u64 = manifest.files.iter().map(|file| file.length).sum();
    chain.healthy()?;
    let facts = [
        ("store", context.store_path(Network::Main).display().to_string()),
        ("chain", format!("{} ({})", chain.network, as_of.chain)),
        ("blocks", format!("{} to {}", as_of.first, as_of.height)),
        ("tip", as_of.block.to_string()),
        ("tip time", format!("{} UTC, by the miner's clock", utc(time))),
        ("size", format!("{} bytes in {} files", grouped(bytes), manifest.files.len())),
        ("veto set", manifest.params.veto.clone()),
        ("gaps", chain.gaps.as_ref().map_or_else(|| "not known".to_owned(), Gaps::summary)),
    ];
    let mut sheet = Sheet::new(&["rows", ">count"]);
    let rows = [
        ("transactions", counts.txs),
        ("inputs", counts.inputs),
        ("outputs", counts.outputs),
        ("addresses", counts.addresses),
        ("coins made before the range", counts.foreign),
        ("scripts kept verbatim", counts.scripts),
        ("same-key merges", counts.t0),
        ("co-spend merges", counts.t1),
    ];
    let number = |count: u64| if context.format == super::Format::Table { grouped(count) } else { count.to_string() };
    rows.into_iter().for_each(|(name, count)| sheet.push([name.to_owned(), number(count)]));
    let gaps = chain.gaps.as_ref().map(|gaps| (gaps.sheet(), gaps.unusable_sheet()));
    let more = gaps.iter().flat_map(|(holes, bad)| [("gap_list", holes), ("unusable_blocks", bad)]);
    context.print_with_tables(&facts, ("counts", &sheet), &more.collect::<Vec<_>>())?;
    Ok(Exit::Success)
}
