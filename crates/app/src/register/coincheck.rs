//! The founding case as supplied data: what `coinhound demo` is built on.
//!
//! Everything here is text that ships with the program and says where it is from; nothing was read from a chain. Three
//! files are ready to be used like a user's own: [`transfers_csv`] with [`map_toml`] for `ingest --table`, [`tagpack`]
//! for `tag import`. The others are read by [`timeline`], [`statements`], [`marker_mosaics`] and [`unknowns`].

use std::sync::OnceLock;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Register;
use super::moment::Moment;
use super::source::Citation;
use super::statement::Attribution;

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

/// Events with the clock that told their times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// How far the clock is ahead of UTC.
    pub zone: Offset,
    /// What people call it.
    pub zone_name: String,
    /// In time order.
    pub events: Vec<Event>,
    /// What is computed from two events each.
    pub spans: Vec<Span>,
}

/// One event.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its name in this file.
    pub id: String,
    /// When, or when it began; local time.
    pub at: Moment,
    /// When it ended, where a range is told.
    pub until: Option<Moment>,
    /// What it is a part of.
    pub group: Group,
    /// What happened.
    pub what: String,
    /// Where it was read.
    pub sources: Vec<Citation>,
    /// What other sources say of the same event.
    #[serde(default)]
    pub others: Vec<Other>,
    /// Why it should be read with care.
    pub doubt: Option<String>,
}

/// What another source says of an event: another time, other words, or both.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// Another time; none where only the words differ.
    pub at: Option<Moment>,
    /// When it ended.
    pub until: Option<Moment>,
    /// What it says.
    pub what: String,
    /// Where it was read.
    pub sources: Vec<Citation>,
}

/// What an event is a part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// How they came in.
    Before,
    /// The eleven transfers.
    Theft,
    /// How it was noticed and told.
    Discovery,
    /// Where the coins went on to.
    Laundering,
    /// Marks sent to accounts.
    Tagging,
    /// What customers got.
    Refund,
    /// What the regulator did.
    Law,
    /// Who was named.
    Attribution,
    /// Who was prosecuted, for buying.
    Prosecution,
    /// What became of the company.
    Company,
}

/// The time from one event to another: a sentence whose number is computed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its name in this file.
    pub id: String,
    /// The event it begins with.
    pub from: String,
    /// The event it ends with.
    pub to: String,
    /// The words before the number.
    pub says: String,
}

/// Why a timeline is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// Not TOML of a timeline's form.
    #[error("the timeline is malformed")]
    Form(#[from] toml::de::Error),
    /// A value that cannot stand.
    #[error("the timeline's `{place}`: {what}")]
    Value {
        /// Which entry.
        place: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    zone: String,
    zone_name: String,
    event: Vec<Event>,
    span: Vec<Span>,
}

impl Timeline {
    /// Reads a timeline.
    ///
    /// # Errors
    /// Names the key or the entry that is wrong: unknown, twice, out of order, a span without its events.
    pub fn read(text: &str) -> Result<Self, TimelineError> {
        let file: File = toml::from_str(text)?;
        let wrong = |place: &str, what| TimelineError::Value { place: place.to_owned(), what };
        let zone = offset(&file.zone).ok_or_else(|| wrong("zone", "expected an offset such as +09:00"))?;
        let read = Self { zone, zone_name: file.zone_name, events: file.event, spans: file.span };
        let mut latest = None;
        for event in &read.events {
            if latest.is_some_and(|latest| event.at.last() < latest) {
                return Err(wrong(&event.id, "it stands behind a later event"));
            }
            latest = latest.max(Some(event.at.first()));
            if read.events.iter().filter(|other| other.id == event.id).count() > 1 {
                return Err(wrong(&event.id, "the id stands twice"));
            }
            if event.until.is_some_and(|until| until.last() < event.at.last()) {
                return Err(wrong(&event.id, "it ends before it begins"));
            }
        }
        for span in &read.spans {
            if read.length(span).is_none_or(|length| length.is_negative()) {
                return Err(wrong(&span.id, "it needs two events of the timeline, the earlier first"));
            }
        }
        Ok(read)
    }

    /// The event with this id.
    #[must_use]
    pub fn event(&self, id: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.id == id)
    }

    /// The span with this id.
    #[must_use]
    pub fn span(&self, id: &str) -> Option<&Span> {
        self.spans.iter().find(|span| span.id == id)
    }

    /// When an event may first have been, in UTC.
    #[must_use]
    pub fn first_at(&self, event: &Event) -> Timestamp {
        event.at.first_at(self.zone)
    }

    /// The time from the first second of one event to that of the other; none where the timeline lacks one of them.
    #[must_use]
    pub fn length(&self, span: &Span) -> Option<SignedDuration> {
        let (from, to) = (self.event(&span.from)?, self.event(&span.to)?);
        Some(self.first_at(to).duration_since(self.first_at(from)))
    }

    /// A span as a sentence: `the first transfer went unnoticed for 11 h 23 min`.
    #[must_use]
    pub fn sentence(&self, span: &Span) -> Option<String> {
        Some(format!("{} {}", span.says, hours_and_minutes(self.length(span)?)))
    }
}

/// `11 h 23 min`.
fn hours_and_minutes(length: SignedDuration) -> String {
    format!("{} h {} min", length.as_hours(), length.as_mins() % 60)
}

/// `+09:00` as an offset.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let fits = (0..24).contains(&hours) && (0..60).contains(&minutes);
    if fits { Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok() } else { None }
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

    #[test]
    fn a_wrong_timeline_is_refused() {
        for (from, to, part) in [
            ("zone = \"+09:00\"", "zone = \"JST\"", "`zone`"),
            ("group = \"before\"", "group = \"prologue\"", "malformed"),
            ("from = \"first-transfer\"", "from = \"no-transfer\"", "needs two events"),
            ("id = \"mails\"", "id = \"first-transfer\"", "stands twice"),
            ("at = \"2018-01\"", "at = \"2018-03\"", "stands behind a later event"),
        ] {
            let wrong = TIMELINE.replacen(from, to, 1);
            assert_ne!(wrong, TIMELINE, "{from}");
            let told = Timeline::read(&wrong).map(drop).expect_err(to).to_string();
            assert!(told.contains(part), "{told}");
        }
    }
}
