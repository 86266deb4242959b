//! Following an Ethereum node: caught up, then asked again and again until whoever watches says stop.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::evm::rpc::EvmNode;
use coinhound_store::storage::Storage;

use crate::evm::error::EvmLoadError;
use crate::evm::options::{EvmOptions, EvmOutcome, EvmProgress};
use crate::evm::reader::Reader;
use crate::node::{Clock, FollowOptions, Trouble};
use crate::options::Control;

/// How often the watcher is asked while nothing happens.
const GLANCE: Duration = Duration::from_millis(200);

/// Follows a node's chain until the watcher answers [`Control::Stop`].
///
/// What fails is told as [`EvmProgress::Node`] and tried again after a pause that grows; once the node was read to its
/// tip, nothing it does ends this.
///
/// # Errors
/// [`EvmLoadError`] of the store at any time; of the node when the first attempt fails for a reason that waiting does not
/// change. What was committed before stays.
pub fn follow_evm(
    node: &mut EvmNode<'_>,
    storage: Arc<dyn Storage>,
    options: &EvmOptions,
    follow: &FollowOptions,
    clock: &mut dyn Clock,
    watch: &mut dyn FnMut(EvmProgress<'_>) -> Control,
) -> Result<EvmOutcome, EvmLoadError> {
    let reader = Reader::open(node, storage, options, watch)?;
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
    /// Whether the node was ever read to its tip.
    was_read: bool,
}

impl Follower<'_, '_, '_, '_> {
    /// Reads the node once; a failure that may pass is remembered and told.
    fn attempt(&mut self) -> Result<(), EvmLoadError> {
        self.reader.now = self.clock.now();
        match self.reader.catch_up() {
            Ok(()) => {
                self.was_read = true;
                self.trouble = None;
            }
            Err(error) if error.is_of_the_node() && (self.was_read || error.is_transient()) => {
                self.reader.distrust();
                self.trouble = Some(self.trouble_of(&error));
            }
            Err(error) => return Err(error),
        }
        self.reader.tell_trouble(self.trouble.clone())
    }

    fn trouble_of(&mut self, error: &EvmLoadError) -> Trouble {
        let (before, now) = (self.trouble.take(), self.clock.now());
        let attempts = before.as_ref().map_or(1, |before| before.attempts.saturating_add(1));
        let since = before.map_or(now, |before| before.since);
        Trouble { message: with_causes(error), hint: error.hint(), attempts, since }
    }

    /// Waits, asking the watcher now and then.
    fn wait(&mut self, pause: Duration) {
        let mut left = pause;
        while !self.reader.stopped {
            if self.reader.watch(EvmProgress::Waiting { left }) == Control::Stop {
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
