//! Following nodes of any chain: caught up, then asked again and again until whoever watches says stop.

use std::error::Error;
use std::time::Duration;

/// How often the watcher is asked while nothing happens.
const GLANCE: Duration = Duration::from_millis(200);

/// How a node is followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FollowOptions {
    /// The pause between two questions for new blocks; 1 second unless told.
    pub poll: Duration,
    /// The pause after a failure, doubled after each further one; 1 second unless told.
    pub back_off: Duration,
    /// The longest such pause; 60 seconds unless told.
    pub back_off_max: Duration,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self { poll: Duration::from_secs(1), back_off: Duration::from_secs(1), back_off_max: Duration::from_secs(60) }
    }
}

impl FollowOptions {
    /// The pause after so many failures in a row.
    #[must_use]
    pub fn pause_after(&self, failures: u32) -> Duration {
        match failures.checked_sub(1) {
            None => self.poll,
            Some(doubled) => {
                self.back_off.saturating_mul(1_u32.checked_shl(doubled).unwrap_or(u32::MAX)).min(self.back_off_max)
            }
        }
    }
}

/// Time as a follower sees it.
pub trait Clock {
    /// Seconds since 1970.
    fn now(&mut self) -> u64;

    /// Returns after about this long.
    fn sleep(&mut self, pause: Duration);
}

/// What went wrong since a node was last read to its tip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// The newest failure, in words, with its causes.
    pub message: String,
    /// What to do about it, where known.
    pub hint: Option<String>,
    /// Attempts that failed in a row.
    pub attempts: u32,
    /// When the first of them failed, in seconds since 1970.
    pub since: u64,
}

/// Why an attempt failed.
pub(crate) trait Failure: Error {
    /// Whether it is about a node, and not about the store.
    fn is_of_a_node(&self) -> bool;

    /// Whether waiting and trying again may help.
    fn is_transient(&self) -> bool;

    /// What to do about it.
    fn hint(&self) -> Option<String>;
}

/// A node, or several, being read into a store.
pub(crate) trait Followed {
    /// Why an attempt fails.
    type Error: Failure;

    /// Reads up to the newest block; `now` is in seconds since 1970.
    fn catch_up(&mut self, now: u64) -> Result<(), Self::Error>;

    /// Has everything checked again that was checked once: another node may answer there now.
    fn distrust(&mut self);

    /// Tells the watcher what went wrong, or that it is over, where that is news.
    fn tell_trouble(&mut self, trouble: Option<Trouble>) -> Result<(), Self::Error>;

    /// Tells the watcher how long nothing will happen; a wish to stop is remembered.
    fn tell_waiting(&mut self, left: Duration);

    /// Whether the watcher wished to stop.
    fn is_stopped(&self) -> bool;
}

/// Reads again and again until the watcher wishes to stop.
///
/// What fails is told and tried again after a pause that grows; once the nodes were read to their tip, nothing they do
/// ends this.
///
/// # Errors
/// Of the store at any time; of a node when the first attempt fails for a reason that waiting does not change.
pub(crate) fn follow<F: Followed>(
    reader: &mut F,
    options: &FollowOptions,
    clock: &mut dyn Clock,
) -> Result<(), F::Error> {
    let mut follower = Follower { reader, clock, trouble: None, was_read: false };
    loop {
        follower.attempt()?;
        let failures = follower.trouble.as_ref().map_or(0, |trouble| trouble.attempts);
        follower.wait(options.pause_after(failures));
        if follower.reader.is_stopped() {
            return Ok(());
        }
    }
}

struct Follower<'a, F> {
    reader: &'a mut F,
    clock: &'a mut dyn Clock,
    trouble: Option<Trouble>,
    /// Whether everything was ever read to its tip.
    was_read: bool,
}

impl<F: Followed> Follower<'_, F> {
    /// Reads once; a failure that may pass is remembered and told.
    fn attempt(&mut self) -> Result<(), F::Error> {
        match self.reader.catch_up(self.clock.now()) {
            Ok(()) => {
                self.was_read = true;
                self.trouble = None;
            }
            Err(error) if error.is_of_a_node() && (self.was_read || error.is_transient()) => {
                self.reader.distrust();
                self.trouble = Some(self.trouble_of(&error));
            }
            Err(error) => return Err(error),
        }
        self.reader.tell_trouble(self.trouble.clone())
    }

    fn trouble_of(&mut self, error: &F::Error) -> Trouble {
        let (before, now) = (self.trouble.take(), self.clock.now());
        let attempts = before.as_ref().map_or(1, |before| before.attempts.saturating_add(1));
        let since = before.map_or(now, |before| before.since);
        Trouble { message: with_causes(error), hint: error.hint(), attempts, since }
    }

    /// Waits, asking the watcher now and then.
    fn wait(&mut self, pause: Duration) {
        let mut left = pause;
        while !self.reader.is_stopped() {
            self.reader.tell_waiting(left);
            if self.reader.is_stopped() || left.is_zero() {
                return;
            }
            let part = left.min(GLANCE);
            self.clock.sleep(part);
            left -= part;
        }
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(at) = cause {
        text = format!("{text}: {at}");
        cause = at.source();
    }
    text
}
