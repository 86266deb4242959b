//! Why files hold no blocks, or not those that they seem to hold.

use std::io;
use std::path::PathBuf;

use crate::evm::block::BlockFault;
use crate::evm::json::JsonError;
use crate::evm::rlp::RlpError;
use crate::evm::rows::RowsFault;
use crate::evm::rules::UnknownRules;
use crate::evm::trace::TraceFault;

/// Why files cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvmFilesError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is packed.
    #[error("`{}` is packed", path.display())]
    Packed {
        /// Which.
        path: PathBuf,
    },
    /// Whoever watches said stop.
    #[error("stopped while the files were read")]
    Stopped,
}

/// A part of a file that is not what it must be.
#[derive(Debug, thiserror::Error)]
#[error("`{}`, byte {offset}", path.display())]
pub struct EvmFileFault {
    /// The file.
    pub path: PathBuf,
    /// Where the part begins.
    pub offset: u64,
    /// What is wrong.
    pub source: ReadFault,
}

/// What is wrong with a part of a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadFault {
    /// JSON of something else, or of a block that does not hold together.
    #[error("what stands here is not what it seems to be")]
    Json(#[from] JsonError),
    /// A block or receipts that do not hold together.
    #[error(transparent)]
    Block(#[from] BlockFault),
    /// Traces that cannot be read.
    #[error(transparent)]
    Traces(#[from] TraceFault),
    /// Traces of other transactions than the block's.
    #[error(transparent)]
    OtherTraces(#[from] RowsFault),
    /// Receipts in RLP that cannot be read.
    #[error("receipt {index} cannot be read")]
    Receipt {
        /// Which, from zero.
        index: usize,
        /// What is wrong.
        source: RlpError,
    },
    /// Rules of another chain would be needed.
    #[error(transparent)]
    Rules(#[from] UnknownRules),
    /// The bytes end within a value.
    #[error("the file ends within what begins here")]
    Truncated,
    /// A value that is longer than any block.
    #[error("what begins here has more than {max} bytes")]
    TooLong {
        /// The most that is read.
        max: usize,
    },
    /// Not text.
    #[error("this is not UTF-8 text")]
    NotText,
    /// Neither JSON nor RLP begins so.
    #[error("neither JSON nor the RLP of a list begins here: the rest of the file is left out")]
    NoValue,
    /// A node's answer that is an error or nothing.
    #[error("a node's answer that says: {said}")]
    NoAnswer {
        /// The beginning of what it says.
        said: String,
    },
    /// JSON of something that is not known here.
    #[error("neither a block, nor receipts, traces or an uncle's header: `{start}`")]
    Unknown {
        /// How it begins.
        start: String,
    },
    /// A block that only names its transactions.
    #[error("the block only names its transactions: it must be asked for with whole ones")]
    HashesOnly,
    /// Receipts or traces that do not say what they are of.
    #[error("these {what} do not say which {of} they are of")]
    Nameless {
        /// `receipts` or `traces`.
        what: &'static str,
        /// `block` or `transaction`.
        of: &'static str,
    },
    /// Lists in lists.
    #[error("lists within lists")]
    TooDeep,
    /// Receipts without blocks beside them.
    #[error("receipts, and no file of blocks beside it")]
    NoBlocksBeside,
    /// The file changed while it was read.
    #[error("the block that stood here when the files were looked through does not any more")]
    Changed,
}
