//! What can be wrong with an Ethereum node or its answers: each error names the call, the node and what was expected.

use crate::evm::block::BlockFault;
use crate::evm::hash::Hash;
use crate::evm::json::JsonError;
use crate::evm::rpc::call::Call;
use crate::evm::rules::UnknownRules;
use crate::evm::trace::TraceFault;
use crate::http::HttpError;

/// What an error says about the node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum EvmErrorKind {
    /// The node cannot answer at the moment; waiting may help.
    Transient,
    /// The node's chain is not what it was when the question was made up: plan again.
    Moved,
    /// The node, its settings or ours must be changed by somebody.
    Setup,
    /// The answer is not one that an honest, working node gives. Nothing of it is used.
    Untrue,
}

/// Why an Ethereum node's answer is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvmError {
    /// No answer, or one that is not read.
    #[error("no answer to {call}")]
    Http {
        /// Which call.
        call: Box<Call>,
        /// Why.
        source: HttpError,
    },
    /// The node is overloaded, starting, or turns away who asks often.
    #[error("the node cannot answer {call} now ({code}): {said}")]
    Busy {
        /// Which call.
        call: Box<Call>,
        /// The HTTP status, or the error's number.
        code: i64,
        /// What it says.
        said: String,
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
    /// The node answers with an error.
    #[error("{call} is answered with error {code}: {said}")]
    Refused {
        /// Which call.
        call: Box<Call>,
        /// The error's number.
        code: i64,
        /// What it says.
        said: String,
    },
    /// The node does not know the method, or does not offer it.
    #[error("the node does not offer {call} (error {code}): {said}")]
    NotOffered {
        /// Which call.
        call: Box<Call>,
        /// The error's number.
        code: i64,
        /// What it says.
        said: String,
    },
    /// The node threw the state away that it was asked for.
    #[error("the node does not keep the state that {call} asks for (error {code}): {said}")]
    StateGone {
        /// Which call.
        call: Box<Call>,
        /// The error's number.
        code: i64,
        /// What it says.
        said: String,
    },
    /// The contract that was asked failed.
    #[error("the contract fails at {call} (error {code}): {said}")]
    Reverted {
        /// Which call.
        call: Box<Call>,
        /// The error's number.
        code: i64,
        /// What it says.
        said: String,
    },
    /// No number and no bytes.
    #[error("the answer to {call} is neither a number nor bytes")]
    Value {
        /// Which call.
        call: Box<Call>,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The node has nothing where it was asked (`null`).
    #[error("the node has nothing to answer {call} with")]
    Nothing {
        /// Which call.
        call: Box<Call>,
    },
    /// No JSON-RPC: not text, not JSON, or the answer to something else.
    #[error("the answer to {call} is none: {what}; it begins with `{start}`")]
    Envelope {
        /// Which call.
        call: Box<Call>,
        /// What is wrong.
        what: String,
        /// How it begins.
        start: String,
    },
    /// It does not read as a block, or names hashes or senders that its content does not have.
    #[error("the answer to {call} is not what was asked for")]
    Json {
        /// Which call.
        call: Box<Call>,
        /// Where and why.
        source: JsonError,
    },
    /// A block, or its receipts, are not what the block's header, or the block below, says.
    #[error("the answer to {call} is not true")]
    Block {
        /// Which call.
        call: Box<Call>,
        /// What does not hold.
        source: BlockFault,
    },
    /// The block does not stand on the one below it.
    #[error("the answer to {call} stands on {got}; the block below is {want}")]
    NotLinked {
        /// Which call.
        call: Box<Call>,
        /// The parent it names.
        got: Hash,
        /// The block below.
        want: Hash,
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
    /// More uncles than a block ever has.
    #[error("{call}: {what}")]
    Uncles {
        /// Which call.
        call: Box<Call>,
        /// What is wrong.
        what: String,
    },
    /// They do not read as traces.
    #[error("the answer to {call} is not what was asked for")]
    Traces {
        /// Which call.
        call: Box<Call>,
        /// Where and why.
        source: TraceFault,
    },
    /// The node is of another chain.
    #[error("the node at {} is of the chain with the number {got}, not of {want}", call.url)]
    OtherChain {
        /// Which call.
        call: Box<Call>,
        /// The chain asked for.
        want: u64,
        /// What it says.
        got: String,
    },
    /// The block needs rules of its chain that are not known here.
    #[error("the answer to {call} cannot be counted")]
    Rules {
        /// Which call.
        call: Box<Call>,
        /// Which.
        source: UnknownRules,
    },
}

impl EvmError {
    /// Whether waiting and asking again may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.kind() == EvmErrorKind::Transient
    }

    /// What it says about the node.
    #[must_use]
    pub fn kind(&self) -> EvmErrorKind {
        match self {
            Self::Busy { .. } => EvmErrorKind::Transient,
            Self::Http { source, .. } if source.is_transient() => EvmErrorKind::Transient,
            Self::Nothing { .. } | Self::NotLinked { .. } => EvmErrorKind::Moved,
            Self::Http { source: HttpError::TooLong { .. }, .. } => EvmErrorKind::Untrue,
            Self::Traces { source: TraceFault::NotTraced { .. }, .. }
            | Self::Http { .. }
            | Self::Status { .. }
            | Self::Refused { .. }
            | Self::NotOffered { .. }
            | Self::StateGone { .. }
            | Self::Reverted { .. }
            | Self::Rules { .. }
            | Self::OtherChain { .. } => EvmErrorKind::Setup,
            Self::Envelope { .. }
            | Self::Value { .. }
            | Self::Json { .. }
            | Self::Block { .. }
            | Self::OtherHeight { .. }
            | Self::Uncles { .. }
            | Self::Traces { .. } => EvmErrorKind::Untrue,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Http { source: HttpError::Unreachable { .. }, .. } => {
                "is the node running, and is this its JSON-RPC port (8545 unless told)?"
            }
            Self::Http { source: HttpError::Redirect { .. } | HttpError::NotHttp { .. }, .. } | Self::Status { .. } => {
                "name the address of an Ethereum node's JSON-RPC port (8545 unless told)"
            }
            Self::OtherChain { want: 1, .. } => "Ethereum mainnet alone is read: name the address of a node of it",
            Self::Busy { .. } => "the node turns away who asks often, or starts: ask later, or a node of your own",
            Self::Refused { .. } | Self::Traces { source: TraceFault::NotTraced { .. }, .. } => {
                "the node may have thrown old blocks, receipts or states away: ask an archive node, or go without traces"
            }
            Self::StateGone { .. } => {
                "balances of old blocks are kept by archive nodes alone: ask one, or as of a block of the last minutes"
            }
            Self::Nothing { .. } => "the node has not come so far, or its chain changed: run again",
            _ if self.kind() == EvmErrorKind::Untrue => {
                "an honest node does not answer so: a program in between, a damaged disk, or a node that is not to be believed; nothing of it was used"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    /// Whether it took its whole time, so that repeating it often would take hours.
    pub(super) fn took_its_time(&self) -> bool {
        matches!(self, Self::Http { source, .. } if source.took_its_time())
    }

    /// Whether the node does not offer what was asked for, so that something else may be asked.
    pub(super) fn is_not_offered(&self) -> bool {
        matches!(self, Self::NotOffered { .. })
    }
}
