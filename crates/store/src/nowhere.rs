//! A place that keeps nothing: tables written here are only hashed.

use std::io;

use crate::storage::{Action, Blob, Item, Storage, StorageError, StorageFile, WriterLock};

/// Takes writes and forgets them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nowhere;

struct Forgotten;

impl StorageFile for Forgotten {
    fn write_all(&mut self, _bytes: &[u8]) -> Result<(), StorageError> {
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
}

fn nothing<T>(action: Action, path: &str) -> Result<T, StorageError> {
    Err(StorageError::Io { action, path: path.to_owned(), source: io::ErrorKind::NotFound.into() })
}

impl Storage for Nowhere {
    fn describe(&self, path: &str) -> String {
        path.to_owned()
    }

    fn read(&self, path: &str) -> Result<Blob, StorageError> {
        nothing(Action::Read, path)
    }

    fn length(&self, path: &str) -> Result<u64, StorageError> {
        nothing(Action::Read, path)
    }

    fn list(&self, dir: &str) -> Result<Vec<Item>, StorageError> {
        nothing(Action::List, dir)
    }

    fn create(&self, _path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        Ok(Box::new(Forgotten))
    }

    fn append(&self, _path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        Ok(Box::new(Forgotten))
    }

    fn rename(&self, _from: &str, _to: &str) -> Result<(), StorageError> {
        Ok(())
    }

    fn remove(&self, _path: &str) -> Result<(), StorageError> {
        Ok(())
    }

    fn create_dir(&self, _dir: &str) -> Result<(), StorageError> {
        Ok(())
    }

    fn sync_dir(&self, _dir: &str) -> Result<(), StorageError> {
        Ok(())
    }

    fn lock(&self, path: &str) -> Result<WriterLock, StorageError> {
        nothing(Action::Lock, path)
    }
}
