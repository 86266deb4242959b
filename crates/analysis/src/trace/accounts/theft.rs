//! What was stolen from accounts: credits and amounts, never accounts.

use std::fmt;

use coinhound_model::{AccountLedger, AddressId, Height, HoldingId, MovementId, TxHash, Units};

use crate::trace::accounts::fault::AccountFault;
use crate::trace::accounts::history::list;
use crate::trace::theft::Part;

/// One theft to trace. All of its seeds are in one asset; who lost several assets has several thefts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountTheft<U> {
    /// The credits by which the stolen value reached the thief. Each movement at most once, several may credit one
    /// holding; the order does not matter. Value of this theft that a seed's movement carries ends there as
    /// [`Terminal::Returned`](coinhound_model::Terminal::Returned), and the seed's own amount stands.
    pub seeds: Vec<AccountSeed<U>>,
}

/// A credit, and how much of it was stolen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountSeed<U> {
    /// The movement that gives.
    pub movement: MovementId,
    /// How much of what it gives: all, its first or its last units.
    pub part: Part<U>,
}

impl<U: Units> AccountSeed<U> {
    /// The whole of a credit.
    #[must_use]
    pub fn whole(movement: MovementId) -> Self {
        Self { movement, part: Part::Whole }
    }
}

/// A movement of an account ledger by what outlives this process; prints as `txid#index at height`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Step {
    /// The height of its block.
    pub height: Height,
    /// Its transaction.
    pub tx: TxHash,
    /// Its position among the movements of its transaction.
    pub index: u32,
}

impl Step {
    /// The name of a movement of this ledger.
    #[must_use]
    pub fn of<L: AccountLedger>(ledger: &L, movement: MovementId) -> Self {
        let fact = ledger.fact(movement);
        let before = movement.0.saturating_sub(ledger.siblings(movement).start);
        // Where the ledger is damaged this may not fit, and then no answer leaves.
        Self { height: fact.height, tx: fact.tx, index: u32::try_from(before).unwrap_or(u32::MAX) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{} at height {}", self.tx, self.index, self.height)
    }
}

/// A credit of an account: a candidate for a seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountCredit<U> {
    /// The movement that gives.
    pub movement: MovementId,
    /// Where it gives.
    pub holding: HoldingId,
    /// The asset, as the ledger numbers it ([`AccountLedger::token`]).
    pub asset: u32,
    /// How much; never zero.
    pub units: U,
    /// Who it comes from; none for new value.
    pub from: Option<AddressId>,
}

/// What an address was credited up to block `as_of`, in the order of the ledger: candidates for seeds, to be listed
/// and confirmed by a person. Transfers to itself and of nothing are left out.
///
/// # Errors
/// [`AccountFault::Contradiction`] when the ledger's lists do not ascend; ask [`AccountLedger::health`] as after
/// every answer.
pub fn expand_account<L: AccountLedger>(
    ledger: &L,
    owner: AddressId,
    as_of: Height,
) -> Result<Vec<AccountCredit<L::Units>>, AccountFault> {
    let mut owned = Vec::new();
    ledger.holdings(owner, &mut owned);
    let first = MovementId(ledger.movements().start);
    let mut credits = Vec::new();
    for holding in owned {
        for item in list(ledger, holding, first) {
            let (movement, step) = item?;
            if ledger.height(movement) > as_of {
                break;
            }
            if step.to != Some(holding) || step.from == step.to || step.units.is_zero() {
                continue;
            }
            let from = step.from.map(|from| ledger.owner(from));
            credits.push(AccountCredit { movement, holding, asset: ledger.asset(holding), units: step.units, from });
        }
    }
    credits.sort_unstable_by_key(|credit| credit.movement);
    Ok(credits)
}
