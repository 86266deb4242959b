//! Fingerprints: small facts about how a transaction was made, kept for every heuristic to come.
//!
//! The bit numbers are part of the store format.

use bitflags::bitflags;

bitflags! {
    /// How a transaction was put together.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct TxPrint: u16 {
        /// `nVersion` is 1.
        const VERSION_1 = 1 << 0;
        /// `nVersion` is 2.
        const VERSION_2 = 1 << 1;
        /// `nLockTime` is not zero.
        const LOCKED = 1 << 2;
        /// `nLockTime` is a height within 100 below the block's own: what wallets set against fee sniping.
        const LOCK_NEAR_TIP = 1 << 3;
        /// `nLockTime` is a time, not a height.
        const LOCK_IS_TIME = 1 << 4;
        /// Some input's sequence signals replaceability (below 0xfffffffe).
        const REPLACEABLE = 1 << 5;
        /// Some input carries a witness.
        const WITNESS = 1 << 6;
        /// Inputs stand in BIP 69 order (previous txid as printed, then index); also true of one input.
        const INPUTS_BIP69 = 1 << 7;
        /// Outputs stand in BIP 69 order (value, then script); also true of one output.
        const OUTPUTS_BIP69 = 1 << 8;
        /// The transaction makes coins: a coinbase.
        const COINBASE = 1 << 9;
        /// Two inputs are signed with different sighash types, or one with ANYONECANPAY, SINGLE or NONE.
        const MIXED_SIGHASH = 1 << 10;
        /// The transaction settles a pool whose inside is not on this ledger: what it takes is mixed, what it
        /// pays is of unknown origin, and its inputs have no owner in common (Litecoin's extension block).
        const POOL = 1 << 11;
    }
}

bitflags! {
    /// How one input was signed, as far as its bytes show.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct InputPrint: u16 {
        /// A signature was recognised (ECDSA in DER, or Schnorr of 64 or 65 bytes alone in a witness).
        const SIGNED = 1 << 0;
        /// Sighash SINGLE.
        const SIGHASH_SINGLE = 1 << 1;
        /// Sighash NONE.
        const SIGHASH_NONE = 1 << 2;
        /// Sighash ANYONECANPAY.
        const SIGHASH_ANYONE = 1 << 3;
        /// Every recognised ECDSA signature has an r of at most 32 bytes.
        const LOW_R = 1 << 4;
        /// A compressed public key was shown.
        const KEY_COMPRESSED = 1 << 5;
        /// An uncompressed public key was shown.
        const KEY_UNCOMPRESSED = 1 << 6;
        /// The input has a witness.
        const WITNESS = 1 << 7;
        /// The input has a non-empty signature script.
        const SCRIPT_SIG = 1 << 8;
        /// The last push is a script with OP_CHECKMULTISIG: a revealed multisig.
        const MULTISIG = 1 << 9;
        /// A nested witness program was revealed: the signature script is one push of a version 0 program.
        const NESTED = 1 << 10;
        /// Sequence signals replaceability.
        const REPLACEABLE = 1 << 11;
        /// A taproot script-path spend (control block shown).
        const TAPSCRIPT = 1 << 12;
    }
}

bitflags! {
    /// Which collaborative-transaction predicates hold, one bit each, its source in its name.
    ///
    /// Bits are claims of a rule, not verdicts: which of them veto clustering is a parameter.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct CollabPrint: u16 {
        /// Generic CoinJoin as BlockSci defines it.
        const BLOCKSCI_GENERIC = 1 << 0;
        /// JoinMarket as GraphSense defines it.
        const GRAPHSENSE_JOINMARKET = 1 << 1;
        /// Other CoinJoin as Dumplings defines it.
        const DUMPLINGS_OTHER = 1 << 2;
        /// Wasabi 1 as Dumplings defines it.
        const DUMPLINGS_WASABI1 = 1 << 3;
        /// Wasabi 1 as GraphSense defines it.
        const GRAPHSENSE_WASABI1 = 1 << 4;
        /// Wasabi 2 (WabiSabi) as Dumplings defines it.
        const DUMPLINGS_WASABI2 = 1 << 5;
        /// Wasabi 2 (WabiSabi) as GraphSense defines it.
        const GRAPHSENSE_WASABI2 = 1 << 6;
        /// Whirlpool mix, by form alone (no lineage).
        const GRAPHSENSE_WHIRLPOOL = 1 << 7;
        /// Whirlpool Tx0 as GraphSense defines it.
        const GRAPHSENSE_WHIRLPOOL_TX0 = 1 << 8;
        /// Stonewall as GraphSense defines it: weak, used only to veto others.
        const GRAPHSENSE_STONEWALL = 1 << 9;
    }
}
