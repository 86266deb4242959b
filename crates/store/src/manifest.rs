//! The manifest: one small text that names every file of a store by its root.
//!
//! ```text
//! coinhound store 1
//! {"chain":"bip122:..","counts":{..},"files":[..],"first":0,"params":{..},"tip":{..}}
//! blake3 <64 hexadecimal digits over everything before this line>
//! ```
//! The first and the last line are the same in every format to come, so that any release can say which
//! format a store has. The middle is canonical JSON: sorted keys, no spaces; a text that would not be
//! written again byte for byte is refused. Nothing in it depends on time, machine or history: stores of
//! the same chain and parameters have the same manifest.

use std::collections::BTreeMap;
use std::fmt;
use std::str;

use coinhound_model::hash::ParseHashError;
use coinhound_model::{BlockHash, ChainId, Height};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::layout::LayoutParams;
use crate::page::Sealed;
use crate::storage::{Storage, StorageError, check_path};

/// The format this build writes, and the newest it reads.
pub const FORMAT: u32 = 1;

/// The oldest format this build reads.
pub const FORMAT_OLDEST: u32 = 1;

/// The manifest's name.
pub const MANIFEST: &str = "MANIFEST";

/// The manifest's name while it is written.
pub const MANIFEST_TMP: &str = "MANIFEST.tmp";

/// What the first line says before the format.
const MAGIC: &str = "coinhound store ";

/// What the last line says before the digest.
const CHECKSUM: &str = "blake3 ";

/// No store has a manifest this long: a hundred bytes for each of a hundred thousand files.
const LEN_MAX: usize = 10_000_000;

/// Everything a reader needs to open a store: which chain, up to where, and which files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Which chain.
    pub chain: ChainId,
    /// How many rows of each kind there are, by name.
    pub counts: BTreeMap<String, u64>,
    /// The files, by role ascending.
    pub files: Vec<FileEntry>,
    /// Lowest height in the store.
    pub first: u32,
    /// What the layout depends on besides the chain.
    pub params: Params,
    /// The last block.
    pub tip: Tip,
}

/// One file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its length in bytes, checksums included.
    pub length: u64,
    /// What it is for and its folder: `folder/label`. No two files have the same.
    pub role: String,
    /// The root over its bytes.
    pub root: Digest,
}

impl FileEntry {
    /// Where it lies: its role and the first 128 bits of its root.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.role, self.root.short())
    }

    /// What its bytes must be.
    #[must_use]
    pub fn sealed(&self) -> Sealed {
        Sealed { length: self.length, root: self.root }
    }
}

/// What kind of ledger a store holds. The names are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Coins, each made once and spent whole.
    Coins,
    /// Accounts, each with a balance in every asset.
    Accounts,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Coins, Self::Accounts];
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Coins => "coins",
            Self::Accounts => "accounts",
        })
    }
}

/// The format parameters of a store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// What kind of ledger it holds.
    pub family: Family,
    /// Bases are folded at multiples of this many blocks; a multiple of the largest level.
    pub fold: u32,
    /// Segment sizes in blocks, ascending from 1, each dividing the next.
    pub levels: Vec<u32>,
    /// Name of the set of facts that forbid a co-spend edge; `none` where there are no coins.
    pub veto: String,
}

/// The last block of a store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tip {
    /// Its hash, as printed.
    #[serde(with = "printed_hash")]
    pub hash: BlockHash,
    /// Its height.
    pub height: u32,
}

impl Tip {
    /// The tip's height as a type.
    #[must_use]
    pub fn height(&self) -> Height {
        Height(self.height)
    }
}

