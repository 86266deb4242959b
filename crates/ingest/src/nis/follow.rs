//! Following NIS nodes: caught up, then asked again and again until whoever watches says stop.

use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::nem::http::NisNode;
use coinhound_store::storage::Storage;

use crate::follow::{self, Clock, Failure, FollowOptions, Followed, Trouble};
use crate::nis::error::NisLoadError;
use crate::nis::options::{NisOptions, NisOutcome, NisProgress};
use crate::nis::reader::Reader;
use crate::options::Control;

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
    let mut reader = Reader::open(nodes, storage, options, watch)?;
    follow::follow(&mut reader, follow, clock)?;
    reader.into_outcome()
}

impl Followed for Reader<'_, '_, '_> {
    type Error = NisLoadError;

    fn catch_up(&mut self, now: u64) -> Result<(), NisLoadError> {
        self.now = now;
        Reader::catch_up(self)
    }

    fn distrust(&mut self) {
        Reader::distrust(self);
    }

    fn tell_trouble(&mut self, trouble: Option<Trouble>) -> Result<(), NisLoadError> {
        Reader::tell_trouble(self, trouble)
    }

    fn tell_waiting(&mut self, left: Duration) {
        self.stopped |= self.watch(NisProgress::Waiting { left }) == Control::Stop;
    }

    fn is_stopped(&self) -> bool {
        self.stopped
    }
}

impl Failure for NisLoadError {
    fn is_of_a_node(&self) -> bool {
        NisLoadError::is_of_a_node(self)
    }

    fn is_transient(&self) -> bool {
        NisLoadError::is_transient(self)
    }

    fn hint(&self) -> Option<String> {
        NisLoadError::hint(self)
    }
}
