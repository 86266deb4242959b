//! What the last scan of the block files found, kept so that the next looks at new bytes only.
//!
//! A convenience of this machine: a damaged or foreign index is thrown away and the files are scanned again.

use coinhound_chains::bitcoin::files::Scan;
use coinhound_store::storage::{Storage, StorageError};

const DIR: &str = "local";
const PATH: &str = "local/blocks.scan";
const TEMPORARY: &str = "local/blocks.scan.tmp";

/// The last scan, or an empty one.
pub(crate) fn read(storage: &dyn Storage) -> Result<Scan, StorageError> {
    match storage.read(PATH) {
        Ok(bytes) => Ok(Scan::from_bytes(&bytes).unwrap_or_default()),
        Err(error) if error.is_not_found() => Ok(Scan::default()),
        Err(error) => Err(error),
    }
}

/// Remembers a scan.
pub(crate) fn write(storage: &dyn Storage, scan: &Scan) -> Result<(), StorageError> {
    storage.create_dir(DIR)?;
    let mut file = storage.create(TEMPORARY)?;
    file.write_all(&scan.to_bytes())?;
    file.sync()?;
    storage.rename(TEMPORARY, PATH)?;
    storage.sync_dir(DIR)
}