/// Why a manifest could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// There is no manifest, or what has its name is something else.
    #[error("`{path}` is not the manifest of a store")]
    NotAStore {
        /// Where it was expected.
        path: String,
    },
    /// It was written by a newer or a very old release.
    #[error("store at `{path}` has format {found}, this build reads {oldest} to {newest}")]
    OtherFormat {
        /// The manifest.
        path: String,
        /// Its format.
        found: u32,
        /// The oldest format this build reads.
        oldest: u32,
        /// The newest format this build reads.
        newest: u32,
    },
    /// Its last line is not the checksum of the rest.
    #[error("the manifest `{path}` is damaged: its bytes hash to {got}, its last line says {want}")]
    Damaged {
        /// The manifest.
        path: String,
        /// What the bytes hash to.
        got: Digest,
        /// What its last line says.
        want: String,
    },
    /// Its checksum holds, but no release writes such a manifest.
    #[error("the manifest `{path}` is malformed: {what}")]
    Malformed {
        /// The manifest.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// It belongs to another chain than the one asked for.
    #[error("the store at `{path}` holds chain {got}, not {want}")]
    OtherChain {
        /// The manifest.
        path: String,
        /// Its chain.
        got: ChainId,
        /// The chain asked for.
        want: ChainId,
    },
    /// It holds coins where accounts are asked for, or the reverse.
    #[error("the store at `{path}` holds {got}, not {want}")]
    OtherFamily {
        /// The manifest.
        path: String,
        /// What it holds.
        got: Family,
        /// What was asked for.
        want: Family,
    },
    /// It could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Manifest {
    /// Reads the manifest of a store.
    ///
    /// # Errors
    /// [`ManifestError`]; [`ManifestError::NotAStore`] when there is none.
    pub fn read(storage: &dyn Storage) -> Result<Self, ManifestError> {
        let path = storage.describe(MANIFEST);
        match storage.read(MANIFEST) {
            Ok(blob) => Self::parse(&blob, &path),
            Err(error) if error.is_not_found() => Err(ManifestError::NotAStore { path }),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads the manifest of a store of `chain`.
    ///
    /// # Errors
    /// [`ManifestError`]; [`ManifestError::OtherChain`] when the store holds another.
    pub fn read_for(storage: &dyn Storage, chain: &ChainId) -> Result<Self, ManifestError> {
        let manifest = Self::read(storage)?;
        if manifest.chain == *chain {
            return Ok(manifest);
        }
        let path = storage.describe(MANIFEST);
        Err(ManifestError::OtherChain { path, got: manifest.chain, want: chain.clone() })
    }

    /// Whether the store holds ledgers of this kind; `storage` is where the manifest came from.
    ///
    /// # Errors
    /// [`ManifestError::OtherFamily`] names both.
    pub fn check_family(&self, storage: &dyn Storage, want: Family) -> Result<(), ManifestError> {
        let got = self.params.family;
        if got == want {
            return Ok(());
        }
        Err(ManifestError::OtherFamily { path: storage.describe(MANIFEST), got, want })
    }

    /// Reads a manifest's bytes; `path` is what errors call it.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn parse(bytes: &[u8], path: &str) -> Result<Self, ManifestError> {
        let (body, format) = envelope(bytes, path)?;
        if !(FORMAT_OLDEST..=FORMAT).contains(&format) {
            let (oldest, newest) = (FORMAT_OLDEST, FORMAT);
            return Err(ManifestError::OtherFormat { path: path.to_owned(), found: format, oldest, newest });
        }
        let malformed = |what: String| ManifestError::Malformed { path: path.to_owned(), what };
        let manifest: Self = serde_json::from_str(body).map_err(|error| malformed(error.to_string()))?;
        manifest.validate().map_err(malformed)?;
        if manifest.to_bytes() != bytes {
            return Err(malformed("it is not spelled the one way manifests are written".to_owned()));
        }
        Ok(manifest)
    }

    /// The bytes of the manifest.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let json = serde_json::to_string(self).expect("strings and numbers are always JSON");
        let mut text = format!("{MAGIC}{FORMAT}\n{json}\n");
        let digest = Digest::of(text.as_bytes());
        text.push_str(&format!("{CHECKSUM}{digest}\n"));
        text.into_bytes()
    }

    /// The digest over the manifest, as on its last line: the name of the whole store's content.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let bytes = self.to_bytes();
        Digest::of(&bytes[..bytes.len() - CHECKSUM_LINE_LEN])
    }

    /// The file with this role.
    #[must_use]
    pub fn file(&self, role: &str) -> Option<&FileEntry> {
        let at = self.files.binary_search_by(|file| file.role.as_str().cmp(role)).ok()?;
        Some(&self.files[at])
    }

    /// Checks what the types leave open.
    ///
    /// # Errors
    /// What is wrong.
    pub fn validate(&self) -> Result<(), String> {
        self.params.layout().check().map_err(|error| error.to_string())?;
        if self.first > self.tip.height {
            return Err(format!("first height {} lies above the tip {}", self.first, self.tip.height));
        }
        if self.chain.0.is_empty() || self.chain.0.chars().any(|c| !c.is_ascii_graphic()) {
            return Err("the chain's name is not a CAIP-2 name".to_owned());
        }
        self.files.iter().try_for_each(check_role)?;
        let ordered = self.files.windows(2).all(|pair| pair[0].role < pair[1].role);
        if ordered { Ok(()) } else { Err("files are not in ascending order of role".to_owned()) }
    }
}

