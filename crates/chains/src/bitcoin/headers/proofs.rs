//! The work of many headers at once, proved only once.

use std::collections::BTreeMap;
use std::thread;

use crate::bitcoin::files::Record;
use crate::bitcoin::header::WorkError;
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
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if !self.params.pow.is_slow() || cores == 1 {
            return Proofs(self.refused_of(records, 0).collect());
        }
        let share = records.len().div_ceil(cores).max(1);
        thread::scope(|scope| {
            let shares = records.chunks(share).enumerate();
            let work = |(nth, records)| scope.spawn(move || self.refused_of(records, nth * share).collect::<Vec<_>>());
            let workers: Vec<_> = shares.map(work).collect();
            let done = workers.into_iter().map(|worker| worker.join());
            Proofs(done.flat_map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect())
        })
    }

    fn refused_of(&self, records: &[Record], first: usize) -> impl Iterator<Item = (usize, WorkError)> {
        let params: &Params = self.params;
        let unknown = (first..).zip(records).filter(|(_, record)| !self.by_hash.contains_key(&record.hash));
        unknown.filter_map(move |(index, record)| Some((index, record.header.check_work(record.hash, params).err()?)))
    }
}
