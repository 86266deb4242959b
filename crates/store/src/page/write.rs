//! Writing a page file, from its start to its end.

use super::{GROUP_PAGES, HASH_LEN, PAGE_LEN, Sealed, root_of};
use crate::storage::{StorageError, StorageFile};

/// How much is handed to the system at once.
const BUFFER_LEN: usize = 64 * PAGE_LEN;

/// Appends data and keeps the hashes: 32 bytes of memory for each 4 KiB written.
pub struct PageWriter {
    file: Box<dyn StorageFile>,
    /// Not yet handed on: starts at a page border.
    buffer: Vec<u8>,
    flushed: u64,
    page_hashes: Vec<u8>,
}

impl PageWriter {
    /// Writes into `file`, which must be empty.
    #[must_use]
    pub fn new(file: Box<dyn StorageFile>) -> Self {
        Self { file, buffer: Vec::with_capacity(BUFFER_LEN), flushed: 0, page_hashes: Vec::new() }
    }

    /// How many bytes of data were written: where the next byte will lie.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.flushed + len(&self.buffer)
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`StorageError`]; the file is then of no use.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), StorageError> {
        while !bytes.is_empty() {
            let take = bytes.len().min(BUFFER_LEN - self.buffer.len());
            self.buffer.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.buffer.len() == BUFFER_LEN {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Appends zeros until the position is a multiple of `to`.
    ///
    /// # Errors
    /// [`StorageError`]; the file is then of no use.
    pub fn align(&mut self, to: u64) -> Result<(), StorageError> {
        const ZEROS: [u8; 64] = [0; 64];
        let mut missing = self.position().next_multiple_of(to) - self.position();
        while missing > 0 {
            let take = usize::try_from(missing).map_or(ZEROS.len(), |missing| missing.min(ZEROS.len()));
            self.write(&ZEROS[..take])?;
            missing -= len(&ZEROS[..take]);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        for page in self.buffer.chunks(PAGE_LEN) {
            self.page_hashes.extend_from_slice(blake3::hash(page).as_bytes());
        }
        self.file.write_all(&self.buffer)?;
        self.flushed += len(&self.buffer);
        self.buffer.clear();
        Ok(())
    }

    /// Writes the checksums, makes the file durable, and says what a manifest must remember.
    ///
    /// # Errors
    /// [`StorageError`]; the file is then of no use.
    pub fn finish(mut self) -> Result<Sealed, StorageError> {
        if !self.buffer.is_empty() {
            self.flush()?;
        }
        let data_len = self.flushed;
        let mut tail = Vec::new();
        for group in self.page_hashes.chunks(GROUP_PAGES * HASH_LEN) {
            tail.extend_from_slice(blake3::hash(group).as_bytes());
        }
        let root = root_of(data_len, &tail);
        tail.extend_from_slice(&data_len.to_le_bytes());
        tail.extend_from_slice(&root.0);
        self.file.write_all(&self.page_hashes)?;
        self.file.write_all(&tail)?;
        self.file.sync()?;
        Ok(Sealed { length: data_len + len(&self.page_hashes) + len(&tail), root })
    }
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("64-bit targets")
}
