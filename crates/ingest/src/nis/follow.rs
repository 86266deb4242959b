//! Following NIS nodes: caught up, then asked again and again until whoever watches says stop.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::nem::http::NisNode;
use coinhound_store::storage::Storage;

use crate::nis::error::NisLoadError;
use crate::nis::options::{NisOptions, NisOutcome, NisProgress};
use crate::nis::reader::Reader;
use crate::node::{Clock, FollowOptions, Trouble};
use crate::options::Control;

/// How often the watcher is asked while nothing happens.
const GLANCE: Duration = Duration::from_millis(200);

/// Follows the chain that all these nodes tell until the watcher answers [`Control::Stop`].
///
/// Each time the nodes have new blocks they are read and committed. What fails is told as [`NisProgress::Nodes`] and
/// tried again after a pause that grows; once the nodes were read to their tip, nothing they do ends this. Nodes that
/// differ near the tip are asked again: honest ones agree within minutes.
///
/// # Errors
/// [`NisLoadError`] of the store at any time; of a node when the first attempt fails for a reason that waiting does not
/// change. What was committed before stays.
///
/// # Panics
/// When there is no node, or they are not of one network.
pub fn follow_nis(
    nodes: &mut [NisNode<'_>],
    storage: Arc<dyn Storage>,
    options: &NisOptions,
    follow: &FollowOptions,
    clock: &mut dyn Clock,
    watch: &mut dyn FnMut(NisProgress<'_>) -> Control,
) -> Result<NisOutcome, NisLoadError> {
    let reader = Reader::open(nodes, storage, options, watch)?;
    let mut follower = Follower { reader, clock, trouble: None, was_read: false };
    loop {
        follower.attempt()?;
        let failures = follower.trouble.as_ref().map_or(0, |trouble| trouble.attempts);
        follower.wait(follow.pause_after(failures));
        if follower.reader.stopped {
            return follower.reader.into_outcome();
        }
    }
}

struct Follower<'f, 'r, 'a, 'p> {
    reader: Reader<'r, 'a, 'p>,
    clock: &'f mut dyn Clock,
    trouble: Option<Trouble>,
    /// Whether the nodes were ever read to their tip.
    was_read: bool,
}

impl Follower<'_, '_, '_, '_> {
    /// Reads the nodes once; a failure that may pass is remembered and told.
    fn attempt(&mut self) -> Result<(), NisLoadError> {
        self.reader.now = self.clock.now();
        match self.reader.catch_up() {
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

    fn trouble_of(&mut self, error: &NisLoadError) -> Trouble {
        let (before, now) = (self.trouble.take(), self.clock.now());
        let attempts = before.as_ref().map_or(1, |before| before.attempts.saturating_add(1));
        let since = before.map_or(now, |before| before.since);
        Trouble { message: with_causes(error), hint: error.hint(), attempts, since }
    }

    /// Waits, asking the watcher now and then.
    fn wait(&mut self, pause: Duration) {
        let mut left = pause;
        while !self.reader.stopped {
            if self.reader.watch(NisProgress::Waiting { left }) == Control::Stop {
                self.reader.stopped = true;
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
