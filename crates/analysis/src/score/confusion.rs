//! Findings that say yes or no, against what was so.

use crate::score::share::Share;

/// How often a finding was right and wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Confusion {
    /// Found, and so.
    pub hits: u64,
    /// Found, and not so.
    pub false_alarms: u64,
    /// Not found, and so.
    pub misses: u64,
    /// Not found, and not so.
    pub passes: u64,
}

impl Confusion {
    /// Counts one case.
    pub fn count(&mut self, found: bool, so: bool) {
        let cases = match (found, so) {
            (true, true) => &mut self.hits,
            (true, false) => &mut self.false_alarms,
            (false, true) => &mut self.misses,
            (false, false) => &mut self.passes,
        };
        *cases += 1;
    }

    /// Of what was found, how much was so; `None` where nothing was found.
    #[must_use]
    pub fn precision(&self) -> Option<Share> {
        share(self.hits, self.false_alarms)
    }

    /// Of what was so, how much was found; `None` where nothing was so.
    #[must_use]
    pub fn recall(&self) -> Option<Share> {
        share(self.hits, self.misses)
    }

    /// Of what was not so, how much was found; `None` where everything was so.
    #[must_use]
    pub fn false_alarm_rate(&self) -> Option<Share> {
        share(self.false_alarms, self.passes)
    }
}

fn share(part: u64, rest: u64) -> Option<Share> {
    Share::of_counts(part.into(), u128::from(part) + u128::from(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_is_counted_once_and_rates_have_their_own_wholes() {
        let mut confusion = Confusion::default();
        for (found, so, times) in [(true, true, 3), (true, false, 1), (false, true, 2), (false, false, 6)] {
            (0..times).for_each(|_| confusion.count(found, so));
        }
        assert_eq!(confusion.precision(), Some(Share::of_parts(750_000_000)));
        assert_eq!(confusion.recall(), Some(Share::of_parts(600_000_000)));
        assert_eq!(confusion.false_alarm_rate(), Some(Share::of_parts(142_857_142)));
        assert_eq!(Confusion::default().precision(), None);
    }
}
