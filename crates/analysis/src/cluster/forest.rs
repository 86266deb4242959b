//! A tier as it grows: the union-find and the log of the edges that joined two clusters.
//!
//! Edges come in (transaction, input) order. Those that join are the unique minimum spanning forest of all edges
//! under that order, so the log is a pure function of the chain, a height's clusters are a prefix of it, and
//! unwinding is cutting it.

use coinhound_model::{AddressId, MovementId};

use crate::cluster::clusters::Clusters;
use crate::cluster::merge::Merge;
use crate::cluster::union::UnionFind;

/// A tier's clusters with the merges that made them.
#[derive(Clone, Debug, Default)]
pub struct Forest {
    find: UnionFind,
    log: Vec<Merge>,
}

impl Forest {
    /// The tier as of the last of these merges.
    #[must_use]
    pub fn replay(addresses: u64, log: Vec<Merge>) -> Self {
        let mut find = UnionFind::new(addresses);
        for merge in &log {
            find.union(merge.a, merge.b);
        }
        Self { find, log }
    }

    /// Makes room for addresses below `addresses`.
    pub fn grow(&mut self, addresses: u64) {
        self.find.grow(addresses);
    }

    /// Takes the next edge and says whether it joined two clusters, in which case it is logged.
    ///
    /// # Panics
    /// When a merge would not stand after those already logged: out of order, the log would not be a function of the chain.
    pub fn apply(&mut self, edge: Merge) -> bool {
        let joins = self.find.union(edge.a, edge.b);
        if joins {
            let last = self.log.last().map(|merge| merge.tx);
            assert!(last.is_none_or(|last| last <= edge.tx), "edges come in chain order");
            self.log.push(edge);
        }
        joins
    }

    /// Forgets what transactions from `first_gone` on showed; `addresses` is how many remain.
    ///
    /// The union-find is built anew from the log that is left: joins cannot be taken back one by one.
    pub fn unwind(&mut self, first_gone: MovementId, addresses: u64) {
        let mut log = std::mem::take(&mut self.log);
        log.truncate(log.partition_point(|merge| merge.tx < first_gone));
        *self = Self::replay(addresses, log);
    }

    /// The merges, in chain order.
    #[must_use]
    pub fn log(&self) -> &[Merge] {
        &self.log
    }

    /// The smallest address of the cluster.
    pub fn find(&mut self, address: AddressId) -> AddressId {
        self.find.find(address)
    }

    /// The clusters as they stand.
    #[must_use]
    pub fn clusters(&self) -> Clusters {
        Clusters::from(self.find.clone())
    }
}
