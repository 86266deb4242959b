//! Reading a page file: each page is verified when it is first touched.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{FOOTER_LEN, GROUP_PAGES, HASH_LEN, PAGE_LEN, Parts, Sealed, root_of};
use crate::digest::Digest;
use crate::error::{DamageError, Health};
use crate::storage::{Blob, Storage, StorageError};

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFileError {
    /// It could not be read at all.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It is not what the manifest names.
    #[error(transparent)]
    Damage(#[from] DamageError),
}

/// An open page file. Every byte it gives was verified against the root it was opened with.
pub struct PageFile {
    name: String,
    blob: Blob,
    parts: Parts,
    pages_verified: Bits,
    groups_verified: Bits,
    health: Health,
}

impl PageFile {
    /// Opens a file and checks its top checksums against what the manifest says.
    ///
    /// # Errors
    /// [`OpenFileError`].
    pub fn open(storage: &dyn Storage, path: &str, sealed: Sealed, health: &Health) -> Result<Self, OpenFileError> {
        let blob = storage.read(path)?;
        let name = storage.describe(path);
        let parts = parts_of(&blob, &name, sealed)?;
        let (pages_verified, groups_verified) = (Bits::new(parts.pages), Bits::new(parts.groups));
        if health.is_blind() {
            pages_verified.set_all();
        }
        Ok(Self { name, blob, parts, pages_verified, groups_verified, health: health.clone() })
    }

    /// How many bytes of data there are.
    #[must_use]
    pub fn data_len(&self) -> usize {
        self.parts.data
    }

    /// The file as a user can find it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where damage is recorded.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// `len` bytes from `start`; empty when they are damaged or not there, which [`Health`] then knows.
    #[must_use]
    #[inline]
    pub fn bytes(&self, start: usize, len: usize) -> &[u8] {
        self.try_bytes(start, len).unwrap_or_default()
    }

    /// `N` bytes from `start`; zeros when they are damaged or not there, which [`Health`] then knows.
    #[must_use]
    #[inline]
    pub fn array<const N: usize>(&self, start: usize) -> [u8; N] {
        let found = self.try_bytes(start, N).and_then(|bytes| bytes.first_chunk());
        found.copied().unwrap_or([0; N])
    }

    /// `len` bytes that lie inside the data and inside one page, as the caller knows; the shortest way.
    #[inline]
    pub(crate) fn in_one_page(&self, start: usize, len: usize) -> Option<&[u8]> {
        if self.pages_verified.get(start / PAGE_LEN) {
            return self.blob.get(start..)?.get(..len);
        }
        self.try_pages(start, start.saturating_add(len))
    }

    #[inline]
    pub(crate) fn try_bytes(&self, start: usize, len: usize) -> Option<&[u8]> {
        let end = start.saturating_add(len);
        let (first, last) = (start / PAGE_LEN, end.saturating_sub(1) / PAGE_LEN);
        if first == last && self.pages_verified.get(first) && end <= self.parts.data {
            return self.blob.get(start..end);
        }
        self.try_pages(start, end)
    }

    /// The way of the first touch and of ranges over several pages.
    #[inline(never)]
    fn try_pages(&self, start: usize, end: usize) -> Option<&[u8]> {
        if end > self.parts.data {
            return self.past_the_end(start);
        }
        let mut pages = start / PAGE_LEN..end.div_ceil(PAGE_LEN);
        let verified = start == end || pages.all(|page| self.pages_verified.get(page) || self.verify(page));
        if verified { self.blob.get(start..end) } else { None }
    }

    #[cold]
    fn past_the_end(&self, start: usize) -> Option<&[u8]> {
        let offset = as_u64(start.min(self.parts.data));
        self.health.record(DamageError::Shape {
            file: self.name.clone(),
            offset,
            what: "a column refers to bytes past the end of the data",
        });
        None
    }

    /// Verifies a page for the first time; records damage.
    #[cold]
    fn verify(&self, page: usize) -> bool {
        match self.check_group(page / GROUP_PAGES).and_then(|()| self.check_page(page)) {
            Ok(()) => {
                self.pages_verified.set(page);
                true
            }
            Err(damage) => {
                self.health.record(damage);
                false
            }
        }
    }

    fn check_page(&self, page: usize) -> Result<(), DamageError> {
        let range = self.parts.page(page);
        let offset = as_u64(range.start);
        let (got, want) = (Digest::of(&self.blob[range]), self.hash_at(self.parts.page_hash_at(page)));
        if got == want {
            return Ok(());
        }
        Err(DamageError::Page { file: self.name.clone(), offset, got, want })
    }

    fn check_group(&self, group: usize) -> Result<(), DamageError> {
        if self.groups_verified.get(group) {
            return Ok(());
        }
        let range = self.parts.group(group);
        let offset = as_u64(range.start);
        let (got, want) = (Digest::of(&self.blob[range]), self.hash_at(self.parts.group_hash_at(group)));
        if got != want {
            return Err(DamageError::Checksums { file: self.name.clone(), offset, got, want });
        }
        self.groups_verified.set(group);
        Ok(())
    }

    fn hash_at(&self, at: usize) -> Digest {
        digest_at(&self.blob, at)
    }

    /// Verifies every page anew, also those verified before, and tells each damage; returns how many.
    pub fn verify_all(&self, found: &mut dyn FnMut(DamageError)) -> u64 {
        let mut count = 0;
        let mut tell = |damage| {
            count += 1;
            found(damage);
        };
        for group in 0..self.parts.groups {
            self.groups_verified.clear(group);
            if let Err(damage) = self.check_group(group) {
                tell(damage);
                continue; // its pages cannot be judged
            }
            let first = group * GROUP_PAGES;
            for page in first..self.parts.pages.min(first + GROUP_PAGES) {
                self.check_page(page).map_or_else(&mut tell, |()| self.pages_verified.set(page));
            }
        }
        count
    }
}

impl fmt::Debug for PageFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageFile({})", self.name)
    }
}

