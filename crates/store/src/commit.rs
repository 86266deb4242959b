//! The commit: the manifest is swapped, and nothing else ever makes a change visible.
//!
//! Order: the data files are synced by those who wrote them, then their folders here, then the new
//! manifest is written beside the old one, synced, renamed over it, and its folder synced. Before the rename
//! the old store is whole; after it the new one; [`sweep`] then removes what no manifest names.
//! A reader that opened the old files keeps them: removed names do not take mapped bytes away. A
//! reader that had read the old manifest but not yet opened its files may find one gone: it reads
//! the manifest again, see [`open_consistent`].

use std::collections::BTreeSet;

use crate::digest::{Digest, is_lower_hex};
use crate::local::LOCAL_DIR;
use crate::manifest::{FileEntry, MANIFEST, MANIFEST_TMP, Manifest, ManifestError};
use crate::storage::{Storage, StorageError, WriterLock, parent};
use crate::table::UNFINISHED;

/// The writer's lock file.
pub const LOCK: &str = "LOCK";

/// Why a manifest was not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The disk refused. Whether the new manifest is durable is unknown: the writer must stop.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file that the manifest names is not there, or not as long: the old store stands.
    #[error("`{path}` has {got:?} bytes, the manifest to publish says {want}")]
    FileMissing {
        /// The file, as a user can find it.
        path: String,
        /// Its length, or `None` when there is no such file.
        got: Option<u64>,
        /// Its length by the manifest.
        want: u64,
    },
    /// The manifest could not be read back: the old store stands.
    #[error("the manifest to publish is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: String,
    },
}

/// Takes the right to write the store.
///
/// # Errors
/// [`StorageError::Locked`] while another process has it.
pub fn lock(storage: &dyn Storage) -> Result<WriterLock, StorageError> {
    storage.lock(LOCK)
}

/// Makes folders for tables, durably.
///
/// # Errors
/// [`StorageError`].
pub fn create_dirs(storage: &dyn Storage, dirs: &[&str]) -> Result<(), StorageError> {
    dirs.iter().try_for_each(|dir| storage.create_dir(dir))?;
    storage.sync_dir("")
}

/// Makes `manifest` the store's. When this returns, the commit is durable.
///
/// # Errors
/// [`PublishError`].
pub fn publish(storage: &dyn Storage, manifest: &Manifest) -> Result<(), PublishError> {
    manifest.validate().map_err(|what| PublishError::Malformed { what })?;
    manifest.files.iter().try_for_each(|file| check_present(storage, file))?;
    for dir in dirs_of(manifest) {
        storage.sync_dir(dir)?;
    }
    let mut file = storage.create(MANIFEST_TMP)?;
    file.write_all(&manifest.to_bytes())?;
    file.sync()?;
    storage.rename(MANIFEST_TMP, MANIFEST)?;
    storage.sync_dir("")?;
    Ok(())
}

fn check_present(storage: &dyn Storage, file: &FileEntry) -> Result<(), PublishError> {
    let path = file.path();
    let got = match storage.length(&path) {
        Ok(length) => Some(length),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error.into()),
    };
    if got == Some(file.length) {
        return Ok(());
    }
    Err(PublishError::FileMissing { path: storage.describe(&path), got, want: file.length })
}

fn dirs_of(manifest: &Manifest) -> BTreeSet<&str> {
    manifest.files.iter().map(|file| parent(&file.role)).collect()
}

/// Removes the tables that `manifest` does not name: retired ones, and what interrupted runs left.
/// Returns their paths. Only the writer may call it, and only with the manifest that is published.
///
/// Files whose names are not those of tables are strangers and stay.
///
/// # Errors
/// [`StorageError`]; what was not removed is removed by the next sweep.
pub fn sweep(storage: &dyn Storage, manifest: Option<&Manifest>) -> Result<Vec<String>, StorageError> {
    let named: BTreeSet<String> =
        manifest.into_iter().flat_map(|manifest| &manifest.files).map(FileEntry::path).collect();
    let mut removed = Vec::new();
    for item in storage.list("")? {
        if item.name == MANIFEST_TMP && !item.is_dir {
            removed.push(item.name);
        } else if item.is_dir && item.name != LOCAL_DIR {
            removed.extend(strays(storage, &item.name, &named)?);
        }
    }
    removed.iter().try_for_each(|path| storage.remove(path))?;
    Ok(removed)
}

fn strays(storage: &dyn Storage, dir: &str, named: &BTreeSet<String>) -> Result<Vec<String>, StorageError> {
    if crate::storage::check_path(dir).is_err() {
        return Ok(Vec::new()); // a folder that no store makes
    }
    let tables = storage.list(dir)?.into_iter().filter(|item| !item.is_dir && is_table_name(&item.name));
    let paths = tables.map(|item| format!("{dir}/{}", item.name));
    Ok(paths.filter(|path| !named.contains(path) && crate::storage::check_path(path).is_ok()).collect())
}

fn is_table_name(name: &str) -> bool {
    let Some((_, ending)) = name.rsplit_once('.') else { return false };
    ending == UNFINISHED || (ending.len() == Digest::SHORT_LEN && is_lower_hex(ending))
}

/// How often a reader that lost the race against a writer tries again.
const TRIES: usize = 100;

/// Opens what a manifest names, again when the writer replaced the manifest meanwhile.
///
/// `open` gets the manifest and opens all files it will ever need. When it fails although
/// the manifest is still the same, or after a hundred tries, its error stands.
///
/// # Errors
/// Those of reading the manifest and of `open`.
pub fn open_consistent<T, E: From<ManifestError>>(
    storage: &dyn Storage,
    mut open: impl FnMut(&Manifest) -> Result<T, E>,
) -> Result<T, E> {
    let mut manifest = Manifest::read(storage)?;
    for _ in 1..TRIES {
        match open(&manifest) {
            Ok(opened) => return Ok(opened),
            Err(error) => {
                let newer = Manifest::read(storage)?;
                if newer == manifest {
                    return Err(error);
                }
                manifest = newer;
            }
        }
    }
    open(&manifest)
}
