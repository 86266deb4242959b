//! Union-find over address ids: who is in one cluster with whom.
//!
//! A parent is never above its child, so the root is the cluster's smallest address, which names it. Linking by id
//! instead of by size costs little on real chains (new addresses join old clusters) and leaves nothing to choose.

use coinhound_model::AddressId;

/// Clusters of addresses, four bytes each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnionFind(coinhound_model::UnionFind);

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
        Self(coinhound_model::UnionFind::from_roots(roots))
    }

    /// Makes room for addresses below `addresses`, each of its own; never shrinks.
    ///
    /// # Panics
    /// Past 2^32 addresses.
    pub fn grow(&mut self, addresses: u64) {
        self.0.grow(u32::try_from(addresses).expect("address ids of a coin ledger fit 32 bits"));
    }

    /// How many addresses there is room for.
    #[must_use]
    pub fn addresses(&self) -> u64 {
        u64::from(self.0.ids())
    }

    /// Brings what [`UnionFind::union`] of these addresses will most likely read into the cache, all at once.
    ///
    /// # Panics
    /// On an address that there is no room for.
    pub fn look_ahead(&self, addresses: impl Iterator<Item = AddressId>) {
        self.0.look_ahead(addresses.map(id));
    }

    /// The smallest address of the cluster; shortens the way on the way (path halving).
    pub fn find(&mut self, address: AddressId) -> AddressId {
        AddressId(u64::from(self.0.find(id(address))))
    }

    /// Joins two clusters and says whether they were two.
    pub fn union(&mut self, a: AddressId, b: AddressId) -> bool {
        self.0.join(id(a), id(b))
    }

    /// The root of every address.
    #[must_use]
    pub fn into_roots(self) -> Vec<u32> {
        self.0.into_roots()
    }
}

fn id(address: AddressId) -> u32 {
    u32::try_from(address.0).expect("the ledger numbers this address, and its ids fit 32 bits")
}
