//! A holding's balance as the ledger's rows lead to it.

use coinhound_model::{AccountLedger, Height, HoldingId, Move, MovementId};
use coinhound_store::AccountView;
use ruint::aliases::U256;

/// Amounts that came in and went out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::evm) struct Sums {
    credits: U256,
    debits: U256,
    /// Whether a sum went beyond 256 bits.
    is_beyond: bool,
}

impl Sums {
    fn add(&mut self, holding: HoldingId, row: &Move<U256>) {
        if row.from == row.to {
            return;
        }
        let side = if row.to == Some(holding) { &mut self.credits } else { &mut self.debits };
        match side.checked_add(row.units) {
            Some(sum) => *side = sum,
            None => self.is_beyond = true,
        }
    }

    /// What they lead to; none below nothing, and beyond 256 bits.
    pub fn balance(&self, before: U256) -> Option<U256> {
        let credited = before.checked_add(self.credits).filter(|_| !self.is_beyond)?;
        credited.checked_sub(self.debits)
    }
}

/// What moved in one block, and what all came to after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Change {
    pub height: Height,
    /// The last movement of the block that touches the holding.
    pub movement: MovementId,
    /// How many of the block's movements touch it.
    pub movements: u32,
    /// All up to this block.
    pub sums: Sums,
}

/// All of the view.
pub(in crate::evm) fn sums(view: &AccountView, holding: HoldingId) -> Sums {
    let mut sums = Sums::default();
    each(view, holding, |_, row| sums.add(holding, row));
    sums
}

/// The same block by block, for the blocks that touch it.
pub(super) fn changes(view: &AccountView, holding: HoldingId) -> Vec<Change> {
    let (mut changes, mut sums) = (Vec::<Change>::new(), Sums::default());
    each(view, holding, |movement, row| {
        sums.add(holding, row);
        let height = view.height(movement);
        match changes.last_mut().filter(|last| last.height == height) {
            Some(last) => *last = Change { movement, movements: last.movements + 1, sums, height },
            None => changes.push(Change { height, movement, movements: 1, sums }),
        }
    });
    changes
}

fn each(view: &AccountView, holding: HoldingId, mut visit: impl FnMut(MovementId, &Move<U256>)) {
    let mut from = MovementId(view.movements().start);
    while let Some(movement) = view.next(holding, from) {
        visit(movement, &view.movement(movement));
        from = MovementId(movement.0 + 1);
    }
}
