//! Which call to which node something is about, and what the node was shown with it.

use std::fmt;
use std::path::PathBuf;

use coinhound_model::{BlockHash, TxHash};

/// What a call was about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Subject {
    /// The node itself.
    Node,
    /// The block at a height, the first of `count`.
    Height {
        /// The first height asked for.
        first: u32,
        /// How many were asked for together.
        count: usize,
    },
    /// A block by its hash, the first of `count`.
    Block {
        /// The first hash asked for.
        first: BlockHash,
        /// How many were asked for together.
        count: usize,
    },
    /// A transaction, the first of `count`.
    Tx {
        /// The first transaction asked for.
        first: TxHash,
        /// How many were asked for together.
        count: usize,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node => Ok(()),
            Self::Height { first, count: 1 } => write!(f, " for height {first}"),
            Self::Height { first, count } => write!(f, " for {count} heights from {first}"),
            Self::Block { first, count: 1 } => write!(f, " for block {first}"),
            Self::Block { first, count } => write!(f, " for {count} blocks from {first}"),
            Self::Tx { first, count: 1 } => write!(f, " for transaction {first}"),
            Self::Tx { first, count } => write!(f, " for {count} transactions from {first}"),
        }
    }
}

/// Which call to which node an error is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The node's method.
    pub method: &'static str,
    /// What it was asked about.
    pub subject: Subject,
    /// The node's address, without credentials.
    pub url: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`{} at {}", self.method, self.subject, self.url)
    }
}

/// What a node that does not know us was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// A name and a password.
    User {
        /// The name.
        name: String,
    },
    /// What stands in a cookie file.
    Cookie {
        /// The file.
        path: PathBuf,
    },
}

impl Shown {
    pub(crate) fn refusal(&self) -> String {
        match self {
            Self::Nothing => "it asks for a name and password, and none were given".into(),
            Self::User { name } => format!("it does not accept the name `{name}` with this password"),
            Self::Cookie { path } => format!("it does not accept what its cookie file `{}` says", path.display()),
        }
    }
}
