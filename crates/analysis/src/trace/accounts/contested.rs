//! Value in accounts that several thefts claim beyond what there is.

use coinhound_model::{HoldingId, MovementId, Units};

use crate::taint::{Rule, less};
use crate::trace::accounts::trail::AccountTrail;
use crate::trace::contested::{Claim, excess};

/// Where claims meet. Each is in one asset: that of its holding, or of what it moves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ContestedPlace {
    /// A holding at the end of the view: its balance is claimed.
    Rests(HoldingId),
    /// A movement: what it moved is claimed.
    Moves(MovementId),
    /// A conversion: what this holding gave in it is claimed. The movement is the first that received the other asset.
    Converts(HoldingId, MovementId),
}

/// A balance, a movement or a conversion whose claims by one rule exceed its value: each theft was traced alone, so each trail is
/// right by itself, and who is owed the value is a question of law that the sum cannot answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountContested<U> {
    /// By which rule.
    pub rule: Rule,
    /// Where.
    pub place: ContestedPlace,
    /// What is there.
    pub value: U,
    /// How much more than that is claimed. Under haircut a unit or so may be rounding: each trail rounds by itself.
    pub excess: U,
    /// Whether some trail ends there; otherwise every trail went on.
    pub is_end: bool,
    /// Each trail's claim, ascending by theft.
    pub claims: Vec<Claim<U>>,
}

/// The balances, movements and conversions that trails of different thefts claim beyond their value, by rule, balances
/// first, whatever assets the trails are in: each place is in one. Poison claims nothing.
#[must_use]
pub fn contested_accounts<U: Units>(trails: &[AccountTrail<U>]) -> Vec<AccountContested<U>> {
    let mut found = Vec::new();
    for rule in Rule::ALL.into_iter().filter(|rule| rule.conserves()) {
        let mut claims: Vec<_> = trails.iter().filter(|trail| trail.rule == rule).flat_map(claims_of).collect();
        claims.sort_unstable_by_key(|row| (row.place, row.claim.theft));
        found.extend(claims.chunk_by(|one, other| one.place == other.place).filter_map(|rows| contest(rule, rows)));
    }
    found
}

struct Row<U> {
    place: ContestedPlace,
    value: U,
    is_end: bool,
    claim: Claim<U>,
}

fn claims_of<U: Units>(trail: &AccountTrail<U>) -> impl Iterator<Item = Row<U>> + '_ {
    let claim = |units| Claim { theft: trail.theft, units };
    let at_rest = trail.reached.iter().filter(|reached| !reached.resting.is_zero()).map(move |reached| Row {
        place: ContestedPlace::Rests(reached.holding),
        value: reached.balance,
        is_end: true,
        claim: claim(reached.resting),
    });
    let moved = trail.hops.iter().map(move |hop| Row {
        place: ContestedPlace::Moves(hop.movement),
        value: hop.moved,
        is_end: hop.end.is_some(),
        claim: claim(hop.stolen),
    });
    let converted = trail.conversions.iter().map(move |row| Row {
        place: ContestedPlace::Converts(trail.reached[row.reached as usize].holding, row.movement),
        value: less(row.debits, row.refunds),
        is_end: true,
        claim: claim(row.converted),
    });
    at_rest.chain(moved).chain(converted)
}

fn contest<U: Units>(rule: Rule, rows: &[Row<U>]) -> Option<AccountContested<U>> {
    let claims: Vec<_> = rows.iter().map(|row| row.claim).collect();
    let is_end = rows.iter().any(|row| row.is_end);
    let Row { place, value, .. } = rows[0];
    excess(value, &claims).map(|excess| AccountContested { rule, place, value, excess, is_end, claims })
}
