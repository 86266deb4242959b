//! Holding to movements: every movement that ever took from a holding or gave to it.

use super::{Base, Step};
use crate::derive::{Touched, Want, touched};
use crate::facts::Counts;
use crate::failure::StoreError;
use crate::radix;

pub(super) fn derive(step: &Step<'_>) -> Result<Vec<Touched>, StoreError> {
    let mut rows = step.kept_base().map(|old| kept(old, &step.kept_counts, step.skip_unwind)).unwrap_or_default();
    step.history.each(step.kept, Want::MOVES, &mut |facts| rows.append(&mut touched(facts)))?;
    // By movement, then by holding, both stable: cheaper than one comparison sort of pairs.
    radix::sort_by_key(&mut rows, radix::bits_below(step.ends.moves), |row| row.movement.get());
    radix::sort_by_key(&mut rows, radix::bits_below(step.ends.holdings), |row| u64::from(row.holding));
    Ok(rows)
}

/// The old table's movements that exist at the lower height.
fn kept(old: &Base, limit: &Counts, skip_unwind: bool) -> Vec<Touched> {
    let mut rows = Vec::new();
    for (holding, moves) in old.moves.lists(limit.holdings) {
        let moves = old.moves.members(moves).take_while(|&movement| movement < limit.moves || skip_unwind);
        rows.extend(moves.map(|movement| Touched { holding, movement: movement.into() }));
    }
    rows
}
