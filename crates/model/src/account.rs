//! One block of an account ledger as rows, ids not yet given.
//!
//! An account's balance in one asset is a holding. A movement here has at most one holding that it takes from and one
//! that it gives to: a transfer has both, a fee only the first, new value only the second. What `chains` writes here,
//! `ingest` resolves to dense ids.

use std::fmt;

use ruint::aliases::U256;

use crate::hash::{BlockHash, TxHash};
use crate::id::Height;

/// An account by the bytes that name it on its chain: 25 on NEM, 20 on Ethereum, the supplied text in a table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Account(pub Vec<u8>);

/// An asset of an account ledger. Its identity is `id` alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Token {
    /// Its name on its ledger: `nem:xem`, `dim:coin`, a contract's address, or what a table calls it.
    pub id: String,
    /// As people write it: `XEM`. Anybody can name a token like another: never an identity.
    pub ticker: String,
    /// Decimal places between the smallest unit and one whole; `None` where nobody told, and then amounts are
    /// printed in smallest units.
    pub decimals: Option<u8>,
}

/// Why value moves. The numbers are part of the store format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum MoveKind {
    /// A transaction moves value from one account to another.
    Transfer = 0,
    /// What the sender of an asset owes a third account for each transfer of it.
    Levy = 1,
    /// Paid to whoever makes the block; gives to nobody: the maker is credited by a [`MoveKind::Reward`].
    Fee = 2,
    /// Destroyed; gives to nobody.
    Burn = 3,
    /// What the block's maker receives, fees included; takes from nobody.
    Reward = 4,
    /// New supply; takes from nobody.
    Mint = 5,
    /// Rent or registration paid to the chain's own account.
    Rental = 6,
    /// A balance that somebody supplied for the moment before the ledger begins; takes from nobody.
    Opening = 7,
    /// Value that a contract passed on inside a transaction.
    Internal = 8,
    /// Value that came back from the consensus layer; takes from nobody.
    Withdrawal = 9,
}

impl MoveKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 10] = [
        Self::Transfer,
        Self::Levy,
        Self::Fee,
        Self::Burn,
        Self::Reward,
        Self::Mint,
        Self::Rental,
        Self::Opening,
        Self::Internal,
        Self::Withdrawal,
    ];

    /// The kind with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Whether it takes from a holding.
    #[must_use]
    pub fn takes(self) -> bool {
        !matches!(self, Self::Reward | Self::Mint | Self::Opening | Self::Withdrawal)
    }

    /// Whether it gives to a holding.
    #[must_use]
    pub fn gives(self) -> bool {
        !matches!(self, Self::Fee | Self::Burn)
    }

    /// The name that tables and JSON show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Levy => "levy",
            Self::Fee => "fee",
            Self::Burn => "burn",
            Self::Reward => "reward",
            Self::Mint => "mint",
            Self::Rental => "rental",
            Self::Opening => "opening",
            Self::Internal => "internal",
            Self::Withdrawal => "withdrawal",
        }
    }
}

impl fmt::Display for MoveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One movement of one asset. Exactly the sides that its kind has are there ([`MoveKind::takes`], [`MoveKind::gives`]).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountMove {
    /// Why it moves.
    pub kind: MoveKind,
    /// What moves.
    pub token: Token,
    /// Who it leaves.
    pub from: Option<Account>,
    /// Who receives it.
    pub to: Option<Account>,
    /// How much, in smallest units; may be zero.
    pub units: U256,
}

/// What a note says. The numbers are part of the store format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum NoteKind {
    /// A message as its sender wrote it. Hostile input.
    Message = 0,
    /// A message only its parties can read; bytes as they stand.
    Encrypted = 1,
    /// Where a supplied row stands: text `file digest:line`.
    Row = 2,
    /// A label that came with a supplied row: text `key=value`.
    Label = 3,
    /// The time as it was supplied, with its precision: text.
    Time = 4,
    /// The transaction's hash is not known: the name it has here was made from its row.
    NoHash = 5,
    /// Where a supplied row comes from: text.
    Source = 6,
    /// Something a reader must know about the transaction, in our words: text.
    Flag = 7,
    /// What the transaction shows about a contract: a [`crate::contract::ContractFact`].
    Contract = 8,
}

impl NoteKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 9] = [
        Self::Message,
        Self::Encrypted,
        Self::Row,
        Self::Label,
        Self::Time,
        Self::NoHash,
        Self::Source,
        Self::Flag,
        Self::Contract,
    ];

    /// The kind with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Bytes that came with a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What they say.
    pub kind: NoteKind,
    /// As they stand.
    pub bytes: Vec<u8>,
}

/// Two accounts that a transaction shows under common control, by rules of the chain itself (tier T0): a multisig
/// account and its cosignatory, an account and its remote key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Link {
    /// The account that is controlled.
    pub account: Account,
    /// The account that controls it.
    pub controller: Account,
}

/// One transaction, or what its block itself does (then its hash is the block's and it is the last).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountTx {
    /// Its hash.
    pub hash: TxHash,
    /// In the order in which they happen; a failed transaction only pays.
    pub moves: Vec<AccountMove>,
    /// What came with it.
    pub notes: Vec<Note>,
    /// What it shows about control.
    pub links: Vec<Link>,
}

/// One block whose hash, links and signatures were checked, or one moment of a supplied table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountBlock {
    /// Its height; of a table: the moment's number.
    pub height: Height,
    /// Its hash.
    pub hash: BlockHash,
    /// Its parent's hash; all zeros where the ledger begins here and every balance before it is zero.
    pub prev: BlockHash,
    /// Seconds since 1970 as its maker claims.
    pub time: u32,
    /// Length in bytes of what was hashed.
    pub size: u32,
    /// 32 bytes that the chain says of its maker: NEM's harvester key, Ethereum's fee recipient; else zeros.
    pub maker: [u8; 32],
    /// In block order.
    pub txs: Vec<AccountTx>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_name_kinds_both_ways() {
        for kind in MoveKind::ALL {
            assert_eq!(MoveKind::from_number(kind as u8), Some(kind));
            assert!(kind.takes() || kind.gives(), "{kind} moves something");
        }
        for kind in NoteKind::ALL {
            assert_eq!(NoteKind::from_number(kind as u8), Some(kind));
        }
        assert_eq!((MoveKind::from_number(10), NoteKind::from_number(9)), (None, None));
    }
}
