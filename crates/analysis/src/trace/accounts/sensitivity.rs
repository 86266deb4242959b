//! One theft's ends on accounts under every conserving rule, side by side.

use coinhound_model::Units;

use crate::trace::accounts::trail::AccountTrail;
use crate::trace::sensitivity::{Sensitivity, compare};

/// Compares one theft's trails; poison and other thefts' trails among `trails` are left out. The rows are by holding and
/// terminal as for coins, fees and burnt value last.
#[must_use]
pub fn sensitivity_accounts<U: Units>(trails: &[AccountTrail<U>], theft: u32) -> Sensitivity<U> {
    let compared = trails.iter().filter(|trail| trail.theft == theft && trail.rule.conserves());
    let columns = compared.map(|trail| {
        let end = |end| (trail.reached(end).map(|reached| reached.holding), end.terminal, end.units);
        (trail.rule, trail.ends.iter().map(end).collect())
    });
    compare(theft, columns.collect())
}
