//! A time as precise as somebody told it: a year, a month, a day or a minute.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::{Span, Timestamp, tz::Offset};
use serde::Deserialize;

/// How precise a time is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Precision {
    /// `2018`
    Year,
    /// `2018-01`
    Month,
    /// `2018-01-26`
    Day,
    /// `2018-01-26T00:02`
    Minute,
}

/// A local time and its precision: the form it is written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment {
    first: DateTime,
    precision: Precision,
}

/// Text that is no time.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is no time: expected 2018, 2018-01, 2018-01-26 or 2018-01-26T00:02")]
pub struct MomentError {
    text: String,
}

impl Moment {
    /// The first second that it may mean.
    #[must_use]
    pub fn first(&self) -> DateTime {
        self.first
    }

    /// The last second that it may mean.
    ///
    /// # Panics
    /// Never: years of four digits end long before the calendar does.
    #[must_use]
    pub fn last(&self) -> DateTime {
        let length = match self.precision {
            Precision::Year => Span::new().years(1),
            Precision::Month => Span::new().months(1),
            Precision::Day => Span::new().days(1),
            Precision::Minute => Span::new().minutes(1),
        };
        let next = self.first.checked_add(length).and_then(|next| next.checked_sub(Span::new().seconds(1)));
        next.expect("a year below 9999 was asked for when it was read")
    }

    /// How precise it is.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The first second that it may mean, as a point in time, for a clock so far ahead of UTC.
    ///
    /// # Panics
    /// Never: years of four digits lie within the range of timestamps.
    #[must_use]
    pub fn first_at(&self, zone: Offset) -> Timestamp {
        zone.to_timestamp(self.first).expect("a year below 9999 was asked for when it was read")
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || MomentError { text: text.to_owned() };
        let precision = match text.len() {
            4 => Precision::Year,
            7 => Precision::Month,
            10 => Precision::Day,
            16 => Precision::Minute,
            _ => return Err(wrong()),
        };
        let rest = "0001-01-01T00:00:00".get(text.len()..).ok_or_else(wrong)?;
        let first: DateTime = format!("{text}{rest}").parse().map_err(|_| wrong())?;
        let moment = Self { first, precision };
        // What is parsed generously is taken only as it is printed: 2018-01-26 00:02 with a space is not.
        let plain = moment.to_string() == text && first.year() < 9999;
        if plain { Ok(moment) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Moment {
    type Error = MomentError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = match self.precision {
            Precision::Year => 4,
            Precision::Month => 7,
            Precision::Day => 10,
            Precision::Minute => 16,
        };
        let whole = self.first.strftime("%Y-%m-%dT%H:%M").to_string();
        f.write_str(&whole[..length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_time_is_as_precise_as_it_is_written() {
        for (text, first, last) in [
            ("2018", "2018-01-01T00:00:00", "2018-12-31T23:59:59"),
            ("2018-02", "2018-02-01T00:00:00", "2018-02-28T23:59:59"),
            ("2018-01-26", "2018-01-26T00:00:00", "2018-01-26T23:59:59"),
            ("2018-01-26T00:02", "2018-01-26T00:02:00", "2018-01-26T00:02:59"),
        ] {
            let moment = moment(text);
            assert_eq!((moment.first().to_string(), moment.last().to_string()), (first.into(), last.into()));
            assert_eq!(moment.to_string(), text);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "18",
            "2018-13",
            "2018-1",
            "2018-02-30",
            "2018-01-26 00:02",
            "2018-01-26T24:02",
            "soon",
            "9999",
            "２０",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_clock_ahead_of_utc_shows_a_later_hour() {
        let first = moment("2018-01-26T00:02").first_at(Offset::constant(9));
        assert_eq!(first.to_string(), "2018-01-25T15:02:00Z");
    }
}
