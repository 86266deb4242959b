//! What depends on the rule and what does not: one theft's ends under every conserving rule, side by side.

use std::collections::BTreeMap;

use coinhound_model::{HoldingId, Terminal, Units};

use crate::taint::Rule;
use crate::trace::trail::Trail;

/// One theft's ends under several conserving rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sensitivity<U> {
    /// Which theft.
    pub theft: u32,
    /// The rules that were compared, ascending.
    pub rules: Vec<Rule>,
    /// Ends in coins by (holding, terminal), then the ends without a coin (fees) by terminal.
    pub rows: Vec<SensitivityRow<U>>,
}

/// One end under every rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SensitivityRow<U> {
    /// Which kind of end.
    pub terminal: Terminal,
    /// The coin it lies in; none for fees, which are added up.
    pub holding: Option<HoldingId>,
    /// How much each of [`Sensitivity::rules`] says; zero where the rule does not reach it.
    pub units: Vec<U>,
    /// The least over the rules: what no choice of rule takes away.
    pub min: U,
    /// The most over the rules.
    pub max: U,
}

impl<U: Units> SensitivityRow<U> {
    /// Whether the end is there under every rule.
    #[must_use]
    pub fn survives(&self) -> bool {
        !self.min.is_zero()
    }
}

/// Compares one theft's trails; poison and other thefts' trails among `trails` are left out.
#[must_use]
pub fn sensitivity<U: Units>(trails: &[Trail<U>], theft: u32) -> Sensitivity<U> {
    let mut compared: Vec<_> = trails.iter().filter(|trail| trail.theft == theft && trail.rule.conserves()).collect();
    compared.sort_by_key(|trail| trail.rule);
    let mut rows = BTreeMap::new();
    for (column, trail) in compared.iter().enumerate() {
        for end in &trail.ends {
            let holding = trail.coin(end).map(|coin| coin.holding);
            let key = (holding.is_none(), holding, end.terminal);
            let units = rows.entry(key).or_insert_with(|| vec![U::ZERO; compared.len()]);
            units[column] = units[column].checked_add(end.units).expect("the ends of a trail sum to what was stolen");
        }
    }
    let rows = rows.into_iter().map(|((_, holding, terminal), units)| row(holding, terminal, units)).collect();
    Sensitivity { theft, rules: compared.iter().map(|trail| trail.rule).collect(), rows }
}

fn row<U: Units>(holding: Option<HoldingId>, terminal: Terminal, units: Vec<U>) -> SensitivityRow<U> {
    let min = units.iter().copied().min().unwrap_or(U::ZERO);
    let max = units.iter().copied().max().unwrap_or(U::ZERO);
    SensitivityRow { terminal, holding, units, min, max }
}
