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
    let compared = trails.iter().filter(|trail| trail.theft == theft && trail.rule.conserves());
    let columns = compared.map(|trail| {
        let end = |end| (trail.coin(end).map(|coin| coin.holding), end.terminal, end.units);
        (trail.rule, trail.ends.iter().map(end).collect())
    });
    compare(theft, columns.collect())
}

/// What one rule says: where, which kind of end, how much.
pub(crate) type Column<U> = (Rule, Vec<(Option<HoldingId>, Terminal, U)>);

/// Puts the ends of one theft's trails side by side.
pub(crate) fn compare<U: Units>(theft: u32, mut columns: Vec<Column<U>>) -> Sensitivity<U> {
    columns.sort_by_key(|column| column.0);
    let mut rows = BTreeMap::new();
    for (column, (_, ends)) in columns.iter().enumerate() {
        for &(holding, terminal, units) in ends {
            let key = (holding.is_none(), holding, terminal);
            let row = rows.entry(key).or_insert_with(|| vec![U::ZERO; columns.len()]);
            row[column] = row[column].checked_add(units).expect("the ends of a trail sum to what was stolen");
        }
    }
    let rows = rows.into_iter().map(|((_, holding, terminal), units)| row(holding, terminal, units)).collect();
    Sensitivity { theft, rules: columns.iter().map(|column| column.0).collect(), rows }
}

fn row<U: Units>(holding: Option<HoldingId>, terminal: Terminal, units: Vec<U>) -> SensitivityRow<U> {
    let min = units.iter().copied().min().unwrap_or(U::ZERO);
    let max = units.iter().copied().max().unwrap_or(U::ZERO);
    SensitivityRow { terminal, holding, units, min, max }
}