/// Checks everything that opening promises: length, footer, root over the group hashes.
fn parts_of(blob: &[u8], name: &str, sealed: Sealed) -> Result<Parts, DamageError> {
    let file = || name.to_owned();
    if as_u64(blob.len()) != sealed.length {
        return Err(DamageError::Length { file: file(), got: as_u64(blob.len()), want: sealed.length });
    }
    let no_footer = |offset| DamageError::Shape { file: file(), offset, what: "no footer of a page file" };
    let footer_at = blob.len().checked_sub(FOOTER_LEN).ok_or_else(|| no_footer(0))?;
    let data_len = u64::from_le_bytes(*blob[footer_at..].first_chunk().expect("a footer holds 40 bytes"));
    let parts = Parts::checked(data_len).filter(|parts| parts.file_len() == blob.len());
    let parts = parts.ok_or_else(|| no_footer(as_u64(footer_at)))?;
    let groups_at = parts.group_hash_at(0);
    let by_hashes = root_of(data_len, &blob[groups_at..footer_at]);
    for got in [by_hashes, digest_at(blob, footer_at + 8)] {
        if got != sealed.root {
            return Err(DamageError::Root { file: file(), offset: as_u64(groups_at), got, want: sealed.root });
        }
    }
    Ok(parts)
}

fn digest_at(blob: &[u8], at: usize) -> Digest {
    Digest(*blob[at..at + HASH_LEN].first_chunk().expect("as long as a hash"))
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).expect("64-bit targets")
}

/// Flags that threads set and read without order: what they guard never changes.
struct Bits(Box<[AtomicU64]>);

impl Bits {
    fn new(len: usize) -> Self {
        Self((0..len.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    #[inline]
    fn get(&self, at: usize) -> bool {
        // Relaxed: the flag says a property of immutable bytes, it publishes no memory.
        self.0.get(at / 64).is_some_and(|word| word.load(Ordering::Relaxed) >> (at % 64) & 1 == 1)
    }

    fn set(&self, at: usize) {
        self.0[at / 64].fetch_or(1 << (at % 64), Ordering::Relaxed);
    }

    fn clear(&self, at: usize) {
        self.0[at / 64].fetch_and(!(1 << (at % 64)), Ordering::Relaxed);
    }

    fn set_all(&self) {
        self.0.iter().for_each(|word| word.store(u64::MAX, Ordering::Relaxed));
    }
}
