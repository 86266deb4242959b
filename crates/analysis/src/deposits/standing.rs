//! What the rule says of one address: it, and whoever is the same customer, looked at from there outward.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{AccountLedger, AddressId};

use crate::deposits::customers::join;
use crate::deposits::error::DepositError;
use crate::deposits::examine::{Examined, Examiner};
use crate::deposits::found::{DepositCustomer, DepositStanding, Refusal, Refused};
use crate::deposits::parameters::{DepositParameters, Known, RULE};
use crate::touch::touches;
use crate::trace::Services;

/// Says whether an address is a deposit address, and which customers it is part of: those that
/// [`deposit_customers`](crate::deposits::deposit_customers) finds it in.
///
/// # Errors
/// [`DepositError`] when there is more to look at than the parameters allow, or the ledger is damaged or contradicts itself.
pub fn deposit_standing<L: AccountLedger, S: Services>(
    ledger: &L,
    address: AddressId,
    parameters: DepositParameters<L::Units>,
    known: Known<'_, S>,
) -> Result<DepositStanding<L::Units>, DepositError> {
    let examiner = Examiner::new(ledger, &parameters, known);
    let mut search = Search { examiner, asked: address, seen: BTreeMap::new(), used: BTreeMap::new() };
    let found = search.run();
    ledger.health()?;
    let (refused, is_busy, customers) = found?;
    Ok(DepositStanding {
        as_of: ledger.as_of().clone(),
        is_complete: ledger.is_complete(),
        rule: RULE,
        parameters,
        address,
        refused,
        is_busy,
        customers,
    })
}

struct Search<'a, L: AccountLedger, S> {
    examiner: Examiner<'a, L, S>,
    asked: AddressId,
    seen: BTreeMap<AddressId, Result<Examined<L::Units>, Refused>>,
    /// The deposit addresses that somebody paid to; `None` where they are more than one user may.
    used: BTreeMap<AddressId, Option<Vec<AddressId>>>,
}

type Found<U> = (Option<Refused>, bool, Vec<DepositCustomer<U>>);

impl<L: AccountLedger, S: Services> Search<'_, L, S> {
    fn run(&mut self) -> Result<Found<L::Units>, DepositError> {
        let own = self.examine(self.asked)?.as_ref().err().copied();
        let (is_busy, mut waiting) = match self.used_by(self.asked)? {
            Some(addresses) => (false, addresses),
            None => (true, Vec::new()),
        };
        if own.is_none() {
            waiting.push(self.asked);
        }
        let mut reached = BTreeSet::new();
        while let Some(address) = waiting.pop() {
            if reached.insert(address) {
                waiting.extend(self.joined(address)?);
            }
        }
        let parts: Vec<_> = reached.into_iter().filter_map(|address| self.kept(address)).collect();
        let own = own.or_else(|| {
            let is_left = parts.iter().any(|part| part.address.address == self.asked);
            (!is_left).then_some(Refused { why: Refusal::NoMatch, movement: None })
        });
        Ok((own, is_busy, join(parts)))
    }

    /// The deposit addresses of the same exchange that share a user with this one.
    fn joined(&mut self, address: AddressId) -> Result<Vec<AddressId>, DepositError> {
        let Ok(examined) = self.examine(address)? else { return Ok(Vec::new()) };
        let (exchange, matches) = (examined.exchange, examined.matches.clone());
        let users: BTreeSet<_> = matches.iter().map(|found| found.user).collect();
        let mut joined = Vec::new();
        for user in users {
            for other in self.used_by(user)?.unwrap_or_default() {
                if self.examine(other)?.as_ref().is_ok_and(|examined| examined.exchange == exchange) {
                    joined.push(other);
                }
            }
        }
        Ok(joined)
    }

    /// A reached address without the matches of users who paid to too many.
    fn kept(&self, address: AddressId) -> Option<Examined<L::Units>> {
        let mut examined = self.seen[&address].clone().ok()?;
        examined.matches.retain(|found| self.used.get(&found.user).is_some_and(Option::is_some));
        (!examined.matches.is_empty()).then_some(examined)
    }

    /// The deposit addresses that somebody paid to; `None` where they are more than one user may.
    fn used_by(&mut self, user: AddressId) -> Result<Option<Vec<AddressId>>, DepositError> {
        if let Some(known) = self.used.get(&user) {
            return Ok(known.clone());
        }
        let mut used = Some(Vec::new());
        if self.examiner.may_use(user)? {
            for receiver in self.receivers(user)? {
                let is_used = |examined: &Examined<_>| examined.matches.iter().any(|found| found.user == user);
                if self.examine(receiver)?.as_ref().is_ok_and(is_used) {
                    used.iter_mut().for_each(|used: &mut Vec<_>| used.push(receiver));
                }
                let max = u64::from(self.examiner.parameters.addresses_per_user_max);
                if used.as_ref().is_some_and(|used| used.len() as u64 > max) {
                    used = None;
                    break;
                }
            }
        }
        self.used.insert(user, used.clone());
        Ok(used)
    }

    /// Whom somebody paid in transactions of his own, ascending.
    fn receivers(&self, user: AddressId) -> Result<BTreeSet<AddressId>, DepositError> {
        let touches = touches(self.examiner.ledger, user, self.examiner.parameters.movements_max)?.unwrap_or_default();
        let paid = touches.iter().filter(|touch| touch.is_payment() && self.examiner.signs(user, touch));
        Ok(paid.filter_map(|touch| touch.to).filter(|to| to.is_some()).collect())
    }

    fn examine(&mut self, address: AddressId) -> Result<&Result<Examined<L::Units>, Refused>, DepositError> {
        if !self.seen.contains_key(&address) {
            let limit = self.examiner.parameters.looks_max;
            if self.seen.len() as u64 == limit {
                return Err(DepositError::TooFar { address: self.asked, limit });
            }
            let examined = self.examiner.examine(address)?;
            self.seen.insert(address, examined);
        }
        Ok(&self.seen[&address])
    }
}
