//! `register show`: one incident with all that is said of it, contradictions side by side.

use std::collections::BTreeSet;

use super::super::args::Format;
use super::super::context::Context;
use super::list::{both_ends, dates};
use crate::exit::{Exit, Outcome};
use crate::out::{Cell, Facts, Sheet};
use crate::register::choose::worth;
use crate::register::read::citations;
use crate::register::said::said;
use crate::register::{Citation, Incident, Moment, Part, Register};

/// Prints the incident.
pub(super) fn show(register: &Register, incident: &Incident, context: &Context) -> Outcome<Exit> {
    let more = [
        ("statements", &statements(register, incident)),
        ("anchors", &anchors(incident)),
        ("more_anchors", &more(incident)),
        ("doubts", &lines("doubt", &incident.doubts)),
        ("notes", &lines("note", &incident.notes)),
        ("sources", &sources(register, incident)),
    ];
    context.print_with_tables(&facts(incident), ("said", &values(incident, context.format == Format::Table)), &more)?;
    Ok(Exit::Success)
}

fn facts(incident: &Incident) -> Facts {
    let worth = worth(incident);
    let ranked = worth.map_or_else(|| "not known: nobody gives US dollars for the time itself".to_owned(), both_ends);
    let mut facts = Facts::new()
        .with("id", &incident.id)
        .with("date", Cell::new(dates(incident), incident.date.to_string()))
        .with("/until", moment(incident.until, ""))
        .with("victim", &incident.victim);
    match &incident.victim_doubt {
        Some(doubt) => facts.add("but/victim_doubt", doubt),
        None => facts.add("/victim_doubt", Cell::none("")),
    }
    facts
        .with("kind", incident.kind.word())
        .with("chains", Cell::words(&incident.chains, "not told"))
        .with("assets", Cell::words(&incident.assets, "not told"))
        .with("how/technique", Cell::maybe(incident.technique.as_deref(), "not public, or not in the sources read"))
        .with(
            "USD then/usd_low",
            Cell::new(ranked, Cell::maybe_number(worth.map(|range| range.low), "").value().clone()),
        )
        .with("/usd_high", Cell::maybe_number(worth.map(|range| range.high), ""))
}

/// What is said, answers to one question side by side; to people the question is told once.
fn values(incident: &Incident, once: bool) -> Sheet {
    let mut sheet =
        Sheet::new(&["said of/about", "is/value", "contradicted/answer", "/answers", "by", "when", "source/sources"]);
    let mut last = String::new();
    for line in said(incident) {
        let (number, all) = line.answer;
        let shown = if once && line.about == last { String::new() } else { line.about.clone() };
        let mark = if line.is_disputed() { format!("{number} of {all}") } else { String::new() };
        sheet.push([
            Cell::new(shown, line.about.as_str()),
            line.value.into(),
            Cell::new(mark, number),
            Cell::new("", all),
            Cell::maybe(line.by, ""),
            moment(line.when, ""),
            cites(line.citations),
        ]);
        last = line.about;
    }
    sheet
}

fn statements(register: &Register, incident: &Incident) -> Sheet {
    let mut sheet = Sheet::new(&[
        "who it was/actor",
        "firmly",
        "/part",
        "says/by",
        "when",
        "because/basis",
        "but/refuted",
        "/doubt",
        "source/sources",
    ]);
    for said in &incident.attributions {
        let laundered = said.part == Part::Laundered;
        let name = register.actor_name(&said.actor);
        let shown = if laundered { format!("{name} (laundered)") } else { name.to_owned() };
        let but: Vec<&str> = [&said.refuted, &said.doubt].into_iter().flatten().map(String::as_str).collect();
        let refuted = said.refuted.as_deref().map_or(serde_json::Value::Null, Into::into);
        sheet.push([
            Cell::new(shown, name),
            said.firmly.word().into(),
            Cell::new("", said.part.word()),
            (&said.by).into(),
            moment(said.when, "not told"),
            Cell::maybe(said.basis.as_deref(), ""),
            Cell::new(but.join("; "), refuted),
            Cell::maybe(said.doubt.as_deref(), ""),
            cites(Register::citations(incident, &said.sources)),
        ]);
    }
    sheet
}

fn anchors(incident: &Incident) -> Sheet {
    let mut sheet = Sheet::new(&["chain", "what", "on the chain/text", "is/role", "/malformed", "source/sources"]);
    for anchor in &incident.anchors {
        sheet.push([
            (&anchor.chain).into(),
            if anchor.tx.is_some() { "transaction" } else { "address" }.into(),
            anchor.text().into(),
            (&anchor.role).into(),
            Cell::new("", anchor.malformed),
            cites(Register::citations(incident, &anchor.sources)),
        ]);
    }
    sheet
}

fn more(incident: &Incident) -> Sheet {
    let mut sheet = Sheet::new(&["more of them/what", "source/sources"]);
    for more in &incident.more {
        sheet.push([(&more.what).into(), cites(&more.sources)]);
    }
    sheet
}

fn lines(name: &str, lines: &[String]) -> Sheet {
    let mut sheet = Sheet::new(&[name]);
    lines.iter().for_each(|line| sheet.push([line]));
    sheet
}

/// Every source that a value of the entry rests on, in the order of their ids.
fn sources(register: &Register, incident: &Incident) -> Sheet {
    let mut sheet = Sheet::new(&["cited as/source", "kind", "is/name", "at"]);
    let cited: BTreeSet<&str> = citations(incident).map(|citation| citation.source.as_str()).collect();
    for source in cited.into_iter().filter_map(|id| register.sources.get(id)) {
        sheet.push([(&source.id).into(), Cell::from(source.kind.word()), (&source.name).into(), (&source.at).into()]);
    }
    sheet
}

fn cites(citations: &[Citation]) -> Cell {
    let told: Vec<String> = citations.iter().map(ToString::to_string).collect();
    Cell::new(told.join("; "), told)
}

fn moment(when: Option<Moment>, unknown: &str) -> Cell {
    Cell::maybe(when.map(|when| when.to_string()).as_deref(), unknown)
}
