//! Whether a transaction is a conversion: its initiator gives up one asset and receives one other, net, and nothing else.
//!
//! The initiator is who pays its fee: the last fee movement names him, or, where there is none, burnt value that stands
//! last. Told from movements alone, so what contracts in between pass on plays no part, and neither do names.

use std::cmp::Ordering;
use std::ops::Range;

use coinhound_model::{AccountLedger, AddressId, HoldingId, MoveKind, MovementId, Units};

use crate::taint::less;
use crate::trace::stops::AddressSet;

/// What a transaction's initiator gave and received. Amounts leave its fee out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Exchange<U> {
    /// The initiator's holding that went down.
    pub(super) given: HoldingId,
    /// What was taken from it.
    pub(super) debits: U,
    /// What came back into it, all of it after the last debit; less than the debits.
    pub(super) refunds: U,
    /// The initiator's holding that went up, from which nothing was taken.
    pub(super) received: HoldingId,
    /// What it received; not zero.
    pub(super) credits: U,
    /// The first movement that gave it some.
    pub(super) movement: MovementId,
    /// The last movement of either side.
    pub(super) done: MovementId,
}

/// What becomes of the stolen part of what was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Settled<U> {
    /// Comes back with the refunds.
    pub(super) kept: U,
    /// Leaves the asset.
    pub(super) converted: U,
    /// Is due in the other asset.
    pub(super) opened: U,
}

impl<U: Units> Exchange<U> {
    /// What was given, refunds taken off.
    pub(super) fn net(&self) -> U {
        less(self.debits, self.refunds)
    }

    /// Divides `drawn`, the stolen part of the debits, by what came back, and converts the rest at the transaction's own rate. The
    /// other asset gets the part of a unit too little that the division leaves, never too much.
    pub(super) fn settle(&self, drawn: U) -> Settled<U> {
        let (kept, _) = self.refunds.mul_div_rem(drawn, self.debits);
        let converted = less(drawn, kept);
        // At most all of it: `drawn` is no more than the debits, so what is left of it no more than what they leave.
        let (opened, _) = self.credits.mul_div_rem(converted, self.net());
        Settled { kept, converted, opened }
    }

    /// The bound that poison sets: everything that came back, was given and was received.
    pub(super) fn bound(&self) -> Settled<U> {
        Settled { kept: self.refunds, converted: self.net(), opened: self.credits }
    }

    /// Reads a transaction; `None` where it is no conversion of this initiator. `touches` is scratch.
    fn read<L: AccountLedger<Units = U>>(
        ledger: &L,
        moves: &Range<u64>,
        fee: &Fee,
        touches: &mut Vec<Touch<U>>,
    ) -> Option<Self> {
        touches.clear();
        let mut paid = None;
        for movement in moves.clone() {
            let step = ledger.movement(MovementId(movement));
            let is_fee = fee.is_part(movement, step.kind);
            // A fee of nothing stands where it stands all the same.
            if step.from == step.to || (step.units.is_zero() && !is_fee) {
                continue;
            }
            let is_own = |side: &HoldingId| ledger.owner(*side) == fee.initiator;
            let (from, to) = (step.from.filter(is_own), step.to.filter(is_own));
            if is_fee {
                paid = paid.or((from.is_some() || to.is_some()).then_some(movement));
                continue;
            }
            touches.extend(from.map(|holding| Touch { holding, movement, is_debit: true, units: step.units }));
            touches.extend(to.map(|holding| Touch { holding, movement, is_debit: false, units: step.units }));
        }
        touches.sort_unstable_by_key(|touch| (touch.holding, touch.movement));
        // A fee in between would be paid out of one side before the other has moved.
        Self::between(touches).filter(|exchange| paid.is_none_or(|paid| paid > exchange.done.0))
    }

    /// The one holding that goes down and the one that goes up, if there is no more of either.
    fn between(touches: &[Touch<U>]) -> Option<Self> {
        let (mut down, mut up) = (None, None);
        for touches in touches.chunk_by(|one, other| one.holding == other.holding) {
            let side = Side::of(touches)?;
            let place = match side.debits.cmp(&side.credits) {
                Ordering::Greater => &mut down,
                Ordering::Less => &mut up,
                Ordering::Equal => continue,
            };
            if place.replace(side).is_some() {
                return None;
            }
        }
        let (down, up) = (down?, up?);
        if !down.ends_with_refunds || !up.debits.is_zero() {
            return None;
        }
        Some(Self {
            given: down.holding,
            debits: down.debits,
            refunds: down.credits,
            received: up.holding,
            credits: up.credits,
            movement: MovementId(up.first),
            done: MovementId(down.last.max(up.last)),
        })
    }
}

/// A movement that takes from or gives to a holding of the initiator.
struct Touch<U> {
    holding: HoldingId,
    movement: u64,
    is_debit: bool,
    units: U,
}

/// What a transaction does to one holding.
struct Side<U> {
    holding: HoldingId,
    debits: U,
    credits: U,
    first: u64,
    last: u64,
    /// Whether no debit stands behind a credit.
    ends_with_refunds: bool,
}

impl<U: Units> Side<U> {
    /// Adds up the movements of one holding, in their order; `None` past the largest amount.
    fn of(touches: &[Touch<U>]) -> Option<Self> {
        let sum = |of: bool| {
            let those = touches.iter().filter(|touch| touch.is_debit == of);
            those.map(|touch| touch.units).try_fold(U::ZERO, U::checked_add)
        };
        let ends_with_refunds = touches.is_sorted_by_key(|touch| !touch.is_debit);
        let (first, last) = (touches.first()?, touches.last()?);
        let (first, last, holding) = (first.movement, last.movement, first.holding);
        Some(Self { holding, debits: sum(true)?, credits: sum(false)?, first, last, ends_with_refunds })
    }
}

