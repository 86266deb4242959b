//! A folder on a real disk.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::direct::Direct;
use super::map::Mapping;
use super::{Action, Blob, Item, Storage, StorageError, StorageFile, WriterLock, check_path};

/// The tree below one folder.
#[derive(Clone, Debug)]
pub struct DiskStorage {
    root: PathBuf,
}

impl DiskStorage {
    /// The tree below `root`, which need not exist before [`DiskStorage::create_root`].
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the folder and those above it, as far as they are missing.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn create_root(&self) -> Result<(), StorageError> {
        fs::create_dir_all(&self.root).map_err(|source| self.error(Action::Create, "", source))?;
        let above = self.root.parent().filter(|path| !path.as_os_str().is_empty());
        above.map_or(Ok(()), sync_dir_at).map_err(|source| self.error(Action::Sync, "", source))
    }

    fn at(&self, path: &str) -> Result<PathBuf, StorageError> {
        check_path(path)?;
        Ok(self.root.join(path))
    }

    fn dir_at(&self, dir: &str) -> Result<PathBuf, StorageError> {
        if dir.is_empty() { Ok(self.root.clone()) } else { self.at(dir) }
    }

    fn error(&self, action: Action, path: &str, source: io::Error) -> StorageError {
        StorageError::Io { action, path: self.describe(path), source }
    }

    fn open_for_writing<S: Sink + 'static>(
        &self,
        path: &str,
        how: &OpenOptions,
        sink: fn(File) -> S,
    ) -> Result<Box<dyn StorageFile>, StorageError> {
        let file = how.open(self.at(path)?).map_err(|source| self.error(Action::Create, path, source))?;
        Ok(Box::new(DiskFile { sink: sink(file), path: self.describe(path) }))
    }
}

/// Syncs a folder, where the system lets a folder be opened.
fn sync_dir_at(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn map(path: &Path) -> io::Result<Blob> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Mapping::of_file(&file).map(Blob)
}

fn list(path: &Path) -> io::Result<Vec<Item>> {
    let mut items = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // A name that is not text was not made by a store.
        if let Ok(name) = entry.file_name().into_string() {
            items.push(Item { name, is_dir: entry.file_type()?.is_dir() });
        }
    }
    items.sort();
    Ok(items)
}

fn make_dir(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}

impl Storage for DiskStorage {
    fn describe(&self, path: &str) -> String {
        let path = if path.is_empty() { self.root.clone() } else { self.root.join(path) };
        path.display().to_string()
    }

    fn read(&self, path: &str) -> Result<Blob, StorageError> {
        map(&self.at(path)?).map_err(|source| self.error(Action::Read, path, source))
    }

    fn length(&self, path: &str) -> Result<u64, StorageError> {
        let about = fs::metadata(self.at(path)?).map_err(|source| self.error(Action::Read, path, source))?;
        Ok(about.len())
    }

    fn list(&self, dir: &str) -> Result<Vec<Item>, StorageError> {
        list(&self.dir_at(dir)?).map_err(|source| self.error(Action::List, dir, source))
    }

    fn create(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        self.open_for_writing(path, OpenOptions::new().write(true).create(true).truncate(true), Direct::new)
    }

    fn append(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        self.open_for_writing(path, OpenOptions::new().append(true).create(true), |file| file)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        fs::rename(self.at(from)?, self.at(to)?).map_err(|source| self.error(Action::Rename, from, source))
    }

    fn remove(&self, path: &str) -> Result<(), StorageError> {
        fs::remove_file(self.at(path)?).map_err(|source| self.error(Action::Remove, path, source))
    }

    fn create_dir(&self, dir: &str) -> Result<(), StorageError> {
        make_dir(&self.at(dir)?).map_err(|source| self.error(Action::Create, dir, source))
    }

    fn sync_dir(&self, dir: &str) -> Result<(), StorageError> {
        sync_dir_at(&self.dir_at(dir)?).map_err(|source| self.error(Action::Sync, dir, source))
    }

    fn lock(&self, path: &str) -> Result<WriterLock, StorageError> {
        let at = self.at(path)?;
        let refuse = |source| self.error(Action::Lock, path, source);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(at).map_err(refuse)?;
        match file.try_lock() {
            Ok(()) => Ok(WriterLock { _held: Box::new(file) }),
            Err(TryLockError::WouldBlock) => Err(StorageError::Locked { path: self.describe(path) }),
            Err(TryLockError::Error(source)) => Err(refuse(source)),
        }
    }
}

/// Where a file's bytes go.
trait Sink: Send {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
}

impl Sink for File {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Write::write_all(self, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

impl Sink for Direct {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Direct::write_all(self, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        Direct::sync(self)
    }
}

struct DiskFile<S> {
    sink: S,
    path: String,
}

impl<S> DiskFile<S> {
    fn error(&self, action: Action, source: io::Error) -> StorageError {
        StorageError::Io { action, path: self.path.clone(), source }
    }
}

impl<S: Sink> StorageFile for DiskFile<S> {
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.sink.write_all(bytes).map_err(|source| self.error(Action::Write, source))
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        self.sink.sync().map_err(|source| self.error(Action::Sync, source))
    }
}
