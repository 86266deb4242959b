//! Address to coins: every coin or holding that an address ever owned, foreign coins last.

use coinhound_model::HoldingId;

use super::{Base, Step};
use crate::derive::{Owned, Want, owned};
use crate::facts::Counts;
use crate::failure::StoreError;
use crate::radix;

pub(super) fn derive(step: &Step<'_>) -> Result<Vec<Owned>, StoreError> {
    let mut rows = step.kept_base().map(|old| kept(old, &step.kept_counts)).unwrap_or_default();
    step.history
        .each(step.kept, Want::OUTPUTS | Want::FOREIGN | Want::HOLDINGS, &mut |facts| rows.append(&mut owned(facts)))?;
    // By coin, then by address, both stable: cheaper than one comparison sort of pairs.
    radix::sort_by_key(&mut rows, 40, |row| row.coin.get());
    radix::sort_by_key(&mut rows, radix::bits_below(step.ends.addresses), |row| u64::from(row.address));
    Ok(rows)
}

/// The old table's coins that exist at the lower height.
fn kept(old: &Base, limit: &Counts) -> Vec<Owned> {
    let mut rows = Vec::new();
    for (address, coins) in old.coins.lists(limit.addresses) {
        let coins = old.coins.members(coins).filter(|&coin| exists(coin, limit));
        rows.extend(coins.map(|coin| Owned { address, coin: coin.into() }));
    }
    rows
}

/// Coins and holdings are never in one store, so the larger count is that of what there is.
fn exists(coin: u64, limit: &Counts) -> bool {
    HoldingId(coin).foreign_rank().map_or(coin < limit.outputs.max(limit.holdings), |rank| rank < limit.foreign)
}
