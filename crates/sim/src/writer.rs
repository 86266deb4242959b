//! Writes finished blocks as a node's `blocks/` folder: the one writer of demo, tests and benchmarks.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use coinhound_chains::bitcoin::encode::put_frame;
use coinhound_chains::bitcoin::undo::put_record;
use coinhound_chains::bitcoin::xor::{KEY_FILE, XorKey};
use coinhound_model::{BlockHash, Height};

use crate::block::Sealed;
use crate::regtest::params;
use crate::rng::Rng;

/// How the files are laid out. [`Layout::default`] is what a recent node does, without a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// A block file is closed before it would exceed this many bytes; a larger block gets a file of its own.
    pub file_bytes_max: u64,
    /// The folder's key (`xor.dat`); `None` writes no key file.
    pub xor_key: Option<XorKey>,
    /// Also write `rev*.dat`, for the blocks that come with an undo record.
    pub undo: bool,
    /// Blocks are written out of order within a window of this many; 0 and 1 keep the order.
    pub window: usize,
    /// The order within the window follows from this.
    pub window_seed: u64,
    /// The last block file is filled with zeros to a multiple of this; 0 adds none. Nodes reserve 16 MiB at a time.
    pub reserve_bytes: u64,
}

impl Default for Layout {
    fn default() -> Self {
        Self { file_bytes_max: 128 << 20, xor_key: None, undo: true, window: 0, window_seed: 0, reserve_bytes: 0 }
    }
}

/// Why blocks could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The folder already holds block files, and nothing here overwrites any.
    #[error("`{}` already holds block files", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// What was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// Blocks, stale ones included.
    pub blocks: u64,
    /// Transactions in them, coinbases included.
    pub txs: u64,
    /// Bytes of block files, reserved zeros not counted.
    pub bytes: u64,
    /// Block files.
    pub files: u32,
}

/// Writes `blk*.dat`, and `rev*.dat` and `xor.dat` where asked, into one folder.
#[derive(Debug)]
pub struct BlockWriter {
    folder: PathBuf,
    layout: Layout,
    rng: Rng,
    waiting: Vec<Sealed>,
    file: Option<OpenFile>,
    written: Written,
}

/// The block file being written, and the undo records that will stand beside it.
#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    file: File,
    len: u64,
    undo: Vec<UndoRecord>,
}

#[derive(Debug)]
struct UndoRecord {
    height: Height,
    prev: BlockHash,
    body: Vec<u8>,
}

impl BlockWriter {
    /// Opens a folder for writing; it is made if it does not exist.
    ///
    /// # Errors
    /// [`WriteError::Occupied`] when block files lie there already, [`WriteError::Io`].
    pub fn create(folder: &Path, layout: Layout) -> Result<Self, WriteError> {
        fs::create_dir_all(folder).map_err(|source| io_error(folder, source))?;
        if folder.join("blk00000.dat").exists() {
            return Err(WriteError::Occupied { path: folder.to_owned() });
        }
        if let Some(key) = layout.xor_key {
            let path = folder.join(KEY_FILE);
            fs::write(&path, key.0).map_err(|source| io_error(&path, source))?;
        }
        let rng = Rng::new(layout.window_seed);
        Ok(Self { folder: folder.to_owned(), layout, rng, waiting: vec![], file: None, written: Written::default() })
    }

    /// Takes the next block, in the order in which a node would have accepted it.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn write(&mut self, block: Sealed) -> Result<(), WriteError> {
        if self.layout.window <= 1 {
            return self.put(block);
        }
        self.waiting.push(block);
        if self.waiting.len() > self.layout.window {
            let next = self.rng.index(self.waiting.len());
            let block = self.waiting.swap_remove(next);
            self.put(block)?;
        }
        Ok(())
    }

    /// Writes what is still waiting and closes the files.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn finish(mut self) -> Result<Written, WriteError> {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.rng.shuffle(&mut waiting);
        waiting.into_iter().try_for_each(|block| self.put(block))?;
        if let Some(file) = self.file.take() {
            self.reserve(&file)?;
            self.close(file)?;
        }
        Ok(self.written)
    }

    fn put(&mut self, block: Sealed) -> Result<(), WriteError> {
        let mut frame = Vec::with_capacity(block.bytes.len() + 8);
        put_frame(&mut frame, params().magic, &block.bytes);
        let mut open = self.file_for(frame.len() as u64)?;
        self.key().apply(&mut frame, open.len);
        open.file.write_all(&frame).map_err(|source| io_error(&open.path, source))?;
        open.len += frame.len() as u64;
        if let Some(body) = block.undo.filter(|_| self.layout.undo) {
            open.undo.push(UndoRecord { height: block.height, prev: block.prev, body });
        }
        self.file = Some(open);
        self.written.blocks += 1;
        self.written.txs += block.txids.len() as u64;
        self.written.bytes += frame.len() as u64;
        Ok(())
    }

    /// The file that has room for `len` more bytes: the open one, or the next.
    fn file_for(&mut self, len: u64) -> Result<OpenFile, WriteError> {
        match self.file.take() {
            Some(open) if open.len + len <= self.layout.file_bytes_max => return Ok(open),
            Some(full) => self.close(full)?,
            None => {}
        }
        let path = self.folder.join(format!("blk{:05}.dat", self.written.files));
        let file = create_new(&path)?;
        self.written.files += 1;
        Ok(OpenFile { path, file, len: 0, undo: vec![] })
    }

    /// Fills the last file as nodes do ahead of need: with plain zeros, not covered by the key.
    fn reserve(&self, open: &OpenFile) -> Result<(), WriteError> {
        if self.layout.reserve_bytes == 0 {
            return Ok(());
        }
        let len = open.len.next_multiple_of(self.layout.reserve_bytes);
        open.file.set_len(len).map_err(|source| io_error(&open.path, source))
    }

    /// Writes the undo file beside a finished block file: in the order of connection, which is by height.
    fn close(&self, mut open: OpenFile) -> Result<(), WriteError> {
        if !self.layout.undo {
            return Ok(());
        }
        open.undo.sort_by_key(|record| record.height);
        let mut bytes = Vec::new();
        for record in &open.undo {
            put_record(&mut bytes, params().magic, record.prev, &record.body);
        }
        self.key().apply(&mut bytes, 0);
        let name = open.path.file_name().and_then(|name| name.to_str()).expect("named above in ASCII");
        let path = self.folder.join(name.replace("blk", "rev"));
        let mut file = create_new(&path)?;
        file.write_all(&bytes).map_err(|source| io_error(&path, source))
    }

    fn key(&self) -> XorKey {
        self.layout.xor_key.unwrap_or_default()
    }
}

fn create_new(path: &Path) -> Result<File, WriteError> {
    OpenOptions::new().write(true).create_new(true).open(path).map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> WriteError {
    WriteError::Io { path: path.to_owned(), source }
}
