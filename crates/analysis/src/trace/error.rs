//! Why a trace could not be made.

use coinhound_model::{Ledger, LedgerError, MovementId, TxHash};

use crate::taint::Rule;
use crate::trace::accounts::AccountFault;
use crate::trace::theft::Outpoint;

/// Why a trace could not be made. Amounts are in the asset's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// A theft without seeds.
    #[error("theft {theft} names no seeds")]
    NoSeeds {
        /// Its index in the list that was to be traced.
        theft: u32,
    },
    /// A seed of nothing.
    #[error("seed {coin} holds or names no value")]
    SeedEmpty {
        /// The seed.
        coin: Outpoint,
    },
    /// A seed made before the ingested range whose amount is not known.
    #[error("the amount of seed {coin} is not known: it was made before the ingested range")]
    SeedAmountUnknown {
        /// The seed.
        coin: Outpoint,
    },
    /// More was stolen than there is.
    #[error("seed {coin} holds {value}, less than the {units} said to be stolen from it")]
    SeedExceedsCoin {
        /// The seed.
        coin: Outpoint,
        /// Said to be stolen.
        units: String,
        /// What it holds.
        value: String,
    },
    /// One theft names a coin twice.
    #[error("theft {theft} names {coin} twice")]
    SeedTwice {
        /// Its index in the list that was to be traced.
        theft: u32,
        /// The seed.
        coin: Outpoint,
    },
    /// A seed is fed by another seed of the same theft: its units would count twice.
    #[error("seed {coin} of theft {theft} holds value that another seed of the same theft already named")]
    SeedReached {
        /// Its index in the list that was to be traced.
        theft: u32,
        /// The seed that was reached.
        coin: Outpoint,
    },
    /// The seeds add up to more than an amount can hold.
    #[error("the seeds of theft {theft} add up to more than an amount can hold")]
    TooMuch {
        /// Its index in the list that was to be traced.
        theft: u32,
    },
    /// The question has no answer under this rule.
    #[error("{question} is not defined under {rule}")]
    NotDefined {
        /// The rule.
        rule: Rule,
        /// What was asked.
        question: &'static str,
    },
    /// The ledger contradicts itself.
    #[error("the ledger contradicts itself at transaction {tx}: {what}")]
    Contradiction {
        /// The movement.
        tx: TxHash,
        /// What does not fit.
        what: &'static str,
    },
    /// A trace of accounts could not be made.
    #[error(transparent)]
    Account(#[from] AccountFault),
    /// The ledger is damaged; no result may be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl TraceError {
    pub(crate) fn contradiction<L: Ledger>(ledger: &L, movement: MovementId, what: &'static str) -> Self {
        Self::Contradiction { tx: ledger.fact(movement).tx, what }
    }
}
