//! A timeline: events as precise as they are told, what other sources say of them, and lengths of time computed from two.

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::moment::Moment;
use super::source::Citation;

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

    const TIMELINE: &str = include_str!("../../data/coincheck/timeline.toml");

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
