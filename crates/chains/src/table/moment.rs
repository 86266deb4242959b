//! When a row says it happened: an instant, or a range where the table is no finer.
//!
//! A row's moment is its earliest possible instant; what else it may have been stays in a note. A wall clock's time in
//! a named zone is looked up in the zone rules that this build carries, so that every machine reads the same.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::precision::Precision;

/// Why a text is not a moment.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MomentError {
    /// Not of the map's format, or no day of the calendar.
    #[error("expected a time of the form `{format}`")]
    Malformed {
        /// What the map says.
        format: String,
    },
    /// A time that no clock of the zone showed.
    #[error("expected a time that there was: clocks in {zone} went over it")]
    Skipped {
        /// The zone.
        zone: String,
    },
    /// Before 1970 or after 2106.
    #[error("expected a time between 1970 and 2106")]
    OutOfRange,
    /// Coarser than the map says.
    #[error("expected a time to the {declared}, this one goes to the {written}")]
    TooCoarse {
        /// What the map says.
        declared: Precision,
        /// What the text has.
        written: Precision,
    },
    /// No precision that there is.
    #[error("expected a precision: second, minute, hour or day")]
    NoPrecision,
    /// A range that ends before it begins.
    #[error("expected a range that ends no earlier than it begins")]
    Backwards,
}

/// How a table writes times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Format {
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
    /// ISO 8601 or RFC 3339: date, then as much of the time of day as is known, then the offset, if any.
    Iso,
    /// A pattern with `%Y` and the like.
    Pattern(String),
}

/// How times are read.
#[derive(Clone, Debug)]
pub struct Clock {
    /// How they are written.
    pub format: Format,
    /// Where the clock hung that showed them.
    pub zone: TimeZone,
    /// What the map calls the zone.
    pub zone_name: String,
}

/// A range of instants, seconds since 1970, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The earliest.
    pub from: u32,
    /// The latest.
    pub to: u32,
    /// How fine the text is.
    pub precision: Precision,
}

/// What a text says before a zone is applied.
struct Reading {
    clock: DateTime,
    offset: Option<Offset>,
    precision: Precision,
}

impl Clock {
    /// A zone by its IANA name, or an offset such as `+09:00`.
    #[must_use]
    pub fn zone(name: &str) -> Option<TimeZone> {
        if name == "UTC" {
            return Some(TimeZone::UTC);
        }
        offset(name).map(TimeZone::fixed).or_else(|| TimeZoneDatabase::bundled().get(name).ok())
    }

    /// Reads one text; `declared` is how fine the map says it is.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(&self, text: &str, declared: Option<Precision>) -> Result<Moment, MomentError> {
        let malformed = || MomentError::Malformed { format: self.format_name() };
        let reading = match &self.format {
            Format::Unix => return instant(text.parse().map_err(|_| malformed())?, declared),
            Format::UnixMillis => {
                let millis: i64 = text.parse().map_err(|_| malformed())?;
                return instant(millis.div_euclid(1_000), declared);
            }
            Format::Iso => iso(text).ok_or_else(malformed)?,
            Format::Pattern(pattern) => by_pattern(pattern, text).ok_or_else(malformed)?,
        };
        let precision = match declared {
            Some(declared) if declared < reading.precision => {
                return Err(MomentError::TooCoarse { declared, written: reading.precision });
            }
            declared => declared.unwrap_or(reading.precision),
        };
        self.range(&Reading { precision, ..reading })
    }

    /// The format as a map writes it.
    fn format_name(&self) -> String {
        match &self.format {
            Format::Unix => "unix".to_owned(),
            Format::UnixMillis => "unix-ms".to_owned(),
            Format::Iso => "2018-01-26 00:02:13".to_owned(),
            Format::Pattern(pattern) => pattern.clone(),
        }
    }

    /// The instants at which a clock of the zone showed a time of the reading's precision.
    fn range(&self, reading: &Reading) -> Result<Moment, MomentError> {
        let floor = reading.precision.floor(reading.clock);
        let last = floor.checked_add(SignedDuration::from_secs(i64::from(reading.precision.secs()) - 1));
        let last = last.map_err(|_| MomentError::OutOfRange)?;
        let (zone, zone_name) = match reading.offset {
            Some(offset) => (TimeZone::fixed(offset), offset.to_string()),
            None => (self.zone.clone(), self.zone_name.clone()),
        };
        let [first, last] = [zone.to_ambiguous_timestamp(floor), zone.to_ambiguous_timestamp(last)];
        if is_gap(&first.offset()) && is_gap(&last.offset()) {
            return Err(MomentError::Skipped { zone: zone_name });
        }
        // In the night when clocks go back a time is shown twice: it may be either. A span that begins or ends where
        // clocks go forward is shorter.
        let last = if is_gap(&last.offset()) { last.earlier() } else { last.later() };
        let first = first.compatible();
        let second = |at: Result<Timestamp, jiff::Error>| {
            at.ok().and_then(|at| u32::try_from(at.as_second()).ok()).ok_or(MomentError::OutOfRange)
        };
        Ok(Moment { from: second(first)?, to: second(last)?, precision: reading.precision })
    }
}

