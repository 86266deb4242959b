//! The work of many headers at once, proved only once.

use std::collections::BTreeMap;
use std::thread;

use coinhound_model::BlockHash;

use crate::bitcoin::files::Record;
use crate::bitcoin::header::{Header, WorkError};
use crate::bitcoin::headers::HeaderTree;
use crate::bitcoin::params::Params;

/// Which records of a scan prove no work; all others do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proofs(BTreeMap<usize, WorkError>);

impl Proofs {
    /// What is wrong with the work of the record at an index, if anything is.
    pub(super) fn refusal(&self, index: usize) -> Option<WorkError> {
        self.0.get(&index).copied()
    }
}

impl HeaderTree<'_> {
    /// Checks the work of what a scan found; headers that are in the tree, stored ones first of all, were checked
    /// before.
    ///
    /// Where a check is slow (Litecoin: three million headers take twenty minutes of one core), all cores share it.
    /// Keep the answer for further trees over the same records.
    #[must_use]
    pub fn prove(&self, records: &[Record]) -> Proofs {
        Proofs(shared(self.params, records, |first, records| self.refused_of(records, first)).into_iter().collect())
    }

    fn refused_of(&self, records: &[Record], first: usize) -> Vec<(usize, WorkError)> {
        let params: &Params = self.params;
        let unknown = (first..).zip(records).filter(|(_, record)| !self.by_hash.contains_key(&record.hash));
        let refused =
            unknown.filter_map(|(index, record)| Some((index, record.header.check_work(record.hash, params).err()?)));
        refused.collect()
    }

    /// The first of these headers, each with its name, that proves no work; those in the tree were checked before.
    pub(super) fn first_refused(&self, headers: &[(BlockHash, Header)]) -> Option<WorkError> {
        let params: &Params = self.params;
        let refused = |(hash, header): &(BlockHash, Header)| {
            if self.by_hash.contains_key(hash) { None } else { header.check_work(*hash, params).err() }
        };
        shared(params, headers, |_, headers| headers.iter().find_map(refused).into_iter().collect()).into_iter().next()
    }
}

/// What `work` finds in all items, in their order; it is given the index of the first of its share. Where a check of
/// work is slow, all cores share it.
fn shared<T: Sync, R: Send>(params: &Params, items: &[T], work: impl Fn(usize, &[T]) -> Vec<R> + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if !params.pow.is_slow() || cores == 1 {
        return work(0, items);
    }
    let share = items.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let work = &work;
        let start = |(nth, items)| scope.spawn(move || work(nth * share, items));
        let workers: Vec<_> = items.chunks(share).enumerate().map(start).collect();
        let done = workers.into_iter().map(|worker| worker.join());
        done.flat_map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
