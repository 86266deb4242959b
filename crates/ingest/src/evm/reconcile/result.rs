//! What a comparison found.

use coinhound_chains::evm::Address;
use coinhound_model::{BlockHash, Height, MovementId};
use ruint::aliases::U256;

/// How far a comparison came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReconcileProgress {
    /// Holdings compared.
    pub done: u64,
    /// Holdings to compare.
    pub total: u64,
}

/// What a comparison found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reconciled {
    /// After which block balances were compared.
    pub height: Height,
    /// That block.
    pub block: BlockHash,
    /// The height of the block before the ledger's first one, where the ledger does not begin at zero: then what was
    /// compared is what changed since that block.
    pub since: Option<Height>,
    /// Holdings from which the choice was made.
    pub holdings: u64,
    /// Holdings in ether.
    pub native: Compared,
    /// Every token of a holding compared, ascending by the ledger's number of it.
    pub tokens: Vec<TokenStanding>,
    /// Holdings whose balance is not the node's, in the order in which they were compared.
    pub differences: Vec<Difference>,
    /// Whether it was stopped before all that was chosen was compared.
    pub stopped: bool,
}

/// How many holdings were compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// How many.
    pub holdings: u64,
    /// How many of them differ.
    pub differ: u64,
}

/// A holding whose balance is not the node's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Whose.
    pub account: Address,
    /// Of which token; none for ether.
    pub token: Option<Address>,
    /// What the ledger's rows lead to; none where they take more than there is, or lead beyond 256 bits: a token can
    /// say anything. Where the ledger begins late, what they lead to from the node's balance before it.
    pub ours: Option<U256>,
    /// What the node says; none where the token's contract does not answer.
    pub theirs: Option<U256>,
}

/// How a token's balances stand to its logs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenStanding {
    /// The token, as the ledger numbers it.
    pub asset: u32,
    /// Its contract.
    pub contract: Address,
    /// Its holdings.
    pub compared: Compared,
    /// What they show.
    pub standing: Standing,
}

/// What the holdings compared show of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Standing {
    /// Every holding compared has what the logs say. It says nothing of others, nor of later blocks.
    FollowsLogs,
    /// Some have not: amounts on a trail in this token are those of its logs, not of its balances.
    DoesNot(Cause),
    /// The contract tells no balance at all: it is gone, or none of a fungible token.
    NoAnswer,
}

/// Why balances differ from logs, as far as a single place in the ledger shows it. A suspicion, not a proof: a contract
/// can do anything in the block that it was caught in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// It takes a fee on transfer: in a block in which this transfer alone touched both sides, the sender lost more
    /// than the receiver got, by more than rounding takes.
    FeeOnTransfer {
        /// The transfer.
        movement: MovementId,
        /// What its log says.
        said: U256,
        /// By how much the sender's balance fell.
        lost: U256,
        /// By how much the receiver's balance rose.
        arrived: U256,
    },
    /// Balances move without a log (a rebasing token): this one did, and no log of these blocks names it.
    MovesSilently {
        /// Whose.
        account: Address,
        /// After this block the balance was still that of the logs; none where it is the ledger's beginning.
        after: Option<Height>,
        /// After this one it was not.
        by: Height,
        /// What the logs say.
        ours: U256,
        /// What the node says.
        theirs: U256,
    },
    /// No single place shows it, or it was not looked for because the comparison was stopped.
    NotShown,
    /// It was not looked for: the node does not keep old states.
    NoOldStates,
}
