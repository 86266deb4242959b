//! Whether an address is a deposit address: every clause of the rule that asks about itself alone.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_model::{AccountLedger, AddressId, MoveKind, Units};

use crate::deposits::confidence::permille;
use crate::deposits::found::{DepositAddress, DepositMatch, Refusal, Refused};
use crate::deposits::pair::{Pool, Waiting};
use crate::deposits::parameters::{DepositParameters, Known};
use crate::touch::{Touch, is_busy, signer, touches};
use crate::trace::Services;
use crate::trace::accounts::AccountFault;

/// A deposit address and what joins its users to it.
#[derive(Clone, Debug)]
pub(super) struct Examined<U> {
    pub(super) address: DepositAddress,
    pub(super) exchange: u32,
    /// Ascending by the movement that sends on.
    pub(super) matches: Vec<DepositMatch<U>>,
}

/// Examines addresses, and remembers of those that paid them whether they are users at all.
pub(super) struct Examiner<'a, L: AccountLedger, S> {
    pub(super) ledger: &'a L,
    pub(super) parameters: &'a DepositParameters<L::Units>,
    pub(super) known: Known<'a, S>,
    may_use: BTreeMap<AddressId, bool>,
}

/// A movement of an address, and whether it signed for it.
type Signed<U> = (Touch<U>, bool);

impl<'a, L: AccountLedger, S: Services> Examiner<'a, L, S> {
    pub(super) fn new(ledger: &'a L, parameters: &'a DepositParameters<L::Units>, known: Known<'a, S>) -> Self {
        Self { ledger, parameters, known, may_use: BTreeMap::new() }
    }

    /// Whether an address is a deposit address, by everything that it ever did.
    pub(super) fn examine(&mut self, address: AddressId) -> Result<Result<Examined<L::Units>, Refused>, AccountFault> {
        let refuse = |why, movement| Ok(Err(Refused { why, movement }));
        if self.is_service(address) {
            return refuse(Refusal::Service, None);
        }
        if self.known.contracts.contains(&address) {
            return refuse(Refusal::Contract, None);
        }
        let Some(touches) = touches(self.ledger, address, self.parameters.movements_max)? else {
            return refuse(Refusal::Busy, None);
        };
        let is_of_blocks = |touch: &&Touch<_>| matches!(touch.step.kind, MoveKind::Reward | MoveKind::Withdrawal);
        if let Some(touch) = touches.iter().find(is_of_blocks) {
            return refuse(Refusal::MakesBlocks, Some(touch.movement));
        }
        let touches: Vec<Signed<_>> = touches.into_iter().map(|touch| (touch, self.signs(address, &touch))).collect();
        let Some((exchange, assets)) = self.sends_on(&touches) else {
            return refuse(Refusal::SignsNothing, None);
        };
        let unsigned = match self.elsewhere(address, exchange, &assets, &touches) {
            Ok(unsigned) => unsigned,
            Err(touch) => return refuse(Refusal::PaysElsewhere, Some(touch.movement)),
        };
        let matches = self.pair(address, &touches)?;
        let users: BTreeSet<_> = matches.iter().map(|found| found.user).collect();
        if matches.is_empty() {
            return refuse(Refusal::NoMatch, None);
        }
        if users.len() as u64 > u64::from(self.parameters.users_max) {
            return refuse(Refusal::TooManyUsers, None);
        }
        Ok(Ok(Examined { address: DepositAddress { address, unsigned }, exchange, matches }))
    }

    pub(super) fn is_service(&self, address: AddressId) -> bool {
        self.parameters.exchange(address).is_some() || self.known.services.service(address).is_some()
    }

    /// Whether an address signed for a movement out of it.
    pub(super) fn signs(&self, address: AddressId, touch: &Touch<L::Units>) -> bool {
        touch.from == Some(address) && signer(self.ledger, self.parameters.native, touch.movement) == Some(address)
    }

    /// The exchange that an address paid first in a transaction of its own, and the assets that it paid exchanges in so.
    fn sends_on(&self, touches: &[Signed<L::Units>]) -> Option<(u32, BTreeSet<u32>)> {
        let sent = |(touch, signed): &Signed<L::Units>| {
            let exchange = self.parameters.exchange(touch.to?)?;
            (*signed && touch.is_payment() && is_transfer(touch)).then_some((exchange, touch.asset))
        };
        let (exchange, _) = touches.iter().find_map(sent)?;
        Some((exchange, touches.iter().filter_map(sent).map(|sent| sent.1).collect()))
    }

