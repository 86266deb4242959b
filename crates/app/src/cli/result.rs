//! A traced document on the terminal: each rule's ends and their sum, what depends on the rule, what was cut.

use coinhound_model::{Amount, Terminal};

use super::args::Format;
use super::context::Context;
use super::emit;
use crate::exit::Outcome;
use crate::out::{Sheet, json as print_json};
use crate::report::document::{Document, EndLine, TheftPart, TrailPart};
use crate::report::{csv, json};
use crate::text::Said;

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
    let as_of = &doc.as_of;
    let mut out =
        format!("case {}, {}, as of height {}, block {}\n", doc.case, as_of.network, as_of.height, as_of.block);
    for theft in &doc.thefts {
        let coins = counted(theft.seeds.len(), "coin");
        out.push_str(&format!("\ntheft `{}`: {} stolen in {coins}\n\n", theft.name, amount(doc, theft.stolen)));
        out.push_str(&by_rule(doc, theft));
        if let Some(trail) = theft.declared(&doc.parameters).filter(|trail| trail.conserves) {
            out.push_str(&places(doc, theft, trail));
        }
        out.push_str(&sensitivity(doc, theft));
    }
    out.push_str(&contested(doc));
    out
}

fn amount(doc: &Document, units: u64) -> Amount {
    Amount { units, asset: doc.asset }
}

/// `1 coin`, `2 coins`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What ended how, one column a rule, each summed; poison apart, because its figures are no amounts.
fn by_rule(doc: &Document, theft: &TheftPart) -> String {
    let conserving: Vec<&TrailPart> = theft.trails.iter().filter(|trail| trail.conserves).collect();
    let mut out = String::new();
    if !conserving.is_empty() {
        out.push_str(&totals(doc, theft, &conserving).table());
        let sound = conserving.iter().all(|trail| sum(trail) == theft.stolen);
        out.push_str(if sound {
            "every sum equals what was stolen\n"
        } else {
            "A SUM DOES NOT EQUAL what was stolen: a bug\n"
        });
    }
    theft.trails.iter().filter(|trail| !trail.conserves).for_each(|trail| out.push_str(&bound(doc, trail)));
    out
}

fn sum(trail: &TrailPart) -> u64 {
    trail.ends.iter().map(|end| end.units).sum()
}

fn totals(doc: &Document, theft: &TheftPart, trails: &[&TrailPart]) -> Sheet {
    let names: Vec<String> = trails.iter().map(|trail| format!(">{}", trail.rule)).collect();
    let heading = format!("where it ended, {}", doc.asset.ticker);
    let mut sheet =
        Sheet::new(&[&[heading.as_str()], &names.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    let mut kinds: Vec<(Terminal, &Said)> =
        trails.iter().flat_map(|trail| &trail.totals).map(|total| (total.terminal, &total.kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for (terminal, kind) in kinds {
        let of = |trail: &&TrailPart| {
            trail.totals.iter().find(|total| total.terminal == terminal).map_or(0, |total| total.units)
        };
        sheet.push(std::iter::once(kind.0.clone()).chain(trails.iter().map(|trail| amount(doc, of(trail)).number())));
    }
    sheet.push(std::iter::once("sum".to_owned()).chain(trails.iter().map(|trail| amount(doc, sum(trail)).number())));
    sheet.push(std::iter::once("stolen".to_owned()).chain(trails.iter().map(|_| amount(doc, theft.stolen).number())));
    sheet
}

/// The largest places by the rule that the report answers by.
fn places(doc: &Document, theft: &TheftPart, trail: &TrailPart) -> String {
    let mut out =
        format!("\nthe largest places by {}, through {}\n", trail.rule, counted(trail.hops.len(), "transaction"));
    let mut sheet = Sheet::new(&["end", &format!(">{}", doc.asset.ticker), ">share %", "address", ">steps", "finding"]);
    trail.ends.iter().take(ENDS_MAX).for_each(|end| sheet.push(end_row(doc, theft, end)));
    out.push_str(&sheet.table());
    if let Some(rest) = trail.ends.get(ENDS_MAX..).filter(|rest| !rest.is_empty()) {
        let units = rest.iter().map(|end| end.units).sum();
        out.push_str(&format!("+{} more with {}; all of them with --format csv\n", rest.len(), amount(doc, units)));
    }
    out
}

fn end_row(doc: &Document, theft: &TheftPart, end: &EndLine) -> [String; 6] {
    [
        end.kind.0.clone(),
        amount(doc, end.units).number(),
        share(end.units, theft.stolen),
        end.place.as_ref().map_or_else(|| end.tx.txid.clone(), |place| place.address.0.clone()),
        end.depth.to_string(),
        end.finding.short().to_owned(),
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
    format!(
        "poison, an upper bound of reach: {} coins reached and unspent, {} in all; no amount of it is said to be stolen\n",
        still.len(),
        amount(doc, whole)
    )
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
        let mut cells =
            vec![row.kind.0.clone(), row.place.as_ref().map_or_else(String::new, |place| place.address.0.clone())];
        cells.extend(row.units.iter().map(|&units| amount(doc, units).number()));
        cells.push(amount(doc, row.min).number());
        sheet.push(cells);
    }
    let more = table.rows.len().saturating_sub(ENDS_MAX);
    let stands: u64 = table.rows.iter().map(|row| row.min).sum();
    let note = if more > 0 { format!("+{more} more\n") } else { String::new() };
    format!(
        "\nwhat depends on the rule\n{}{note}{} of {} end in the same places under every rule\n",
        sheet.table(),
        amount(doc, stands),
        amount(doc, theft.stolen)
    )
}

fn contested(doc: &Document) -> String {
    if doc.contested.is_empty() {
        return String::new();
    }
    let mut sheet = Sheet::new(&["rule", "coin", ">holds", "claims"]);
    for row in doc.contested.iter().take(ENDS_MAX) {
        let claims: Vec<String> =
            row.claims.iter().map(|(theft, units)| format!("{}: {}", theft.0, amount(doc, *units).number())).collect();
        sheet.push([row.rule.clone(), row.place.outpoint.clone(), amount(doc, row.value).number(), claims.join(", ")]);
    }
    let more = doc.contested.len().saturating_sub(ENDS_MAX);
    let note = if more > 0 { format!("+{more} more\n") } else { String::new() };
    format!("\ncontested: coins that several thefts claim beyond their value\n{}{note}", sheet.table())
}
