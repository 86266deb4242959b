//! Clusters that a few merges joined: the difference between two heights, in memory.
//!
//! A view asks the base for the roots as of the fold and this for what came later; below the fold it
//! starts from single addresses. Only ids that a merge touches are kept: about 16 bytes each.

use coinhound_model::UnionFind;

use crate::forest::members;

/// Old clusters by their roots, joined into new ones.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    /// Every old root that a merge touched, ascending.
    ids: Vec<u32>,
    /// By position in `ids`: the position of the smallest id it was joined with.
    roots: Vec<u32>,
    /// Positions, those of one root together.
    members: Vec<u32>,
}

impl Joined {
    /// Joins the roots that the edges name; the order of the edges does not matter.
    pub fn build(edges: &[(u32, u32)]) -> Self {
        let mut ids: Vec<u32> = edges.iter().flat_map(|&(a, b)| [a, b]).collect();
        ids.sort_unstable();
        ids.dedup();
        let position = |id: u32| narrow(ids.binary_search(&id).expect("every end of an edge was listed"));
        let mut forest = UnionFind::default();
        forest.grow(narrow(ids.len()));
        for &(a, b) in edges {
            forest.join(position(a), position(b));
        }
        let roots = forest.into_roots();
        let members = members(&roots);
        Self { ids, roots, members }
    }

    /// The smallest id that an old root was joined with.
    pub fn root(&self, id: u32) -> u32 {
        self.ids.binary_search(&id).map_or(id, |position| self.ids[self.roots[position] as usize])
    }

    /// Every old root that was joined into this one, itself included, ascending.
    pub fn parts(&self, root: u32) -> impl Iterator<Item = u32> {
        let position = self.ids.binary_search(&root).ok().map(narrow);
        let start = position
            .map_or(0, |position| self.members.partition_point(|&member| self.roots[member as usize] < position));
        let joined =
            self.members[start..].iter().take_while(move |&&member| Some(self.roots[member as usize]) == position);
        let alone = position.is_none().then_some(root);
        alone.into_iter().chain(joined.map(|&member| self.ids[member as usize]))
    }
}

fn narrow(position: usize) -> u32 {
    u32::try_from(position).expect("no more positions than 32-bit ids")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_joined_is_kept() {
        let joined = Joined::build(&[(900, 7), (7, 40), (12, 13)]);
        let parts = |root| joined.parts(root).collect::<Vec<_>>();
        assert_eq!([900, 40, 7, 12, 13, 5].map(|id| joined.root(id)), [7, 7, 7, 12, 12, 5]);
        assert_eq!(parts(7), [7, 40, 900]);
        assert_eq!(parts(12), [12, 13]);
        assert_eq!(parts(5), [5]);
    }
}