    /// What an address paid to somebody else than its exchange; else how often others only said so.
    fn elsewhere<'t>(
        &self,
        address: AddressId,
        exchange: u32,
        assets: &BTreeSet<u32>,
        touches: &'t [Signed<L::Units>],
    ) -> Result<u64, &'t Touch<L::Units>> {
        let native = self.parameters.native;
        let mut unsigned = 0;
        for (touch, signed) in touches.iter().filter(|(touch, _)| touch.from == Some(address)) {
            let is_fee = touch.step.kind == MoveKind::Fee || touch.step.kind == MoveKind::Burn && touch.asset == native;
            let to_exchange = touch.to.is_some_and(|to| self.parameters.exchange(to) == Some(exchange));
            if is_fee || to_exchange || touch.to == Some(address) || touch.step.units.is_zero() {
                continue;
            }
            if *signed || touch.asset == native || assets.contains(&touch.asset) {
                return Err(touch);
            }
            unsigned += 1;
        }
        Ok(unsigned)
    }

    /// What came in from users, paired with what was sent on.
    fn pair(
        &mut self,
        address: AddressId,
        touches: &[Signed<L::Units>],
    ) -> Result<Vec<DepositMatch<L::Units>>, AccountFault> {
        let mut pools: BTreeMap<u32, Pool<L::Units>> = BTreeMap::new();
        let mut matches = Vec::new();
        for (touch, signed) in touches.iter().filter(|(touch, _)| touch.is_payment() && is_transfer(touch)) {
            let (movement, units) = (touch.movement, touch.step.units);
            let height = self.ledger.height(movement);
            let pool = pools.entry(touch.asset).or_default();
            if let Some(user) = touch.from.filter(|_| touch.to == Some(address)) {
                if self.is_user(user, touch)? {
                    pool.add(Waiting { movement, height, user, units });
                }
            } else if *signed && let Some(to) = touch.to {
                let is_native = touch.asset == self.parameters.native;
                let loss_max = if is_native { self.parameters.loss_max } else { L::Units::ZERO };
                let found = pool.take(units, height, loss_max, self.parameters.blocks_max);
                matches.extend(found.map(|deposit| self.matched(address, to, touch, deposit, loss_max)));
            }
        }
        Ok(matches)
    }

    fn matched(
        &self,
        address: AddressId,
        exchange_address: AddressId,
        touch: &Touch<L::Units>,
        deposit: Waiting<L::Units>,
        loss_max: L::Units,
    ) -> DepositMatch<L::Units> {
        let blocks = self.ledger.height(touch.movement).0.saturating_sub(deposit.height.0);
        let forwarded = touch.step.units;
        let loss = deposit.units.checked_sub(forwarded).expect("a match forwards no more than it has");
        DepositMatch {
            user: deposit.user,
            address,
            exchange_address,
            asset: touch.asset,
            deposit: deposit.movement,
            forward: touch.movement,
            deposited: deposit.units,
            forwarded,
            blocks,
            confidence_permille: permille(self.parameters, loss, loss_max, blocks),
        }
    }

    /// Whether a payment was made by a user: somebody who signed for it, and no service, contract or busy address.
    fn is_user(&mut self, user: AddressId, touch: &Touch<L::Units>) -> Result<bool, AccountFault> {
        Ok(self.signs(user, touch) && self.may_use(user)?)
    }

    /// Whether an address may be a user at all, whatever it paid to.
    pub(super) fn may_use(&mut self, user: AddressId) -> Result<bool, AccountFault> {
        if let Some(&known) = self.may_use.get(&user) {
            return Ok(known);
        }
        let may = !self.is_service(user)
            && !self.known.contracts.contains(&user)
            && !is_busy(self.ledger, user, self.parameters.movements_max)?;
        self.may_use.insert(user, may);
        Ok(may)
    }
}

fn is_transfer<U>(touch: &Touch<U>) -> bool {
    matches!(touch.step.kind, MoveKind::Transfer | MoveKind::Internal)
}
