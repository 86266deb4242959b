//! Which deposit a payment to the exchange sends on: each deposit once, in chain order, the one that loses least.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use coinhound_model::{AddressId, Height, MovementId, Units};

/// A deposit that waits for being sent on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting<U> {
    pub(super) movement: MovementId,
    pub(super) height: Height,
    pub(super) user: AddressId,
    pub(super) units: U,
}

/// Deposits in one asset that wait for being sent on.
#[derive(Debug)]
pub(super) struct Pool<U> {
    /// By amount; of equal amounts the latest first.
    by_units: BTreeMap<(U, Reverse<MovementId>), Waiting<U>>,
    /// In the order in which they came.
    by_age: VecDeque<(Height, U, MovementId)>,
}

impl<U> Default for Pool<U> {
    fn default() -> Self {
        Self { by_units: BTreeMap::new(), by_age: VecDeque::new() }
    }
}

impl<U: Units> Pool<U> {
    /// Adds a deposit, later than those before.
    pub(super) fn add(&mut self, deposit: Waiting<U>) {
        self.by_age.push_back((deposit.height, deposit.units, deposit.movement));
        self.by_units.insert((deposit.units, Reverse(deposit.movement)), deposit);
    }

    /// Takes the deposit that a payment of `units` at a height sends on: at most `blocks_max` blocks older, between `units` and
    /// `loss_max` more; of those the one that loses least, of these the latest.
    pub(super) fn take(&mut self, units: U, height: Height, loss_max: U, blocks_max: u32) -> Option<Waiting<U>> {
        while let Some(&(age, units, movement)) = self.by_age.front() {
            if height.0.saturating_sub(age.0) <= blocks_max {
                break;
            }
            self.by_age.pop_front();
            self.by_units.remove(&(units, Reverse(movement)));
        }
        let least = (units, Reverse(MovementId(u64::MAX)));
        let (&key, _) = self.by_units.range(least..).next()?;
        let loses = key.0.checked_sub(units)?;
        if loses > loss_max { None } else { self.by_units.remove(&key) }
    }
}
