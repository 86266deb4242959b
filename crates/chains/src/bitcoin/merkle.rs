//! The hash tree over a block's transactions.

use coinhound_model::Hash256;

use crate::bitcoin::lanes::double_sha256_each;

/// A list of hashes that another list shares its root with.
///
/// An odd level pairs its last hash with itself, so a block may be altered to repeat its last
/// transactions without moving its root (CVE-2012-2459). Such a list is refused wherever it shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("two neighbouring hashes of the merkle tree are equal: transactions are repeated")]
pub struct Repeated;

/// The root of the tree over `leaves`; all zeros for none.
///
/// # Errors
/// [`Repeated`] when two neighbours are equal on any level.
pub fn merkle_root(leaves: impl Iterator<Item = Hash256>) -> Result<Hash256, Repeated> {
    let mut level: Vec<[u8; 32]> = leaves.map(|leaf| leaf.0).collect();
    let mut above = Vec::with_capacity(level.len().div_ceil(2));
    while level.len() > 1 {
        let (pairs, _) = level.as_chunks::<2>();
        if pairs.iter().any(|[left, right]| left == right) {
            return Err(Repeated);
        }
        if level.len() % 2 == 1 {
            level.push(level[level.len() - 1]);
        }
        let (pairs, _) = level.as_chunks::<2>();
        above.clear();
        above.resize(pairs.len(), [0; 32]);
        double_sha256_each(pairs.iter().map(|pair| pair.as_flattened()), |index, hash| above[index] = hash.0);
        std::mem::swap(&mut level, &mut above);
    }
    Ok(level.first().map_or(Hash256::ZERO, |root| Hash256(*root)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitcoin::hash::double_sha256_of;

    fn leaf(byte: u8) -> Hash256 {
        Hash256([byte; 32])
    }

    fn root(leaves: &[Hash256]) -> Result<Hash256, Repeated> {
        merkle_root(leaves.iter().copied())
    }

    #[test]
    fn an_odd_level_pairs_its_last_hash_with_itself() {
        let [a, b, c] = [1, 2, 3].map(leaf);
        let join = |left: Hash256, right: Hash256| double_sha256_of(&[&left.0, &right.0]);
        assert_eq!(root(&[]), Ok(Hash256::ZERO));
        assert_eq!(root(&[a]), Ok(a));
        assert_eq!(root(&[a, b, c]), Ok(join(join(a, b), join(c, c))));
    }

    #[test]
    fn a_repeated_tail_is_refused_on_every_level() {
        let six = [1, 2, 3, 4, 5, 6].map(leaf);
        assert!(root(&six).is_ok());
        let eight = [six.as_slice(), &six[4..]].concat();
        assert_eq!(root(&eight), Err(Repeated), "the same root as six");
        assert_eq!(root(&[leaf(1), leaf(2), leaf(3), leaf(3)]), Err(Repeated));
    }
}
