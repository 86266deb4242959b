//! A traced document on the terminal: each rule's ends and their sum, what depends on the rule, what was cut.

use coinhound_model::{Amount, Terminal};

use super::args::Format;
use super::context::Context;
use super::emit;
use crate::exit::Outcome;
use crate::out::{Sheet, json as print_json};
use crate::report::document::{Document, EndLine, TheftPart, TrailPart};
use crate::report::{csv, json};
use crate::text;

/// Most ends to print for one rule; files and other forms hold all.
const ENDS_MAX: usize = 12;

/// Prints the document in the form asked for.
pub fn print(doc: &Document, context: &Context) -> Outcome<()> {
    match context.format {
        Format::Json => emit(&print_json::pretty(&json::value(doc))),
        Format::Csv => emit(&csv::ends(doc)),
        Format::Table => emit(&page(doc)),
    }
}

/// The whole answer as text.
fn page(doc: &Document) -> String {
    let mut out = format!("case {}, {}, as of height {}, block {}\n", doc.case, doc.as_of.network, doc.as_of.height, doc.as_of.block);
    for theft in &doc.thefts {
        let coins = theft.seeds.len();
        out.push_str(&format!("\ntheft `{}`: {} stolen in {coins} coin{}\n", theft.name, amount(doc, theft.stolen), if coins == 1 { "" } else { "s" }));
        for trail in &theft.trails {
            out.push('\n');
            out.push_str(&trail_text(doc, theft, trail));
        }
        out.push_str(&sensitivity(doc, theft));
    }
    out.push_str(&contested(doc));
    out.push_str(&cut(doc));
    out
}

fn amount(doc: &Document, units: u64) -> Amount {
    Amount { units, asset: doc.asset }
}

fn trail_text(doc: &Document, theft: &TheftPart, trail: &TrailPart) -> String {
    let mark = if trail.rule == doc.parameters.declared { ", the rule the report answers by" } else { "" };
    let hops = trail.hops.len();
    let mut out = format!("by {}{mark}: {hops} transaction{}\n", trail.rule, if hops == 1 { "" } else { "s" });
    if !trail.conserves {
        out.push_str(&bound(doc, trail));
        return out;
    }
    let mut sheet = Sheet::new(&["end", &format!(">{}", doc.asset.ticker), ">share %", "address", "coin", "who says so"]);
    trail.ends.iter().take(ENDS_MAX).for_each(|end| sheet.push(end_row(doc, theft, end)));
    if let Some(rest) = trail.ends.get(ENDS_MAX..).filter(|rest| !rest.is_empty()) {
        let sum = rest.iter().map(|end| end.units).sum();
        sheet.push([format!("+{} more", rest.len()), amount(doc, sum).number(), share(sum, theft.stolen), String::new(), String::new(), String::new()]);
    }
    let sum = trail.ends.iter().map(|end| end.units).sum();
    let verdict = if sum == theft.stolen { "equals what was stolen" } else { "DOES NOT EQUAL what was stolen: a bug" };
    sheet.push(["sum".to_owned(), amount(doc, sum).number(), share(sum, theft.stolen), verdict.to_owned(), String::new(), String::new()]);
    out.push_str(&sheet.table());
    out
}

fn end_row(doc: &Document, theft: &TheftPart, end: &EndLine) -> [String; 6] {
    let place = end.place.as_ref();
    let tags = place.map(|place| place.tags.iter().map(|&tag| doc.tags[tag].label.0.clone()).collect::<Vec<_>>().join("; "));
    [
        end.kind.0.clone(),
        amount(doc, end.units).number(),
        share(end.units, theft.stolen),
        place.map_or_else(String::new, |place| place.address.0.clone()),
        place.map_or_else(|| end.tx.txid.clone(), |place| place.outpoint.clone()),
        tags.unwrap_or_default(),
    ]
}

/// In percent, to two places, rounded down.
fn share(units: u64, stolen: u64) -> String {
    let basis = u128::from(units) * 10_000 / u128::from(stolen.max(1));
    format!("{}.{:02}", basis / 100, basis % 100)
}

fn bound(doc: &Document, trail: &TrailPart) -> String {
    let still: Vec<&EndLine> = trail.ends.iter().filter(|end| end.terminal == Terminal::AtRest).collect();
    let whole: u64 = still.iter().map(|end| end.units).sum();
    format!("  an upper bound of reach: {} coins reached and unspent, {} in all; no amount of it is said to be stolen\n", still.len(), amount(doc, whole))
}

fn sensitivity(doc: &Document, theft: &TheftPart) -> String {
    let table = &theft.sensitivity;
    if table.rules.len() < 2 {
        return String::new();
    }
    let numbers: Vec<String> = table.rules.iter().map(|rule| format!(">{rule}")).collect();
    let mut columns = vec!["end", "address"];
    columns.extend(numbers.iter().map(String::as_str));
    columns.push(">every rule");
    let mut sheet = Sheet::new(&columns);
    for row in table.rows.iter().take(ENDS_MAX) {
        let mut cells = vec![row.kind.0.clone(), row.place.as_ref().map_or_else(String::new, |place| place.address.0.clone())];
        cells.extend(row.units.iter().map(|&units| amount(doc, units).number()));
        cells.push(amount(doc, row.min).number());
        sheet.push(cells);
    }
    let more = table.rows.len().saturating_sub(ENDS_MAX);
    let stands: u64 = table.rows.iter().map(|row| row.min).sum();
    let note = if more > 0 { format!("+{more} more\n") } else { String::new() };
    format!("\nwhat depends on the rule\n{}{note}{} of {} end in the same places under every rule\n", sheet.table(), amount(doc, stands), amount(doc, theft.stolen))
}

fn contested(doc: &Document) -> String {
    if doc.contested.is_empty() {
        return String::new();
    }
    let mut sheet = Sheet::new(&["rule", "coin", ">holds", "claims"]);
    for row in doc.contested.iter().take(ENDS_MAX) {
        let claims: Vec<String> = row.claims.iter().map(|(theft, units)| format!("{}: {}", theft.0, amount(doc, *units).number())).collect();
        sheet.push([row.rule.clone(), row.place.outpoint.clone(), amount(doc, row.value).number(), claims.join(", ")]);
    }
    let more = doc.contested.len().saturating_sub(ENDS_MAX);
    let note = if more > 0 { format!("+{more} more\n") } else { String::new() };
    format!("\ncontested: coins that several thefts claim beyond their value\n{}{note}", sheet.table())
}

fn cut(doc: &Document) -> String {
    let mut lines = String::new();
    for theft in &doc.thefts {
        let Some(trail) = theft.declared(&doc.parameters).filter(|trail| trail.conserves) else { continue };
        let parameter = |terminal| matches!(terminal, Terminal::Pruned(_) | Terminal::Unresolved(_) | Terminal::Mixed | Terminal::AtService(_));
        for total in trail.totals.iter().filter(|total| parameter(total.terminal)) {
            let name = text::clean(&total.kind.0);
            lines.push_str(&format!("  {}  {name}, {} place{}\n", amount(doc, total.units), total.ends, if total.ends == 1 { "" } else { "s" }));
        }
    }
    if lines.is_empty() { "\nnothing was cut: every unit was followed until it lay unspent or was paid as a fee\n".to_owned() } else { format!("\nwhere the trail was cut, by {}\n{lines}", doc.parameters.declared) }
}
