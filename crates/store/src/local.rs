//! What one machine knows beside the chain: where blocks lie in the node's files, and past commits.
//!
//! Two logs of 64-byte records, each with its own checksum, only ever appended to. A record that a crash
//! tore or a disk damaged is skipped. Nothing here belongs to a store's identity, and no answer
//! rests on it: a block found through it is hashed again by whoever reads it.

use std::collections::BTreeMap;

use coinhound_model::{BlockHash, Hash256, Height};

use crate::digest::Digest;
use crate::storage::{Blob, Storage, StorageError};

/// The folder.
pub const LOCAL_DIR: &str = "local";

/// Where blocks lie in the node's files.
const BLOCKS: &str = "local/blocks.1";

/// The commits of this copy of the store.
const COMMITS: &str = "local/commits.1";

/// Bytes of a record, checksum included.
const RECORD_LEN: usize = 64;

/// Bytes of a record before its checksum.
const BODY_LEN: usize = 56;

/// What the checksums of records are derived under.
const CONTEXT: &str = "coinhound 2026 store local record v1";

/// Where a block's bytes start in a node's block file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BlockPlace {
    /// Number of the block file.
    pub file: u32,
    /// Offset of the block's first byte in it.
    pub offset: u64,
    /// Length of the block in bytes.
    pub length: u32,
}

/// One commit of this copy of the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Counts the commits of this copy from 1.
    pub generation: u64,
    /// The manifest's digest.
    pub manifest: Digest,
    /// Height of the tip.
    pub height: Height,
    /// When, in seconds since 1970, by this machine's clock.
    pub time: u64,
}

/// Remembers where blocks lie; later entries win. Durable when it returns.
///
/// # Errors
/// [`StorageError`].
pub fn add_blocks(storage: &dyn Storage, places: &[(BlockHash, BlockPlace)]) -> Result<(), StorageError> {
    let bodies = places.iter().map(|(block, place)| place.to_body(block));
    append(storage, BLOCKS, bodies)
}

/// Where blocks lie, as far as this copy knows.
///
/// # Errors
/// [`StorageError`]; damaged records are left out, not errors.
pub fn blocks(storage: &dyn Storage) -> Result<BTreeMap<BlockHash, BlockPlace>, StorageError> {
    Ok(records(storage, BLOCKS)?.iter().filter_map(BlockPlace::from_body).collect())
}

/// Appends a commit to the history and returns it with its generation. Durable when it returns.
///
/// # Errors
/// [`StorageError`].
pub fn add_commit(storage: &dyn Storage, manifest: Digest, height: Height, time: u64) -> Result<Commit, StorageError> {
    let last =
        last_record(storage, COMMITS)?.as_ref().and_then(Commit::from_body).map_or(0, |commit| commit.generation);
    let commit = Commit { generation: last.saturating_add(1), manifest, height, time };
    append(storage, COMMITS, std::iter::once(commit.to_body()))?;
    Ok(commit)
}

/// The commits of this copy, oldest first, as far as its log is whole.
///
/// # Errors
/// [`StorageError`]; damaged records are left out, not errors.
pub fn commits(storage: &dyn Storage) -> Result<Vec<Commit>, StorageError> {
    Ok(records(storage, COMMITS)?.iter().filter_map(Commit::from_body).collect())
}

type Body = [u8; BODY_LEN];

impl BlockPlace {
    fn to_body(self, block: &BlockHash) -> Body {
        let mut body = [0; BODY_LEN];
        body[..32].copy_from_slice(&block.0);
        body[32..36].copy_from_slice(&self.file.to_le_bytes());
        body[36..40].copy_from_slice(&self.length.to_le_bytes());
        body[40..48].copy_from_slice(&self.offset.to_le_bytes());
        body
    }

    fn from_body(body: &Body) -> Option<(BlockHash, Self)> {
        let place = Self {
            file: u32::from_le_bytes(*body[32..].first_chunk()?),
            length: u32::from_le_bytes(*body[36..].first_chunk()?),
            offset: u64::from_le_bytes(*body[40..].first_chunk()?),
        };
        Some((Hash256(*body.first_chunk()?), place))
    }
}

impl Commit {
    fn to_body(self) -> Body {
        let mut body = [0; BODY_LEN];
        body[..32].copy_from_slice(&self.manifest.0);
        body[32..40].copy_from_slice(&self.generation.to_le_bytes());
        body[40..48].copy_from_slice(&self.time.to_le_bytes());
        body[48..52].copy_from_slice(&self.height.0.to_le_bytes());
        body
    }

    fn from_body(body: &Body) -> Option<Self> {
        Some(Self {
            manifest: Digest(*body.first_chunk()?),
            generation: u64::from_le_bytes(*body[32..].first_chunk()?),
            time: u64::from_le_bytes(*body[40..].first_chunk()?),
            height: Height(u32::from_le_bytes(*body[48..].first_chunk()?)),
        })
    }
}

/// The checksum of a record in the log at `path`: a record of one log is none of the other.
fn checksum(path: &str, body: &Body) -> [u8; RECORD_LEN - BODY_LEN] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(path.as_bytes()).update(body);
    *hasher.finalize().as_bytes().first_chunk().expect("a digest has 32 bytes")
}

fn records(storage: &dyn Storage, path: &str) -> Result<Vec<Body>, StorageError> {
    let Some(blob) = log(storage, path)? else { return Ok(Vec::new()) };
    let (records, _torn) = blob.as_chunks::<RECORD_LEN>();
    Ok(records.iter().filter_map(|record| body(path, record)).collect())
}

/// The newest whole record: looked for from the end, so that it costs the same however long the log is.
fn last_record(storage: &dyn Storage, path: &str) -> Result<Option<Body>, StorageError> {
    let Some(blob) = log(storage, path)? else { return Ok(None) };
    let (records, _torn) = blob.as_chunks::<RECORD_LEN>();
    Ok(records.iter().rev().find_map(|record| body(path, record)))
}

fn log(storage: &dyn Storage, path: &str) -> Result<Option<Blob>, StorageError> {
    match storage.read(path) {
        Ok(blob) => Ok(Some(blob)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a record says, if it is whole.
fn body(path: &str, record: &[u8; RECORD_LEN]) -> Option<Body> {
    let (body, sum) = record.split_first_chunk::<BODY_LEN>()?;
    (*sum == checksum(path, body)).then_some(*body)
}

fn append(storage: &dyn Storage, path: &str, bodies: impl Iterator<Item = Body>) -> Result<(), StorageError> {
    storage.create_dir(LOCAL_DIR)?;
    let mut file = storage.append(path)?;
    // A torn record is filled up with zeros, which are no record, so that the next starts on its border.
    let torn = usize::try_from(storage.length(path)?).unwrap_or(0) % RECORD_LEN;
    let mut bytes = vec![0; (RECORD_LEN - torn) % RECORD_LEN];
    for body in bodies {
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(&checksum(path, &body));
    }
    file.write_all(&bytes)?;
    file.sync()?;
    storage.sync_dir(LOCAL_DIR)?;
    storage.sync_dir("")
}
