//! The report as CSV: every end, every stolen amount that moved, and every conversion, one row each.

use coinhound_model::MoveKind;
use ruint::aliases::U256;

use super::document::{
    ConversionLine, Document, EndLine, HopPart, HopSide, Link, NoteLine, Place, TakenLine, TheftPart, TrailPart, TxRef,
};
use super::html::utc;
use super::words;
use crate::gaps::Gaps;
use crate::money::AssetLine;
use crate::out::csv::row;

/// What every row of both files begins with: which answer it is part of, the block that holds at, and what is known to
/// be missing.
const HEAD: [&str; 8] = ["case", "theft", "rule", "rule_version", "chain", "as_of_height", "as_of_block", "store_gaps"];

/// Every end of every theft by every rule.
#[must_use]
pub fn ends(doc: &Document) -> String {
    let columns = [
        "end",
        "amount_is",
        "amount",
        "asset",
        "coin_value",
        "txid",
        "coin",
        "address",
        "height",
        "block",
        "block_time_utc",
        "steps",
        "labels",
        "label_sources",
        "finding",
        "movements",
        "notes",
        "evidence",
    ];
    let mut out = String::new();
    row(HEAD.iter().chain(&columns), &mut out);
    for (theft, trail) in trails(doc) {
        let context = Context::new(doc, theft, trail);
        trail.ends.iter().for_each(|end| context.end(end, &mut out));
    }
    out
}

/// Every input, output and fee of every hop by every rule.
#[must_use]
pub fn hops(doc: &Document) -> String {
    let columns = [
        "hop",
        "txid",
        "height",
        "block",
        "block_time_utc",
        "side",
        "index",
        "coin",
        "address",
        "value",
        "stolen",
        "asset",
        "link",
        "labels",
        "label_sources",
        "why",
        "notes",
        "evidence",
    ];
    let mut out = String::new();
    row(HEAD.iter().chain(&columns), &mut out);
    for (theft, trail) in trails(doc) {
        let context = Context::new(doc, theft, trail);
        trail.hops.iter().for_each(|hop| context.hop(hop, &mut out));
    }
    out
}

/// Every conversion of every theft by every rule, told once, with the asset that was given.
#[must_use]
pub fn conversions(doc: &Document) -> String {
    let columns = [
        "txid",
        "height",
        "block",
        "block_time_utc",
        "address",
        "debits",
        "refunds",
        "given",
        "given_asset",
        "stolen_drawn",
        "converted",
        "received",
        "received_asset",
        "opened",
        "evidence",
    ];
    let mut out = String::new();
    row(HEAD.iter().chain(&columns), &mut out);
    for (theft, trail) in trails(doc) {
        let context = Context::new(doc, theft, trail);
        trail.conversions.iter().for_each(|line| context.conversion(line, &mut out));
    }
    out
}

/// Whether anything was converted: then there is a file of it.
#[must_use]
pub fn has_conversions(doc: &Document) -> bool {
    trails(doc).any(|(_, trail)| !trail.conversions.is_empty())
}

fn trails(doc: &Document) -> impl Iterator<Item = (&TheftPart, &TrailPart)> {
    doc.thefts.iter().flat_map(|theft| theft.trails.iter().map(move |trail| (theft, trail)))
}

fn labels(doc: &Document, place: &Place) -> String {
    place.tags.iter().map(|&tag| doc.tags[tag].label.0.as_str()).collect::<Vec<_>>().join("; ")
}

fn sources(doc: &Document, place: &Place) -> String {
    place.tags.iter().map(|&tag| doc.tags[tag].source.0.as_str()).collect::<Vec<_>>().join("; ")
}

/// A transaction, or one movement of it.
fn name(tx: &TxRef) -> String {
    tx.movement.map_or_else(|| tx.txid.clone(), |movement| format!("{}:{movement}", tx.txid))
}

/// What came with a transaction, in one cell.
fn notes(tx: &TxRef) -> String {
    let unknown = tx.no_hash.then(|| "hash not known".to_owned());
    unknown.into_iter().chain(tx.notes.iter().map(NoteLine::told)).collect::<Vec<_>>().join("; ")
}

/// What the known gaps are, in one cell; of Ethereum where traces are missing.
fn gaps(doc: &Document) -> String {
    if let Some(untraced) = &doc.untraced {
        return untraced.told_of_a_trail().unwrap_or_else(|| "none".to_owned());
    }
    doc.gaps.as_ref().map_or_else(|| "not known".to_owned(), Gaps::summary)
}

struct Context<'a> {
    doc: &'a Document,
    theft: &'a TheftPart,
    trail: &'a TrailPart,
    /// The cells of [`HEAD`].
    head: [String; 8],
}

