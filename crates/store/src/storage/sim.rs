//! A disk in memory that forgets what was not synced.
//!
//! It stands under the same trait as a real folder. Every changing operation is counted and logged; at
//! any count it can fail or lose power, and [`SimDisk::crash`] gives the disk that is found afterwards:
//! any subset of what was not synced, in any order, torn at sectors, with zeros or old bytes in the
//! gaps and growth lost. The same seed always finds the same disk.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::map::Mapping;
use super::sim_inode::Fate;
use super::sim_state::State;
use super::{Action, Blob, Failure, Fault, Item, LoggedOp, Storage, StorageError, StorageFile, WriterLock, check_path};

/// A simulated disk. Clones are handles of the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

impl SimDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty disk with a planted fault.
    #[must_use]
    pub fn with_fault(fault: Fault) -> Self {
        let disk = Self::new();
        disk.state().fault = Some(fault);
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked while holding the lock has failed already; others may look on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes operation number `op` (from zero) fail once.
    pub fn fail_at(&self, op: u64, failure: Failure) {
        self.state().trips.insert(op, failure);
    }

    /// Leaves no space from operation number `op` on.
    pub fn fill_from(&self, op: u64) {
        self.state().full_from = Some(op);
    }

    /// Takes every planned failure back; power that is off stays off.
    pub fn heal(&self) {
        let mut state = self.state();
        state.trips.clear();
        state.full_from = None;
    }

    /// How many changing operations were asked for.
    #[must_use]
    pub fn ops(&self) -> u64 {
        u64::try_from(self.state().log.len()).expect("64-bit targets")
    }

    /// The changing operations that were asked for, in order.
    #[must_use]
    pub fn log(&self) -> Vec<LoggedOp> {
        self.state().log.clone()
    }

    /// How many changes to folders and writes are not durable now.
    #[must_use]
    pub fn unsynced(&self) -> usize {
        self.state().units()
    }

    /// The disk found after losing power now: an arbitrary part of what was not synced, by seed.
    #[must_use]
    pub fn crash(&self, seed: u64) -> Self {
        self.after(Fate::by_seed(seed))
    }

    /// The disk found after losing power now, when exactly the changes whose bit is set in `kept`
    /// arrived whole: bit 0 is the first of [`SimDisk::unsynced`].
    #[must_use]
    pub fn crash_keeping(&self, kept: u64) -> Self {
        self.after(Fate::Mask(kept))
    }

    /// The disk as it is, on its own: a copy whose changes do not come back here.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.after(Fate::All)
    }

    fn after(&self, fate: Fate) -> Self {
        Self { state: Arc::new(Mutex::new(self.state().after_power_loss(fate))) }
    }

    /// Changes a file's bytes behind everybody's back, durably: bit rot, cuts, a stranger's hand.
    ///
    /// # Errors
    /// [`StorageError`] when there is no such file.
    pub fn corrupt(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<(), StorageError> {
        let done = self.state().corrupt(path, change);
        done.map_err(|source| error(Action::Write, path, source))
    }
}

fn error(action: Action, path: &str, source: io::Error) -> StorageError {
    StorageError::Io { action, path: described(path), source }
}

fn check_dir(dir: &str) -> Result<(), StorageError> {
    if dir.is_empty() { Ok(()) } else { check_path(dir) }
}

fn described(path: &str) -> String {
    if path.is_empty() { ".".to_owned() } else { path.to_owned() }
}

impl Storage for SimDisk {
    fn describe(&self, path: &str) -> String {
        described(path)
    }

    fn read(&self, path: &str) -> Result<Blob, StorageError> {
        check_path(path)?;
        let bytes = self.state().read(path);
        let mapping = bytes.and_then(|bytes| Mapping::of_bytes(&bytes));
        mapping.map(Blob).map_err(|source| error(Action::Read, path, source))
    }

    fn length(&self, path: &str) -> Result<u64, StorageError> {
        check_path(path)?;
        let bytes = self.state().read(path).map_err(|source| error(Action::Read, path, source))?;
        Ok(u64::try_from(bytes.len()).expect("64-bit targets"))
    }

    fn list(&self, dir: &str) -> Result<Vec<Item>, StorageError> {
        check_dir(dir)?;
        self.state().list(dir).map_err(|source| error(Action::List, dir, source))
    }

    fn create(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        self.open(path, true)
    }

    fn append(&self, path: &str) -> Result<Box<dyn StorageFile>, StorageError> {
        self.open(path, false)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        check_path(from)?;
        check_path(to)?;
        self.state().rename(from, to).map_err(|source| error(Action::Rename, from, source))
    }

    fn remove(&self, path: &str) -> Result<(), StorageError> {
        check_path(path)?;
        self.state().remove(path).map_err(|source| error(Action::Remove, path, source))
    }

    fn create_dir(&self, dir: &str) -> Result<(), StorageError> {
        check_path(dir)?;
        self.state().create_dir(dir).map_err(|source| error(Action::Create, dir, source))
    }

    fn sync_dir(&self, dir: &str) -> Result<(), StorageError> {
        check_dir(dir)?;
        self.state().sync_dir(dir).map_err(|source| error(Action::Sync, dir, source))
    }

    fn lock(&self, path: &str) -> Result<WriterLock, StorageError> {
        check_path(path)?;
        let mut state = self.state();
        state.powered().map_err(|source| error(Action::Lock, path, source))?;
        if !state.locks.insert(path.to_owned()) {
            return Err(StorageError::Locked { path: path.to_owned() });
        }
        let held = SimLock { disk: self.clone(), path: path.to_owned() };
        Ok(WriterLock { _held: Box::new(held) })
    }
}

impl SimDisk {
    fn open(&self, path: &str, empty: bool) -> Result<Box<dyn StorageFile>, StorageError> {
        check_path(path)?;
        let file = self.state().open(path, empty).map_err(|source| error(Action::Create, path, source))?;
        Ok(Box::new(SimFile { disk: self.clone(), file, path: path.to_owned() }))
    }
}

struct SimFile {
    disk: SimDisk,
    file: usize,
    path: String,
}

impl StorageFile for SimFile {
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let done = self.disk.state().write(self.file, &self.path, bytes);
        done.map_err(|source| error(Action::Write, &self.path, source))
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        let done = self.disk.state().sync(self.file, &self.path);
        done.map_err(|source| error(Action::Sync, &self.path, source))
    }
}

struct SimLock {
    disk: SimDisk,
    path: String,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.disk.state().locks.remove(&self.path);
    }
}
