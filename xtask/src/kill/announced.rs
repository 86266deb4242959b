//! The real disk, with a word before each operation that changes it; and the fault that the rig must notice.

use std::sync::Arc;

use coinhound_store::manifest::MANIFEST;
use coinhound_store::storage::{Action, Blob, DiskStorage, Item, Storage, StorageError, StorageFile, WriterLock};

use super::voice::Voice;

/// A folder whose changes are told first.
pub struct Announced {
    disk: DiskStorage,
    voice: Arc<Voice>,
    in_place: bool,
}

impl Announced {
    /// The same folder, told by this voice. `in_place` plants a fault: the manifest is written over the old one
    /// instead of being swapped.
    pub fn new(disk: DiskStorage, voice: Arc<Voice>, in_place: bool) -> Self {
        Self { disk, voice, in_place }
    }

    fn overwrite(&self, from: &str, to: &str) -> Result<(), StorageError> {
        let bytes = self.disk.read(from)?;
        let (front, back) = bytes.split_at(bytes.len() / 2);
        let mut file = self.create(to)?;
        file.write_all(front)?;
        file.write_all(back)?;
        self.disk.remove(from)
    }

    fn file(&self, path: &str, file: Box<dyn StorageFile>) -> Box<dyn StorageFile> {
        Box::new(AnnouncedFile { file, path: path.to_owned(), voice: self.voice.clone() })
    }
}

impl Storage for Announced {
    fn describe(&self, path: &str) -> String {
        self.disk.describe(path)
    }

    fn read(&self, path: &str) -> Result<Blob, StorageError> {
        self.disk.read(path)
    }

    fn length(&self, path: &str) -> Result<u64, StorageError> {
        self.disk.length(path)
    }

    fn list(&self, dir: &str) -> Result<Vec<Item>, StorageError> {
        self.voice.operation(Action::List, dir);
        self.disk.list(dir)
    }

    fn create(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        self.voice.operation(Action::Create, path);
        Ok(self.file(path, self.disk.create(path)?))
    }

    fn append(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        self.voice.operation(Action::Create, path);
        Ok(self.file(path, self.disk.append(path)?))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        self.voice.operation(Action::Rename, from);
        if self.in_place && to == MANIFEST { self.overwrite(from, to) } else { self.disk.rename(from, to) }
    }

    fn remove(&self, path: &str) -> Result<(), StorageError> {
        self.voice.operation(Action::Remove, path);
        self.disk.remove(path)
    }

    fn create_dir(&self, dir: &str) -> Result<(), StorageError> {
        self.voice.operation(Action::Create, dir);
        self.disk.create_dir(dir)
    }

    fn sync_dir(&self, dir: &str) -> Result<(), StorageError> {
        self.voice.operation(Action::Sync, dir);
        self.disk.sync_dir(dir)
    }

    fn lock(&self, path: &str) -> Result<WriterLock, StorageError> {
        self.voice.operation(Action::Lock, path);
        self.disk.lock(path)
    }
}

struct AnnouncedFile {
    file: Box<dyn StorageFile>,
    path: String,
    voice: Arc<Voice>,
}

impl StorageFile for AnnouncedFile {
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.voice.operation(Action::Write, &self.path);
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        self.voice.operation(Action::Sync, &self.path);
        self.file.sync()
    }
}
