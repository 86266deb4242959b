//! How much time and memory one node may take: every answer has a length, a deadline and a slowest pace.

use std::time::Duration;

use crate::http::Pace;

/// Bounds on what is asked of a node and on what it may answer.
///
/// The bytes of an answer are bounded by what was asked, whatever the node announces; these bounds
/// come on top.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How long connecting may take; 5 seconds unless told.
    pub connect: Duration,
    /// How long one question may take from connecting to the answer's last byte; 120 seconds unless told.
    pub answer: Duration,
    /// How long after an answer's first byte its pace is not yet judged; 5 seconds unless told.
    pub grace: Duration,
    /// The slowest pace of an answer, in bytes per second since its first byte; 4,096 unless told.
    pub slowest_bytes_per_sec: u64,
    /// The most calls in one batch; 1,000 unless told, at least one.
    pub batch: usize,
    /// The length of an answer, in bytes, that batches of blocks and transactions aim below; 32 MB
    /// unless told. A single item may be longer, up to the longest block there can be.
    pub answer_len: u64,
    /// How often a call is repeated after an error that may pass; 5 times unless told. Once only after one that took
    /// its whole time, and no more once the repetitions took as long as one answer may.
    pub retries: u32,
    /// The pause before the first repetition, doubled before each further one; 250 ms unless told.
    pub pause: Duration,
    /// The longest pause; 8 seconds unless told.
    pub pause_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(120),
            grace: Duration::from_secs(5),
            slowest_bytes_per_sec: 4_096,
            batch: 1_000,
            answer_len: 32_000_000,
            retries: 5,
            pause: Duration::from_millis(250),
            pause_max: Duration::from_secs(8),
        }
    }
}

impl Limits {
    /// How long things may take.
    pub(crate) fn pace(&self) -> Pace {
        let Self { connect, answer, grace, slowest_bytes_per_sec, .. } = *self;
        Pace { connect, answer, grace, slowest_bytes_per_sec }
    }

    /// The pause before repetition `nth`, counted from zero.
    #[must_use]
    pub fn pause_before(&self, nth: u32) -> Duration {
        self.pause.saturating_mul(1_u32.checked_shl(nth).unwrap_or(u32::MAX)).min(self.pause_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let limits = Limits::default();
        let millis: Vec<u128> = (0..8).map(|nth| limits.pause_before(nth).as_millis()).collect();
        assert_eq!(millis, [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(limits.pause_before(u32::MAX), limits.pause_max);
    }
}
