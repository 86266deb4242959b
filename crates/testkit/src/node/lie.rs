//! What a scripted node can be told to say or do instead of the truth, one name per lie.

use crate::loopback::wire::WireLie;
use crate::loopback::{self, lies};

lies! {
    /// One way not to tell the truth.
    Lie {
        // Of one answer.
        /// A hash that names nothing, for a height.
        OtherHash,
        /// The hash of the block below, for a height.
        OtherHeight,
        /// Another block's header.
        OtherHeader,
        /// A header of 79 bytes.
        ShortHeader,
        /// Another block.
        OtherBlock,
        /// A block that is its header and nothing else.
        HeaderOnly,
        /// The first half of a block.
        ShortBlock,
        /// A block with bytes behind it.
        LongBlock,
        /// A block of more than 4.1 million bytes, longer than any.
        HugeBlock,
        /// A block whose last digit is missing.
        OddDigits,
        /// A block with something else than digits in it.
        NoDigits,
        /// A block as an object, as if the node were asked for that.
        ObjectBlock,
        /// A block that the node says it has removed.
        PrunedBlock,
        /// A block that the node knows and does not find on its disk.
        LostBlock,
        /// A block whose last transaction stands twice; with an odd number of them the merkle root is the same.
        DuplicateTx,
        /// A block whose last transaction is missing.
        MissingTx,
        /// A block with one witness changed, which no txid shows.
        OtherWitness,
        /// Another transaction than asked for.
        OtherTx,
        /// A transaction that ends early.
        ShortTx,
        /// No transaction is found, as without an index.
        NoTxIndex,
        /// No transaction is found, since the index is still being built.
        Indexing,
        /// No block is known by its hash.
        Amnesia,
        /// A newest block that the node itself does not know.
        UnknownBest,
        /// The first block of another network.
        OtherNetwork,
        /// What the node makes of a block, told of another block.
        OtherStanding,
        /// A block with no confirmations at all, which is neither on the chain nor off it.
        NoConfirmations,

        // Of the chain.
        /// A chain whose block does not reach its own target.
        LittleWork,
        /// A chain whose block has a target that the rules do not give it.
        OtherTarget,
        /// A chain whose block is older than the median of the eleven before it.
        EarlyTime,
        /// A chain whose block names a parent that is not there.
        Unlinked,
        /// The newest block is another one at every request.
        ReorgOnEveryCall,
        /// The chain loses its newest block at every request, down to the first.
        ShrinkingChain,

        // Of a batch.
        /// One answer is left out.
        MissingAnswer,
        /// One answer too many.
        ExtraAnswer,
        /// Two answers with one id.
        SameId,
        /// An id that was not asked with.
        ForeignId,
        /// An answer without id.
        NoId,
        /// An id that is text.
        TextId,
        /// One answer that is no list.
        NoList,
        /// A list of answers that never ends.
        NeverEndingBatch,
        /// An error without a code.
        ErrorWithoutCode,
        /// Neither result nor error.
        NullResult,
        /// A number for a result.
        NumberResult,
        /// A result nested 100,000 deep.
        DeepResult,
        /// 100,000 brackets.
        DeepAnswer,
        /// Two results in one answer.
        TwoResults,

        /// Error -28, as while the node starts.
        WarmingUp,

        // Of the connection: every lie from here on is told below JSON.
        /// JSON that ends in the middle.
        InvalidJson,
        /// A web page.
        WebPage,
        /// Success, and nothing more.
        EmptyAnswer,
        /// An answer that announces more bytes than come before the connection closes.
        CutBody,
        /// Chunks without end.
        EndlessBody,
        /// Ten gigabytes, announced.
        TenGigabytes,
        /// Ten gigabytes, not announced.
        TenGigabytesUntold,
        /// One byte a second.
        OneByteASecond,
        /// No answer; the connection stays open.
        Silence,
        /// No answer; the connection closes.
        HangUp,
        /// HTTP 302 to another address.
        Redirect,
        /// HTTP 401.
        Unauthorised,
        /// HTTP 403.
        Forbidden,
        /// HTTP 503, as when too many questions wait.
        Busy,
        /// HTTP 500 with one JSON error for the whole batch.
        WholeError,
        /// HTTP 500 with words.
        ServerError,
        /// A greeting of another protocol.
        NotHttp,
        /// A head that never ends.
        EndlessHead,
        /// A body that claims to be compressed.
        ZippedBody,
    }
}

impl Lie {
    /// The method it is about; `None` for any.
    #[must_use]
    pub fn method(self) -> Option<&'static str> {
        Some(match self {
            Self::OtherHash | Self::OtherHeight | Self::OtherNetwork => "getblockhash",
            Self::OtherHeader | Self::ShortHeader | Self::OtherStanding | Self::NoConfirmations => "getblockheader",
            Self::OtherBlock
            | Self::HeaderOnly
            | Self::ShortBlock
            | Self::LongBlock
            | Self::HugeBlock
            | Self::OddDigits
            | Self::NoDigits
            | Self::ObjectBlock
            | Self::PrunedBlock
            | Self::LostBlock
            | Self::DuplicateTx
            | Self::MissingTx
            | Self::OtherWitness => "getblock",
            Self::OtherTx | Self::ShortTx | Self::NoTxIndex | Self::Indexing => "getrawtransaction",
            Self::UnknownBest => "getblockchaininfo",
            _ => return None,
        })
    }

    /// How the node tells it below JSON, if it does.
    pub(crate) fn on_the_wire(self) -> Option<WireLie> {
        Some(match self {
            Self::NeverEndingBatch => WireLie::NeverEndingBatch,
            Self::InvalidJson => WireLie::TruncatedJson,
            Self::WebPage => WireLie::WebPage,
            Self::EmptyAnswer => WireLie::EmptyAnswer,
            Self::CutBody => WireLie::CutBody,
            Self::EndlessBody => WireLie::EndlessBody,
            Self::TenGigabytes => WireLie::TenGigabytes,
            Self::TenGigabytesUntold => WireLie::TenGigabytesUntold,
            Self::OneByteASecond => WireLie::OneByteASecond,
            Self::Silence => WireLie::Silence,
            Self::HangUp => WireLie::HangUp,
            Self::Redirect => WireLie::Redirect,
            Self::Unauthorised => WireLie::Unauthorised,
            Self::Forbidden => WireLie::Forbidden,
            Self::Busy => WireLie::Busy,
            Self::WholeError => WireLie::WholeError,
            Self::ServerError => WireLie::ServerError,
            Self::NotHttp => WireLie::NotHttp,
            Self::EndlessHead => WireLie::EndlessHead,
            Self::ZippedBody => WireLie::ZippedBody,
            _ => return None,
        })
    }

    /// Whether the node tells it by another chain.
    pub(crate) fn is_of_the_chain(self) -> bool {
        matches!(
            self,
            Self::LittleWork
                | Self::OtherTarget
                | Self::EarlyTime
                | Self::Unlinked
                | Self::ReorgOnEveryCall
                | Self::ShrinkingChain
        )
    }
}

/// When a lie is told.
pub type Script = loopback::Script<Lie, u32>;

impl From<Lie> for Script {
    /// From now on, wherever it applies, but not about the first block.
    fn from(lie: Lie) -> Self {
        Self::new(lie, u32::from(lie != Lie::OtherNetwork), lie.method())
    }
}
