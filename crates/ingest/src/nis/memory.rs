//! What later rows depend on, kept beside the store under the name of the block it holds at.
//!
//! It is written before the commit of that block and older ones are removed after it, so that a store's tip has its
//! own whatever is interrupted. It is no part of the store's identity: without it, the stored blocks are read again.

use coinhound_chains::nem::ledger::row_hash;
use coinhound_chains::nem::{NemLedger, Network};
use coinhound_model::{BlockHash, Height};
use coinhound_store::digest::Digest;
use coinhound_store::local::LOCAL_DIR;
use coinhound_store::storage::{Storage, StorageError};

/// What the files' names begin with.
const PREFIX: &str = "nem-ledger.";
/// The name while it is written.
const UNFINISHED: &str = "nem-ledger.unfinished";
/// Bytes of the checksum in front.
const CHECKSUM_LEN: usize = 32;

fn name(tip: &BlockHash) -> String {
    format!("{PREFIX}{tip}")
}

/// Writes what is known at a block. Durable when it returns.
pub(super) fn save(storage: &dyn Storage, ledger: &NemLedger, tip: &BlockHash) -> Result<(), StorageError> {
    let bytes = ledger.to_bytes();
    storage.create_dir(LOCAL_DIR)?;
    let unfinished = format!("{LOCAL_DIR}/{UNFINISHED}");
    let mut file = storage.create(&unfinished)?;
    file.write_all(&Digest::of(&bytes).0)?;
    file.write_all(&bytes)?;
    file.sync()?;
    drop(file);
    storage.rename(&unfinished, &format!("{LOCAL_DIR}/{}", name(tip)))?;
    storage.sync_dir(LOCAL_DIR)
}

/// What was known at a block in a ledger that begins at `first`; none where nothing whole is there, or what another
/// store knew: with another beginning the same blocks give other rows.
pub(super) fn load(
    storage: &dyn Storage,
    network: Network,
    first: Height,
    tip: &BlockHash,
) -> Result<Option<NemLedger>, StorageError> {
    let bytes = match storage.read(&format!("{LOCAL_DIR}/{}", name(tip))) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some((checksum, body)) = bytes.split_first_chunk::<CHECKSUM_LEN>() else { return Ok(None) };
    if Digest::of(body).0 != *checksum {
        return Ok(None);
    }
    let ledger = NemLedger::from_bytes(body).ok();
    let fits = |ledger: &NemLedger| {
        let begins_there = ledger.network() == network && ledger.first_height() == u64::from(first.0);
        begins_there && ledger.tip_hash().map(|hash| row_hash(&hash)) == Some(*tip)
    };
    Ok(ledger.filter(fits))
}

/// Removes what was known at other blocks.
pub(super) fn sweep(storage: &dyn Storage, tip: &BlockHash) -> Result<(), StorageError> {
    let keep = name(tip);
    for item in storage.list(LOCAL_DIR)? {
        if item.name.starts_with(PREFIX) && item.name != keep {
            storage.remove(&format!("{LOCAL_DIR}/{}", item.name))?;
        }
    }
    storage.sync_dir(LOCAL_DIR)
}
