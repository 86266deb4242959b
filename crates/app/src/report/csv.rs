//! The report as CSV: every end, and every stolen amount that moved, one row each.

use coinhound_model::Amount;

use super::document::{Document, HopPart, HopSide, Link, Place, TheftPart, TrailPart};
use super::html::utc;
use crate::out::csv::row;

/// Every end of every theft by every rule.
#[must_use]
pub fn ends(doc: &Document) -> String {
    let mut out = String::new();
    let head = [
        "case",
        "theft",
        "rule",
        "rule_version",
        "chain",
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
        "as_of_height",
        "as_of_block",
    ];
    row(head, &mut out);
    for (theft, trail) in trails(doc) {
        for end in &trail.ends {
            let place = end.place.as_ref();
            let known = end.tx.height != u32::MAX;
            row(
                [
                    doc.case.0.as_str(),
                    &theft.name.0,
                    &trail.rule,
                    &trail.version.to_string(),
                    &doc.as_of.chain,
                    &end.kind.0,
                    if trail.conserves { "exact" } else { "upper bound" },
                    &amount(doc, end.units),
                    doc.asset.ticker,
                    &amount(doc, end.value),
                    &end.tx.txid,
                    place.map_or("", |place| &place.outpoint),
                    place.map_or("", |place| &place.address.0),
                    &if known { end.tx.height.to_string() } else { String::new() },
                    &end.tx.block,
                    &if known { utc(end.tx.time) } else { String::new() },
                    &end.depth.to_string(),
                    &place.map(|place| labels(doc, place)).unwrap_or_default(),
                    &place.map(|place| sources(doc, place)).unwrap_or_default(),
                    &end.finding.id,
                    &doc.as_of.height.to_string(),
                    &doc.as_of.block,
                ],
                &mut out,
            );
        }
    }
    out
}

/// Every input, output and fee of every hop by every rule.
#[must_use]
pub fn hops(doc: &Document) -> String {
    let mut out = String::new();
    let head = [
        "case",
        "theft",
        "rule",
        "rule_version",
        "chain",
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
    ];
    row(head, &mut out);
    for (theft, trail) in trails(doc) {
        let context = Context { doc, theft, trail };
        trail.hops.iter().for_each(|hop| context.hop(hop, &mut out));
    }
    out
}

fn trails(doc: &Document) -> impl Iterator<Item = (&TheftPart, &TrailPart)> {
    doc.thefts.iter().flat_map(|theft| theft.trails.iter().map(move |trail| (theft, trail)))
}

fn amount(doc: &Document, units: u64) -> String {
    Amount { units, asset: doc.asset }.number()
}

fn labels(doc: &Document, place: &Place) -> String {
    place.tags.iter().map(|&tag| doc.tags[tag].label.0.as_str()).collect::<Vec<_>>().join("; ")
}

fn sources(doc: &Document, place: &Place) -> String {
    place.tags.iter().map(|&tag| doc.tags[tag].source.0.as_str()).collect::<Vec<_>>().join("; ")
}

struct Context<'a> {
    doc: &'a Document,
    theft: &'a TheftPart,
    trail: &'a TrailPart,
}

impl Context<'_> {
    fn hop(&self, hop: &HopPart, out: &mut String) {
        hop.ins.iter().for_each(|side| self.side(hop, "in", side, out));
        hop.outs.iter().for_each(|side| self.side(hop, "out", side, out));
        let link = if hop.fee_stolen > 0 { "end: fee" } else { "" };
        self.line(
            hop,
            ["fee", "", "", "", &amount(self.doc, hop.fee), &amount(self.doc, hop.fee_stolen), link, "", ""],
            out,
        );
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
            &amount(self.doc, side.value),
            &amount(self.doc, side.stolen),
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
        let (doc, tx) = (self.doc, &hop.tx);
        let cells = [
            doc.case.0.as_str(),
            &self.theft.name.0,
            &self.trail.rule,
            &self.trail.version.to_string(),
            &doc.as_of.chain,
            &hop.number.to_string(),
            &tx.txid,
            &tx.height.to_string(),
            &tx.block,
            &utc(tx.time),
            side,
            index,
            coin,
            address,
            value,
            stolen,
            doc.asset.ticker,
            link,
            labels,
            sources,
        ];
        row(cells, out);
    }
}
