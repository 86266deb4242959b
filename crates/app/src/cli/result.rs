//! A traced document on the terminal: each rule's ends and their sum, what depends on the rule, what was cut.

use coinhound_model::Terminal;
use ruint::aliases::U256;

use super::args::Format;
use super::context::Context;
use super::emit;
use crate::exit::Outcome;
use crate::money::{Money, share};
use crate::out::{Sheet, json as print_json};
use crate::report::document::{AssumedLine, Document, EndLine, Kind, Place, TheftPart, TrailPart};
use crate::report::words::{Nouns, SUPPLIED, counted};
use crate::report::{csv, json};
use crate::text::Said;
use crate::untraced::Untraced;

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
    out.push_str(&supplied(doc));
    out.extend(doc.untraced.as_ref().and_then(Untraced::told_of_a_trail).map(|told| format!("INCOMPLETE: {told}\n")));
    for theft in &doc.thefts {
        out.push_str(&headline(doc, theft));
        out.push_str(&by_rule(doc, theft));
        if let Some(trail) = theft.declared(&doc.parameters).filter(|trail| trail.conserves) {
            out.push_str(&conversions(trail));
            out.push_str(&declined(theft, trail));
            out.push_str(&places(doc, theft, trail));
            out.push_str(&assumed(theft, trail));
        }
        out.push_str(&sensitivity(theft));
    }
    out.push_str(&contested(doc));
    out.push_str(&warnings(doc));
    out
}

/// What a reader must know of single assets and movements.
fn warnings(doc: &Document) -> String {
    if doc.warnings.is_empty() {
        return String::new();
    }
    let mut sheet = Sheet::new(&["warning", "about", "shown by"]);
    for line in doc.warnings.iter().take(ENDS_MAX) {
        sheet.push([line.kind.clone(), line.about.0.clone(), line.movement.clone().unwrap_or_default()]);
    }
    let more = doc.warnings.len().saturating_sub(ENDS_MAX);
    let note = if more > 0 { format!("+{more} more; all of them in the report\n") } else { String::new() };
    format!("\nwarnings, which accuse nobody\n{}{note}", sheet.table())
}

/// What was stolen, or in which asset the way goes on.
fn headline(doc: &Document, theft: &TheftPart) -> String {
    if theft.is_own {
        let coins = counted(theft.seeds.len(), Nouns::of(doc.kind).seed);
        return format!("\ntheft `{}`: {} stolen in {coins}\n\n", theft.name, amount(theft, theft.stolen));
    }
    format!("\ntheft `{}`, converted into {}\n\n", theft.name, theft.asset.told())
}

/// The conversions by which stolen value left this asset, by the rule that the report answers by.
fn conversions(trail: &TrailPart) -> String {
    if trail.conversions.is_empty() {
        return String::new();
    }
    let mut sheet =
        Sheet::new(&["transaction", ">stolen part", ">of what was given", ">received", ">goes on as stolen"]);
    for line in trail.conversions.iter().take(ENDS_MAX) {
        let (given, received) = (&line.given_asset, &line.received_asset);
        sheet.push([
            line.tx.txid.clone(),
            given.amount(line.converted).number(),
            given.amount(line.given).to_string(),
            received.amount(line.received).to_string(),
            received.amount(line.opened).to_string(),
        ]);
    }
    let more = trail.conversions.len().saturating_sub(ENDS_MAX);
    let note = if more > 0 { format!("+{more} more; all of them in the report\n") } else { String::new() };
    format!("\nconversions by {}\n{}{note}", trail.rule, sheet.table())
}

/// What might be conversions, and was followed as it stands.
fn declined(theft: &TheftPart, trail: &TrailPart) -> String {
    if trail.declined.is_empty() {
        return String::new();
    }
    let mut sheet = Sheet::new(&["transaction", ">given", ">received", "who gained"]);
    for line in trail.declined.iter().take(ENDS_MAX) {
        sheet.push([
            line.tx.txid.clone(),
            amount(theft, line.given).number(),
            line.received_asset.amount(line.received).to_string(),
            line.gainer.address.0.clone(),
        ]);
    }
    let more = trail.declined.len().saturating_sub(ENDS_MAX);
    let note = if more > 0 { format!("+{more} more; all of them in the report\n") } else { String::new() };
    format!(
        "\nwhat might be conversions by {}, followed as they stand: who gained is not known to exchange assets\n{}{note}tag who exchanges (category defi_dex), name them with --exchanger, or say --conversions follow\n",
        trail.rule,
        sheet.table()
    )
}

