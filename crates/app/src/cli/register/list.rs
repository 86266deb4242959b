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
use crate::register::{Attribution, Choice, Firmly, Incident, Moment, Register};
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

/// Each actor once, in the order first named, with the words that statements about it use.
fn who(register: &Register, incident: &Incident) -> String {
    let mut actors: Vec<(&str, Vec<Firmly>)> = Vec::new();
    for said in &incident.attributions {
        let name = register.actor_name(&said.actor);
        match actors.iter_mut().find(|(other, _)| *other == name) {
            Some((_, words)) if words.contains(&said.firmly) => {}
            Some((_, words)) => words.push(said.firmly),
            None => actors.push((name, vec![said.firmly])),
        }
    }
    if actors.is_empty() {
        return "nobody is named".to_owned();
    }
    let words = |words: &[Firmly]| words.iter().map(|firmly| firmly.word()).collect::<Vec<_>>().join(", ");
    actors.iter().map(|(name, firmly)| format!("{name}: {}", words(firmly))).collect::<Vec<_>>().join("; ")
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
