//! What can be wrong with a NIS node or its answers: each error names the call, the node and what was expected.

use std::time::Duration;

use crate::http::HttpError;
use crate::nem::JsonError;
use crate::nem::http::call::Call;
use crate::nem::network::Network;

/// What an error says about the node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum NisErrorKind {
    /// The node cannot answer at the moment; waiting may help.
    Transient,
    /// The node's chain is not what it was when the question was made up: plan again.
    Moved,
    /// The node, its settings or ours must be changed by somebody.
    Setup,
    /// The answer is not one that an honest, working node gives. Nothing of it is used.
    Untrue,
}

/// Why a NIS node's answer is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NisError {
    /// No answer, or one that is not read.
    #[error("no answer to {call}")]
    Http {
        /// Which call.
        call: Box<Call>,
        /// Why.
        source: HttpError,
    },
    /// The node, or what stands before it, is overloaded, starting, or turns away who asks often (HTTP 429 and 5xx).
    #[error("the node cannot answer {call} now (HTTP {status}): {said}")]
    Busy {
        /// Which call.
        call: Box<Call>,
        /// The HTTP status.
        status: u16,
        /// What it says.
        said: String,
        /// How long it wants to be left alone, where it says so.
        after: Option<Duration>,
    },
    /// Another HTTP status than that of an answer.
    #[error("{call} is answered with HTTP status {status}: {said}")]
    Status {
        /// Which call.
        call: Box<Call>,
        /// The HTTP status.
        status: u16,
        /// How the answer begins.
        said: String,
    },
    /// The node's chain does not reach a height (HTTP 404).
    #[error("the node's chain has no block at height {height}, at {call}")]
    NoSuchHeight {
        /// Which call.
        call: Box<Call>,
        /// The height.
        height: u64,
    },
    /// Bytes that are no text.
    #[error("the answer to {call} is not UTF-8 text: it begins with `{start}`")]
    NotText {
        /// Which call.
        call: Box<Call>,
        /// How it begins.
        start: String,
    },
    /// No JSON, or JSON that is not what was asked for, or that names hashes its content does not have.
    #[error("the answer to {call} is not what was asked for{}", begins(start.as_deref()))]
    Json {
        /// Which call.
        call: Box<Call>,
        /// How it begins, where it is no JSON.
        start: Option<String>,
        /// Where and why.
        source: JsonError,
    },
    /// A block of another height.
    #[error("{call} is answered with a block of height {got}, not {want}")]
    OtherHeight {
        /// Which call.
        call: Box<Call>,
        /// The height asked for.
        want: u64,
        /// The height told.
        got: u64,
    },
    /// More blocks than the call ever gives.
    #[error("{call} is answered with {got} blocks, of which there are {most} at most")]
    TooMany {
        /// Which call.
        call: Box<Call>,
        /// The most there can be.
        most: usize,
        /// How many came.
        got: usize,
    },
    /// The node says that it is of another network.
    #[error("the node at {} is of the network with the number {got}, not of {want}", call.url)]
    OtherNetwork {
        /// Which call.
        call: Box<Call>,
        /// The network asked for.
        want: Network,
        /// What it says, as an unsigned byte.
        got: i64,
    },
    /// A block of another network.
    #[error("{call} is answered with a block of {got}, not of {want}")]
    ForeignBlock {
        /// Which call.
        call: Box<Call>,
        /// The network asked for.
        want: Network,
        /// The network the block names.
        got: Network,
    },
}

fn begins(start: Option<&str>) -> String {
    start.map_or_else(String::new, |start| format!(": it begins with `{start}`"))
}

impl NisError {
    /// Whether waiting and asking again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.kind() == NisErrorKind::Transient
    }

    /// What it says about the node.
    #[must_use]
    pub fn kind(&self) -> NisErrorKind {
        match self {
            Self::Busy { .. } => NisErrorKind::Transient,
            Self::Http { source, .. } if source.is_transient() => NisErrorKind::Transient,
            Self::Http { source: HttpError::TooLong { .. }, .. } => NisErrorKind::Untrue,
            Self::NoSuchHeight { .. } => NisErrorKind::Moved,
            Self::Http { .. } | Self::Status { .. } | Self::OtherNetwork { .. } => NisErrorKind::Setup,
            Self::NotText { .. }
            | Self::Json { .. }
            | Self::OtherHeight { .. }
            | Self::TooMany { .. }
            | Self::ForeignBlock { .. } => NisErrorKind::Untrue,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Http { source: HttpError::Unreachable { .. }, .. } => {
                "is the node running, and is this its HTTP port (7890 unless its configuration says otherwise)?"
            }
            Self::Http { source: HttpError::Redirect { .. }, .. } => {
                "a node does not redirect: name its own address, not a website's"
            }
            Self::Http { source: HttpError::NotHttp { .. }, .. } | Self::Status { .. } => {
                "is this the address of a NIS1 node's HTTP port (7890), not of another program, or of Symbol's?"
            }
            Self::Http {
                source: HttpError::Timeout { .. } | HttpError::TooSlow { .. } | HttpError::BrokenOff { .. },
                ..
            } => "the node or the way to it is overloaded or breaks: ask another one, or at a quieter time",
            Self::Busy { status: 429, .. } => {
                "public nodes turn away who asks often: ask more slowly, or a node of your own"
            }
            Self::Busy { .. } => {
                "the node may be starting, which takes it an hour or more: try again later, or ask another"
            }
            Self::OtherNetwork { .. } => "name the node's network, or the address of a node of the network",
            Self::NoSuchHeight { .. } => "the node's chain changed while it was read: run again",
            _ if self.kind() == NisErrorKind::Untrue => {
                "an honest node does not answer so: a program in between, a damaged disk, or a node that is not to be believed; nothing of it was used"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// How long the node wants to be left alone.
    pub(super) fn asks_for(&self) -> Option<Duration> {
        match self {
            Self::Busy { after, .. } => *after,
            _ => None,
        }
    }

    /// Whether it took its whole time, so that repeating it often would take hours.
    pub(super) fn took_its_time(&self) -> bool {
        matches!(self, Self::Http { source, .. } if source.took_its_time())
    }
}
