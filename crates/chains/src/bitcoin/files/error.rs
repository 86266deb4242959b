//! What can go wrong with a folder of block files, and what is only worth telling.

use std::io;
use std::path::PathBuf;

use coinhound_model::BlockHash;

use crate::bitcoin::params::Network;

/// Which of a node's two families of files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Blocks,
    Undo,
}

impl Kind {
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Blocks => "blk",
            Self::Undo => "rev",
        }
    }

    /// A file's name as Core writes it: five digits, more when needed.
    pub(crate) fn file_name(self, number: u32) -> String {
        format!("{}{number:05}.dat", self.prefix())
    }
}

/// Why a folder of block files cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlockFileError {
    /// The operating system refused.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// No `blk*.dat` file is there.
    #[error("no block files in `{}`", path.display())]
    NoBlockFiles {
        /// The folder.
        path: PathBuf,
    },
    /// The key is not eight bytes long.
    #[error("`{}` holds {} bytes, a key has 8", path.display(), if *at_least > 8 { "more than 8".to_owned() } else { at_least.to_string() })]
    KeyLength {
        /// The key file.
        path: PathBuf,
        /// Its length, or 9 when longer.
        at_least: usize,
    },
    /// The files are plain although there is a key.
    #[error("`{}` is not obfuscated, yet `xor.dat` beside it holds a key", path.display())]
    KeyNotUsed {
        /// The block file.
        path: PathBuf,
    },
    /// Nothing in the file looks like a block.
    #[error("`{}` holds no block of {expected}{}", path.display(), if *with_key { " when uncovered with the key in `xor.dat`" } else { "" })]
    Unrecognised {
        /// The block file.
        path: PathBuf,
        /// The network that was asked for.
        expected: Network,
        /// Whether a key was applied.
        with_key: bool,
    },
    /// The files are another network's.
    #[error("`{}` holds blocks of {found}, not of {expected}", path.display())]
    WrongNetwork {
        /// The block file.
        path: PathBuf,
        /// The network whose magic it carries.
        found: Network,
        /// The network that was asked for.
        expected: Network,
    },
    /// A file ends inside a block that was there before.
    #[error("block at byte {offset} of `{}` ends after {got} of {want} bytes", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where the block begins.
        offset: u64,
        /// Bytes that are there.
        got: u64,
        /// Bytes that should be.
        want: u64,
    },
    /// Something else stands where a block was.
    #[error("byte {offset} of `{}` no longer holds block {hash}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// Where the block was.
        offset: u64,
        /// Which block.
        hash: BlockHash,
    },
}

impl BlockFileError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Read { .. } => return None,
            Self::NoBlockFiles { .. } => "name the node's `blocks` folder, the one with blk00000.dat or later".into(),
            Self::KeyLength { .. } => "copy `xor.dat` again from the folder the block files came from".into(),
            Self::KeyNotUsed { .. } => "`xor.dat` belongs to another folder: move it away".into(),
            Self::Unrecognised { with_key: false, .. } => {
                "nodes since Core 28 cover their block files with a key: put the `xor.dat` of the same folder beside them".into()
            }
            Self::Unrecognised { with_key: true, .. } => {
                "`xor.dat` must come from the same folder as the block files: copy it again".into()
            }
            Self::WrongNetwork { found, .. } => format!("ask for the network {found}, or name another folder"),
            Self::Truncated { .. } | Self::Changed { .. } => {
                "the files changed after they were scanned (a node pruning, or a copy under way): run again".into()
            }
        })
    }
}

/// Something about block files that stops nobody but should be told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Notice {
    /// Bytes that belong to no block; reading went on behind them.
    #[error("{len} bytes at byte {offset} of blk{file:05}.dat belong to no block")]
    Gap {
        /// Number of the blk file.
        file: u32,
        /// Where they begin.
        offset: u64,
        /// How many.
        len: u64,
    },
    /// A block whose body is not what its header says; it counts as missing.
    #[error("block {hash} at byte {offset} of blk{file:05}.dat is damaged: {reason}")]
    Damaged {
        /// Number of the blk file.
        file: u32,
        /// Where the block begins.
        offset: u64,
        /// Which block its header names.
        hash: BlockHash,
        /// What is wrong with it.
        reason: String,
    },
    /// A block at the end of a file that is not whole yet; it is looked for again on the next run.
    #[error("the block at byte {offset} of blk{file:05}.dat is not whole yet ({got} of {want} bytes)")]
    NotYet {
        /// Number of the blk file.
        file: u32,
        /// Where its frame begins.
        offset: u64,
        /// Bytes of the frame that are there.
        got: u64,
        /// Bytes the frame should have, or the least it can have.
        want: u64,
    },
    /// A file that is not what it was at the last scan; it was read again from its start.
    #[error("blk{file:05}.dat changed since the last scan and was read again")]
    Rewritten {
        /// Number of the blk file.
        file: u32,
    },
    /// A file that was there at the last scan and is gone: a pruning node removes its oldest.
    #[error("blk{file:05}.dat is gone since the last scan")]
    Gone {
        /// Number of the blk file.
        file: u32,
    },
    /// Files below this number are not there.
    #[error("block files begin with blk{first:05}.dat: earlier ones were pruned or not copied")]
    StartsLate {
        /// Number of the first file.
        first: u32,
    },
}

impl Notice {
    /// The file and offset it is about, where it is about one place.
    #[must_use]
    pub fn place(&self) -> Option<(u32, u64)> {
        match self {
            Self::Gap { file, offset, .. } | Self::Damaged { file, offset, .. } | Self::NotYet { file, offset, .. } => {
                Some((*file, *offset))
            }
            Self::Rewritten { .. } | Self::Gone { .. } | Self::StartsLate { .. } => None,
        }
    }
}
