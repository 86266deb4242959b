//! A new file, written past the page cache once it is large.
//!
//! A load writes far more than it will soon read again. Through the page cache every byte of it costs memory to be
//! handed out, cleared and copied into, and pushes out what others read. So bytes are gathered in a buffer; when it
//! is full for the first time the file goes over to direct writes, where the system and the file system have them, and its
//! tail is written the usual way. Small files never leave the usual way.

use std::fs::File;
use std::io::{self, Write};

/// How much is gathered before it is written.
pub(super) const CHUNK: usize = 1 << 20;

/// What direct writes ask of addresses, lengths and offsets, on any device.
const ALIGN: usize = 4096;

/// A file being written from its start. What was not synced may not be in it.
pub(super) struct Direct {
    file: File,
    /// A chunk and what aligning it takes.
    buffer: Vec<u8>,
    /// Where the chunk begins in the buffer.
    start: usize,
    filled: usize,
    /// How chunks are written; not known before the first.
    mode: Option<Mode>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Cached,
    PastTheCache,
}

impl Direct {
    /// Writes to `file`, which is empty.
    pub fn new(file: File) -> Self {
        Self { file, buffer: Vec::new(), start: 0, filled: 0, mode: None }
    }

    pub fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if self.buffer.is_empty() {
            self.buffer = vec![0; CHUNK + ALIGN];
            self.start = self.buffer.as_ptr().align_offset(ALIGN);
        }
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.filled));
            let at = self.start + self.filled;
            self.buffer[at..at + now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            if self.filled == CHUNK {
                self.write_chunk()?;
            }
        }
        Ok(())
    }

    fn write_chunk(&mut self) -> io::Result<()> {
        let mode = *self.mode.get_or_insert_with(|| set_mode(&self.file, Mode::PastTheCache));
        match self.write_gathered() {
            // Some file systems take the flag and then refuse the write, of which nothing has happened.
            Err(error) if mode == Mode::PastTheCache && error.kind() == io::ErrorKind::InvalidInput => {
                self.mode = Some(set_mode(&self.file, Mode::Cached));
                self.write_gathered()
            }
            done => done,
        }
    }

    fn write_gathered(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer[self.start..self.start + self.filled])?;
        self.filled = 0;
        Ok(())
    }

    /// Writes what is gathered and makes the whole file durable.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.filled > 0 {
            if self.mode == Some(Mode::PastTheCache) {
                self.mode = Some(set_mode(&self.file, Mode::Cached));
            }
            self.write_gathered()?;
        }
        self.file.sync_all()
    }
}

/// Sets how the file is written, as far as the system lets it, and tells how it now is.
#[cfg(target_os = "linux")]
fn set_mode(file: &File, mode: Mode) -> Mode {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let Ok(flags) = fcntl_getfl(file) else { return Mode::Cached };
    let flags = if mode == Mode::PastTheCache { flags | OFlags::DIRECT } else { flags - OFlags::DIRECT };
    if fcntl_setfl(file, flags).is_ok() { mode } else { Mode::Cached }
}

#[cfg(not(target_os = "linux"))]
fn set_mode(_file: &File, _mode: Mode) -> Mode {
    Mode::Cached
}
