//! The rules by which lots travel when value moves, one file each.
//!
//! A rule is two small functions. *Draw* says which lots leave a holding, in the order they are used up; *spread* fills
//! the credits from the front of what was drawn, the fee last. On accounts, where a movement gives to one holding, there
//! is nothing to spread, but a holding keeps what is not drawn: `AccountRule`. Everything else (the walk, the stops, the sums) is
//! written once, in [`crate::trace`]. A rule is a convention of accounting, never a fact about who controls a coin.

mod drawn;
mod fifo;
mod haircut;
mod libr;
mod lifo;
mod lots;
mod pile;
mod poison;
mod tiho;

use std::fmt;
use std::str::FromStr;

use coinhound_model::Units;

pub(crate) use drawn::{Drawn, Spread, less, sum};
pub(crate) use fifo::Fifo;
pub(crate) use haircut::{Haircut, apportion};
pub(crate) use libr::Libr;
pub(crate) use lifo::Lifo;
pub(crate) use lots::Lots;
pub(crate) use pile::Pile;
pub(crate) use poison::Poison;
pub(crate) use tiho::Tiho;

/// What is known of a lot's origin, from the point of view of one theft.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Label {
    /// Part of what the theft took.
    Stolen,
    /// Not part of what this theft took. In a trail this says nothing about other thefts, and where the ledger does
    /// not reach back to its first block it does not say that the origin is known: see [`crate::trace::Trail::rest_is_clean`].
    Rest,
}

/// An amount inside a holding that carries one label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lot<U> {
    /// What it is.
    pub label: Label,
    /// How much; never zero inside a holding.
    pub units: U,
}

/// How lots travel when value moves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// First in, first out.
    Fifo,
    /// Last in, first out.
    Lifo,
    /// Proportional, in exact integers.
    Haircut,
    /// Taint in, highest out: on coins only.
    Tiho,
    /// What is not stolen leaves first, the lowest intermediate balance: on accounts only.
    Libr,
    /// Whatever was touched, in full: an upper bound of reach, never an amount.
    Poison,
}

impl Rule {
    /// Every rule, in the order reports show them.
    pub const ALL: [Self; 6] = [Self::Fifo, Self::Lifo, Self::Haircut, Self::Tiho, Self::Libr, Self::Poison];

    /// The rules that are defined on coins, in the order reports show them.
    pub const COINS: [Self; 5] = [Self::Fifo, Self::Lifo, Self::Haircut, Self::Tiho, Self::Poison];

    /// The rules that are defined on accounts, in the order reports show them.
    pub const ACCOUNTS: [Self; 5] = [Self::Fifo, Self::Lifo, Self::Haircut, Self::Libr, Self::Poison];

    /// The rules on coins whose terminals sum to what was stolen.
    pub const CONSERVING: [Self; 4] = [Self::Fifo, Self::Lifo, Self::Haircut, Self::Tiho];

    /// Whether it is defined on coins, which leave whole: the lowest intermediate balance needs a balance.
    #[must_use]
    pub fn on_coins(self) -> bool {
        self != Self::Libr
    }

    /// Whether it is defined on accounts: a movement with one credit has no highest.
    #[must_use]
    pub fn on_accounts(self) -> bool {
        self != Self::Tiho
    }

    /// Whether the terminals of a trail sum to what was stolen. Poison's amounts are upper bounds and are never added up.
    #[must_use]
    pub fn conserves(self) -> bool {
        self != Self::Poison
    }

    /// Whether a holding's lots have an order under this rule, so that a trail stores them.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::Fifo | Self::Lifo)
    }

    /// The version of the definition: it changes whenever some trail would.
    #[must_use]
    pub fn version(self) -> u32 {
        1
    }

    /// The name used on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
            Self::Haircut => "haircut",
            Self::Tiho => "tiho",
            Self::Libr => "libr",
            Self::Poison => "poison",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A rule on coins, which always leave whole.
pub(crate) trait CoinRule {
    /// Whether the debits are drawn in reverse.
    const LAST_DEBIT_FIRST: bool;

    /// Adds one emptied coin's lots to what was drawn.
    fn draw<U: Units>(lots: &[Lot<U>], drawn: &mut Drawn<U>);

    /// Divides what was drawn over the credits' capacities, the fee as the last of them. They sum to what was drawn.
    fn spread<U: Units>(drawn: &Drawn<U>, capacities: &[U], spread: &mut Spread<U>);
}

/// A rule on accounts, whose holdings pay in part and keep the rest.
pub(crate) trait AccountRule {
    /// Takes `units`, which are there and not zero, out of a holding and puts their lots into `drawn`, which is empty, in the order
    /// in which they enter the next holding.
    fn draw<U: Units>(pile: &mut Pile<U>, units: U, drawn: &mut Lots<U>);
}

/// Why a text names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a rule: expected fifo, lifo, haircut, tiho, libr or poison")]
pub struct ParseRuleError {
    /// What was given.
    pub text: String,
}

impl FromStr for Rule {
    type Err = ParseRuleError;

    fn from_str(text: &str) -> Result<Self, ParseRuleError> {
        let known = Self::ALL.into_iter().find(|rule| rule.name() == text);
        known.ok_or_else(|| ParseRuleError { text: text.to_owned() })
    }
}
