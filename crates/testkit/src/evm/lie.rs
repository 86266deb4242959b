//! What a scripted Ethereum node can be told to say or do instead of the truth, one name per lie.

use crate::evm::tell::{CHAIN_ID, FLAT, RECEIPT, RECEIPTS, TRACES, Telling};
use crate::loopback::{self, lies};

lies! {
    /// One way not to tell the truth.
    EvmLie {
        // Of the chain's number.
        /// The number of another chain.
        OtherChain,
        /// An object for the chain's number.
        ObjectChain,
        /// `null` for the chain's number.
        NullChain,
        /// A JSON number for the chain's number.
        NumberChain,
        /// 2^256 for the chain's number.
        HugeChain,

        // Of a block, told under the name of the true one.
        /// `null` for a block.
        NullBlock,
        /// A list for a block.
        ListBlock,
        /// The block below the one asked for.
        BlockBelow,
        /// A sound block of another branch.
        BlockAside,
        /// A sound block of a chain with another number.
        ForeignBlock,
        /// Another parent.
        OtherParent,
        /// Another name of the block itself.
        OtherHash,
        /// Another beneficiary.
        OtherBeneficiary,
        /// Another time.
        OtherTime,
        /// Another height.
        OtherHeight,
        /// Another base fee.
        OtherBaseFee,
        /// Another root of all accounts.
        OtherStateRoot,
        /// Another root of receipts.
        OtherReceiptsRoot,
        /// Another sum of gas.
        OtherGasUsed,
        /// Another bloom.
        OtherBloom,
        /// A megabyte that the maker is said to have added.
        HugeExtra,
        /// An uncle that the header does not name.
        ExtraUncle,
        /// Three uncles.
        ThreeUncles,
        /// Another uncle than the one that is named.
        OtherUncle,
        /// `null` for an uncle that is named.
        NullUncle,
        /// A withdrawal that was none.
        ExtraWithdrawal,
        /// A withdrawal left out.
        MissingWithdrawal,
        /// Another amount in a withdrawal.
        OtherWithdrawal,
        /// Withdrawals in another order.
        ReorderedWithdrawals,
        /// No withdrawals at all, under a header that has a root of them.
        NoWithdrawals,
        /// Withdrawals under a header without a root of them.
        NoWithdrawalsRoot,

        // Of a block whose name fits what is told.
        /// Another parent, named by a header that hashes to what is told.
        ForgedParent,
        /// Another height, so.
        ForgedHeight,
        /// A time before the parent's, so.
        ForgedTime,
        /// Another base fee, so.
        ForgedBaseFee,
        /// Another sum of gas, so.
        ForgedGasUsed,
        /// Another bloom, so.
        ForgedBloom,
        /// Another root of transactions, so.
        ForgedTransactionsRoot,
        /// Another root of receipts, so.
        ForgedReceiptsRoot,
        /// Another root of withdrawals, so.
        ForgedWithdrawalsRoot,
        /// Another hash of uncles, so.
        ForgedUncles,

        // Of transactions.
        /// A block without its transactions.
        NoTransactions,
        /// Names of transactions instead of transactions.
        HashesOnly,
        /// Text for the list of transactions.
        TextTransactions,
        /// A transaction left out.
        MissingTx,
        /// A transaction twice.
        DuplicateTx,
        /// Transactions in another order.
        ReorderedTxs,
        /// Another sender.
        OtherSender,
        /// Another receiver.
        OtherReceiver,
        /// Another value.
        OtherValue,
        /// Another input.
        OtherInput,
        /// Another nonce.
        OtherNonce,
        /// Another limit of gas.
        OtherGasLimit,
        /// Another name of a transaction.
        OtherTxHash,
        /// Another signature.
        OtherSignature,
        /// The same signature's other form, which names the same signer.
        MirroredSignature,
        /// Signed for another chain.
        ForeignTx,
        /// A type that there is not.
        UnknownType,
        /// Another type.
        OtherType,
        /// No price.
        NoPrice,
        /// Another slot in an access list.
        OtherAccessList,
        /// Another blob.
        OtherBlob,
        /// Another account that takes code.
        OtherDelegation,

        // Of JSON.
        /// 2^256 for a value.
        HugeValue,
        /// A value below zero.
        NegativeValue,
        /// A value with a fraction.
        FloatValue,
        /// A JSON number for a value.
        NumberValue,
        /// `null` for a value.
        NullValue,
        /// Words for a value.
        TextValue,
        /// Digits that are no ASCII.
        UnicodeValue,
        /// A value with a zero in front.
        LeadingZero,
        /// A value without digits.
        NoDigits,
        /// An odd number of digits for bytes.
        OddDigits,
        /// Bytes without `0x`.
        NoPrefix,
        /// A hash of 31 bytes.
        ShortHash,
        /// An address of 21 bytes.
        LongAddress,
        /// A bloom of 255 bytes.
        ShortBloom,
        /// A block's nonce of nine bytes.
        LongNonce,
        /// Two names of one block.
        TwoHashes,
        /// A block's result that ends in the middle.
        HalfBlock,

        // Of receipts.
        /// An empty list of receipts.
        NoReceipts,
        /// `null` for receipts.
        NullReceipts,
        /// An object for receipts.
        ObjectReceipts,
        /// A receipt more.
        ExtraReceipt,
        /// A receipt left out.
        MissingReceipt,
        /// Receipts in another order.
        ReorderedReceipts,
        /// The receipts of another block.
        ReceiptsAside,
        /// Succeeded for failed, or the reverse.
        OtherStatus,
        /// A root for a status, as before Byzantium.
        RootForStatus,
        /// Neither status nor root.
        NoStatus,
        /// A receipt of another type.
        OtherReceiptType,
        /// Other gas.
        OtherGas,
        /// Gas of 2^64.
        HugeGas,
        /// A log left out.
        MissingLog,
        /// A log twice.
        ExtraLog,
        /// Logs in another order.
        ReorderedLogs,
        /// Another amount in a log.
        OtherLogAmount,
        /// Another contract in a log.
        OtherLogContract,
        /// Another receiver in a log.
        OtherLogReceiver,
        /// A topic left out.
        MissingTopic,
        /// Five topics.
        FiveTopics,
        /// A topic of 33 bytes.
        LongTopic,
        /// Receipts asked one by one: another one than asked for.
        OtherReceipt,
        /// Receipts asked one by one: `null`.
        NullReceipt,

        // Of traces, nested.
        /// `null` for traces.
        NullTraces,
        /// An object for traces.
        ObjectTraces,
        /// An empty list of traces.
        NoTraces,
        /// A trace left out.
        MissingTrace,
        /// A trace more.
        ExtraTrace,
        /// Traces in another order.
        ReorderedTraces,
        /// Traces of another block.
        TracesAside,
        /// A trace that says of which transaction it is not.
        OtherTrace,
        /// A trace that failed where the receipt succeeded, or the reverse.
        OtherEnding,
        /// A kind of call that there is not.
        UnknownCall,
        /// A call to nobody.
        CallToNobody,
        /// 2^256 for a call's value.
        HugeCall,
        /// Ten thousand calls inside each other.
        DeepCalls,
        /// Another value of a call: nothing commits to it, and who reads it can only say so.
        OtherCallValue,

        // Of traces, flat.
        /// A call without its transaction's place.
        NoPosition,
        /// A call of a transaction that the block does not have.
        FarPosition,
        /// A call whose call above is not told.
        OrphanCall,
        /// A kind of call that there is not.
        UnknownFlatCall,
        /// A call of another transaction.
        OtherFlatTrace,
        /// A trace that failed where the receipt succeeded, or the reverse.
        OtherFlatEnding,

        // Of the newest block.
        /// A newest block five heights above the last there is.
        TipNotThere,
        /// A newest block of height 2^64-1.
        HugeTip,
        /// `null` for the newest block.
        NullTip,
        /// A newest block that is lower at every question.
        FallingTip,
        /// Another branch at every question about a block.
        ForkAtEveryQuestion,

        // Of the envelope.
        /// The answer to another question.
        OtherId,
        /// No id.
        NoId,
        /// An id that is text.
        TextId,
        /// An id that is `null`.
        NullId,
        /// One answer in a list.
        ListAnswer,
        /// A hundred thousand answers, or four megabytes of them.
        HugeBatch,
        /// Two results.
        TwoResults,
        /// Neither result nor error.
        NoResult,
        /// A number for a result.
        NumberResult,
        /// An error that says that something went wrong.
        ErrorInternal,
        /// An error that says that there is no such method.
        ErrorNotOffered,
        /// An error that says that too much was asked.
        ErrorBusy,
        /// An error beside the result.
        ErrorBesideResult,
        /// Text for an error.
        ErrorText,
        /// An error without a number.
        ErrorWithoutCode,
        /// An error whose words move the cursor, turn the writing and go on for long.
        HostileWords,
        /// A hundred thousand brackets.
        DeepAnswer,
        /// A result of a hundred thousand lists inside each other.
        DeepResult,
        /// Bytes that are no text.
        NotText,
        /// HTTP 429.
        TooManyRequests,

        // Of the connection.
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

impl EvmLie {
    /// The method in whose answers it is told; `None` for any.
    #[must_use]
    pub fn method(self) -> Option<&'static str> {
        match Telling::of(self) {
            Telling::Result(method, _) | Telling::Text(method, _) => Some(method),
            _ => None,
        }
    }

    /// The methods that the node must not offer, so that the one is asked in which it is told.
    #[must_use]
    pub fn hides(self) -> &'static [&'static str] {
        match self.method() {
            Some(RECEIPT) => &[RECEIPTS],
            Some(FLAT) => &[TRACES],
            _ => &[],
        }
    }

    /// Whether it is about one block and what is in it.
    #[must_use]
    pub fn is_of_blocks(self) -> bool {
        !self.is_of_the_tip() && self.method().is_some_and(|method| method != CHAIN_ID)
    }

    /// Whether nothing on the chain speaks against it: what it changes is the node's word and stored as such.
    #[must_use]
    pub fn is_unproven(self) -> bool {
        self == Self::OtherCallValue
    }

    /// Whether it is told of the newest block when that is asked for by name.
    #[must_use]
    pub fn is_of_the_tip(self) -> bool {
        matches!(self, Self::TipNotThere | Self::HugeTip | Self::NullTip | Self::FallingTip)
    }
}

/// When a lie is told.
pub type EvmScript = loopback::Script<EvmLie>;

impl From<EvmLie> for EvmScript {
    /// From now on, wherever it applies.
    fn from(lie: EvmLie) -> Self {
        Self::new(lie, 0, lie.method())
    }
}
