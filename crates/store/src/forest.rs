//! Who shares a cluster: a union-find over dense ids that always points to a smaller one.

/// Parents by id; a root is its own parent and the smallest id of its cluster.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Forest {
    parents: Vec<u32>,
}

impl Forest {
    /// Continues from roots written by [`Forest::into_roots`].
    pub fn from_roots(roots: Vec<u32>) -> Self {
        Self { parents: roots }
    }

    /// Adds clusters of one up to `count` ids.
    pub fn grow(&mut self, count: u32) {
        let known = u32::try_from(self.parents.len()).expect("ids are 32 bits");
        self.parents.extend(known..count);
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
    pub fn into_roots(mut self) -> Vec<u32> {
        for id in 0..self.parents.len() {
            // Parents are smaller than their children, so theirs is already a root.
            self.parents[id] = self.parents[self.parents[id] as usize];
        }
        self.parents
    }
}

/// All ids, those of one root together: sorted by (root, id).
pub(crate) fn members(roots: &[u32]) -> Vec<u32> {
    let mut starts = vec![0_u32; roots.len()];
    for &root in roots {
        starts[root as usize] += 1;
    }
    let mut next = 0;
    for start in &mut starts {
        next += std::mem::replace(start, next);
    }
    let mut members = vec![0; roots.len()];
    for (id, &root) in (0_u32..).zip(roots) {
        let slot = &mut starts[root as usize];
        members[*slot as usize] = id;
        *slot += 1;
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_root_is_the_smallest_and_members_lie_together(edges in prop::collection::vec((0_u32..40, 0_u32..40), 0..60)) {
            let mut forest = Forest::default();
            forest.grow(40);
            let mut naive: Vec<u32> = (0..40).collect();
            for (a, b) in edges {
                let (x, y) = (naive[a as usize], naive[b as usize]);
                prop_assert_eq!(forest.join(a, b), x != y);
                naive.iter_mut().filter(|label| **label == x.max(y)).for_each(|label| *label = x.min(y));
            }
            let roots = forest.into_roots();
            prop_assert_eq!(&roots, &naive);
            let keys: Vec<(u32, u32)> = members(&roots).into_iter().map(|id| (roots[id as usize], id)).collect();
            prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]) && keys.len() == 40);
        }
    }
}
