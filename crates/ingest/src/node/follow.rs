//! Following a node: caught up, then asked again and again until whoever watches says stop.

use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::bitcoin::rpc::NodeRpc;
use coinhound_store::storage::Storage;

use crate::error::LoadError;
use crate::follow::{self, Clock, Failure, FollowOptions, Followed, Trouble};
use crate::node::reader::Reader;
use crate::options::{Control, Options, Progress};
use crate::outcome::Outcome;
use crate::session::Session;

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
    let mut reader = Reader::new(node, session);
    follow::follow(&mut reader, follow, clock)?;
    Ok(reader.into_outcome())
}

impl Followed for Reader<'_, '_, '_> {
    type Error = LoadError;

    fn catch_up(&mut self, now: u64) -> Result<(), LoadError> {
        self.session.now = now;
        Reader::catch_up(self)
    }

    fn distrust(&mut self) {
        Reader::distrust(self);
    }

    fn tell_trouble(&mut self, trouble: Option<Trouble>) -> Result<(), LoadError> {
        Reader::tell_trouble(self, trouble);
        Ok(())
    }

    fn tell_waiting(&mut self, left: Duration) {
        self.session.outcome.stopped |= self.session.watch(Progress::Waiting { left }) == Control::Stop;
    }

    fn is_stopped(&self) -> bool {
        self.session.outcome.stopped
    }
}

impl Failure for LoadError {
    fn is_of_a_node(&self) -> bool {
        matches!(self, Self::Node(_))
    }

    fn is_transient(&self) -> bool {
        matches!(self, Self::Node(error) if error.is_transient())
    }

    fn hint(&self) -> Option<String> {
        if let Self::Node(error) = self { error.hint() } else { None }
    }
}