impl<'a> Context<'a> {
    fn new(doc: &'a Document, theft: &'a TheftPart, trail: &'a TrailPart) -> Self {
        let head = [
            doc.case.0.clone(),
            theft.name.0.clone(),
            trail.rule.clone(),
            trail.version.to_string(),
            doc.as_of.chain.clone(),
            doc.as_of.height.to_string(),
            doc.as_of.block.clone(),
            gaps(doc),
        ];
        Self { doc, theft, trail, head }
    }

    fn amount(&self, units: U256) -> String {
        self.theft.asset.amount(units).number()
    }

    fn row(&self, cells: [&str; 17], out: &mut String) {
        let evidence = words::evidence(self.doc.supplied.is_some());
        row(self.head.iter().map(String::as_str).chain(cells).chain([evidence]), out);
    }

    fn end(&self, end: &EndLine, out: &mut String) {
        let (doc, place) = (self.doc, end.place.as_ref());
        let known = end.tx.height != u32::MAX;
        let cells = [
            end.kind.0.as_str(),
            if self.trail.conserves { "exact" } else { "upper bound" },
            &self.amount(end.units),
            &self.theft.asset.told(),
            &self.amount(end.value),
            &name(&end.tx),
            place.map_or("", |place| &place.outpoint),
            place.map_or("", |place| &place.address.0),
            &if known { end.tx.height.to_string() } else { String::new() },
            &end.tx.block,
            &if known { utc(end.tx.time) } else { String::new() },
            &end.depth.to_string(),
            &place.map(|place| labels(doc, place)).unwrap_or_default(),
            &place.map(|place| sources(doc, place)).unwrap_or_default(),
            &end.finding.id,
            &end.movements.join("; "),
            &notes(&end.tx),
        ];
        self.row(cells, out);
    }

    fn conversion(&self, line: &ConversionLine, out: &mut String) {
        let of = |asset: &AssetLine, units: U256| asset.amount(units).number();
        let (given, received) = (&line.given_asset, &line.received_asset);
        let taken =
            |part: fn(&TakenLine) -> U256| line.taken.as_ref().map_or(String::new(), |taken| of(given, part(taken)));
        let cells = [
            name(&line.tx),
            line.tx.height.to_string(),
            line.tx.block.clone(),
            utc(line.tx.time),
            line.place.address.0.clone(),
            taken(|taken| taken.debits),
            taken(|taken| taken.refunds),
            of(given, line.given),
            given.told(),
            taken(|taken| taken.drawn),
            of(given, line.converted),
            of(received, line.received),
            received.told(),
            of(received, line.opened),
            words::evidence(self.doc.supplied.is_some()).to_owned(),
        ];
        row(self.head.iter().chain(&cells).map(String::as_str), out);
    }

    fn hop(&self, hop: &HopPart, out: &mut String) {
        hop.ins.iter().for_each(|side| self.side(hop, "in", side, out));
        hop.outs.iter().for_each(|side| self.side(hop, "out", side, out));
        if hop.why.is_some() && hop.fee.is_zero() {
            return;
        }
        let link = if !hop.fee_stolen.is_zero() { "end: fee" } else { "" };
        self.line(hop, ["fee", "", "", "", &self.amount(hop.fee), &self.amount(hop.fee_stolen), link, "", ""], out);
    }

    fn side(&self, hop: &HopPart, name: &str, side: &HopSide, out: &mut String) {
        let link = match &side.link {
            Link::None => String::new(),
            Link::Seed => "seed".to_owned(),
            Link::Hop(number) => format!("hop {number}"),
            Link::End(_, kind) => format!("end: {}", kind.0),
        };
        let cells = [
            name,
            &side.index.to_string(),
            &side.place.outpoint,
            &side.place.address.0,
            &self.amount(side.value),
            &self.amount(side.stolen),
            &link,
            &labels(self.doc, &side.place),
            &sources(self.doc, &side.place),
        ];
        self.line(hop, cells, out);
    }

    fn line(
        &self,
        hop: &HopPart,
        [side, index, coin, address, value, stolen, link, labels, sources]: [&str; 9],
        out: &mut String,
    ) {
        let tx = &hop.tx;
        let id = name(tx);
        let (number, height, time) = (hop.number.to_string(), tx.height.to_string(), utc(tx.time));
        let cells = [
            number.as_str(),
            &id,
            &height,
            &tx.block,
            &time,
            side,
            index,
            coin,
            address,
            value,
            stolen,
            &self.theft.asset.told(),
            link,
            labels,
            sources,
            hop.why.map_or("", MoveKind::name),
            &notes(tx),
        ];
        self.row(cells, out);
    }
}
