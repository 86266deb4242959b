//! What is asked of an Ethereum node.

use std::fmt;

use crate::evm::hash::Hash;

/// Which block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// The one at a height.
    Number(u64),
    /// The newest one that validators finalized: nothing takes it back short of a catastrophe.
    Finalized,
    /// The newest one that two thirds of the validators stand behind.
    Safe,
    /// The newest one.
    Latest,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "0x{number:x}"),
            Self::Finalized => f.write_str("finalized"),
            Self::Safe => f.write_str("safe"),
            Self::Latest => f.write_str("latest"),
        }
    }
}

/// One question.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Question {
    /// The number of the node's chain.
    ChainId,
    /// A block with whole transactions.
    Block(Place),
    /// The header of one uncle of a block.
    Uncle {
        /// The block.
        block: Hash,
        /// Which of its uncles, from zero.
        index: usize,
    },
    /// All receipts of a block.
    BlockReceipts(Hash),
    /// One receipt, by its transaction.
    Receipt(Hash),
    /// What the calls of a block did, as nested calls.
    CallTracer(u64),
    /// The same as a flat list.
    TraceBlock(u64),
}

impl Question {
    /// The method's name.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Self::ChainId => "eth_chainId",
            Self::Block(_) => "eth_getBlockByNumber",
            Self::Uncle { .. } => "eth_getUncleByBlockHashAndIndex",
            Self::BlockReceipts(_) => "eth_getBlockReceipts",
            Self::Receipt(_) => "eth_getTransactionReceipt",
            Self::CallTracer(_) => "debug_traceBlockByNumber",
            Self::TraceBlock(_) => "trace_block",
        }
    }

    /// Its parameters as JSON.
    pub(super) fn parameters(&self) -> String {
        match self {
            Self::ChainId => "[]".to_owned(),
            Self::Block(place) => format!(r#"["{place}",true]"#),
            Self::Uncle { block, index } => format!(r#"["{block}","0x{index:x}"]"#),
            Self::BlockReceipts(hash) | Self::Receipt(hash) => format!(r#"["{hash}"]"#),
            Self::CallTracer(number) => format!(r#"["0x{number:x}",{{"tracer":"callTracer"}}]"#),
            Self::TraceBlock(number) => format!(r#"["0x{number:x}"]"#),
        }
    }

    /// The most bytes that a true answer has.
    ///
    /// A block's 60 million units of gas hold 6 MB of input at most, twice that in digits; 160,000 empty logs of some
    /// 800 characters; or a million calls of some 400.
    pub(super) fn answer_len_max(&self) -> u64 {
        match self {
            Self::ChainId => 64 << 10,
            Self::Uncle { .. } => 1 << 20,
            Self::Block(_) => 64 << 20,
            Self::BlockReceipts(_) | Self::Receipt(_) => 256 << 20,
            Self::CallTracer(_) | Self::TraceBlock(_) => 1 << 30,
        }
    }
}

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
        write!(f, "`{}` {} at {}", self.question.method(), self.question.parameters(), self.url)
    }
}