fn is_gap(offset: &jiff::tz::AmbiguousOffset) -> bool {
    matches!(offset, jiff::tz::AmbiguousOffset::Gap { .. })
}

/// A second, or the coarser span around it that the map declares.
fn instant(second: i64, declared: Option<Precision>) -> Result<Moment, MomentError> {
    let precision = declared.unwrap_or(Precision::Second);
    let from = second - second.rem_euclid(i64::from(precision.secs()));
    let to = from + i64::from(precision.secs()) - 1;
    let fit = |second| u32::try_from(second).map_err(|_| MomentError::OutOfRange);
    Ok(Moment { from: fit(from)?, to: fit(to)?, precision })
}

fn by_pattern(pattern: &str, text: &str) -> Option<Reading> {
    let read = strtime::parse(pattern, text).ok()?;
    if let Some(instant) = read.timestamp() {
        let clock = Offset::UTC.to_datetime(instant);
        return Some(Reading { clock, offset: Some(Offset::UTC), precision: Precision::Second });
    }
    let date = read.to_date().ok()?;
    let hour = read.hour();
    let precision = match (read.second(), read.minute(), hour) {
        (Some(_), ..) => Precision::Second,
        (_, Some(_), _) => Precision::Minute,
        (.., Some(_)) => Precision::Hour,
        _ => Precision::Day,
    };
    let time = if hour.is_some() { read.to_time().ok()? } else { Time::midnight() };
    Some(Reading { clock: date.to_datetime(time), offset: read.offset(), precision })
}

/// `2018-01-26`, `2018-01-26 00:02`, `2018-01-26T00:02:13.5Z`, `2018-01-26T00:02:13+09:00`.
fn iso(text: &str) -> Option<Reading> {
    let (date, rest) = match text.split_once(['T', ' ']) {
        Some((date, rest)) => (date, Some(rest)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let date = Date::new(digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?).ok()?;
    let Some(rest) = rest.filter(|_| parts.next().is_none()) else {
        let is_date = rest.is_none() && parts.next().is_none();
        let reading = Reading { clock: date.to_datetime(Time::midnight()), offset: None, precision: Precision::Day };
        return is_date.then_some(reading);
    };
    let (clock, offset) = split_offset(rest)?;
    let (time, precision) = time_of_day(clock)?;
    Some(Reading { clock: date.to_datetime(time), offset, precision })
}

fn split_offset(rest: &str) -> Option<(&str, Option<Offset>)> {
    if let Some(clock) = rest.strip_suffix(['Z', 'z']) {
        return Some((clock, Some(Offset::UTC)));
    }
    match rest.find(['+', '-']) {
        Some(sign) => Some((&rest[..sign], Some(offset(&rest[sign..])?))),
        None => Some((rest, None)),
    }
}

fn time_of_day(clock: &str) -> Option<(Time, Precision)> {
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = parts.next();
    let second = parts.next();
    if parts.next().is_some() {
        return None;
    }
    let precision = match (minute, second) {
        (_, Some(_)) => Precision::Second,
        (Some(_), None) => Precision::Minute,
        (None, None) => Precision::Hour,
    };
    let second = second.map_or(Some(0), whole_second)?;
    Some((Time::new(hour, minute.map_or(Some(0), |text| digits(text, 2))?, second, 0).ok()?, precision))
}

/// `13` of `13.250`.
fn whole_second(text: &str) -> Option<i8> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole, 2).filter(|_| is_fraction)
}

/// `+09:00` or `-0330`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
    let (hours, minutes): (i32, i32) = (digits(hours, 2)?, digits(minutes, 2)?);
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

