//! Following a node: caught up, then asked again and again until whoever watches says stop.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::bitcoin::rpc::NodeRpc;
use coinhound_store::storage::Storage;

use crate::error::LoadError;
use crate::node::NodeError;
use crate::node::reader::Reader;
use crate::node::report::Trouble;
use crate::options::{Control, Options, Progress};
use crate::outcome::Outcome;
use crate::session::Session;

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

/// Follows a node's active chain until the watcher answers [`Control::Stop`].
///
/// Each time the node has new blocks they are read and committed. What fails is told as [`Progress::Node`] and
/// tried again after a pause that grows; once the node was read to its tip, nothing it does ends this.
///
/// # Errors
/// [`LoadError`] of the store at any time; of the node when the first attempt fails for a reason that waiting does not
/// change. What was committed before stays.
pub fn follow_node(
    node: &mut NodeRpc<'_>,
    storage: Arc<dyn Storage>,
    options: &Options,
    follow: &FollowOptions,
    clock: &mut dyn Clock,
    watch: &mut dyn FnMut(Progress) -> Control,
) -> Result<Outcome, LoadError> {
    let session = Session::open(node.params(), storage, options, watch)?;
    let mut follower = Follower { reader: Reader::new(node, session), clock, trouble: None, was_read: false };
    loop {
        follower.attempt()?;
        let failures = follower.trouble.as_ref().map_or(0, |trouble| trouble.attempts);
        follower.wait(follow.pause_after(failures));
        if follower.reader.session.outcome.stopped {
            return Ok(follower.reader.into_outcome());
        }
    }
}

struct Follower<'f, 'r, 'a, 'p> {
    reader: Reader<'r, 'a, 'p>,
    clock: &'f mut dyn Clock,
    trouble: Option<Trouble>,
    /// Whether the node was ever read to its tip.
    was_read: bool,
}

impl Follower<'_, '_, '_, '_> {
    /// Reads the node once; a failure that may pass is remembered and told.
    fn attempt(&mut self) -> Result<(), LoadError> {
        self.reader.session.now = self.clock.now();
        match self.reader.catch_up() {
            Ok(()) => {
                self.was_read = true;
                self.trouble = None;
            }
            Err(LoadError::Node(error)) if self.was_read || error.is_transient() => {
                self.reader.distrust();
                self.trouble = Some(self.trouble_of(&error));
            }
            Err(error) => return Err(error),
        }
        self.reader.tell_trouble(self.trouble.clone());
        Ok(())
    }

    fn trouble_of(&mut self, error: &NodeError) -> Trouble {
        let (before, now) = (self.trouble.take(), self.clock.now());
        let attempts = before.as_ref().map_or(1, |before| before.attempts.saturating_add(1));
        let since = before.map_or(now, |before| before.since);
        Trouble { message: with_causes(error), hint: error.hint(), attempts, since }
    }

    /// Waits, asking the watcher now and then.
    fn wait(&mut self, pause: Duration) {
        let mut left = pause;
        while !self.reader.session.outcome.stopped {
            if self.reader.session.watch(Progress::Waiting { left }) == Control::Stop {
                self.reader.session.outcome.stopped = true;
            } else if left.is_zero() {
                return;
            } else {
                let part = left.min(GLANCE);
                self.clock.sleep(part);
                left -= part;
            }
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
