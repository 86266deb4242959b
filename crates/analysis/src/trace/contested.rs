//! Coins that several thefts claim beyond what is in them.

use coinhound_model::{HoldingId, Units};

use crate::taint::{Rule, less};
use crate::trace::trail::{Fate, Trail};

/// A coin whose claims, by one rule, exceed its value: each theft was traced alone, so each trail is right by itself,
/// and who is owed the coin is a question of law that the sum cannot answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contested<U> {
    /// By which rule.
    pub rule: Rule,
    /// Which coin.
    pub holding: HoldingId,
    /// What is in it.
    pub value: U,
    /// How much more than that is claimed. Under haircut a unit or so may be rounding: each trail rounds by itself.
    pub excess: U,
    /// Whether some trail ends in it; otherwise every trail went on from here.
    pub is_end: bool,
    /// Each trail's claim, ascending by theft.
    pub claims: Vec<Claim<U>>,
}

/// What one theft claims of a coin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim<U> {
    /// Which theft.
    pub theft: u32,
    /// How much.
    pub units: U,
}

/// The coins that trails of different thefts claim beyond their value, by (rule, holding). Poison claims nothing.
#[must_use]
pub fn contested<U: Units>(trails: &[Trail<U>]) -> Vec<Contested<U>> {
    let mut found = Vec::new();
    for rule in Rule::ALL.into_iter().filter(|rule| rule.conserves()) {
        let mut claims: Vec<_> = trails.iter().filter(|trail| trail.rule == rule).flat_map(claims_of).collect();
        claims.sort_unstable_by_key(|row| (row.holding, row.claim.theft));
        found.extend(claims.chunk_by(|one, other| one.holding == other.holding).filter_map(|rows| contest(rule, rows)));
    }
    found
}

struct Row<U> {
    holding: HoldingId,
    value: U,
    is_end: bool,
    claim: Claim<U>,
}

fn claims_of<U: Units>(trail: &Trail<U>) -> impl Iterator<Item = Row<U>> + '_ {
    trail.coins.iter().map(|coin| Row {
        holding: coin.holding,
        value: coin.value,
        is_end: matches!(coin.fate, Fate::Ended(_)),
        claim: Claim { theft: trail.theft, units: coin.stolen },
    })
}

fn contest<U: Units>(rule: Rule, rows: &[Row<U>]) -> Option<Contested<U>> {
    let claims: Vec<_> = rows.iter().map(|row| row.claim).collect();
    let is_end = rows.iter().any(|row| row.is_end);
    let Row { holding, value, .. } = rows[0];
    excess(value, &claims).map(|excess| Contested { rule, holding, value, excess, is_end, claims })
}

/// By how much claims exceed a value; `None` when they do not.
pub(crate) fn excess<U: Units>(value: U, claims: &[Claim<U>]) -> Option<U> {
    let (mut room, mut excess) = (value, U::ZERO);
    for claim in claims {
        let fits = claim.units.min(room);
        room = less(room, fits);
        // Stays where an amount ends, which no asset's supply comes near.
        excess = excess.checked_add(less(claim.units, fits)).unwrap_or(excess);
    }
    (!excess.is_zero()).then_some(excess)
}
