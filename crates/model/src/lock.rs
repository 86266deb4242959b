//! Locking scripts: what an output asks of its spender. An address is a distinct lock.

/// The kind of a locking script. The numbers are part of the store format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum LockKind {
    /// A public key itself; payload: the key, 33 or 65 bytes.
    PubKey = 0,
    /// Hash of a public key (P2PKH); payload: 20 bytes.
    PubKeyHash = 1,
    /// Hash of a script (P2SH); payload: 20 bytes.
    ScriptHash = 2,
    /// Version 0 hash of a public key (P2WPKH); payload: 20 bytes.
    WitnessPubKeyHash = 3,
    /// Version 0 hash of a script (P2WSH); payload: 32 bytes.
    WitnessScriptHash = 4,
    /// Version 1, 32 bytes (P2TR); payload: the x-only output key.
    Taproot = 5,
    /// Bare multisig; payload: the whole script.
    Multisig = 6,
    /// Any other witness program; payload: its version (one byte, 0 to 16), then the program, 2 to 40 bytes.
    Witness = 7,
    /// Spendable, of no known shape; payload: the whole script. An empty script has an empty payload.
    NonStandard = 8,
    /// Starts with `OP_RETURN`: carries data, nobody can spend it, no address; payload: the whole script.
    DataCarrier = 9,
    /// Longer than 10,000 bytes: nobody can spend it, no address; payload: the whole script.
    Oversized = 10,
    /// No script: an account of an account ledger; payload: the bytes that name it there.
    Account = 11,
}

impl LockKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 12] = [
        Self::PubKey,
        Self::PubKeyHash,
        Self::ScriptHash,
        Self::WitnessPubKeyHash,
        Self::WitnessScriptHash,
        Self::Taproot,
        Self::Multisig,
        Self::Witness,
        Self::NonStandard,
        Self::DataCarrier,
        Self::Oversized,
        Self::Account,
    ];

    /// The kind with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Whether the lock is an address. Data carriers and oversized scripts can never be spent.
    #[must_use]
    pub fn is_address(self) -> bool {
        !matches!(self, Self::DataCarrier | Self::Oversized)
    }

    /// The payload's length where the kind fixes it.
    #[must_use]
    pub fn fixed_len(self) -> Option<usize> {
        match self {
            Self::PubKeyHash | Self::ScriptHash | Self::WitnessPubKeyHash => Some(20),
            Self::WitnessScriptHash | Self::Taproot => Some(32),
            _ => None,
        }
    }

    /// The name the field uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PubKey => "P2PK",
            Self::PubKeyHash => "P2PKH",
            Self::ScriptHash => "P2SH",
            Self::WitnessPubKeyHash => "P2WPKH",
            Self::WitnessScriptHash => "P2WSH",
            Self::Taproot => "P2TR",
            Self::Multisig => "multisig",
            Self::Witness => "witness",
            Self::NonStandard => "non-standard",
            Self::DataCarrier => "OP_RETURN",
            Self::Oversized => "oversized",
            Self::Account => "account",
        }
    }
}

/// A locking script, classified: its kind and the bytes that distinguish it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Lock<'a> {
    /// What shape it has.
    pub kind: LockKind,
    /// What the shape leaves open; see [`LockKind`].
    pub payload: &'a [u8],
}
