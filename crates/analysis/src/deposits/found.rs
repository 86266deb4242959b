//! What was found of deposit addresses, and why an address is none.

use std::collections::BTreeMap;

use coinhound_model::{AddressId, AsOf, MovementId};

use crate::deposits::parameters::DepositParameters;
use crate::rule::RuleId;

/// A deposit and what sent it on to the exchange: the two movements that the rule rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DepositMatch<U> {
    /// Who paid to the deposit address, and signed for it.
    pub user: AddressId,
    /// The deposit address.
    pub address: AddressId,
    /// The exchange's address that it was sent on to.
    pub exchange_address: AddressId,
    /// The asset, as the ledger numbers it.
    pub asset: u32,
    /// The movement from the user to the deposit address.
    pub deposit: MovementId,
    /// The movement from there to the exchange.
    pub forward: MovementId,
    /// What was deposited.
    pub deposited: U,
    /// What of it reached the exchange.
    pub forwarded: U,
    /// Blocks from the one to the other.
    pub blocks: u32,
    /// `1 - 1/2 loss/alpha - 1/2 blocks/tau` in thousandths, rounded down: how well the two fit. No probability: its error
    /// rate is not measured.
    pub confidence_permille: u32,
}

/// A deposit address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DepositAddress {
    /// Which.
    pub address: AddressId,
    /// How many movements say that it paid somebody else in a transaction that it did not sign, in assets that it never sent
    /// on. A contract can say so of anybody, so these do not count against it.
    pub unsigned: u64,
}

/// One customer of one exchange, as far as deposit addresses tell: who paid to the same of them.
///
/// The same customer is not the same person: brokers and payment services deposit for many.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DepositCustomer<U> {
    /// The exchange: an index into the caller's list of services.
    pub exchange: u32,
    /// Its deposit addresses, ascending.
    pub addresses: Vec<DepositAddress>,
    /// Who paid to them, ascending: candidates for common control.
    pub users: Vec<AddressId>,
    /// What joins them, ascending by the movement that sends on.
    pub evidence: Vec<DepositMatch<U>>,
}

impl<U> DepositCustomer<U> {
    /// How well the least fitting user fits: of each user his best match, of these the least. In thousandths.
    #[must_use]
    pub fn confidence_permille(&self) -> u32 {
        let mut best: BTreeMap<AddressId, u32> = BTreeMap::new();
        for found in &self.evidence {
            let of_user = best.entry(found.user).or_default();
            *of_user = found.confidence_permille.max(*of_user);
        }
        best.into_values().min().unwrap_or(0)
    }
}

/// Why an address that paid an exchange is no deposit address. The clauses are asked in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Refusal {
    /// It belongs to an exchange or another service.
    Service,
    /// It is a contract: nobody signs with it.
    Contract,
    /// More movements touch it than the parameters allow.
    Busy,
    /// Blocks reward it, or value comes back to it from the consensus layer.
    MakesBlocks,
    /// It never paid an exchange in a transaction that it signed itself.
    SignsNothing,
    /// It also paid somebody else.
    PaysElsewhere,
    /// Nothing of what it sent on fits what came in.
    NoMatch,
    /// More users paid to it than the parameters allow.
    TooManyUsers,
}

impl Refusal {
    /// Every reason, in the order in which they are asked.
    pub const ALL: [Self; 8] = [
        Self::Service,
        Self::Contract,
        Self::Busy,
        Self::MakesBlocks,
        Self::SignsNothing,
        Self::PaysElsewhere,
        Self::NoMatch,
        Self::TooManyUsers,
    ];

    /// The words that tables and JSON show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "belongs to a service",
            Self::Contract => "is a contract",
            Self::Busy => "has too many movements",
            Self::MakesBlocks => "is paid by blocks",
            Self::SignsNothing => "never paid an exchange itself",
            Self::PaysElsewhere => "also paid somebody else",
            Self::NoMatch => "sent on nothing that fits what came in",
            Self::TooManyUsers => "has too many users",
        }
    }
}

/// Why an address is no deposit address, and the movement that shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Why.
    pub why: Refusal,
    /// What shows it, where one movement does.
    pub movement: Option<MovementId>,
}

/// The customers of exchanges.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DepositCustomers<U> {
    /// What they hold as of. What an address pays later may show that it was no deposit address.
    pub as_of: AsOf,
    /// Whether the ledger begins where every balance is zero: otherwise what addresses paid before is not known.
    pub is_complete: bool,
    /// The rule.
    pub rule: RuleId,
    /// What they were looked for with.
    pub parameters: DepositParameters<U>,
    /// In the order of their first evidence.
    pub customers: Vec<DepositCustomer<U>>,
    /// How many addresses that paid an exchange are no deposit addresses, by reason; reasons without any are left out.
    pub refused: Vec<(Refusal, u64)>,
    /// Who paid to more deposit addresses than one user may, ascending: taken for services and left out.
    pub busy: Vec<AddressId>,
}

/// What the rule says of one address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DepositStanding<U> {
    /// What it holds as of. What an address pays later may show that it was no deposit address.
    pub as_of: AsOf,
    /// Whether the ledger begins where every balance is zero: otherwise what addresses paid before is not known.
    pub is_complete: bool,
    /// The rule.
    pub rule: RuleId,
    /// What was looked for with.
    pub parameters: DepositParameters<U>,
    /// The address that was asked about.
    pub address: AddressId,
    /// Why it is no deposit address; `None` where it is one.
    pub refused: Option<Refused>,
    /// Whether it paid to more deposit addresses than one user may: it is taken for a service then.
    pub is_busy: bool,
    /// The customers that it is part of: one where it is a deposit address, one for each exchange where it is a user; in the
    /// order of their first evidence.
    pub customers: Vec<DepositCustomer<U>>,
}
