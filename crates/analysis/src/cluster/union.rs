//! Union-find over address ids: who is in one cluster with whom.
//!
//! A parent is never above its child, so the root is the cluster's smallest address, which names it. Linking by id
//! instead of by size costs little on real chains (new addresses join old clusters) and leaves nothing to choose.

use coinhound_model::AddressId;

/// Parents by address id, four bytes each.
#[derive(Clone, Debug, Default)]
pub struct UnionFind {
    parents: Vec<u32>,
}

impl UnionFind {
    /// Every address of its own.
    ///
    /// # Panics
    /// Past 2^32 addresses: a coin ledger's ids are 32 bits on disk.
    #[must_use]
    pub fn new(addresses: u64) -> Self {
        let mut find = Self::default();
        find.grow(addresses);
        find
    }

    /// Continues where [`UnionFind::into_roots`] left off; any forest whose parents are not above their children will do.
    ///
    /// # Panics
    /// When a parent stands above its child: such a file is not what was written, and its reader checks it.
    #[must_use]
    pub fn from_roots(roots: Vec<u32>) -> Self {
        assert!(
            roots.iter().zip(0..).all(|(parent, child)| *parent <= child),
            "a cluster is named by its smallest address"
        );
        Self { parents: roots }
    }

    /// Makes room for addresses below `addresses`, each of its own; never shrinks.
    ///
    /// # Panics
    /// Past 2^32 addresses.
    pub fn grow(&mut self, addresses: u64) {
        let end = u32::try_from(addresses).expect("address ids of a coin ledger fit 32 bits");
        let start = u32::try_from(self.parents.len()).expect("grew by this function alone");
        self.parents.extend(start..end);
    }

    /// How many addresses there is room for.
    #[must_use]
    pub fn addresses(&self) -> u64 {
        self.parents.len() as u64
    }

    /// The smallest address of the cluster; shortens the way on the way (path halving).
    pub fn find(&mut self, address: AddressId) -> AddressId {
        AddressId(u64::from(self.root(id(address))))
    }

    /// Joins two clusters and says whether they were two.
    pub fn union(&mut self, a: AddressId, b: AddressId) -> bool {
        let (a, b) = (self.root(id(a)), self.root(id(b)));
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        self.parents[high as usize] = low;
        low != high
    }

    /// The root of every address.
    #[must_use]
    pub fn into_roots(mut self) -> Vec<u32> {
        for child in 0..self.parents.len() {
            // Parents stand before their children, so the parent's entry is a root by now.
            self.parents[child] = self.parents[self.parents[child] as usize];
        }
        self.parents
    }

    fn root(&mut self, mut at: u32) -> u32 {
        loop {
            let parent = self.parents[at as usize];
            if parent == at {
                return at;
            }
            let above = self.parents[parent as usize];
            self.parents[at as usize] = above;
            at = above;
        }
    }
}

fn id(address: AddressId) -> u32 {
    u32::try_from(address.0).expect("the ledger numbers this address, and its ids fit 32 bits")
}
