//! One theft's ends on accounts under every conserving rule, side by side, asset by asset.

use std::collections::BTreeMap;

use coinhound_model::Units;

use crate::taint::Rule;
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
    let compared = || trails.iter().filter(|trail| trail.theft == theft && trail.rule.conserves());
    let rules: Vec<Rule> = compared().filter(|trail| trail.is_own()).map(|trail| trail.rule).collect();
    let mut tables: Vec<(u32, Vec<Column<U>>)> = Vec::new();
    let mut known = BTreeMap::new();
    for trail in compared().filter(|trail| trail.is_own()).chain(compared().filter(|trail| !trail.is_own())) {
        let at = *known.entry(trail.asset).or_insert_with(|| {
            tables.push((trail.asset, rules.iter().map(|&rule| (rule, Vec::new())).collect()));
            tables.len() - 1
        });
        let column = tables[at].1.iter_mut().find(|column| column.0 == trail.rule);
        let ends = trail.ends.iter();
        let ends = ends.map(|end| (trail.reached(end).map(|reached| reached.holding), end.terminal, end.units));
        column.expect("a rule's first trail is in the stolen asset").1.extend(ends);
    }
    let table = |(asset, columns)| AssetSensitivity { asset, table: compare(theft, columns) };
    tables.into_iter().map(table).collect()
}
