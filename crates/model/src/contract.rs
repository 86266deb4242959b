//! What a transaction shows about a contract: who made it, whose code it runs, who may decide for it.
//!
//! A fact stands as a note of its transaction ([`crate::NoteKind::Contract`]) and is about one moment: what holds now is what
//! the latest fact says, as far as facts tell. None of them moves value, and none joins accounts into a cluster.

use std::fmt;

use crate::account::{Account, Note, NoteKind};

/// Who is behind the word that a fact rests on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum FactSource {
    /// Nobody's word: it follows from the transaction and from its having succeeded.
    Transaction = 0,
    /// The subject itself said so, which the block proves. A contract may say what it likes.
    Log = 1,
    /// The node said so; nothing in the block commits to it.
    Trace = 2,
    /// Another contract than the subject said so, which the block proves: a factory of what it made. Anybody can make a
    /// contract that says so of anybody's: the weakest word of all.
    OtherLog = 3,
}

impl FactSource {
    /// Every source, in the order of its number.
    pub const ALL: [Self; 4] = [Self::Transaction, Self::Log, Self::Trace, Self::OtherLog];

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// What is said about a contract.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Saying {
    /// A transaction of this account made it.
    MadeByTransaction(Account),
    /// This contract made it.
    MadeByContract(Account),
    /// It runs the code of this contract: a proxy's implementation, a Safe's singleton. Of a beacon: this is the code that
    /// it names.
    RunsCodeOf(Account),
    /// It asks this contract whose code to run.
    Beacon(Account),
    /// This account may change whose code it runs.
    Administrator(Account),
    /// This account became an owner.
    OwnerAdded(Account),
    /// This account is no owner any more.
    OwnerRemoved(Account),
    /// From now on so many owners must agree.
    Threshold(u64),
}

impl Saying {
    /// Its number in a note.
    fn number(&self) -> u8 {
        match self {
            Self::MadeByTransaction(_) => 0,
            Self::MadeByContract(_) => 1,
            Self::RunsCodeOf(_) => 2,
            Self::Beacon(_) => 3,
            Self::Administrator(_) => 4,
            Self::OwnerAdded(_) => 5,
            Self::OwnerRemoved(_) => 6,
            Self::Threshold(_) => 7,
        }
    }

    /// The account that it names beside the subject.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::MadeByTransaction(account)
            | Self::MadeByContract(account)
            | Self::RunsCodeOf(account)
            | Self::Beacon(account)
            | Self::Administrator(account)
            | Self::OwnerAdded(account)
            | Self::OwnerRemoved(account) => Some(account),
            Self::Threshold(_) => None,
        }
    }

    /// The name that tables and JSON show.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::MadeByTransaction(_) => "made by a transaction of",
            Self::MadeByContract(_) => "made by the contract",
            Self::RunsCodeOf(_) => "runs the code of",
            Self::Beacon(_) => "takes its code from the beacon",
            Self::Administrator(_) => "has the administrator",
            Self::OwnerAdded(_) => "has the new owner",
            Self::OwnerRemoved(_) => "lost the owner",
            Self::Threshold(_) => "needs so many owners:",
        }
    }

    fn read(number: u8, value: &[u8]) -> Result<Self, ContractFactError> {
        let account = || Account(value.to_vec());
        Ok(match number {
            0 => Self::MadeByTransaction(account()),
            1 => Self::MadeByContract(account()),
            2 => Self::RunsCodeOf(account()),
            3 => Self::Beacon(account()),
            4 => Self::Administrator(account()),
            5 => Self::OwnerAdded(account()),
            6 => Self::OwnerRemoved(account()),
            7 => {
                let threshold = value.try_into().map(u64::from_le_bytes);
                Self::Threshold(threshold.map_err(|_| ContractFactError::Threshold { got: value.len() })?)
            }
            _ => return Err(ContractFactError::UnknownSaying { number }),
        })
    }
}

/// One fact about a contract.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ContractFact {
    /// The contract.
    pub subject: Account,
    /// What is said about it.
    pub says: Saying,
    /// Who says so.
    pub source: FactSource,
}

/// Why a note's bytes are no fact about a contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContractFactError {
    /// They end within the fact.
    #[error("a fact about a contract ends after {got} bytes")]
    Short {
        /// How many there are.
        got: usize,
    },
    /// A source that this version does not know.
    #[error("a fact about a contract has the unknown source {number}")]
    UnknownSource {
        /// Its number.
        number: u8,
    },
    /// A saying that this version does not know.
    #[error("a fact about a contract says {number}, which is unknown")]
    UnknownSaying {
        /// Its number.
        number: u8,
    },
    /// A threshold of another length than eight bytes.
    #[error("a threshold has 8 bytes, not {got}")]
    Threshold {
        /// How many there are.
        got: usize,
    },
}

