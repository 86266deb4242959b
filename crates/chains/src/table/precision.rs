//! How fine a table's times are.

use std::fmt;

use jiff::civil::DateTime;

/// How fine a time is; finer ones are smaller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the second.
    Second,
    /// To the minute.
    Minute,
    /// To the hour.
    Hour,
    /// To the day.
    Day,
}

impl Precision {
    /// Every precision, finest first.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// The name that maps, tables and notes use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The precision with this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.name() == name)
    }

    /// Its length on a clock, in seconds.
    #[must_use]
    pub(super) fn secs(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// The first second on the clock that is the same at this precision.
    pub(super) fn floor(self, clock: DateTime) -> DateTime {
        let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
        let at = |hour, minute, second| clock.date().at(hour, minute, second, 0);
        match self {
            Self::Second => at(hour, minute, second),
            Self::Minute => at(hour, minute, 0),
            Self::Hour => at(hour, 0, 0),
            Self::Day => at(0, 0, 0),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
