//! A hop's inputs and outputs as rows a reader adds up: long runs beside the trail stand as one row, in place.

use ruint::aliases::U256;

use crate::money::AssetLine;
use crate::report::document::{Document, HopPart, HopSide, Link};

/// Runs of at least this many neighbours without stolen value are shown as one row.
const RUN: usize = 4;

/// One hop as the page shows it.
#[derive(Debug)]
pub struct HopRows<'a> {
    /// The hop.
    pub hop: &'a HopPart,
    /// Its inputs.
    pub ins: Vec<SideRow>,
    /// Its outputs.
    pub outs: Vec<SideRow>,
    /// Sum of the inputs' stolen value: equals the outputs' with the fee's.
    pub stolen_out: U256,
    /// All value out, the fee included: equals all value in.
    pub value_out: U256,
}

/// One row: an input or output, or a run of them beside the trail.
#[derive(Debug)]
pub struct SideRow {
    /// Position, or range of positions.
    pub index: String,
    /// The coin, or how many coins.
    pub coin: String,
    /// Its address.
    pub address: String,
    /// Labels with the number of their source.
    pub labels: Vec<String>,
    /// All value.
    pub value: U256,
    /// Stolen value.
    pub stolen: U256,
    /// What a mixed coin holds, first to last.
    pub lots: String,
    /// Where it came from or went.
    pub link: String,
    /// The hop to jump to.
    pub hop: Option<usize>,
}

impl<'a> HopRows<'a> {
    /// Lays a hop out.
    #[must_use]
    pub fn of(hop: &'a HopPart, doc: &Document, asset: &AssetLine) -> Self {
        let stolen = |sides: &[HopSide]| -> U256 { sides.iter().map(|side| side.stolen).sum() };
        let value = |sides: &[HopSide]| -> U256 { sides.iter().map(|side| side.value).sum() };
        Self {
            hop,
            ins: rows(&hop.ins, doc, asset, "from"),
            outs: rows(&hop.outs, doc, asset, "to"),
            stolen_out: stolen(&hop.outs) + hop.fee_stolen,
            value_out: value(&hop.outs) + hop.fee,
        }
    }
}

fn rows(sides: &[HopSide], doc: &Document, asset: &AssetLine, way: &str) -> Vec<SideRow> {
    let runs = sides.chunk_by(|a, b| beside(a) && beside(b));
    runs.flat_map(|run| {
        if run.len() >= RUN { vec![run_row(run)] } else { run.iter().map(|side| row(side, doc, asset, way)).collect() }
    })
    .collect()
}

fn beside(side: &HopSide) -> bool {
    side.stolen.is_zero() && side.place.tags.is_empty()
}

fn run_row(run: &[HopSide]) -> SideRow {
    SideRow {
        index: format!("{} to {}", run[0].index, run[run.len() - 1].index),
        coin: format!("{} coins not on the trail", run.len()),
        address: String::new(),
        labels: Vec::new(),
        value: run.iter().map(|side| side.value).sum(),
        stolen: U256::ZERO,
        lots: String::new(),
        link: String::new(),
        hop: None,
    }
}

fn row(side: &HopSide, doc: &Document, asset: &AssetLine, way: &str) -> SideRow {
    let (link, hop) = match &side.link {
        Link::None => (String::new(), None),
        Link::Seed => ("stolen coin".to_owned(), None),
        Link::Hop(number) => (format!("{way} #{number}"), Some(*number)),
        Link::End(_, kind) => (format!("ends: {kind}"), None),
    };
    SideRow {
        index: side.index.to_string(),
        coin: side.place.outpoint.clone(),
        address: side.place.address.to_string(),
        labels: side.place.tags.iter().map(|&number| format!("{} [{}]", doc.tags[number].label, number + 1)).collect(),
        value: side.value,
        stolen: side.stolen,
        lots: lots(side, asset),
        link,
        hop,
    }
}

/// `2.5 stolen, then 1 other`: the order that the next hop consumes.
fn lots(side: &HopSide, asset: &AssetLine) -> String {
    let word = |stolen| if stolen { "stolen" } else { "other" };
    let part =
        |lot: &crate::report::document::LotLine| format!("{} {}", asset.amount(lot.units).number(), word(lot.stolen));
    side.lots.iter().map(part).collect::<Vec<_>>().join(", then ")
}
