//! A writer's life in a few commits, as a pure function of the version: what the suites below interrupt.
//!
//! Each version adds a segment; four segments become one; one table is rewritten each time and
//! one every fourth time. So commits add, keep, replace and retire files, as a store's do.

use std::collections::BTreeMap;

use coinhound_model::{ChainId, Hash256, Height};

use crate::column::index;
use crate::commit::{self, PublishError};
use crate::digest::Digest;
use crate::error::Health;
use crate::layout::LayoutParams;
use crate::local;
use crate::manifest::{FileEntry, Manifest, ManifestError, Params, Tip};
use crate::storage::{Dice, Storage, StorageError};
use crate::table::{Column, OpenTableError, Schema, TableFile, TableWriter, WriteTableError};

/// What every table of the story holds.
pub const STORY_TABLE: Schema = Schema {
    kind: "story",
    columns: &[
        Column::fixed::<u32>("number"),
        Column::packed("value"),
        Column::fixed::<[u8; 20]>("key"),
        Column::bytes("script"),
    ],
};

const DIRS: [&str; 3] = ["base", "facts", "overlay"];

/// Why the writer stopped.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// A file operation failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A table could not be written.
    #[error(transparent)]
    Write(#[from] WriteTableError),
    /// The commit failed.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The manifest could not be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A table could not be opened.
    #[error(transparent)]
    Open(#[from] OpenTableError),
}

/// One table's content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// Column `number`.
    pub numbers: Vec<u32>,
    /// Column `value`.
    pub values: Vec<u64>,
    /// Column `key`.
    pub keys: Vec<[u8; 20]>,
    /// Column `script`.
    pub script: Vec<u8>,
}

impl Content {
    /// The content that goes with a name: up to two pages, without pattern.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let seed = Digest::of(name.as_bytes());
        let mut dice = Dice::new(u64::from_le_bytes(*seed.0.first_chunk().expect("a digest has 32 bytes")));
        let rows = dice.below(160);
        let number = |dice: &mut Dice| u32::try_from(dice.below(1 << 32)).expect("below 2^32");
        Self {
            numbers: (0..rows).map(|_| number(&mut dice)).collect(),
            values: (0..rows).map(|_| dice.any() >> dice.below(64)).collect(),
            keys: bytes(&mut dice, index(rows) * 20).as_chunks().0.to_vec(),
            script: {
                let len = dice.index(2500);
                bytes(&mut dice, len)
            },
        }
    }

    /// Writes the content as a table.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn write(&self, storage: &dyn Storage, role: &str) -> Result<FileEntry, WriteTableError> {
        let mut table = TableWriter::create(storage, role, &STORY_TABLE)?;
        table.fixed::<u32>("number").all(self.numbers.iter().copied())?;
        table.packed("value").all(self.values.iter().copied())?;
        table.fixed::<[u8; 20]>("key").all(self.keys.iter().copied())?;
        table.bytes("script").all(&self.script)?;
        table.finish()
    }

    /// Reads a table back, every row of every column.
    ///
    /// # Errors
    /// [`OpenTableError`], also for damage that shows only on reading.
    pub fn read(storage: &dyn Storage, file: &FileEntry, health: &Health) -> Result<Self, OpenTableError> {
        let table = TableFile::open(storage, file, &STORY_TABLE, health)?;
        let (numbers, values) = (table.fixed::<u32>("number"), table.packed("value"));
        let (keys, script) = (table.fixed::<[u8; 20]>("key"), table.bytes("script"));
        let content = Self {
            numbers: numbers.iter(0..numbers.len()).collect(),
            values: values.iter(0..values.len()).collect(),
            keys: keys.arrays(0..keys.len()).to_vec(),
            script: script.slice(0..script.len()).to_vec(),
        };
        health.check()?;
        Ok(content)
    }
}

/// This many bytes without pattern.
fn bytes(dice: &mut Dice, len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| dice.any().to_le_bytes()).collect();
    bytes.truncate(len);
    bytes
}

/// The tables of a version: the name of each one's content by its role.
#[must_use]
pub fn tables(version: u32) -> BTreeMap<String, String> {
    let folded = version - version % 4;
    let mut tables = BTreeMap::new();
    if folded > 0 {
        tables.insert("base/all".to_owned(), format!("base {folded}"));
    }
    for end in (4..=folded).step_by(4) {
        tables.insert(format!("facts/{:03}-{end:03}", end - 3), format!("facts four {end}"));
    }
    for one in folded + 1..=version {
        tables.insert(format!("facts/{one:03}-{one:03}"), format!("facts one {one}"));
    }
    tables.insert("overlay/last".to_owned(), format!("overlay {version}"));
    tables
}

/// The version's manifest, given its files.
fn manifest(version: u32, files: Vec<FileEntry>) -> Manifest {
    let hash = Hash256(Digest::of(&version.to_le_bytes()).0);
    Manifest {
        chain: ChainId("bip122:0f9188f13cb7b2c71f2a335e3a4fc328".to_owned()),
        counts: BTreeMap::from([("blocks".to_owned(), u64::from(version))]),
        files,
        first: 0,
        params: Params::new(&LayoutParams::tiny(), "none"),
        tip: Tip { hash, height: version },
    }
}

/// The published manifest, or `None` for a folder without one.
///
/// # Errors
/// [`ManifestError`].
pub fn published(storage: &dyn Storage) -> Result<Option<Manifest>, ManifestError> {
    match Manifest::read(storage) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(ManifestError::NotAStore { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes a store from any earlier version to `version`, as a writer does after it was started:
/// cleans up, writes what is missing, commits, cleans up.
///
/// # Errors
/// [`StoryError`]; the store then has the version it had, or this one.
pub fn advance(storage: &dyn Storage, version: u32) -> Result<Manifest, StoryError> {
    let _lock = commit::lock(storage)?;
    let before = published(storage)?;
    commit::sweep(storage, before.as_ref())?;
    commit::create_dirs(storage, &DIRS)?;
    let mut files = Vec::new();
    for (role, name) in tables(version) {
        let kept = before.as_ref().and_then(|before| before.file(&role)).filter(|_| role.starts_with("facts/"));
        files.push(match kept {
            Some(file) => file.clone(),
            None => Content::of(&name).write(storage, &role)?,
        });
    }
    let after = manifest(version, files);
    commit::publish(storage, &after)?;
    commit::sweep(storage, Some(&after))?;
    local::add_commit(storage, after.digest(), Height(version), u64::from(version))?;
    Ok(after)
}

/// The version a store is at, after checking that it is that version whole: zero for no store.
///
/// # Errors
/// What is not as it should be.
pub fn inspect(storage: &dyn Storage) -> Result<u32, String> {
    let Some(found) = published(storage).map_err(|error| error.to_string())? else { return Ok(0) };
    let version = found.tip.height;
    let tables = tables(version);
    let roles: Vec<_> = found.files.iter().map(|file| &file.role).collect();
    if !roles.iter().copied().eq(tables.keys()) {
        return Err(format!("version {version} names {roles:?}"));
    }
    for file in &found.files {
        let health = Health::new();
        let content = Content::read(storage, file, &health).map_err(|error| error.to_string())?;
        if content != Content::of(&tables[&file.role]) {
            return Err(format!("version {version} has another version's `{}`", file.role));
        }
    }
    Ok(version)
}