fn amount(theft: &TheftPart, units: U256) -> Money<'_> {
    theft.asset.amount(units)
}

/// What stands above everything that supplied rows say.
fn supplied(doc: &Document) -> String {
    let Some(part) = &doc.supplied else { return String::new() };
    let left = match part.left_out {
        0 => String::new(),
        rows => format!("; {rows} rows could not be read and were left out"),
    };
    format!("{}{left}\n", SUPPLIED.to_uppercase())
}

/// How many balances were taken to have held something that nobody told.
fn assumed(theft: &TheftPart, trail: &TrailPart) -> String {
    if trail.assumed.is_empty() {
        return String::new();
    }
    let some: Vec<&AssumedLine> = trail.assumed.iter().filter(|line| !line.units.is_zero()).collect();
    let none = trail.assumed.len() - some.len();
    let largest = some.iter().max_by_key(|line| line.units).map(|line| {
        format!(
            ", {} of them with something (the most: {} with {})",
            some.len(),
            line.place.address,
            amount(theft, line.units)
        )
    });
    format!(
        "what {} held before is not known: the least that their movements need was taken for it{}\n",
        counted(trail.assumed.len(), "balance"),
        largest.unwrap_or_else(|| format!(", which is nothing for all {none}"))
    )
}

/// The ticker where a heading may say it: headings are printed in capitals, and a name that somebody chose is not.
fn ticker(theft: &TheftPart) -> &str {
    let is_plain = !theft.asset.is_claimed && theft.asset.decimals.is_some();
    if is_plain { &theft.asset.ticker } else { "amount" }
}

fn heading(theft: &TheftPart, what: &str) -> String {
    match ticker(theft) {
        "amount" => what.to_owned(),
        ticker => format!("{what}, {ticker}"),
    }
}

/// A coin by its outpoint, a balance by its account.
fn holding(doc: &Document, place: &Place) -> String {
    match doc.kind {
        Kind::Coins => place.outpoint.clone(),
        Kind::Accounts => place.address.0.clone(),
    }
}

/// What ended how, one column a rule, each summed; poison apart, because its figures are no amounts.
fn by_rule(doc: &Document, theft: &TheftPart) -> String {
    let conserving: Vec<&TrailPart> = theft.trails.iter().filter(|trail| trail.conserves).collect();
    let mut out = String::new();
    if !conserving.is_empty() {
        out.push_str(&totals(theft, &conserving).table());
        let sound = conserving.iter().all(|trail| sum(trail) == trail.entered);
        let began = began(theft, &conserving);
        out.push_str(&if sound {
            format!("every sum equals {began}\n")
        } else {
            format!("A SUM DOES NOT EQUAL {began}: a bug\n")
        });
    }
    theft.trails.iter().filter(|trail| !trail.conserves).for_each(|trail| out.push_str(&bound(doc, theft, trail)));
    out
}

/// What the ends of a part must add up to, in words.
fn began(theft: &TheftPart, trails: &[&TrailPart]) -> &'static str {
    match (theft.is_own, trails.iter().all(|trail| trail.opened.is_zero())) {
        (true, true) => "what was stolen",
        (true, false) => "what was stolen with what conversions opened",
        (false, _) => "what conversions opened",
    }
}

fn sum(trail: &TrailPart) -> U256 {
    trail.ends.iter().map(|end| end.units).sum()
}

