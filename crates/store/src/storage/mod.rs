//! One folder tree: the few file operations a store needs, on a real disk and on a simulated one.
//!
//! A file is written once, from its start, by appending; then it is synced, renamed and never changed.
//! Nothing is durable before it was synced: a file's bytes by [`StorageFile::sync`], its name (and
//! a rename, and a removal) by [`Storage::sync_dir`] of the folder it lies in. A sync that failed is
//! never tried again: the kernel may have dropped the bytes it could not write.

mod dice;
mod direct;
mod disk;
mod map;
mod sim;
mod sim_inode;
mod sim_state;

use std::fmt;
use std::io;
use std::ops::Deref;

pub use dice::Dice;
pub use disk::DiskStorage;
pub use sim::SimDisk;
pub use sim_state::{Failure, Fault, LoggedOp};

/// A tree of files with paths such as `facts/0-15.3f..`: `/` between the parts, no part is `.` or `..`.
pub trait Storage: Send + Sync {
    /// The path as a user can find it, for errors.
    fn describe(&self, path: &str) -> String;

    /// A whole file. What was read stays readable when the file is removed or replaced.
    ///
    /// # Errors
    /// [`StorageError`]; [`StorageError::is_not_found`] when there is no such file.
    fn read(&self, path: &str) -> Result<Blob, StorageError>;

    /// A file's length in bytes.
    ///
    /// # Errors
    /// [`StorageError`]; [`StorageError::is_not_found`] when there is no such file.
    fn length(&self, path: &str) -> Result<u64, StorageError>;

    /// What lies in a folder (`""` is the top), by name ascending.
    ///
    /// # Errors
    /// [`StorageError`]; [`StorageError::is_not_found`] when there is no such folder.
    fn list(&self, dir: &str) -> Result<Vec<Item>, StorageError>;

    /// An empty file for writing; what the path held before is gone.
    ///
    /// # Errors
    /// [`StorageError`], for example when its folder does not exist.
    fn create(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError>;

    /// A file for writing at its end, made when it does not exist.
    ///
    /// # Errors
    /// [`StorageError`], for example when its folder does not exist.
    fn append(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError>;

    /// Moves a file to another name in the same folder, replacing what that name held.
    ///
    /// # Errors
    /// [`StorageError`].
    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`StorageError`].
    fn remove(&self, path: &str) -> Result<(), StorageError>;

    /// Makes a folder in an existing one; one that exists already is fine.
    ///
    /// # Errors
    /// [`StorageError`].
    fn create_dir(&self, dir: &str) -> Result<(), StorageError>;

    /// Makes the names in a folder (`""` is the top) durable: new files and folders, renames, removals.
    ///
    /// # Errors
    /// [`StorageError`]; the caller must not try again and take the second answer for the truth.
    fn sync_dir(&self, dir: &str) -> Result<(), StorageError>;

    /// Takes the right to write. It ends when the value is dropped or the process dies, however it dies.
    ///
    /// # Errors
    /// [`StorageError::Locked`] while another holds it.
    fn lock(&self, path: &str) -> Result<WriterLock, StorageError>;
}

/// A file open for writing at its end.
pub trait StorageFile: Send {
    /// Writes all of `bytes`, or fails. They may wait in memory until [`StorageFile::sync`].
    ///
    /// # Errors
    /// [`StorageError`]; how much was written is then unknown.
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), StorageError>;

    /// Makes everything written so far durable.
    ///
    /// # Errors
    /// [`StorageError`]; the file must then be thrown away, not synced again.
    fn sync(&mut self) -> Result<(), StorageError>;
}

/// A file's bytes, mapped into memory.
pub struct Blob(map::Mapping);

impl Deref for Blob {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.len())
    }
}

/// One name in a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Item {
    /// Its last part: no folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// The right to write, held until dropped.
pub struct WriterLock {
    _held: Box<dyn Send + Sync>,
}

impl fmt::Debug for WriterLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriterLock")
    }
}

/// What was being done to a file or folder.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Action {
    /// Reading or mapping.
    Read,
    /// Listing.
    List,
    /// Creating, or opening for appending.
    Create,
    /// Writing.
    Write,
    /// Making durable.
    Sync,
    /// Giving another name.
    Rename,
    /// Removing.
    Remove,
    /// Taking the writer's lock.
    Lock,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Create => "create",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::Lock => "lock",
        })
    }
}

/// Why a file operation did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The system refused.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: Action,
        /// On what.
        path: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Another process holds the writer's lock.
    #[error("`{path}` is locked: another process is writing this store")]
    Locked {
        /// The lock's file.
        path: String,
    },
    /// The path leaves the tree, or has parts that no file of a store has.
    #[error("`{path}` is not the path of a file in a store")]
    BadPath {
        /// The path.
        path: String,
    },
}

impl StorageError {
    /// Whether the file or folder does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == Some(io::ErrorKind::NotFound)
    }

    /// Whether the disk, or the user's share of it, is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.kind(), Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    fn kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } => Some(source.kind()),
            Self::Locked { .. } | Self::BadPath { .. } => None,
        }
    }
}

/// Refuses paths that a store never has: empty, absolute, with `.` or `..`, or with other characters
/// than letters, digits, `.`, `-` and `_`. A manifest is not trusted to stay inside its folder.
///
/// # Errors
/// [`StorageError::BadPath`].
pub fn check_path(path: &str) -> Result<(), StorageError> {
    let good = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.len() <= 255
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    if path.split('/').all(good) {
        Ok(())
    } else {
        Err(StorageError::BadPath { path: path.chars().take(300).collect() })
    }
}

/// The folder a path lies in: `""` for the top.
#[must_use]
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

#[cfg(test)]
mod tests;
