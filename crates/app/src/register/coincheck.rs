//! The founding case as supplied data: what `coinhound demo` is built on.
//!
//! Everything here is text that ships with the program and says where it is from; nothing was read from a chain. Three
//! files are ready to be used like a user's own: [`transfers_csv`] with [`map_toml`] for `ingest --table`, [`tagpack`]
//! for `tag import`. The others are read by [`timeline`], [`statements`], [`marker_mosaics`] and [`unknowns`].

use std::sync::OnceLock;

use serde::Deserialize;

use super::Register;
use super::source::Citation;
use super::statement::Attribution;
pub use super::timeline::{Event, Group, Other, Span, Timeline, TimelineError};

/// The incident's id in the register.
pub const INCIDENT: &str = "coincheck-2018";
/// The name that [`map_toml`] gives the ledger.
pub const LEDGER: &str = "coincheck-2018";
/// Coincheck's hot wallet.
pub const VICTIM: &str = "NC3BI3DNMR2PGEOOMP2NKXQGSAKMS7GYRKVA5CSZ";
/// The account that received the eleven transfers.
pub const THIEF: &str = "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG";
/// What the eleven transfers come to, in XEM.
pub const STOLEN_XEM: u64 = 526_300_010;
/// The span that answers how long nobody noticed.
pub const UNNOTICED: &str = "unnoticed";

const TRANSFERS: &str = include_str!("../../data/coincheck/transfers.csv");
const MAP: &str = include_str!("../../data/coincheck/map.toml");
const TAGS: &str = include_str!("../../data/coincheck/tags.yaml");
const TIMELINE: &str = include_str!("../../data/coincheck/timeline.toml");
const MARKS: &str = include_str!("../../data/coincheck/marks.toml");
const UNKNOWN: &str = include_str!("../../data/coincheck/unknown.toml");

/// The eleven transfers as a table: CSV with a header, one row each, in the order in which sources tell them.
///
/// `time` and `until` are the first and the last minute that a transfer may have had, Japan Standard Time; `entry` is
/// the row's own name, because no source tells which hash is whose; `source` is where it was read.
#[must_use]
pub fn transfers_csv() -> &'static str {
    TRANSFERS
}

/// How [`transfers_csv`] becomes the ledger [`LEDGER`]: a map of the form that docs/tables.md describes.
#[must_use]
pub fn map_toml() -> &'static str {
    MAP
}

/// What sources say about accounts of the theft, as a TagPack: Coincheck's and the first receiver, nine onward accounts
/// that two sources name and a tenth that one names. What reached them is in no source.
#[must_use]
pub fn tagpack() -> &'static str {
    TAGS
}

/// What happened when, in the order of the file: no event stands behind one that certainly came later.
///
/// # Panics
/// When the shipped file is wrong: a test reads it.
#[must_use]
pub fn timeline() -> &'static Timeline {
    static SHIPPED: OnceLock<Timeline> = OnceLock::new();
    SHIPPED.get_or_init(|| Timeline::read(TIMELINE).expect("a test reads the timeline that ships"))
}

/// Who is said to have done it, by whom: the statements of the register's entry, in time order, those without a time
/// last.
///
/// # Panics
/// When the shipped register is wrong: a test reads it.
#[must_use]
pub fn statements() -> &'static [Attribution] {
    &Register::shipped().find(INCIDENT).expect("a test finds the founding case").attributions
}

/// What is not known, and where it could be learnt.
///
/// # Panics
/// When the shipped file is wrong: a test reads it.
#[must_use]
pub fn unknowns() -> &'static [Unknown] {
    static SHIPPED: OnceLock<Unknowns> = OnceLock::new();
    &SHIPPED.get_or_init(|| toml::from_str(UNKNOWN).expect("a test reads the file that ships")).unknown
}

/// The mosaics that were sent to accounts of the theft, so that others would know them: claims by whoever sent them, one
/// transfer behind the coins.
///
/// # Panics
/// When the shipped file is wrong: a test reads it.
#[must_use]
pub fn marker_mosaics() -> &'static [Mark] {
    static SHIPPED: OnceLock<Marks> = OnceLock::new();
    &SHIPPED.get_or_init(|| toml::from_str(MARKS).expect("a test reads the file that ships")).mark
}

/// A mosaic that marks an account.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Its namespace.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// Who sent it.
    pub by: String,
    /// The event of the timeline with which it began.
    pub from: String,
    /// The one with which it ended, where it is told.
    pub until: Option<String>,
    /// What it does not say.
    pub limits: Vec<String>,
    /// Where it was read.
    pub sources: Vec<Citation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    mark: Vec<Mark>,
}

/// Something that no source tells.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// What is not known.
    pub what: String,
    /// What is known instead.
    pub known: String,
    /// Where it could be learnt.
    #[serde(rename = "where")]
    pub learnt: String,
    /// A transaction's hash that belongs to the question, where one was published.
    pub hash: Option<String>,
    /// What `known` rests on.
    pub sources: Vec<Citation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unknowns {
    unknown: Vec<Unknown>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_transfer_went_unnoticed_for_eleven_hours_and_23_minutes() {
        let span = timeline().span(UNNOTICED).expect("it is asked for by name");
        let sentence = timeline().sentence(span).expect("its events are there");
        assert_eq!(sentence, "the first transfer went unnoticed for 11 h 23 min");
        let first = timeline().event(&span.from).expect("it is there");
        assert_eq!(timeline().first_at(first).to_string(), "2018-01-25T15:02:00Z");
    }

    #[test]
    fn a_sentence_follows_its_events() {
        let later = TIMELINE.replace("at = \"2018-01-26T11:25\"", "at = \"2018-01-26T11:26\"");
        let later = Timeline::read(&later).expect("still a timeline");
        let sentence = later.sentence(later.span(UNNOTICED).expect("it is there")).expect("its events are there");
        assert!(sentence.ends_with("11 h 24 min"), "{sentence}");
    }

    #[test]
    fn all_that_the_case_cites_is_in_the_register() {
        let register = Register::shipped();
        let of_events = timeline()
            .events
            .iter()
            .flat_map(|event| event.sources.iter().chain(event.others.iter().flat_map(|other| &other.sources)));
        let of_marks = marker_mosaics().iter().flat_map(|mark| &mark.sources);
        let cited = of_events.chain(of_marks).chain(unknowns().iter().flat_map(|unknown| &unknown.sources));
        let events = marker_mosaics().iter().flat_map(|mark| mark.until.iter().chain([&mark.from]));
        assert!(events.into_iter().all(|event| timeline().event(event).is_some()));
        assert_eq!(register.check_citations(cited), Ok(()));
        let ids = TRANSFERS.lines().skip(1).flat_map(|line| line.split(',').skip(10).take(2));
        let ids: Vec<Citation> =
            ids.flat_map(|cell| cell.split("; ")).map(|id| Citation::from(id.to_owned())).collect();
        assert!(ids.len() >= 22, "each row has sources for its time and its amount: {}", ids.len());
        assert_eq!(register.check_citations(&ids), Ok(()));
        assert!(timeline().events.iter().all(|event| !event.sources.is_empty()));
    }
}
