//! Which files a supplied ledger's rows stand in, and which rows were left out, kept beside the store.
//!
//! The store holds the rows that were taken, each with its file and line. Rows that were refused are no part of it: this
//! note is, and it speaks only for the tip that it was written at. Where it is absent or of another tip, what was left
//! out is not known.

use coinhound_model::BlockHash;
use coinhound_store::local::LOCAL_DIR;
use coinhound_store::storage::{Storage, StorageError};
use serde::{Deserialize, Serialize};

use crate::out::json as print_json;
use crate::report::document::{SkippedLine, SuppliedFile, SuppliedPart};
use crate::text::Said;

const PATH: &str = "local/supply.json";
const TEMPORARY: &str = "local/supply.json.tmp";

/// The form of the note that this build writes and reads.
const FORMAT: u32 = 1;

/// A longer note than this is no note of ours.
const LENGTH_MAX: u64 = 64 << 20;

/// What the loads of a supplied ledger took and left out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Supply {
    format: u32,
    /// The store's tip after the last load.
    tip: String,
    /// The files, in the order loaded.
    pub files: Vec<File>,
}

/// A supplied file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct File {
    /// Its name as given.
    pub name: Said,
    /// Its digest, in hexadecimal.
    pub digest: String,
    /// The map that it was read by.
    pub map: Said,
    /// How many rows were taken.
    pub rows: u64,
    /// How many rows the map itself leaves out.
    pub filtered: u64,
    /// How many rows could not be read and were left out.
    pub bad: u64,
    /// The first of them.
    pub skipped: Vec<Row>,
}

/// A row that was left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Its line, from one.
    pub line: u64,
    /// What is wrong with it.
    pub reason: Said,
}

impl Supply {
    /// The note of a store whose tip is `tip`; `None` when there is none that can be believed.
    #[must_use]
    pub fn read(storage: &dyn Storage, tip: &BlockHash) -> Option<Self> {
        let short = storage.length(PATH).is_ok_and(|length| length <= LENGTH_MAX);
        let bytes = if short { storage.read(PATH).ok()? } else { return None };
        let supply: Self = serde_json::from_slice(&bytes).ok()?;
        (supply.format == FORMAT && supply.tip == tip.to_string()).then_some(supply)
    }

    /// The same for a store with this tip, with these files behind those it had.
    #[must_use]
    pub fn with(mut self, tip: &BlockHash, files: impl IntoIterator<Item = File>) -> Self {
        for file in files {
            self.files.retain(|known| known.digest != file.digest || known.map != file.map);
            self.files.push(file);
        }
        Self { format: FORMAT, tip: tip.to_string(), ..self }
    }

    /// Keeps the note, in place of the one before.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, storage: &dyn Storage) -> Result<(), StorageError> {
        storage.create_dir(LOCAL_DIR)?;
        let mut file = storage.create(TEMPORARY)?;
        file.write_all(print_json::pretty(self).as_bytes())?;
        file.sync()?;
        storage.rename(TEMPORARY, PATH)?;
        storage.sync_dir(LOCAL_DIR)
    }

    /// How many rows were left out because they could not be read.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.files.iter().map(|file| file.bad).sum()
    }

    /// What a report says of it.
    #[must_use]
    pub fn part(&self) -> SuppliedPart {
        let file = |file: &File| SuppliedFile { name: file.name.clone(), digest: file.digest.clone(), rows: file.rows };
        let skipped = self.files.iter().flat_map(|file| {
            file.skipped.iter().map(|row| SkippedLine {
                file: file.name.clone(),
                line: row.line,
                reason: row.reason.clone(),
            })
        });
        SuppliedPart {
            files: self.files.iter().map(file).collect(),
            left_out: self.skipped(),
            skipped: skipped.collect(),
        }
    }
}