impl ContractFact {
    /// As bytes of a note: what is said (1), who says so (1), the subject's length (2, low byte first), the subject, and
    /// to the end the other account, or the threshold (8, low byte first). One fact has one encoding.
    ///
    /// # Panics
    /// Where the subject's name has 65,536 bytes or more: a store takes none above 1,024.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let length = u16::try_from(self.subject.0.len()).expect("accounts have short names");
        let mut bytes = vec![self.says.number(), self.source as u8];
        bytes.extend(length.to_le_bytes());
        bytes.extend(&self.subject.0);
        match &self.says {
            Saying::Threshold(threshold) => bytes.extend(threshold.to_le_bytes()),
            other => bytes.extend(other.account().iter().flat_map(|account| &account.0)),
        }
        bytes
    }

    /// Reads what [`ContractFact::encode`] wrote.
    ///
    /// # Errors
    /// [`ContractFactError`] on any other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContractFactError> {
        let short = ContractFactError::Short { got: bytes.len() };
        let (&[number, source, low, high], rest) = bytes.split_first_chunk().ok_or(short)?;
        let (subject, value) = rest.split_at_checked(usize::from(u16::from_le_bytes([low, high]))).ok_or(short)?;
        let source = FactSource::from_number(source).ok_or(ContractFactError::UnknownSource { number: source })?;
        Ok(Self { subject: Account(subject.to_vec()), says: Saying::read(number, value)?, source })
    }

    /// As a note of its transaction.
    #[must_use]
    pub fn note(&self) -> Note {
        Note { kind: NoteKind::Contract, bytes: self.encode() }
    }

    /// The fact that a note is; `None` where it is of another kind.
    ///
    /// # Errors
    /// [`ContractFactError`].
    pub fn of_note(note: &Note) -> Option<Result<Self, ContractFactError>> {
        (note.kind == NoteKind::Contract).then(|| Self::decode(&note.bytes))
    }
}

impl fmt::Display for FactSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Transaction => "follows from the transaction",
            Self::Log => "the contract says so",
            Self::Trace => "the node says so",
            Self::OtherLog => "another contract says so",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Vec<ContractFact> {
        let account = |byte: u8| Account(vec![byte; 20]);
        let says = [
            Saying::MadeByTransaction(account(1)),
            Saying::MadeByContract(account(2)),
            Saying::RunsCodeOf(account(3)),
            Saying::Beacon(account(4)),
            Saying::Administrator(account(5)),
            Saying::OwnerAdded(account(6)),
            Saying::OwnerRemoved(Account(Vec::new())),
            Saying::Threshold(u64::MAX),
        ];
        let of = |says: &Saying| {
            FactSource::ALL.map(|source| ContractFact { subject: account(9), says: says.clone(), source })
        };
        says.iter().flat_map(of).collect()
    }

    #[test]
    fn facts_come_back_from_their_notes() {
        for fact in facts() {
            assert_eq!(ContractFact::of_note(&fact.note()), Some(Ok(fact)));
        }
        assert_eq!(ContractFact::of_note(&Note { kind: NoteKind::Flag, bytes: Vec::new() }), None);
    }

    #[test]
    fn whatever_is_read_is_written_the_same_way() {
        for bytes in facts().iter().map(ContractFact::encode) {
            for cut in 0..=bytes.len() {
                for (at, value) in (0..cut).flat_map(|at| [0, 2, 3, 4, 7, 8, 20, 255].map(|value| (at, value))) {
                    let mut changed = bytes[..cut].to_vec();
                    changed[at] = value;
                    if let Ok(fact) = ContractFact::decode(&changed) {
                        assert_eq!(fact.encode(), changed);
                    }
                }
            }
        }
    }

    #[test]
    fn other_bytes_are_named() {
        use ContractFactError::{Short, Threshold, UnknownSaying, UnknownSource};
        for (bytes, want) in [
            (&[][..], Short { got: 0 }),
            (&[0, 0, 2, 0, 1], Short { got: 5 }),
            (&[0, 4, 0, 0], UnknownSource { number: 4 }),
            (&[8, 0, 0, 0], UnknownSaying { number: 8 }),
            (&[7, 0, 0, 0, 1], Threshold { got: 1 }),
        ] {
            assert_eq!(ContractFact::decode(bytes), Err(want));
        }
    }
}
