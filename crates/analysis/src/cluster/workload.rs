//! A random graph to measure union-find on; who measures brings the clock.

use coinhound_model::AddressId;

use crate::cluster::union::UnionFind;

/// `edges` pairs of addresses below `addresses`, the same for the same seed. Half of the pairs are near each other,
/// as most co-spends are, half anywhere.
///
/// # Panics
/// When there are no addresses or more than 2^32.
#[must_use]
pub fn random_edges(addresses: u64, edges: usize, seed: u64) -> Vec<(u32, u32)> {
    let id = |number: u64| u32::try_from(number % addresses).expect("ids are 32 bits");
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    };
    let mut pair = |at: usize| {
        let a = next() % addresses;
        let b = if at.is_multiple_of(2) { next() } else { a + next() % 1_000 };
        (id(a), id(b))
    };
    (0..edges).map(&mut pair).collect()
}

/// Joins every edge and says how many joined two clusters.
#[must_use]
pub fn join_all(addresses: u64, edges: &[(u32, u32)]) -> u64 {
    let mut find = UnionFind::new(addresses);
    let joined = edges.iter().filter(|(a, b)| find.union(AddressId(u64::from(*a)), AddressId(u64::from(*b))));
    joined.count() as u64
}