fn totals(theft: &TheftPart, trails: &[&TrailPart]) -> Sheet {
    let names: Vec<String> = trails.iter().map(|trail| format!(">{}", trail.rule)).collect();
    let heading = heading(theft, "where it ended");
    let mut sheet =
        Sheet::new(&[&[heading.as_str()], &names.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    let mut kinds: Vec<(Terminal, &Said)> =
        trails.iter().flat_map(|trail| &trail.totals).map(|total| (total.terminal, &total.kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for (terminal, kind) in kinds {
        let of = |trail: &&TrailPart| {
            trail.totals.iter().find(|total| total.terminal == terminal).map_or(U256::ZERO, |total| total.units)
        };
        sheet.push(std::iter::once(kind.0.clone()).chain(trails.iter().map(|trail| amount(theft, of(trail)).number())));
    }
    sheet.push(std::iter::once("sum".to_owned()).chain(trails.iter().map(|trail| amount(theft, sum(trail)).number())));
    let row = |name: &str, of: fn(&TrailPart) -> U256| {
        let cells = trails.iter().map(|trail| amount(theft, of(trail)).number());
        std::iter::once(name.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    if theft.is_own {
        sheet.push(row("stolen", |trail| trail.stolen));
    }
    if trails.iter().any(|trail| !trail.openings.is_empty()) {
        sheet.push(row("opened by conversions", |trail| trail.opened));
    }
    sheet
}

/// The largest places by the rule that the report answers by.
fn places(doc: &Document, theft: &TheftPart, trail: &TrailPart) -> String {
    let mut out = format!(
        "\nthe largest places by {}, through {}\n",
        trail.rule,
        counted(trail.hops.len(), Nouns::of(doc.kind).step)
    );
    let mut sheet = Sheet::new(&["end", &format!(">{}", ticker(theft)), ">share %", "address", ">steps", "finding"]);
    trail.ends.iter().take(ENDS_MAX).for_each(|end| sheet.push(end_row(theft, trail, end)));
    out.push_str(&sheet.table());
    if let Some(rest) = trail.ends.get(ENDS_MAX..).filter(|rest| !rest.is_empty()) {
        let units = rest.iter().map(|end| end.units).sum();
        out.push_str(&format!("+{} more with {}; all of them with --format csv\n", rest.len(), amount(theft, units)));
    }
    out
}

fn end_row(theft: &TheftPart, trail: &TrailPart, end: &EndLine) -> [String; 6] {
    [
        end.kind.0.clone(),
        amount(theft, end.units).number(),
        share(end.units, trail.entered),
        end.place.as_ref().map_or_else(|| end.tx.txid.clone(), |place| place.address.0.clone()),
        end.depth.to_string(),
        end.finding.short().to_owned(),
    ]
}

fn bound(doc: &Document, theft: &TheftPart, trail: &TrailPart) -> String {
    let still: Vec<&EndLine> = trail.ends.iter().filter(|end| end.terminal == Terminal::AtRest).collect();
    let whole: U256 = still.iter().map(|end| end.units).sum();
    format!(
        "poison, an upper bound of reach: {} {}, {} in all; no amount of it is said to be stolen\n",
        still.len(),
        Nouns::of(doc.kind).reached,
        amount(theft, whole)
    )
}

fn sensitivity(theft: &TheftPart) -> String {
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
        cells.extend(row.units.iter().map(|&units| amount(theft, units).number()));
        cells.push(amount(theft, row.min).number());
        sheet.push(cells);
    }
    let more = table.rows.len().saturating_sub(ENDS_MAX);
    let stands: U256 = table.rows.iter().map(|row| row.min).sum();
    let note = if more > 0 { format!("+{more} more\n") } else { String::new() };
    let of = if theft.is_own { format!(" of {}", amount(theft, theft.stolen)) } else { String::new() };
    format!(
        "\nwhat depends on the rule\n{}{note}{}{of} end in the same places under every rule\n",
        sheet.table(),
        amount(theft, stands),
    )
}

fn contested(doc: &Document) -> String {
    if doc.contested.is_empty() {
        return String::new();
    }
    let noun = Nouns::of(doc.kind).holding;
    let mut sheet = Sheet::new(&["rule", noun, ">holds", "claims"]);
    for row in doc.contested.iter().take(ENDS_MAX) {
        let claims: Vec<String> = row
            .claims
            .iter()
            .map(|(theft, units)| format!("{}: {}", theft.0, row.asset.amount(*units).number()))
            .collect();
        sheet.push([
            row.rule.clone(),
            holding(doc, &row.place),
            row.asset.amount(row.value).number(),
            claims.join(", "),
        ]);
    }
    let more = doc.contested.len().saturating_sub(ENDS_MAX);
    let note = if more > 0 { format!("+{more} more\n") } else { String::new() };
    format!("\ncontested: {noun}s that several thefts claim beyond their value\n{}{note}", sheet.table())
}
