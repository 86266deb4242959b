//! A tier's clusters at one height: whose they are, how many, how large.

use coinhound_model::{AddressId, MovementId};

use crate::cluster::merge::Merge;
use crate::cluster::union::UnionFind;

/// The clusters of one tier at one height, as a table of members.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clusters {
    /// By address: the smallest of its cluster.
    roots: Vec<u32>,
    /// By address: where its cluster's members begin; meaningful for roots.
    starts: Vec<u32>,
    /// Sorted by (root, address).
    members: Vec<u32>,
}

/// How many clusters there are, and how large.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statistics {
    /// Addresses counted.
    pub addresses: u64,
    /// Every cluster's number of addresses, largest first; single addresses included.
    pub sizes: Vec<u64>,
}

impl Statistics {
    /// How many clusters there are, single addresses included.
    #[must_use]
    pub fn clusters(&self) -> u64 {
        self.sizes.len() as u64
    }
}

impl From<UnionFind> for Clusters {
    fn from(find: UnionFind) -> Self {
        let roots = find.into_roots();
        let mut starts = vec![0; roots.len()];
        for root in &roots {
            starts[*root as usize] += 1;
        }
        let mut next = 0;
        for start in &mut starts {
            next += std::mem::replace(start, next);
        }
        let mut free = starts.clone();
        let mut members = vec![0; roots.len()];
        for (root, address) in roots.iter().zip(0..) {
            let slot = &mut free[*root as usize];
            members[*slot as usize] = address;
            *slot += 1;
        }
        Self { roots, starts, members }
    }
}

impl Clusters {
    /// The clusters that the merges of transactions below `end` make among `addresses` addresses.
    ///
    /// `log` is in chain order, so its tail is not read.
    #[must_use]
    pub fn replay(addresses: u64, log: &[Merge], end: MovementId) -> Self {
        let mut find = UnionFind::new(addresses);
        for merge in log.iter().take_while(|merge| merge.tx < end) {
            find.union(merge.a, merge.b);
        }
        Self::from(find)
    }

    /// The smallest address of the cluster, which names it.
    #[must_use]
    pub fn name(&self, address: AddressId) -> AddressId {
        AddressId(u64::from(self.roots[address.index()]))
    }

    /// All addresses of an address's cluster, ascending; itself alone when nothing joined it.
    pub fn members(&self, address: AddressId) -> impl ExactSizeIterator<Item = AddressId> + '_ {
        let root = self.roots[address.index()];
        let rest = &self.members[self.starts[root as usize] as usize..];
        let len = rest.partition_point(|member| self.roots[*member as usize] <= root);
        rest[..len].iter().map(|member| AddressId(u64::from(*member)))
    }

    /// Every cluster's name, ascending.
    pub fn names(&self) -> impl Iterator<Item = AddressId> + '_ {
        let own = self.roots.iter().zip(0_u32..).filter(|(root, address)| *root == address);
        own.map(|(root, _)| AddressId(u64::from(*root)))
    }

    /// How many clusters there are, and how large.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let mut sizes: Vec<u64> = self
            .members
            .chunk_by(|a, b| self.roots[*a as usize] == self.roots[*b as usize])
            .map(|cluster| cluster.len() as u64)
            .collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        Statistics { addresses: self.roots.len() as u64, sizes }
    }
}
