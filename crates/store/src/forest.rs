//! The members of clusters, side by side.

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
    use coinhound_model::UnionFind;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_root_is_the_smallest_and_members_lie_together(edges in prop::collection::vec((0_u32..40, 0_u32..40), 0..60)) {
            let mut forest = UnionFind::default();
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
