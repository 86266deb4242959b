//! What is asked of a NIS node.

use std::fmt;

/// One question.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Question {
    /// `GET /node/info`: which network it is of.
    Info,
    /// `GET /chain/height`: how far it is.
    Height,
    /// `GET /chain/last-block`: its newest block.
    LastBlock,
    /// `POST /block/at/public`: one block, to anybody.
    BlockAt(u64),
    /// `POST /local/chain/blocks-after`: the next ten blocks with their hashes, to callers the node trusts.
    BlocksAfter(u64),
}

impl Question {
    /// Its place on the node.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Info => "/node/info",
            Self::Height => "/chain/height",
            Self::LastBlock => "/chain/last-block",
            Self::BlockAt(_) => "/block/at/public",
            Self::BlocksAfter(_) => "/local/chain/blocks-after",
        }
    }

    /// What is sent along, where it is a `POST`.
    pub(super) fn body(self) -> Option<String> {
        match self {
            Self::Info | Self::Height | Self::LastBlock => None,
            Self::BlockAt(height) | Self::BlocksAfter(height) => Some(format!(r#"{{"height":{height}}}"#)),
        }
    }

    /// The most bytes that a true answer has.
    pub(super) fn answer_len_max(self) -> u64 {
        match self {
            Self::Info | Self::Height => 64 << 10,
            Self::LastBlock | Self::BlockAt(_) => BLOCK_ANSWER_LEN,
            Self::BlocksAfter(_) => PAGE_ANSWER_LEN,
        }
    }
}

/// Bytes of an answer with one block: 120 transactions of 64 KiB each, or the first block with its 1,353. A transaction
/// has at most a message of 1,024 bytes in digits, ten mosaics, and a cosignature of 600 bytes from each of 32 keys.
const BLOCK_ANSWER_LEN: u64 = 8 << 20;
/// Bytes of an answer with ten blocks, every transaction in it twice.
const PAGE_ANSWER_LEN: u64 = 64 << 20;

/// Which question to which node an error is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// What was asked.
    pub question: Question,
    /// The node's address, without credentials.
    pub url: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.question.path();
        match self.question {
            Question::BlockAt(height) => write!(f, "`{path}` for height {height} at {}", self.url),
            Question::BlocksAfter(height) => write!(f, "`{path}` above height {height} at {}", self.url),
            _ => write!(f, "`{path}` at {}", self.url),
        }
    }
}
