//! Files mapped into memory, read-only: the one place of the store with unsafe code.

use std::fs::File;
use std::io;
use std::ops::Deref;

/// Bytes mapped read-only: a whole file, which lives on when its name is removed, or a copy of a slice.
pub(super) struct Mapping(memmap2::Mmap);

impl Mapping {
    /// Maps all of `file` as long as it is now.
    #[expect(unsafe_code, reason = "the system cannot promise that a mapped file stays unchanged; the store does")]
    pub(super) fn of_file(file: &File) -> io::Result<Self> {
        // SAFETY: `Mmap::map` is unsafe because another writer could change or cut the file while a
        // slice of it is alive. Files of a store are written under a name that no manifest holds, synced,
        // renamed and from then on only read, replaced by rename or removed, both of which leave
        // the mapped inode as it was; the only writer is held by a lock. Every byte is checked against a
        // cryptographic hash on first use, and bytes are only ever decoded as plain integers, for
        // which every pattern is valid. A stranger who cuts a mapped file, or a disk that cannot read
        // a page, ends the process by a signal (SIGBUS), never in an answer.
        unsafe { memmap2::Mmap::map(file) }.map(Self)
    }

    /// Copies `bytes` into memory of their own, so that simulated files are read the way real ones are.
    pub(super) fn of_bytes(bytes: &[u8]) -> io::Result<Self> {
        let mut copy = memmap2::MmapMut::map_anon(bytes.len())?;
        copy.copy_from_slice(bytes);
        copy.make_read_only().map(Self)
    }
}

impl Deref for Mapping {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.0
    }
}
