//! What is asked of an Ethereum node.

use std::fmt;

use crate::evm::hash::{Address, Hash, hex};

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

/// What a contract is asked for; nothing changes by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Getter {
    /// `balanceOf(address)`: how many of its tokens an account has.
    BalanceOf(Address),
    /// `symbol()`: what it calls its tokens.
    Symbol,
    /// `decimals()`: how many decimal places it wants its amounts printed with.
    Decimals,
}

impl Getter {
    /// What the contract is called with: the first four bytes of the function's hash, then its argument.
    fn input(&self) -> String {
        match self {
            Self::BalanceOf(account) => format!("0x70a08231{:0>64}", hex(&account.0)),
            Self::Symbol => "0x95d89b41".to_owned(),
            Self::Decimals => "0x313ce567".to_owned(),
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
    /// How much ether an account has after a block.
    Balance {
        /// Whose.
        account: Address,
        /// After which block.
        at: Place,
    },
    /// What a contract answers after a block.
    Read {
        /// Which contract.
        contract: Address,
        /// What it is asked for.
        getter: Getter,
        /// After which block.
        at: Place,
    },
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
            Self::Balance { .. } => "eth_getBalance",
            Self::Read { .. } => "eth_call",
        }
    }

    /// Whether it is about what a block left behind, which few nodes keep for old blocks.
    pub(super) fn is_of_a_state(&self) -> bool {
        matches!(self, Self::Balance { .. } | Self::Read { .. })
    }

    /// Whether a contract answers it.
    pub(super) fn runs_a_contract(&self) -> bool {
        matches!(self, Self::Read { .. })
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
            Self::Balance { account, at } => format!(r#"["{account}","{at}"]"#),
            Self::Read { contract, getter, at } => {
                format!(r#"[{{"to":"{contract}","data":"{}"}},"{at}"]"#, getter.input())
            }
        }
    }

    /// The most bytes that a true answer has.
    ///
    /// A block's 60 million units of gas hold 6 MB of input at most, twice that in digits; 160,000 empty logs of some
    /// 800 characters; or a million calls of some 400.
    pub(super) fn answer_len_max(&self) -> u64 {
        match self {
            Self::ChainId | Self::Balance { .. } => 64 << 10,
            Self::Uncle { .. } | Self::Read { .. } => 1 << 20,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::hash::keccak256;

    #[test]
    fn a_contract_is_called_by_the_hash_of_its_function_and_whole_words() {
        let account = Address([0xab; 20]);
        for (getter, signature) in [
            (Getter::BalanceOf(account), "balanceOf(address)"),
            (Getter::Symbol, "symbol()"),
            (Getter::Decimals, "decimals()"),
        ] {
            let selector = hex(&keccak256(signature.as_bytes()).0[..4]);
            assert_eq!(&getter.input()[2..10], selector, "{signature}");
        }
        let question = Question::Read { contract: account, getter: Getter::BalanceOf(account), at: Place::Number(16) };
        let ab = "ab".repeat(20);
        let want = format!(r#"[{{"to":"{account}","data":"0x70a08231{:0>64}"}},"0x10"]"#, ab);
        assert_eq!(question.parameters(), want);
    }
}
