//! What a transaction does, by decree: calls inside it and what contracts say.

use coinhound_chains::evm::hash::keccak256;
use coinhound_chains::evm::{Address, Hash, Log};
use ruint::aliases::U256;

/// What kind of call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallKind {
    /// Calls somebody, with value or without.
    Call,
    /// Runs another's code in one's own account: moves nothing.
    DelegateCall,
    /// May change nothing.
    StaticCall,
    /// Makes a contract.
    Create,
    /// Makes a contract whose address its maker chose.
    Create2,
    /// Ends, and leaves the balance to somebody.
    SelfDestruct,
}

/// A call inside a transaction, or inside another call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Which kind.
    pub kind: CallKind,
    /// Who calls.
    pub from: Address,
    /// Whom.
    pub to: Address,
    /// With how much, in wei.
    pub value: U256,
    /// Whether it was undone, and everything below it.
    pub failed: bool,
    /// Calls inside it, in order.
    pub calls: Vec<Call>,
}

/// What a contract says of tokens, or of something else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// Fungible tokens moved (ERC-20); from nobody where they were made, to nobody where they were destroyed.
    Fungible {
        /// The contract.
        token: Address,
        /// Who had them.
        from: Option<Address>,
        /// Who has them.
        to: Option<Address>,
        /// How many.
        units: U256,
    },
    /// One that is like no other moved (ERC-721).
    Unique {
        /// The contract.
        token: Address,
        /// Who had it.
        from: Address,
        /// Who has it.
        to: Address,
        /// Which.
        id: U256,
    },
    /// Tokens of one kind among several moved (ERC-1155).
    Multiple {
        /// The contract.
        token: Address,
        /// Who had them.
        from: Address,
        /// Who has them.
        to: Address,
        /// Which kind.
        id: U256,
        /// How many.
        units: U256,
    },
    /// Something that is not about tokens.
    Other(Log),
}

/// All that a transaction does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Effect {
    /// Whether it was undone: it only pays then.
    pub failed: bool,
    /// How much gas it uses.
    pub gas: u64,
    /// Calls inside it, in order.
    pub calls: Vec<Call>,
    /// What contracts say, in order; nothing where it failed.
    pub said: Vec<Said>,
}

impl Call {
    /// A call that moves value and calls nobody else.
    #[must_use]
    pub fn pays(from: Address, to: Address, value: U256) -> Self {
        Self { kind: CallKind::Call, from, to, value, failed: false, calls: Vec::new() }
    }

    /// The same call with calls inside it.
    #[must_use]
    pub fn with(self, calls: Vec<Self>) -> Self {
        Self { calls, ..self }
    }

    /// The same call as one of another kind.
    #[must_use]
    pub fn of(self, kind: CallKind) -> Self {
        Self { kind, ..self }
    }

    /// The same call, undone.
    #[must_use]
    pub fn undone(self) -> Self {
        Self { failed: true, ..self }
    }
}

impl Effect {
    /// Nothing but gas.
    #[must_use]
    pub fn plain(gas: u64) -> Self {
        Self { gas, ..Self::default() }
    }
}

impl Said {
    /// As it stands in a receipt.
    #[must_use]
    pub fn log(&self) -> Log {
        const TRANSFER: &str = "Transfer(address,address,uint256)";
        const SINGLE: &str = "TransferSingle(address,address,address,uint256,uint256)";
        let somebody = |address: &Option<Address>| word_of(&address.unwrap_or(Address::ZERO));
        let (address, topics, data) = match self {
            Self::Fungible { token, from, to, units } => {
                (token, vec![event(TRANSFER), somebody(from), somebody(to)], units.to_be_bytes::<32>().to_vec())
            }
            Self::Unique { token, from, to, id } => {
                let id = Hash(id.to_be_bytes::<32>());
                (token, vec![event(TRANSFER), word_of(from), word_of(to), id], Vec::new())
            }
            Self::Multiple { token, from, to, id, units } => {
                let data = [id.to_be_bytes::<32>(), units.to_be_bytes::<32>()].concat();
                (token, vec![event(SINGLE), word_of(from), word_of(from), word_of(to)], data)
            }
            Self::Other(log) => return log.clone(),
        };
        Log { address: *address, topics, data }
    }
}

/// The name of an event.
#[must_use]
pub fn event(signature: &str) -> Hash {
    keccak256(signature.as_bytes())
}

/// An address as a topic holds it.
#[must_use]
pub fn word_of(address: &Address) -> Hash {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&address.0);
    Hash(word)
}
