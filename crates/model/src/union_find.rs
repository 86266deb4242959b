//! Who shares a cluster: a union-find over dense ids that always points to a smaller one.
//!
//! Ids are four bytes, as a coin ledger's addresses are on disk. A cluster's root is its smallest id, so the
//! result does not depend on the order in which clusters were joined.

/// Parents by id; a root is its own parent and the smallest id of its cluster.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnionFind {
    parents: Vec<u32>,
}

impl UnionFind {
    /// Continues from roots written by [`UnionFind::into_roots`].
    ///
    /// # Panics
    /// When a parent stands above its child: such a file is not what was written, and its reader checks it.
    #[must_use]
    pub fn from_roots(roots: Vec<u32>) -> Self {
        let ordered = roots.iter().zip(0..).all(|(parent, child)| *parent <= child);
        assert!(ordered, "a cluster is named by its smallest id");
        Self { parents: roots }
    }

    /// How many ids there are.
    #[must_use]
    pub fn ids(&self) -> u32 {
        u32::try_from(self.parents.len()).expect("ids are 32 bits")
    }

    /// Adds clusters of one up to `count` ids; never shrinks.
    pub fn grow(&mut self, count: u32) {
        self.parents.extend(self.ids()..count);
    }

    /// Brings what [`UnionFind::join`] of these ids will most likely read into the cache, without waiting for each.
    pub fn look_ahead(&self, ids: impl Iterator<Item = u32>) {
        let parent = |id: u32| self.parents.get(id as usize).copied().unwrap_or(id);
        std::hint::black_box(ids.fold(0, |sum, id| sum ^ parent(parent(id))));
    }

    /// The smallest id of the cluster.
    pub fn find(&mut self, mut id: u32) -> u32 {
        while self.parents[id as usize] != id {
            let grandparent = self.parents[self.parents[id as usize] as usize];
            self.parents[id as usize] = grandparent;
            id = grandparent;
        }
        id
    }

    /// Joins two clusters; says whether they were two.
    pub fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        self.parents[a.max(b) as usize] = a.min(b);
        a != b
    }

    /// The root of every id.
    #[must_use]
    pub fn into_roots(mut self) -> Vec<u32> {
        for id in 0..self.parents.len() {
            // Parents are smaller than their children, so theirs is already a root.
            self.parents[id] = self.parents[self.parents[id] as usize];
        }
        self.parents
    }
}