fn check_role(file: &FileEntry) -> Result<(), String> {
    let parts = file.role.split('/').count();
    if parts == 2 && file.role.len() <= 200 && check_path(&file.role).is_ok() && !file.role.starts_with("local/") {
        Ok(())
    } else {
        Err(format!("`{}` is not a role: expected `folder/label`", file.role))
    }
}

impl Params {
    /// The parameters of a store of coins, cut by `layout` under the named veto set.
    #[must_use]
    pub fn new(layout: &LayoutParams, veto: impl Into<String>) -> Self {
        let (fold, levels) = (layout.fold, layout.levels.clone());
        Self { family: Family::Coins, fold, levels, veto: veto.into() }
    }

    /// The parameters of a store of accounts, cut by `layout`: nothing is spent together there, so nothing is vetoed.
    #[must_use]
    pub fn accounts(layout: &LayoutParams) -> Self {
        Self { family: Family::Accounts, ..Self::new(layout, "none") }
    }

    /// Where segments are cut and bases fold.
    #[must_use]
    pub fn layout(&self) -> LayoutParams {
        LayoutParams { levels: self.levels.clone(), fold: self.fold }
    }
}

/// The last line's length: `blake3 `, 64 digits, a line feed.
const CHECKSUM_LINE_LEN: usize = CHECKSUM.len() + 64 + 1;

/// Checks the first and the last line; gives what lies between, and the format.
fn envelope<'a>(bytes: &'a [u8], path: &str) -> Result<(&'a str, u32), ManifestError> {
    let no_store = || ManifestError::NotAStore { path: path.to_owned() };
    let malformed = |what: &str| ManifestError::Malformed { path: path.to_owned(), what: what.to_owned() };
    let starts = bytes.starts_with(MAGIC.as_bytes());
    let last_line = bytes.len().checked_sub(CHECKSUM_LINE_LEN).map(|at| bytes.split_at(at));
    let last_line = last_line.filter(|(_, line)| line.starts_with(CHECKSUM.as_bytes()));
    if !starts && last_line.is_none() {
        return Err(no_store());
    }
    if bytes.len() > LEN_MAX {
        return Err(malformed("it is too long"));
    }
    let (covered, line) = last_line.unwrap_or((bytes, b"nothing"));
    check_digest(covered, line, path)?;
    let text = str::from_utf8(covered).map_err(|_| malformed("it is not text"))?;
    let (first, body) = text.split_once('\n').ok_or_else(|| malformed("it has one line"))?;
    let format = first.strip_prefix(MAGIC).ok_or_else(no_store)?;
    let format = format.parse().map_err(|_| malformed("its first line names no format"))?;
    Ok((body.trim_end_matches('\n'), format))
}

fn check_digest(covered: &[u8], line: &[u8], path: &str) -> Result<(), ManifestError> {
    let got = Digest::of(covered);
    if line == format!("{CHECKSUM}{got}\n").as_bytes() {
        return Ok(());
    }
    let want = String::from_utf8_lossy(line.strip_prefix(CHECKSUM.as_bytes()).unwrap_or(line));
    Err(ManifestError::Damaged { path: path.to_owned(), got, want: want.trim_end().escape_debug().to_string() })
}

/// Block hashes in the order they are printed.
mod printed_hash {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{BlockHash, ParseHashError};

    pub(super) fn serialize<S: Serializer>(hash: &BlockHash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(hash)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BlockHash, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: ParseHashError| D::Error::custom(error))
    }
}
