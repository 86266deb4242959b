//! Why a trace of accounts could not be made.

use coinhound_model::{AccountLedger, MovementId};

use crate::trace::accounts::theft::Step;

/// Why a trace of accounts could not be made. Amounts are in the asset's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountFault {
    /// A seed that the ledger does not have.
    #[error("theft {theft} names movement {movement}, which the ledger does not have")]
    SeedNotThere {
        /// The theft's index in the list that was to be traced.
        theft: u32,
        /// What was named.
        movement: u64,
    },
    /// A seed that credits nobody: a fee, burnt value, a transfer to oneself.
    #[error("seed {step} is a {what}: nobody receives it")]
    SeedCreditsNobody {
        /// The seed.
        step: Step,
        /// What it is.
        what: &'static str,
    },
    /// A seed of nothing.
    #[error("seed {step} moves or names no value")]
    SeedEmpty {
        /// The seed.
        step: Step,
    },
    /// More was stolen than was credited.
    #[error("seed {step} credits {value}, less than the {units} said to be stolen with it")]
    SeedExceedsCredit {
        /// The seed.
        step: Step,
        /// Said to be stolen.
        units: String,
        /// What it credits.
        value: String,
    },
    /// One theft names a credit twice.
    #[error("theft {theft} names {step} twice")]
    SeedTwice {
        /// The theft's index in the list that was to be traced.
        theft: u32,
        /// The seed.
        step: Step,
    },
    /// The seeds of one theft are in several assets.
    #[error("theft {theft} has seeds in `{one}` and in `{other}`: each asset is a theft of its own")]
    MixedAssets {
        /// The theft's index in the list that was to be traced.
        theft: u32,
        /// The asset of its first seed.
        one: String,
        /// Another.
        other: String,
    },
    /// More leaves a holding than is in it, where it is known what was in it. Looked for in all movements of a holding
    /// that was reached, whatever the limits of the trace.
    #[error(
        "the ledger contradicts itself: {step} takes {taken} `{asset}` from an account that holds {held}; every movement \
         of the view counts here, also one beyond the limits of the trace"
    )]
    Overdraft {
        /// The movement that takes.
        step: Step,
        /// What it takes.
        taken: String,
        /// What the holding has before it.
        held: String,
        /// The asset.
        asset: String,
    },
    /// The ledger's answers do not fit each other.
    #[error("the ledger contradicts itself at {step}: {what}")]
    Contradiction {
        /// The movement.
        step: Step,
        /// What does not fit.
        what: &'static str,
    },
    /// Something adds up to more than an amount can hold.
    #[error("the {what} of theft {theft} add up to more than an amount can hold")]
    TooMuch {
        /// The theft's index in the list that was to be traced.
        theft: u32,
        /// What adds up.
        what: &'static str,
    },
}

impl AccountFault {
    pub(crate) fn contradiction<L: AccountLedger>(ledger: &L, movement: MovementId, what: &'static str) -> Self {
        Self::Contradiction { step: Step::of(ledger, movement), what }
    }
}
