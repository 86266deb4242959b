//! How much time one node may take, and how often it is asked.

use std::time::Duration;

use crate::http::{Endpoint, Pace};

/// The pause between two questions to a node that is not ours: five a second.
pub const POLITE: Duration = Duration::from_millis(200);

/// Bounds on what a node may answer, and on what is asked of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How long connecting may take; 5 seconds unless told.
    pub connect: Duration,
    /// How long one question may take from connecting to the answer's last byte; 60 seconds unless told.
    pub answer: Duration,
    /// How long after an answer's first byte its pace is not yet judged; 5 seconds unless told.
    pub grace: Duration,
    /// The slowest pace of an answer, in bytes per second since its first byte; 4,096 unless told.
    pub slowest_bytes_per_sec: u64,
    /// How often a question is repeated after an error that may pass; 5 times unless told. Once only after one that
    /// took its whole time.
    pub retries: u32,
    /// The pause before the first repetition, doubled before each further one; half a second unless told.
    pub pause: Duration,
    /// The longest such pause, and the longest that a node may ask for (`Retry-After`); 30 seconds unless told.
    pub pause_max: Duration,
    /// The pause before each question but the first. Unless told, [`POLITE`] for a node of somebody else and none for
    /// one on this machine.
    pub between: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            grace: Duration::from_secs(5),
            slowest_bytes_per_sec: 4_096,
            retries: 5,
            pause: Duration::from_millis(500),
            pause_max: Duration::from_secs(30),
            between: None,
        }
    }
}

impl Limits {
    /// How long things may take.
    pub(crate) fn pace(&self) -> Pace {
        let Self { connect, answer, grace, slowest_bytes_per_sec, .. } = *self;
        Pace { connect, answer, grace, slowest_bytes_per_sec }
    }

    /// The pause before each question but the first to this node.
    #[must_use]
    pub fn between(&self, endpoint: &Endpoint) -> Duration {
        let usual = if endpoint.is_loopback() { Duration::ZERO } else { POLITE };
        self.between.unwrap_or(usual)
    }

    /// The pause before repetition `nth`, counted from zero; longer where the node asks for it.
    #[must_use]
    pub fn pause_before(&self, nth: u32, asked_for: Option<Duration>) -> Duration {
        let doubled = self.pause.saturating_mul(1_u32.checked_shl(nth).unwrap_or(u32::MAX));
        doubled.max(asked_for.unwrap_or_default()).min(self.pause_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Auth;

    #[test]
    fn a_node_of_somebody_else_is_asked_five_times_a_second_and_our_own_at_once() {
        let endpoint = |url| Endpoint::parse(url, Auth::None).expect("an address");
        let limits = Limits::default();
        assert_eq!(limits.between(&endpoint("http://nis.example:7890")), Duration::from_millis(200));
        assert_eq!(limits.between(&endpoint("http://127.0.0.1:7890")), Duration::ZERO);
        let told = Limits { between: Some(Duration::from_secs(1)), ..limits };
        assert_eq!(told.between(&endpoint("http://127.0.0.1:7890")), Duration::from_secs(1));
    }

    #[test]
    fn a_node_may_ask_for_a_longer_pause_but_not_for_an_endless_one() {
        let limits = Limits::default();
        let secs = |nth, asked| limits.pause_before(nth, Some(Duration::from_secs(asked))).as_secs_f32();
        assert!([secs(0, 0), secs(0, 7), secs(3, 1), secs(0, 86_400), secs(40, 0)] == [0.5, 7.0, 4.0, 30.0, 30.0]);
    }
}
