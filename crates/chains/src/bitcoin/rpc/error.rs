//! What can be wrong with a node or its answers: each error names the call, the node and what was expected.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use coinhound_model::{BlockHash, TxHash};

use crate::bitcoin::decode::DecodeError;
use crate::bitcoin::rpc::call::{Call, Shown};
use crate::bitcoin::rpc::hex::HexFault;
use crate::http::HttpError;

/// What an error says about the node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum RpcErrorKind {
    /// The node cannot answer at the moment; waiting may help.
    Transient,
    /// The node's chain is not what it was when the question was made up: plan again.
    Moved,
    /// The node, its settings or ours must be changed by somebody.
    Setup,
    /// The answer is not one that an honest, working node gives. Nothing of it is used.
    Untrue,
}

/// Why a node's answer is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RpcError {
    /// No connection to the node.
    #[error("no connection to the node for {call}")]
    Unreachable {
        /// Which call.
        call: Box<Call>,
        /// Why.
        source: io::Error,
    },
    /// The connection broke before the answer was whole.
    #[error("the node's answer to {call} broke off")]
    BrokenOff {
        /// Which call.
        call: Box<Call>,
        /// Why.
        source: io::Error,
    },
    /// The time for an answer is over.
    #[error("the node did not answer {call} within {:.1} s", within.as_secs_f64())]
    Timeout {
        /// Which call.
        call: Box<Call>,
        /// The time it had.
        within: Duration,
    },
    /// The answer trickles.
    #[error(
        "the node's answer to {call} is too slow: {got} bytes in {:.1} s, at least {floor} bytes per second are expected", after.as_secs_f64()
    )]
    TooSlow {
        /// Which call.
        call: Box<Call>,
        /// Bytes that came.
        got: u64,
        /// Since the answer began.
        after: Duration,
        /// The least, in bytes per second.
        floor: u64,
    },
    /// The node has more questions waiting than it takes (HTTP 503).
    #[error("the node is too busy for {call}: {said}")]
    Busy {
        /// Which call.
        call: Box<Call>,
        /// What the node says.
        said: String,
    },
    /// The node is starting (error -28).
    #[error("the node is still starting, at {call}: {said}")]
    WarmingUp {
        /// Which call.
        call: Box<Call>,
        /// What the node says.
        said: String,
    },
    /// The node is building its index of transactions.
    #[error("the node's index of transactions is not ready yet, at {call}: {said}")]
    Indexing {
        /// Which call.
        call: Box<Call>,
        /// What the node says.
        said: String,
    },
    /// The file with the node's credentials cannot be read.
    #[error("cannot read the node's cookie file `{}`", path.display())]
    Cookie {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds no credentials.
    #[error("`{}` is not a node's cookie file: expected one line `NAME:PASSWORD`", path.display())]
    CookieForm {
        /// The file.
        path: PathBuf,
    },
    /// The node does not know who asks (HTTP 401).
    #[error("the node refuses {call}: {}", with.refusal())]
    Unauthorised {
        /// Which call.
        call: Box<Call>,
        /// What it was shown.
        with: Shown,
    },
    /// The node does not let us ask (HTTP 403).
    #[error("the node forbids {call}")]
    Forbidden {
        /// Which call.
        call: Box<Call>,
    },
    /// The answer sends us elsewhere.
    #[error("the answer to {call} is a redirection (HTTP {status}) to {}", to.as_deref().unwrap_or("nowhere"))]
    Redirect {
        /// Which call.
        call: Box<Call>,
        /// The HTTP status.
        status: u16,
        /// Where to.
        to: Option<String>,
    },
    /// Another HTTP status than nodes use.
    #[error("{call} is answered with HTTP status {status}: {said}")]
    Status {
        /// Which call.
        call: Box<Call>,
        /// The HTTP status.
        status: u16,
        /// How the answer begins.
        said: String,
    },
    /// What answers does not speak HTTP.
    #[error("what answers {call} does not speak HTTP")]
    NotHttp {
        /// Which call.
        call: Box<Call>,
        /// Why.
        source: io::Error,
    },
    /// The answer is longer than any true one.
    #[error("the answer to {call} is longer than the {limit} bytes that it may have")]
    TooLong {
        /// Which call.
        call: Box<Call>,
        /// The most it may have, in bytes.
        limit: u64,
        /// The length it announces, in bytes, where it does.
        told: Option<u64>,
    },
    /// The answer is not JSON.
    #[error("the answer to {call} is not JSON: it begins with `{start}`")]
    NotJson {
        /// Which call.
        call: Box<Call>,
        /// How it begins.
        start: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// JSON of another shape.
    #[error("the answer to {call} is not {expected}: it says `{got}`")]
    Shape {
        /// Which call.
        call: Box<Call>,
        /// What it should be.
        expected: &'static str,
        /// How it begins.
        got: String,
    },
    /// Fewer or more answers than calls.
    #[error("a batch of {want} calls has {} answers, at {call}", if *got > *want { "more".to_owned() } else { got.to_string() })]
    Count {
        /// Which call.
        call: Box<Call>,
        /// Calls.
        want: usize,
        /// Answers.
        got: usize,
    },
    /// An answer without an id, or with one that is no number.
    #[error("an answer carries no id of a call, at {call}: it says `{got}`")]
    NoId {
        /// Which call.
        call: Box<Call>,
        /// What stands there.
        got: String,
    },
    /// An answer to another call.
    #[error("an answer carries the id {id}, which is none of this batch, at {call}")]
    ForeignId {
        /// Which call.
        call: Box<Call>,
        /// The id.
        id: u64,
    },
    /// Two answers to one call.
    #[error("two answers carry the same id {id}, at {call}")]
    SameId {
        /// Which call.
        call: Box<Call>,
        /// The id.
        id: u64,
    },
    /// The node says that it cannot.
    #[error("the node answers {call} with error {code}: {said}")]
    Refused {
        /// Which call.
        call: Box<Call>,
        /// The node's error code.
        code: i64,
        /// What the node says.
        said: String,
    },
    /// The node is another network's.
    #[error("the node at {} begins with block {got}, not with block {want}", call.url)]
    OtherNetwork {
        /// Which call.
        call: Box<Call>,
        /// The network's first block.
        want: BlockHash,
        /// The node's.
        got: BlockHash,
    },
    /// The node's chain does not reach a height (error -8).
    #[error("the node's chain has no block at height {height}, at {call}")]
    NoSuchHeight {
        /// Which call.
        call: Box<Call>,
        /// The height.
        height: u32,
    },
    /// The node does not know a block (error -5).
    #[error("the node does not know the block: {call}")]
    UnknownBlock {
        /// Which call.
        call: Box<Call>,
        /// The block.
        hash: BlockHash,
    },
    /// The node has removed a block.
    #[error("the node has pruned the block: {call}")]
    Pruned {
        /// Which call.
        call: Box<Call>,
        /// The block.
        hash: BlockHash,
    },
    /// The node knows a block's header and lacks the block.
    #[error("the node lacks the block: {call}: {said}")]
    NoData {
        /// Which call.
        call: Box<Call>,
        /// The block.
        hash: BlockHash,
        /// What the node says.
        said: String,
    },
    /// Something else than hexadecimal digits in pairs.
    #[error("the answer to {call} is not bytes in hexadecimal digits: {fault}")]
    Hex {
        /// Which call.
        call: Box<Call>,
        /// What is wrong with it.
        fault: HexFault,
    },
    /// Bytes that are too few or too many for what was asked.
    #[error("the answer to {call} has {got} bytes, expected {}", expected(*least, *most))]
    Length {
        /// Which call.
        call: Box<Call>,
        /// Bytes that came.
        got: usize,
        /// The fewest it can have.
        least: usize,
        /// The most it can have.
        most: usize,
    },
    /// A header or block that hashes to another name.
    #[error("{call} is answered with block {got}")]
    OtherBlock {
        /// Which call.
        call: Box<Call>,
        /// The block asked for.
        want: BlockHash,
        /// What the answer hashes to.
        got: BlockHash,
    },
    /// Bytes that are no transaction.
    #[error("the answer to {call} is no transaction")]
    BadTx {
        /// Which call.
        call: Box<Call>,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A transaction that hashes to another name.
    #[error("{call} is answered with transaction {got}")]
    OtherTx {
        /// Which call.
        call: Box<Call>,
        /// The transaction asked for.
        want: TxHash,
        /// What the answer hashes to.
        got: TxHash,
    },
}

fn expected(least: usize, most: usize) -> String {
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

impl RpcError {
    /// Why a call has no answer to use.
    pub(crate) fn of_http(call: &Call, error: HttpError) -> Self {
        let call = Box::new(call.clone());
        match error {
            HttpError::Unreachable { source } => Self::Unreachable { call, source },
            HttpError::BrokenOff { source } => Self::BrokenOff { call, source },
            HttpError::Timeout { within } => Self::Timeout { call, within },
            HttpError::TooSlow { got, after, floor } => Self::TooSlow { call, got, after, floor },
            HttpError::Redirect { status, to } => Self::Redirect { call, status, to },
            HttpError::NotHttp { source } => Self::NotHttp { call, source },
            HttpError::TooLong { limit, told } => Self::TooLong { call, limit, told },
        }
    }

    /// Whether waiting and asking again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.kind() == RpcErrorKind::Transient
    }

    /// What it says about the node.
    #[must_use]
    pub fn kind(&self) -> RpcErrorKind {
        match self {
            Self::Unreachable { .. }
            | Self::BrokenOff { .. }
            | Self::Timeout { .. }
            | Self::TooSlow { .. }
            | Self::Busy { .. }
            | Self::WarmingUp { .. }
            | Self::Indexing { .. }
            | Self::NoData { .. } => RpcErrorKind::Transient,
            // A node that stops removes its cookie, and one that starts writes another.
            Self::Cookie { source, .. } if source.kind() == io::ErrorKind::NotFound => RpcErrorKind::Transient,
            Self::NoSuchHeight { .. } | Self::UnknownBlock { .. } => RpcErrorKind::Moved,
            Self::Cookie { .. }
            | Self::CookieForm { .. }
            | Self::Unauthorised { .. }
            | Self::Forbidden { .. }
            | Self::Redirect { .. }
            | Self::Status { .. }
            | Self::NotHttp { .. }
            | Self::Refused { .. }
            | Self::OtherNetwork { .. }
            | Self::Pruned { .. } => RpcErrorKind::Setup,
            Self::TooLong { .. }
            | Self::NotJson { .. }
            | Self::Shape { .. }
            | Self::Count { .. }
            | Self::NoId { .. }
            | Self::ForeignId { .. }
            | Self::SameId { .. }
            | Self::Hex { .. }
            | Self::Length { .. }
            | Self::OtherBlock { .. }
            | Self::BadTx { .. }
            | Self::OtherTx { .. } => RpcErrorKind::Untrue,
        }
    }

    /// Whether it took its whole time, so that repeating it often would take hours.
    pub(crate) fn took_its_time(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::TooSlow { .. })
    }
}
