//! What a scripted NIS1 node can be told to say or do instead of the truth, one name per lie.

use crate::loopback::wire::WireLie;
use crate::loopback::{self, lies};

lies! {
    /// One way not to tell the truth.
    NisLie {
        // Of a block, told as one that was signed.
        /// A block that claims the height above its own.
        OtherHeight,
        /// The block below, for the one asked for.
        BlockBelow,
        /// A block that names another one as that below it.
        OtherPrevious,
        /// A block of another time.
        OtherTime,
        /// A block harvested by somebody else.
        OtherHarvester,
        /// A block with the signature of another.
        OtherBlockSignature,
        /// A block of the test network.
        ForeignBlock,
        /// A block that calls itself the first.
        CalledNemesis,
        /// A block whose last transaction is missing.
        MissingTx,
        /// A block whose last transaction stands twice.
        DuplicateTx,
        /// A block with two transactions exchanged.
        ReorderedTxs,

        // Of a transaction in a block.
        /// Another amount.
        OtherAmount,
        /// Another recipient.
        OtherRecipient,
        /// Another fee.
        OtherFee,
        /// Another message.
        OtherMessage,
        /// Another deadline.
        OtherDeadline,
        /// Another signer.
        OtherSigner,
        /// The signature of another transaction.
        OtherSignature,
        /// Another quantity of a mosaic.
        OtherQuantity,
        /// Another transaction inside a multisig transaction.
        OtherInner,
        /// A cosignature left out.
        MissingCosignature,
        /// A cosignature of somebody else.
        ForeignCosignature,
        /// A transaction of the test network.
        ForeignTx,
        /// A type of transaction that there is not.
        UnknownType,

        // Of JSON.
        /// `null` for an amount.
        NullAmount,
        /// An amount with a fraction.
        FloatAmount,
        /// An amount below zero.
        NegativeAmount,
        /// 2^64 for an amount.
        HugeAmount,
        /// Text for an amount.
        TextAmount,
        /// Two amounts in one transaction.
        TwoAmounts,
        /// A transaction without its recipient.
        NoRecipient,
        /// Text for the list of transactions.
        TextTxs,
        /// An address of 39 characters.
        ShortAddress,
        /// A key of 31 bytes.
        ShortKey,
        /// 100,000 brackets.
        DeepAnswer,
        /// `null` for a block.
        NullBlock,
        /// An error in JSON, as a success.
        ErrorAsSuccess,

        // Of a page for local callers.
        /// A block's hash that is not its content's.
        HashLies,
        /// A transaction's hash that is not its content's.
        TxHashLies,
        /// An inner hash where there is no inner transaction, or another one than its.
        InnerHashLies,
        /// A list of transactions that is not the block's.
        OtherTxes,
        /// Eleven blocks and more.
        LongPage,
        /// A page with a hole.
        PageWithHole,
        /// A page with one block twice.
        PageRepeats,
        /// A page that begins with the block asked to be above.
        PageFromBelow,
        /// A page without blocks.
        EmptyPage,

        // Of the chain.
        /// A newest block five heights above the last there is.
        TipNotThere,
        /// A height of 2^64-1.
        HugeHeight,
        /// A height of zero.
        ZeroHeight,
        /// A height below zero.
        NegativeHeight,
        /// A height that falls by one at every question.
        FallingHeight,
        /// Another branch at every question.
        ForkAtEveryQuestion,
        /// A node of the test network.
        OtherNetwork,
        /// A node that does not say of which network it is.
        NoNetwork,

        // Of the connection: every lie from here on is told below JSON.
        /// HTTP 429, as to who asks too often.
        TooManyRequests,
        /// HTTP 429, and to come again after a year.
        ComeBackInAYear,
        /// Bytes that are no text.
        NotText,
        /// JSON that ends in the middle.
        TruncatedJson,
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
        /// HTTP 503, as while it starts.
        Busy,
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

impl NisLie {
    /// Whether it is told only to callers that get whole pages.
    #[must_use]
    pub fn is_of_a_page(self) -> bool {
        (Self::HashLies..=Self::EmptyPage).contains(&self)
    }

    /// Whether it is about blocks and no other answer.
    #[must_use]
    pub fn is_of_blocks(self) -> bool {
        self < Self::TipNotThere || self == Self::ForkAtEveryQuestion
    }

    /// How it is told below JSON, if it is.
    pub(crate) fn on_the_wire(self) -> Option<WireLie> {
        Some(match self {
            Self::TruncatedJson => WireLie::TruncatedJson,
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
            Self::ServerError => WireLie::ServerError,
            Self::NotHttp => WireLie::NotHttp,
            Self::EndlessHead => WireLie::EndlessHead,
            Self::ZippedBody => WireLie::ZippedBody,
            _ => return None,
        })
    }
}

/// When a lie is told.
pub type NisScript = loopback::Script<NisLie>;

impl From<NisLie> for NisScript {
    /// From now on, wherever it applies.
    fn from(lie: NisLie) -> Self {
        Self::new(lie, 0, None)
    }
}
