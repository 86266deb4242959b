//! What else is told of the Coincheck case, as tables of its report: when, where to, by whom, and what nobody tells.

use crate::register::coincheck::{self, Event, Timeline};
use crate::register::source::Citation;
use crate::register::{Register, coincheck::marker_mosaics};
use crate::report::document::AnnexPart;
use crate::tags::Pack;
use crate::tags::pack::Reading;
use crate::text::Said;

/// Every table, in the order of the page.
pub fn coincheck() -> Vec<AnnexPart> {
    vec![timeline(), contradictions(), onward(), marks(), statements(), unknowns()]
}

/// The same in a few lines.
pub fn lines() -> String {
    let timeline = coincheck::timeline();
    let mut out = String::from("\nwhat sources tell beside the transfers\n");
    for span in &timeline.spans {
        if let Some(sentence) = timeline.sentence(span) {
            out.push_str(&format!("  {sentence}\n"));
        }
    }
    let (onward, others, unknown) = (onward().rows.len(), contradictions().rows.len(), unknowns().rows.len());
    out.push_str(&format!(
        "  {onward} onward accounts are named; what reached each is in no source read: amounts not known\n  {others} contradictions between sources and {unknown} things not known stand in the report\n"
    ));
    out
}

fn part(title: &str, intro: String, columns: &[&str], rows: Vec<Vec<String>>) -> AnnexPart {
    AnnexPart {
        title: title.into(),
        intro: intro.into(),
        columns: columns.iter().map(|&column| Said::from(column)).collect(),
        rows: rows.into_iter().map(|row| row.into_iter().map(Said::from).collect()).collect(),
    }
}

/// Names of sources, each with its place.
fn sources(citations: &[Citation]) -> String {
    let register = Register::shipped();
    let told = citations.iter().map(|citation| {
        let source = register.sources.get(&citation.source);
        let name = source.map_or_else(|| citation.source.clone(), |source| source.name.clone());
        citation.place.as_ref().map_or(name.clone(), |place| format!("{name}: {place}"))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn when(timeline: &Timeline, event: &Event) -> String {
    let until = event.until.map(|until| format!(" to {until}")).unwrap_or_default();
    format!("{}{until} {}", event.at, timeline.zone_name).replace('T', " ")
}

fn timeline() -> AnnexPart {
    let timeline = coincheck::timeline();
    let spans: Vec<String> = timeline.spans.iter().filter_map(|span| timeline.sentence(span)).collect();
    let rows = timeline.events.iter().map(|event| {
        let doubt = event.doubt.as_ref().map(|doubt| format!(" (to be read with care: {doubt})")).unwrap_or_default();
        vec![when(timeline, event), format!("{}{doubt}", event.what), sources(&event.sources)]
    });
    let intro =
        format!("Computed from the times below: {}. Times are as precise as somebody told them.", spans.join("; "));
    part("What happened when", intro, &["When", "What", "Who says so"], rows.collect())
}

fn contradictions() -> AnnexPart {
    let timeline = coincheck::timeline();
    let mut rows = Vec::new();
    for event in &timeline.events {
        for other in &event.others {
            let at = other.at.map(|at| format!("{at} {}: ", timeline.zone_name).replace('T', " ")).unwrap_or_default();
            rows.push(vec![
                format!("{} ({})", event.what, when(timeline, event)),
                sources(&event.sources),
                format!("{at}{}", other.what),
                sources(&other.sources),
            ]);
        }
    }
    let intro = "Sources tell some things differently. Both sides stand here; none was chosen over the other, but for which is called the first.";
    part("Where sources contradict each other", intro.to_owned(), &["One says", "Who", "Another says", "Who"], rows)
}

/// The tagged accounts beside the two of the table.
fn onward() -> AnnexPart {
    let reading = Reading { check_address: &|_, text| Ok(text.to_owned()), confidence: None, skip_invalid: false };
    let pack = Pack::read(coincheck::tagpack().as_bytes(), &reading).expect("a test reads the pack that ships");
    let mut rows: Vec<Vec<String>> = Vec::new();
    pack.tags.iter().for_each(|tag| add_onward(&mut rows, tag.subject.text(), &tag.label, &tag.source));
    let intro = "Accounts that sources name as receivers of the loot after the first. They are tags, not part of the trace: no source read tells how much went to which, so nothing is drawn to them, and the trace ends at the first account.";
    part(
        "Where it is said to have gone on",
        intro.to_owned(),
        &["Account", "What is said", "Who says so", "Amount"],
        rows,
    )
}

fn add_onward(rows: &mut Vec<Vec<String>>, address: &str, label: &str, source: &str) {
    if [coincheck::VICTIM, coincheck::THIEF].contains(&address) {
        return;
    }
    match rows.iter_mut().find(|row| row[0] == address) {
        Some(row) if !row[2].contains(source) => row[2].push_str(&format!("; {source}")),
        Some(_) => {}
        None => rows.push(vec![address.to_owned(), label.to_owned(), source.to_owned(), "not known".to_owned()]),
    }
}

fn marks() -> AnnexPart {
    let rows = marker_mosaics().iter().map(|mark| {
        vec![
            format!("{}:{}", mark.namespace, mark.name),
            mark.by.clone(),
            mark.limits.join("; "),
            sources(&mark.sources),
        ]
    });
    let intro = "Mosaics that were sent to accounts as a warning. A mark is a claim by whoever sent it: it came one transfer behind the coins and said nothing of amounts.";
    part(
        "How accounts were marked",
        intro.to_owned(),
        &["Mosaic", "Sent by", "What it does not say", "Who says so"],
        rows.collect(),
    )
}

fn statements() -> AnnexPart {
    let register = Register::shipped();
    let rows = coincheck::statements().iter().map(|said| {
        let mut more: Vec<String> = said.basis.iter().map(|basis| format!("basis: {basis}")).collect();
        more.extend(said.refuted.iter().map(|why| format!("cannot be right: {why}")));
        more.extend(said.doubt.iter().map(|why| format!("to be read with care: {why}")));
        vec![
            said.when.map_or_else(|| "not told".to_owned(), |when| when.to_string()),
            said.by.clone(),
            format!("{}, {} {}", register.actor_name(&said.actor), said.firmly.word(), said.part.word()),
            more.join("; "),
            sources(&said.sources),
        ]
    });
    let intro = "Statements by others about who it was, with who made them and on what basis. This report makes none of them its own.";
    part(
        "Who is said to have done it, and by whom",
        intro.to_owned(),
        &["When", "Who says so", "Says", "On what basis", "Read in"],
        rows.collect(),
    )
}

fn unknowns() -> AnnexPart {
    let rows = coincheck::unknowns().iter().map(|unknown| {
        let hash =
            unknown.hash.as_ref().map(|hash| format!(" (a hash that belongs to this: {hash})")).unwrap_or_default();
        vec![
            unknown.what.clone(),
            format!("{}{hash}", unknown.known),
            unknown.learnt.clone(),
            sources(&unknown.sources),
        ]
    });
    part(
        "What nobody tells",
        "Gaps in what was published, and where the answers lie.".to_owned(),
        &["Not known", "What is known instead", "Where it could be learnt", "Who says so"],
        rows.collect(),
    )
}
