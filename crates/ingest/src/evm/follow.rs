//! Following an Ethereum node: caught up, then asked again and again until whoever watches says stop.

use std::sync::Arc;
use std::time::Duration;

use coinhound_chains::evm::rpc::EvmNode;
use coinhound_store::storage::Storage;

use crate::evm::error::EvmLoadError;
use crate::evm::options::{EvmOptions, EvmOutcome, EvmProgress};
use crate::evm::reader::Reader;
use crate::follow::{self, Clock, Failure, FollowOptions, Followed, Trouble};
use crate::options::Control;

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
    let mut reader = Reader::open(node, storage, options, watch)?;
    follow::follow(&mut reader, follow, clock)?;
    reader.into_outcome()
}

impl Followed for Reader<'_, '_, '_> {
    type Error = EvmLoadError;

    fn catch_up(&mut self, now: u64) -> Result<(), EvmLoadError> {
        self.now = now;
        Reader::catch_up(self)
    }

    fn distrust(&mut self) {
        Reader::distrust(self);
    }

    fn tell_trouble(&mut self, trouble: Option<Trouble>) -> Result<(), EvmLoadError> {
        Reader::tell_trouble(self, trouble)
    }

    fn tell_waiting(&mut self, left: Duration) {
        self.stopped |= self.watch(EvmProgress::Waiting { left }) == Control::Stop;
    }

    fn is_stopped(&self) -> bool {
        self.stopped
    }
}

impl Failure for EvmLoadError {
    fn is_of_a_node(&self) -> bool {
        EvmLoadError::is_of_the_node(self)
    }

    fn is_transient(&self) -> bool {
        EvmLoadError::is_transient(self)
    }

    fn hint(&self) -> Option<String> {
        EvmLoadError::hint(self)
    }
}