fn digits<T: std::str::FromStr>(text: &str, count: usize) -> Option<T> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(format: Format, zone: &str) -> Clock {
        Clock { format, zone: Clock::zone(zone).expect("a zone"), zone_name: zone.to_owned() }
    }

    fn pattern(pattern: &str, zone: &str) -> Clock {
        clock(Format::Pattern(pattern.to_owned()), zone)
    }

    fn span(moment: Result<Moment, MomentError>) -> String {
        match moment {
            Ok(moment) => {
                let text = |at| Timestamp::from_second(i64::from(at)).expect("32 bits").to_string();
                format!("{} {}/{}", moment.precision, text(moment.from), text(moment.to))
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_moment_is_as_wide_as_its_text_is_coarse() {
        let tokyo = clock(Format::Iso, "Asia/Tokyo");
        for (text, want) in [
            ("2018-01-26 00:02:13", "second 2018-01-25T15:02:13Z/2018-01-25T15:02:13Z"),
            ("2018-01-26T00:02", "minute 2018-01-25T15:02:00Z/2018-01-25T15:02:59Z"),
            ("2018-01-26 00", "hour 2018-01-25T15:00:00Z/2018-01-25T15:59:59Z"),
            ("2018-01-26", "day 2018-01-25T15:00:00Z/2018-01-26T14:59:59Z"),
            ("2018-01-26T00:02:13.999Z", "second 2018-01-26T00:02:13Z/2018-01-26T00:02:13Z"),
            ("2018-01-26T00:02:13-05:00", "second 2018-01-26T05:02:13Z/2018-01-26T05:02:13Z"),
        ] {
            assert_eq!(span(tokyo.read(text, None)), want, "{text}");
        }
        let unix = clock(Format::Unix, "UTC");
        assert_eq!(span(unix.read("1516892533", None)), "second 2018-01-25T15:02:13Z/2018-01-25T15:02:13Z");
        let hour = unix.read("1516892533", Some(Precision::Hour));
        assert_eq!(span(hour), "hour 2018-01-25T15:00:00Z/2018-01-25T15:59:59Z");
        let millis = clock(Format::UnixMillis, "UTC").read("1516892533999", None);
        assert_eq!(span(millis), "second 2018-01-25T15:02:13Z/2018-01-25T15:02:13Z");
        let american = pattern("%m/%d/%Y %I:%M %p", "+09:00").read("01/26/2018 12:02 AM", None);
        assert_eq!(span(american), "minute 2018-01-25T15:02:00Z/2018-01-25T15:02:59Z");
        let with_offset = pattern("%Y-%m-%d %H:%M:%S %z", "UTC").read("2018-01-26 00:02:13 +0900", None);
        assert_eq!(span(with_offset), "second 2018-01-25T15:02:13Z/2018-01-25T15:02:13Z");
    }

    #[test]
    fn days_that_no_calendar_has_are_refused() {
        for text in ["2018-02-31", "2018-13-01", "2018-1-1", "2018-01-26 24:00", "2018-01-26 00:60", "26.01.2018", ""] {
            assert!(clock(Format::Iso, "UTC").read(text, None).is_err(), "{text}");
        }
        for text in ["2018-01-26 00:02:60", "2018-01-26 00:02:13+9", "2018-01-26 ", "2018-01-26-01", "2018-01-26 1:2:3"]
        {
            assert!(clock(Format::Iso, "UTC").read(text, None).is_err(), "{text}");
        }
        assert!(pattern("%d.%m.%Y", "UTC").read("31.02.2018", None).is_err());
        assert!(pattern("%d.%m.%Y", "UTC").read("28.02.2018 ", None).is_err(), "nothing may follow");
        for text in ["-1", "4294967296", "99999999999999999999", "1.5", ""] {
            assert!(clock(Format::Unix, "UTC").read(text, None).is_err(), "{text}");
        }
        assert!(clock(Format::Iso, "UTC").read("1969-12-31", None).is_err());
        assert!(clock(Format::Iso, "UTC").read("2107-01-01", None).is_err());
        assert!(clock(Format::Iso, "UTC").read("9999-12-31", None).is_err());
    }

    #[test]
    fn a_time_that_clocks_went_over_is_refused_and_one_shown_twice_is_a_range() {
        let berlin = pattern("%Y-%m-%d %H:%M", "Europe/Berlin");
        let gap = berlin.read("2018-03-25 02:30", None);
        assert_eq!(gap, Err(MomentError::Skipped { zone: "Europe/Berlin".to_owned() }));
        let twice = berlin.read("2018-10-28 02:30", None);
        assert_eq!(span(twice), "minute 2018-10-28T00:30:00Z/2018-10-28T01:30:59Z");
        let day = berlin.read("2018-03-25 12:00", Some(Precision::Day));
        assert_eq!(span(day), "day 2018-03-24T23:00:00Z/2018-03-25T21:59:59Z", "a day of 23 hours");
        assert!(berlin.read("2018-03-25 02:30", Some(Precision::Hour)).is_err(), "an hour that there was not");
        let midnight = clock(Format::Iso, "America/Sao_Paulo").read("2018-11-04", None);
        assert_eq!(span(midnight), "day 2018-11-04T03:00:00Z/2018-11-05T01:59:59Z", "it began at one o'clock");
    }

    #[test]
    fn a_text_is_not_finer_than_it_is_written() {
        let coarse = clock(Format::Iso, "UTC").read("2018-01-26 00:02", Some(Precision::Second));
        assert_eq!(coarse, Err(MomentError::TooCoarse { declared: Precision::Second, written: Precision::Minute }));
        let coarser = clock(Format::Iso, "UTC").read("2018-01-26 00:02:13", Some(Precision::Hour));
        assert_eq!(span(coarser), "hour 2018-01-26T00:00:00Z/2018-01-26T00:59:59Z");
    }

    #[test]
    fn zones_have_names_or_offsets() {
        assert!(["UTC", "Asia/Tokyo", "+09:00", "-0330"].into_iter().all(|name| Clock::zone(name).is_some()));
        assert!(["", "Tokyo", "+9", "+09:60", "+99:00", "é"].into_iter().all(|name| Clock::zone(name).is_none()));
    }
}