/// Who pays a transaction's fee, and with what.
#[derive(Clone, Copy, Debug)]
struct Fee {
    initiator: AddressId,
    /// Burnt value that is part of the fee.
    burnt: Option<u64>,
}

impl Fee {
    /// The fee of a transaction; `None` where it has none or too little stands before it to be a conversion.
    fn of<L: AccountLedger>(ledger: &L, moves: &Range<u64>) -> Option<Self> {
        let step = |movement| ledger.movement(MovementId(movement));
        if moves.end.saturating_sub(moves.start) < 3 {
            return None;
        }
        let fee = moves.clone().rev().find(|&movement| step(movement).kind == MoveKind::Fee);
        let paid = fee.unwrap_or(moves.end - 1);
        let payer = step(paid).from?;
        let burnt = match fee {
            // The burnt part of a fee stands right before the rest of it.
            Some(fee) => fee.checked_sub(1).filter(|before| {
                let before = (moves.contains(before)).then(|| step(*before));
                before.is_some_and(|before| before.kind == MoveKind::Burn && before.from == Some(payer))
            }),
            None if step(paid).kind == MoveKind::Burn => Some(paid),
            None => return None,
        };
        // Something given and something received.
        if burnt.unwrap_or(paid) - moves.start < 2 {
            return None;
        }
        let initiator = ledger.owner(payer);
        initiator.is_some().then_some(Self { initiator, burnt })
    }

    /// Whether a movement pays the fee, or brings it to the block's maker.
    fn is_part(&self, movement: u64, kind: MoveKind) -> bool {
        matches!(kind, MoveKind::Fee | MoveKind::Reward) || self.burnt == Some(movement)
    }
}

/// A conversion, and who else gained by it without being known to exchange assets: then it may be none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<U> {
    pub(super) exchange: Exchange<U>,
    /// The first such account, in the order of holdings; `None` too where nobody asked.
    pub(super) gainer: Option<AddressId>,
}

/// Reads each transaction once, for as long as a walk stays in it.
pub(super) struct Reader<'a, U> {
    /// Who is known to exchange assets; `None` where it does not matter who gains.
    exchangers: Option<&'a AddressSet>,
    /// Movements of the transaction read last.
    moves: Range<u64>,
    fee: Option<Fee>,
    found: Option<Found<U>>,
    is_read: bool,
    touches: Vec<Touch<U>>,
}

impl<'a, U: Units> Reader<'a, U> {
    pub(super) fn new(exchangers: Option<&'a AddressSet>) -> Self {
        Self { exchangers, moves: 0..0, fee: None, found: None, is_read: false, touches: Vec::new() }
    }

    /// The conversion that a movement out of this holding belongs to, where the holding is what was given in it.
    pub(super) fn given<L: AccountLedger<Units = U>>(
        &mut self,
        ledger: &L,
        movement: MovementId,
        holding: HoldingId,
    ) -> Option<Found<U>> {
        if !self.moves.contains(&movement.0) {
            self.moves = ledger.siblings(movement);
            (self.fee, self.found, self.is_read) = (Fee::of(ledger, &self.moves), None, false);
        }
        let fee = self.fee.filter(|fee| fee.initiator == ledger.owner(holding))?;
        if !self.is_read {
            (self.found, self.is_read) = (self.read(ledger, &fee), true);
        }
        self.found.filter(|found| found.exchange.given == holding && movement <= found.exchange.done)
    }

    fn read<L: AccountLedger<Units = U>>(&mut self, ledger: &L, fee: &Fee) -> Option<Found<U>> {
        let exchange = Exchange::read(ledger, &self.moves, fee, &mut self.touches)?;
        let gainer = self.exchangers.and_then(|known| stranger(ledger, &self.moves, fee, known, &mut self.touches));
        Some(Found { exchange, gainer })
    }
}

/// Who gains in any asset by a transaction, its fee left out, and is neither its initiator nor known to exchange assets.
fn stranger<L: AccountLedger>(
    ledger: &L,
    moves: &Range<u64>,
    fee: &Fee,
    known: &AddressSet,
    touches: &mut Vec<Touch<L::Units>>,
) -> Option<AddressId> {
    touches.clear();
    for movement in moves.clone() {
        let step = ledger.movement(MovementId(movement));
        if step.from == step.to || step.units.is_zero() || fee.is_part(movement, step.kind) {
            continue;
        }
        let mut touch = |holding, is_debit| touches.push(Touch { holding, movement, is_debit, units: step.units });
        step.from.into_iter().for_each(|holding| touch(holding, true));
        step.to.into_iter().for_each(|holding| touch(holding, false));
    }
    touches.sort_unstable_by_key(|touch| (touch.holding, touch.movement));
    // Past the largest amount nobody can say who gains.
    let gains = |touches: &&[Touch<_>]| Side::of(touches).is_none_or(|side| side.credits > side.debits);
    let holdings = touches.chunk_by(|one, other| one.holding == other.holding);
    let mut gainers = holdings.filter(gains).map(|touches| ledger.owner(touches[0].holding));
    gainers.find(|owner| *owner != fee.initiator && !known.contains(*owner))
}
