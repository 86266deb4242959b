//! All customers of the exchanges: everybody who ever paid one of their addresses is looked at, and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{AccountLedger, AddressId, MovementId, UnionFind};

use crate::deposits::error::DepositError;
use crate::deposits::examine::{Examined, Examiner};
use crate::deposits::found::{DepositCustomer, DepositCustomers, Refusal};
use crate::deposits::parameters::{DepositParameters, Known, RULE};
use crate::trace::Services;
use crate::trace::accounts::list;

/// Finds every deposit address of the exchanges in the parameters, and who used which.
///
/// # Errors
/// [`DepositError`] when there is more than the parameters allow, or the ledger is damaged or contradicts itself.
pub fn deposit_customers<L: AccountLedger, S: Services>(
    ledger: &L,
    parameters: DepositParameters<L::Units>,
    known: Known<'_, S>,
) -> Result<DepositCustomers<L::Units>, DepositError> {
    let found = find(ledger, &parameters, known);
    ledger.health()?;
    let (customers, refused, busy) = found?;
    Ok(DepositCustomers {
        as_of: ledger.as_of().clone(),
        is_complete: ledger.is_complete(),
        rule: RULE,
        parameters,
        customers,
        refused: refused.into_iter().collect(),
        busy: busy.into_iter().collect(),
    })
}

type Found<U> = (Vec<DepositCustomer<U>>, BTreeMap<Refusal, u64>, BTreeSet<AddressId>);

fn find<L: AccountLedger, S: Services>(
    ledger: &L,
    parameters: &DepositParameters<L::Units>,
    known: Known<'_, S>,
) -> Result<Found<L::Units>, DepositError> {
    let mut examiner = Examiner::new(ledger, parameters, known);
    let (mut found, mut refused) = (Vec::new(), BTreeMap::new());
    for address in payers(ledger, parameters)? {
        match examiner.examine(address)? {
            Ok(examined) => found.push(examined),
            Err(why) => *refused.entry(why.why).or_default() += 1,
        }
    }
    let busy = busy(&found, parameters.addresses_per_user_max);
    for examined in &mut found {
        examined.matches.retain(|found| !busy.contains(&found.user));
    }
    let without = found.iter().filter(|examined| examined.matches.is_empty()).count() as u64;
    if without > 0 {
        *refused.entry(Refusal::NoMatch).or_default() += without;
    }
    Ok((join(found), refused, busy))
}

/// Who ever paid an exchange.
fn payers<L: AccountLedger>(
    ledger: &L,
    parameters: &DepositParameters<L::Units>,
) -> Result<BTreeSet<AddressId>, DepositError> {
    let start = MovementId(ledger.movements().start);
    let (mut payers, mut holdings) = (BTreeSet::new(), Vec::new());
    for &(address, _) in &parameters.exchanges {
        let mut payments = 0;
        ledger.holdings(address, &mut holdings);
        for &holding in &holdings {
            for item in list(ledger, holding, start) {
                let (_, step) = item?;
                let Some(from) = step.from.filter(|_| step.to == Some(holding) && step.from != step.to) else {
                    continue;
                };
                payments += 1;
                if payments > parameters.payments_max {
                    return Err(DepositError::TooMany { address, limit: parameters.payments_max });
                }
                payers.insert(ledger.owner(from));
            }
        }
    }
    payers.remove(&AddressId::NONE);
    Ok(payers)
}

/// Who paid to more deposit addresses than one user may.
fn busy<U>(found: &[Examined<U>], addresses_max: u32) -> BTreeSet<AddressId> {
    let mut used: BTreeMap<AddressId, u64> = BTreeMap::new();
    for examined in found {
        let users: BTreeSet<_> = examined.matches.iter().map(|found| found.user).collect();
        users.into_iter().for_each(|user| *used.entry(user).or_default() += 1);
    }
    used.into_iter().filter(|(_, number)| *number > u64::from(addresses_max)).map(|(user, _)| user).collect()
}

/// Joins deposit addresses of one exchange that share a user. Those without a match are left out.
pub(super) fn join<U: Copy>(found: Vec<Examined<U>>) -> Vec<DepositCustomer<U>> {
    let mut found: Vec<_> = found.into_iter().filter(|examined| !examined.matches.is_empty()).collect();
    found.sort_by_key(|examined| examined.matches[0].forward);
    let mut forest = UnionFind::default();
    forest.grow(u32::try_from(found.len()).expect("addresses of a store are numbered in 32 bits"));
    let mut first_of: BTreeMap<(u32, AddressId), u32> = BTreeMap::new();
    for (row, examined) in (0..).zip(&found) {
        for matched in &examined.matches {
            let first = *first_of.entry((examined.exchange, matched.user)).or_insert(row);
            forest.join(first, row);
        }
    }
    // A root is the smallest row of its customer: the one with the first evidence.
    let mut customers: BTreeMap<u32, Vec<Examined<U>>> = BTreeMap::new();
    for (row, examined) in (0..).zip(found) {
        customers.entry(forest.find(row)).or_default().push(examined);
    }
    customers.into_values().map(customer).collect()
}

fn customer<U: Copy>(parts: Vec<Examined<U>>) -> DepositCustomer<U> {
    let mut addresses: Vec<_> = parts.iter().map(|part| part.address).collect();
    addresses.sort_unstable_by_key(|address| address.address);
    let mut evidence: Vec<_> = parts.iter().flat_map(|part| part.matches.iter().copied()).collect();
    evidence.sort_by_key(|found| found.forward);
    let users: BTreeSet<_> = evidence.iter().map(|found| found.user).collect();
    DepositCustomer { exchange: parts[0].exchange, addresses, users: users.into_iter().collect(), evidence }
}
