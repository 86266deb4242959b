//! `register list`: one line for each incident.

use serde_json::{Value, json};

use super::super::args::Format;
use super::super::context::Context;
use crate::exit::{Exit, Outcome};
use crate::out::cell::whole;
use crate::out::{Cell, Sheet};
use crate::register::choose::worth;
use crate::register::incident::Range;
use crate::register::said::said;
use crate::register::{Attribution, Choice, Firmly, Incident, Moment, Part, Register};
use crate::text::grouped;

/// The columns for people: what fits on a line.
const SHOWN: [&str; 12] = [
    "id",
    "date",
    "/until",
    "victim",
    "kind",
    ">USD then/usd_low",
    "/usd_high",
    "who it was, some say/statements",
    "/technique",
    "/chains",
    "/assets",
    "/contradicted",
];

/// The same fields in CSV, every one with a heading.
const CSV: [&str; 12] = [
    "id",
    "date",
    "until",
    "victim",
    "kind",
    "usd_low",
    "usd_high",
    "statements",
    "technique",
    "chains",
    "assets",
    "contradicted",
];

/// Prints the incidents that are asked for.
pub(super) fn list(register: &Register, choice: &Choice, context: &Context) -> Outcome<Exit> {
    let table = context.format == Format::Table;
    let mut sheet = Sheet::new(if context.format == Format::Csv { &CSV } else { &SHOWN });
    let chosen = register.choose(choice);
    for incident in &chosen {
        sheet.push(row(register, incident, table));
    }
    context.print(&sheet)?;
    if chosen.len() < register.incidents.len() {
        super::super::tell(&format!("{} of {} incidents", chosen.len(), register.incidents.len()));
    }
    Ok(Exit::Success)
}

fn row(register: &Register, incident: &Incident, table: bool) -> [Cell; 12] {
    let worth = worth(incident);
    let (low, high) = match worth {
        Some(range) if table => (Cell::new(both_ends(range), whole(range.low)), Cell::number(range.high)),
        Some(range) => (Cell::number(range.low), Cell::number(range.high)),
        None => (Cell::none(if table { "not known" } else { "" }), Cell::none("")),
    };
    let contradicted: Vec<String> = contradicted(incident);
    [
        (&incident.id).into(),
        if table { dates(incident).into() } else { incident.date.to_string().into() },
        Cell::maybe(incident.until.map(|until| until.to_string()).as_deref(), ""),
        (&incident.victim).into(),
        incident.kind.word().into(),
        low,
        high,
        Cell::new(who(register, incident), statements(register, &incident.attributions)),
        Cell::maybe(incident.technique.as_deref(), ""),
        Cell::words(&incident.chains, ""),
        Cell::words(&incident.assets, ""),
        Cell::words(&contradicted, ""),
    ]
}

/// The date or the range as people write it.
pub(super) fn dates(incident: &Incident) -> String {
    match incident.until {
        Some(until) => format!("{} to {until}", incident.date),
        None => incident.date.to_string(),
    }
}

/// `530,000,000 to 534,000,000`.
pub(super) fn both_ends(range: Range) -> String {
    if range.low == range.high {
        return grouped(range.low);
    }
    format!("{} to {}", grouped(range.low), grouped(range.high))
}

/// The questions to which sources give different answers.
fn contradicted(incident: &Incident) -> Vec<String> {
    let mut about: Vec<String> =
        said(incident).into_iter().filter(|line| line.is_disputed()).map(|l| l.about).collect();
    about.dedup();
    about
}

/// Each actor once, in the order first named, with the words that statements about it use and the year of the first.
fn who(register: &Register, incident: &Incident) -> String {
    let mut actors: Vec<(String, Vec<(Firmly, String)>)> = Vec::new();
    for said in &incident.attributions {
        let laundered = if said.part == Part::Laundered { " (laundered)" } else { "" };
        let name = format!("{}{laundered}", register.actor_name(&said.actor));
        let at = actors.iter().position(|(other, _)| *other == name).unwrap_or_else(|| {
            actors.push((name, Vec::new()));
            actors.len() - 1
        });
        let words = &mut actors[at].1;
        if !words.iter().any(|(firmly, _)| *firmly == said.firmly) {
            words.push((said.firmly, word(said)));
        }
    }
    let words = |words: Vec<(Firmly, String)>| words.into_iter().map(|(_, word)| word).collect::<Vec<_>>().join(", ");
    let told: Vec<String> = actors.into_iter().map(|(name, each)| format!("{name}: {}", words(each))).collect();
    if told.is_empty() { "nobody is named".to_owned() } else { told.join("; ") }
}

/// `claimed 2018`, `claimed 2020, refuted`.
fn word(said: &Attribution) -> String {
    let year = said.when.map_or_else(String::new, |when| format!(" {}", when.first().year()));
    let refuted = if said.refuted.is_some() { ", refuted" } else { "" };
    format!("{}{year}{refuted}", said.firmly.word())
}

/// Statements as JSON has them in a list.
fn statements(register: &Register, attributions: &[Attribution]) -> Vec<Value> {
    let each = |said: &Attribution| {
        json!({
            "actor": register.actor_name(&said.actor), "firmly": said.firmly.word(), "part": said.part.word(),
            "by": said.by, "when": when(said.when),
        })
    };
    attributions.iter().map(each).collect()
}

/// A time as JSON has it.
pub(super) fn when(when: Option<Moment>) -> Value {
    when.map_or(Value::Null, |when| Value::from(when.to_string()))
}
