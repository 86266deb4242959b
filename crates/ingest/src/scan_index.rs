//! What the last scan of the block files found, kept so that the next looks at new bytes only.
//!
//! A convenience of this machine: a damaged or foreign index is thrown away and the files are scanned again.

use coinhound_chains::bitcoin::files::{Notice, Scan};
use coinhound_store::storage::{Storage, StorageError};

const DIR: &str = "local";
const PATH: &str = "local/blocks.scan";
const TEMPORARY: &str = "local/blocks.scan.tmp";

/// The last scan without the files that have holes, or an empty one.
pub(crate) fn read(storage: &dyn Storage) -> Result<Scan, StorageError> {
    match storage.read(PATH) {
        Ok(bytes) => Ok(Scan::from_bytes(&bytes).map(without_holes).unwrap_or_default()),
        Err(error) if error.is_not_found() => Ok(Scan::default()),
        Err(error) => Err(error),
    }
}

/// Forgets files in which bytes below the end belong to no block: a better copy of such a file may have the same
/// length and the same last block, so it is read anew each time.
fn without_holes(mut scan: Scan) -> Scan {
    let ends_above = |file, offset| scan.marks.iter().any(|mark| mark.file == file && mark.next > offset);
    let places = scan.notices.iter().filter_map(Notice::place);
    let mut holed: Vec<u32> = places.filter(|(file, at)| ends_above(*file, *at)).map(|(file, _)| file).collect();
    holed.sort_unstable();
    let is_holed = |file: u32| holed.binary_search(&file).is_ok();
    scan.records.retain(|record| !is_holed(record.file));
    scan.marks.retain(|mark| !is_holed(mark.file));
    scan.notices.retain(|notice| notice.place().is_none_or(|(file, _)| !is_holed(file)));
    scan
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
