//! One theft's ends on accounts under every conserving rule, side by side, asset by asset.

use coinhound_model::Units;

use crate::trace::accounts::trail::AccountTrail;
use crate::trace::sensitivity::{Column, Sensitivity, compare};

/// One theft's ends in one asset under several conserving rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssetSensitivity<U> {
    /// The asset, as the ledger numbers it.
    pub asset: u32,
    /// The table.
    pub table: Sensitivity<U>,
}

/// Compares one theft's trails; poison and other thefts' trails among `trails` are left out. One table for each asset,
/// the stolen one first, then as they come in `trails`; every table has every rule, with nothing where no conversion led that
/// rule's trail into the asset. The rows are by holding and terminal as for coins, fees and burnt value last.
#[must_use]
pub fn sensitivity_accounts<U: Units>(trails: &[AccountTrail<U>], theft: u32) -> Vec<AssetSensitivity<U>> {
    let compared: Vec<_> = trails.iter().filter(|trail| trail.theft == theft && trail.rule.conserves()).collect();
    let own = compared.iter().filter(|trail| trail.is_own());
    let mut assets: Vec<u32> = Vec::new();
    for trail in own.chain(&compared) {
        if !assets.contains(&trail.asset) {
            assets.push(trail.asset);
        }
    }
    let table = |asset| AssetSensitivity { asset, table: compare(theft, columns(&compared, asset)) };
    assets.into_iter().map(table).collect()
}

/// What each rule says of one asset.
fn columns<U: Units>(trails: &[&AccountTrail<U>], asset: u32) -> Vec<Column<U>> {
    let own = trails.iter().filter(|trail| trail.is_own());
    let column = |rule| {
        let found = trails.iter().find(|trail| trail.rule == rule && trail.asset == asset);
        let ends = found.into_iter().flat_map(|trail| {
            trail.ends.iter().map(|end| (trail.reached(end).map(|reached| reached.holding), end.terminal, end.units))
        });
        (rule, ends.collect())
    };
    own.map(|trail| column(trail.rule)).collect()
}
