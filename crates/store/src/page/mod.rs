//! Files of 4 KiB pages, each page under a BLAKE3 hash, all of them under one root.
//!
//! ```text
//! data | page hashes, 32 bytes each | group hashes, 32 bytes each | length of data, 8 bytes | root, 32 bytes
//! ```
//! A group is the hashes of 128 pages. The root covers the length and the group hashes, a group hash
//! its page hashes, a page hash its page. Opening a file reads one 16,384th of it; each group and each
//! page is verified once per process, when first touched. The root stands in the manifest.

mod read;
mod write;

pub use read::{OpenFileError, PageFile};
pub use write::PageWriter;

use crate::digest::Digest;

/// Bytes in a page; the last page of a file may be shorter.
pub const PAGE_LEN: usize = 4096;

/// Pages whose hashes form a group: together one page of hashes.
pub const GROUP_PAGES: usize = 128;

/// Bytes of a hash.
pub(crate) const HASH_LEN: usize = 32;

/// The length of the data and the root.
pub(crate) const FOOTER_LEN: usize = 8 + HASH_LEN;

/// What a root is derived under, so that no other hash can pass for one.
const ROOT_CONTEXT: &str = "coinhound 2026 store page file root v1";

/// What a manifest says about a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The whole file's length in bytes, checksums included.
    pub length: u64,
    /// The root over all of it.
    pub root: Digest,
}

/// The root of a file with this much data and these group hashes.
fn root_of(data_len: u64, group_hashes: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key(ROOT_CONTEXT);
    hasher.update(&data_len.to_le_bytes()).update(group_hashes);
    Digest(*hasher.finalize().as_bytes())
}

/// Where the parts of a file lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Parts {
    data: usize,
    pages: usize,
    groups: usize,
}

impl Parts {
    fn of_data(data: usize) -> Self {
        let pages = data.div_ceil(PAGE_LEN);
        Self { data, pages, groups: pages.div_ceil(GROUP_PAGES) }
    }

    /// `None` when that much data cannot be in any file.
    fn checked(data: u64) -> Option<Self> {
        let data = usize::try_from(data).ok().filter(|data| *data <= usize::MAX / 2)?;
        Some(Self::of_data(data))
    }

    fn page_hash_at(&self, page: usize) -> usize {
        self.data + page * HASH_LEN
    }

    fn group_hash_at(&self, group: usize) -> usize {
        self.page_hash_at(self.pages) + group * HASH_LEN
    }

    fn footer_at(&self) -> usize {
        self.group_hash_at(self.groups)
    }

    fn file_len(&self) -> usize {
        self.footer_at() + FOOTER_LEN
    }

    /// Where the page hashes of a group lie.
    fn group(&self, group: usize) -> std::ops::Range<usize> {
        let first = group * GROUP_PAGES;
        let end = self.pages.min(first + GROUP_PAGES);
        self.page_hash_at(first)..self.page_hash_at(end)
    }

    /// Where a page lies.
    fn page(&self, page: usize) -> std::ops::Range<usize> {
        page * PAGE_LEN..self.data.min((page + 1) * PAGE_LEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{DamageError, Health};
    use crate::storage::{SimDisk, Storage};

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|i| u8::try_from((i * 7 + i / 251) % 256).expect("below 256")).collect()
    }

    fn written(len: usize) -> (SimDisk, Sealed) {
        let disk = SimDisk::new();
        let mut writer = PageWriter::new(disk.create("f").expect("empty disk"));
        // Uneven pieces: page borders must not depend on how the bytes arrive.
        bytes(len).chunks(1000).for_each(|piece| writer.write(piece).expect("empty disk"));
        let sealed = writer.finish().expect("empty disk");
        (disk, sealed)
    }

    const LENGTHS: [usize; 8] = [0, 1, 4095, 4096, 4097, 128 * 4096, 128 * 4096 + 1, 300 * 4096 + 17];

    #[test]
    fn what_was_written_is_read_whatever_its_length() {
        for len in LENGTHS {
            let (disk, sealed) = written(len);
            let health = Health::new();
            let file = PageFile::open(&disk, "f", sealed, &health).expect("just written");
            assert_eq!(file.data_len(), len);
            assert_eq!(file.bytes(0, len), bytes(len));
            assert_eq!(file.bytes(len / 2, len - len / 2), &bytes(len)[len / 2..]);
            assert_eq!(file.verify_all(&mut |damage| panic!("{damage}")), 0);
            assert_eq!(health.check(), Ok(()));
        }
    }

    #[test]
    fn a_bad_page_costs_that_page_alone() {
        let (disk, sealed) = written(200 * 4096);
        disk.corrupt("f", |bytes| bytes[150 * 4096 + 9] ^= 4).expect("exists");
        let health = Health::new();
        let file = PageFile::open(&disk, "f", sealed, &health).expect("checksums are whole");
        assert_eq!(file.bytes(149 * 4096, 4096), &bytes(200 * 4096)[149 * 4096..150 * 4096]);
        assert_eq!(health.check(), Ok(()));
        assert_eq!(file.bytes(150 * 4096 - 1, 2), &[] as &[u8]);
        let offset = 150 * 4096;
        assert!(matches!(health.check(), Err(DamageError::Page { offset: at, .. }) if at == offset));
        let mut found = Vec::new();
        assert_eq!(file.verify_all(&mut |damage| found.push(damage)), 1);
        assert!(matches!(found[..], [DamageError::Page { .. }]));
    }

    #[test]
    fn a_bad_group_of_checksums_is_named_and_counted_once() {
        let (disk, sealed) = written(200 * 4096);
        disk.corrupt("f", |bytes| bytes[200 * 4096 + 130 * 32] ^= 1).expect("exists");
        let health = Health::new();
        let file = PageFile::open(&disk, "f", sealed, &health).expect("the root is whole");
        assert_eq!(file.bytes(0, 10).len(), 10);
        assert_eq!(file.bytes(130 * 4096, 10), &[] as &[u8]);
        let offset = 200 * 4096 + 128 * 32;
        assert!(matches!(health.check(), Err(DamageError::Checksums { offset: at, .. }) if at == offset));
        assert_eq!(file.verify_all(&mut |_| {}), 1);
    }

    #[test]
    fn a_cut_or_grown_file_is_refused_with_both_lengths() {
        let (disk, sealed) = written(5000);
        disk.corrupt("f", |bytes| bytes.push(0)).expect("exists");
        let error = PageFile::open(&disk, "f", sealed, &Health::new()).expect_err("grown");
        assert_eq!(
            error.to_string(),
            format!("`f` has {} bytes, its manifest says {}", sealed.length + 1, sealed.length)
        );
    }

    #[test]
    fn past_the_end_is_damage_not_a_panic() {
        let (disk, sealed) = written(10);
        let health = Health::new();
        let file = PageFile::open(&disk, "f", sealed, &health).expect("just written");
        assert_eq!(file.bytes(usize::MAX, 2), &[] as &[u8]);
        assert!(matches!(health.check(), Err(DamageError::Shape { .. })));
    }
}
