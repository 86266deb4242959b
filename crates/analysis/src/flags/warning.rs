//! A warning, and the movements that show it.

use coinhound_model::{AddressId, AsOf, LedgerError, MovementId};

use crate::flags::parameters::{FlagParameters, RULE};
use crate::rule::RuleId;
use crate::trace::accounts::AccountFault;

/// What a warning is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WarningKind {
    /// A transfer of nothing: anybody can write one into anybody's history, also as its sender.
    ZeroValue,
    /// A credit too small to be meant as a payment.
    Dust,
    /// A token contract says that the account paid, in a transaction that the account did not sign. It may have allowed
    /// that, or the contract made it up.
    Unsigned,
    /// An address that looks like another one that the account really dealt with before.
    LookAlike,
    /// A token that bears the symbol of a well-known one and is of another contract.
    FakeToken,
    /// A token that the account received and never sent: nobody can tell from the ledger whether it was wanted.
    Unsolicited,
    /// A conversion into a token that is not well known: its contract may be the payer's own, and what he paid for it
    /// still his.
    UnknownToken,
}

impl WarningKind {
    /// Every kind, in order.
    pub const ALL: [Self; 7] = [
        Self::ZeroValue,
        Self::Dust,
        Self::Unsigned,
        Self::LookAlike,
        Self::FakeToken,
        Self::Unsolicited,
        Self::UnknownToken,
    ];

    /// The words that tables and JSON show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ZeroValue => "transfer of nothing",
            Self::Dust => "dust",
            Self::Unsigned => "payment that the account did not sign",
            Self::LookAlike => "look-alike address",
            Self::FakeToken => "token under a well-known name",
            Self::Unsolicited => "token that was never sent on",
            Self::UnknownToken => "conversion into a token that is not well known",
        }
    }
}

/// A warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// The movement that shows it; of several that show the same the first.
    pub movement: MovementId,
    /// How many movements show the same.
    pub number: u64,
    /// The asset of that movement, as the ledger numbers it.
    pub asset: u32,
    /// Who stands on the other side; of a look-alike, the address that came later. None where nobody does.
    pub other: Option<AddressId>,
    /// Of a look-alike: the address that it looks like, and the first movement that shows that the account dealt with it.
    pub like: Option<(AddressId, MovementId)>,
    /// Of a look-alike: the first payment to it that the account signed. Then somebody may have been deceived.
    pub paid: Option<MovementId>,
    /// Of a token under a well-known name: which, an index into [`FlagParameters::well_known`].
    pub well_known: Option<u32>,
}

impl Warning {
    pub(crate) fn new(kind: WarningKind, movement: MovementId, asset: u32, other: Option<AddressId>) -> Self {
        Self { kind, movement, number: 1, asset, other, like: None, paid: None, well_known: None }
    }
}

/// The warnings about an account or a trail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warnings<U> {
    /// What they hold as of.
    pub as_of: AsOf,
    /// The rule.
    pub rule: RuleId,
    /// What was looked for with.
    pub parameters: FlagParameters<U>,
    /// By kind, then in the order of the movements that show them.
    pub warnings: Vec<Warning>,
    /// How many of a kind were left out because there are too many; kinds of which none was are not listed.
    pub left_out: Vec<(WarningKind, u64)>,
}

/// Why there is nothing to say about warnings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlagError {
    /// More movements than the parameters allow.
    #[error("more than {limit} movements touch address {} of the ledger", address.0)]
    TooMany {
        /// Which address.
        address: AddressId,
        /// The limit.
        limit: u64,
    },
    /// The ledger contradicts itself.
    #[error(transparent)]
    Fault(#[from] AccountFault),
    /// The ledger is damaged; no result may be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Orders warnings, and leaves out what is too much.
pub(crate) fn warned<U>(as_of: AsOf, parameters: FlagParameters<U>, mut found: Vec<Warning>) -> Warnings<U> {
    found.sort_by_key(|warning| (warning.kind, warning.movement, warning.other, warning.like));
    let (mut warnings, mut left_out) = (Vec::new(), Vec::new());
    for of_kind in found.chunk_by(|one, other| one.kind == other.kind) {
        let kept = usize::try_from(parameters.rows_max).unwrap_or(usize::MAX).min(of_kind.len());
        warnings.extend_from_slice(&of_kind[..kept]);
        if kept < of_kind.len() {
            left_out.push((of_kind[0].kind, (of_kind.len() - kept) as u64));
        }
    }
    Warnings { as_of, rule: RULE, parameters, warnings, left_out }
}
