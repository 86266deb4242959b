//! The root of a list: what a header says of its transactions, receipts and withdrawals.
//!
//! Ethereum keeps a list as a hexary trie from the RLP of each position to the item's bytes. Whoever leaves out, adds,
//! changes or moves an item gets another root.

use crate::evm::hash::{Hash, keccak256};
use crate::evm::rlp::Writer;

/// The root of the trie of `items` by their positions.
#[must_use]
pub fn list_root<B: AsRef<[u8]>>(items: &[B]) -> Hash {
    let mut entries: Vec<_> = (0_u64..).zip(items).map(|(at, item)| (nibbles(at), item.as_ref())).collect();
    entries.sort_unstable();
    keccak256(&node(&entries, 0))
}

/// The nibbles of a position's RLP.
fn nibbles(position: u64) -> Vec<u8> {
    let mut key = Writer::new();
    key.uint(ruint::aliases::U256::from(position));
    key.into_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
}

/// The encoding of the node over `entries`, which are sorted and share their first `depth` nibbles.
///
/// No key is the beginning of another, so branches hold no values. Keys have at most 18 nibbles: so deep it goes.
fn node(entries: &[(Vec<u8>, &[u8])], depth: usize) -> Vec<u8> {
    let (Some((first, value)), Some((last, _))) = (entries.first(), entries.last()) else { return vec![0x80] };
    let mut list = Writer::new();
    if entries.len() == 1 {
        list.bytes(&path(&first[depth..], true));
        list.bytes(value);
        return list.into_list();
    }
    let shared = first[depth..].iter().zip(&last[depth..]).take_while(|(one, other)| one == other).count();
    if shared > 0 {
        list.bytes(&path(&first[depth..depth + shared], false));
        child(&mut list, &entries_node(entries, depth + shared));
        return list.into_list();
    }
    entries_node(entries, depth)
}

/// The branch over entries that part at `depth`.
fn entries_node(entries: &[(Vec<u8>, &[u8])], depth: usize) -> Vec<u8> {
    let mut list = Writer::new();
    let mut left = entries;
    for nibble in 0..16 {
        let (here, others) = left.split_at(left.partition_point(|(key, _)| key[depth] <= nibble));
        left = others;
        if here.is_empty() { list.bytes(&[]) } else { child(&mut list, &node(here, depth + 1)) }
    }
    list.bytes(&[]);
    list.into_list()
}

/// A node within another: itself while it is short, else its hash.
fn child(list: &mut Writer, node: &[u8]) {
    if node.len() < 32 { list.raw(node) } else { list.bytes(&keccak256(node).0) }
}

/// Nibbles as bytes, with a flag for leaves and one for an odd number.
fn path(nibbles: &[u8], is_leaf: bool) -> Vec<u8> {
    let flag = if is_leaf { 2 } else { 0 };
    let (first, rest) = match nibbles.split_first() {
        Some((odd, rest)) if nibbles.len() % 2 == 1 => (((flag | 1) << 4) | odd, rest),
        _ => (flag << 4, nibbles),
    };
    std::iter::once(first).chain(rest.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_the_root_that_empty_blocks_show() {
        let empty = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
        assert_eq!(list_root::<&[u8]>(&[]).to_string(), empty);
    }

    #[test]
    fn every_item_and_its_place_matter() {
        let items: Vec<_> = (0..300_u32).map(|item| item.to_be_bytes().repeat(3)).collect();
        let root = list_root(&items);
        for at in [0, 1, 127, 128, 255, 256, 299] {
            let mut changed = items.clone();
            changed[at][5] ^= 1;
            assert_ne!(list_root(&changed), root, "item {at} changed");
            let mut dropped = items.clone();
            dropped.remove(at);
            assert_ne!(list_root(&dropped), root, "item {at} left out");
        }
        let mut swapped = items.clone();
        swapped.swap(3, 200);
        assert_ne!(list_root(&swapped), root);
    }
}
