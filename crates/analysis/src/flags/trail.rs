//! Warnings about what a trace of stolen value reached.

use std::collections::BTreeMap;

use coinhound_model::{AccountLedger, AddressId, LedgerError};

use crate::flags::alike::Met;
use crate::flags::parameters::FlagParameters;
use crate::flags::warning::{Warning, WarningKind, Warnings, warned};
use crate::trace::accounts::AccountTrail;

/// Looks for warnings about a trail: hops of dust, addresses on it that look like others on it, whether the asset that is
/// followed bears the name of another, and conversions into tokens that are not well known.
///
/// # Errors
/// The ledger's damage: no result may be used.
pub fn trail_warnings<L: AccountLedger>(
    ledger: &L,
    trail: &AccountTrail<L::Units>,
    parameters: FlagParameters<L::Units>,
) -> Result<Warnings<L::Units>, LedgerError> {
    let mut found = of_asset(ledger, trail, &parameters);
    found.extend(of_hops(ledger, trail, &parameters));
    found.extend(of_addresses(ledger, trail, &parameters));
    found.extend(of_conversions(ledger, trail, &parameters));
    ledger.health()?;
    Ok(warned(ledger.as_of().clone(), parameters, found))
}

fn of_asset<L: AccountLedger>(
    ledger: &L,
    trail: &AccountTrail<L::Units>,
    parameters: &FlagParameters<L::Units>,
) -> Vec<Warning> {
    let well_known = parameters.imitates(ledger, trail.asset);
    let first = trail.reached.first().filter(|_| well_known.is_some());
    let row = first.map(|first| Warning::new(WarningKind::FakeToken, first.first, trail.asset, None));
    row.map(|row| Warning { well_known, ..row }).into_iter().collect()
}

/// Hops that carried no more than dust.
fn of_hops<L: AccountLedger>(
    ledger: &L,
    trail: &AccountTrail<L::Units>,
    parameters: &FlagParameters<L::Units>,
) -> Vec<Warning> {
    let Some(dust) = parameters.dust_of(trail.asset) else { return Vec::new() };
    let to = |to: Option<u32>| to.map(|to| owner(ledger, trail, to));
    let hops = trail.hops.iter().filter(|hop| hop.to.is_some() && hop.moved <= dust);
    hops.map(|hop| Warning::new(WarningKind::Dust, hop.movement, trail.asset, to(hop.to))).collect()
}

/// Addresses that look like one that the trail reached before: each once, beside the first such.
fn of_addresses<L: AccountLedger>(
    ledger: &L,
    trail: &AccountTrail<L::Units>,
    parameters: &FlagParameters<L::Units>,
) -> Vec<Warning> {
    let mut met = Met::new(parameters.digits);
    let mut rows = Vec::new();
    for reached in &trail.reached {
        let address = ledger.owner(reached.holding);
        if let Some((like, since)) = met.like(ledger, address).first().copied() {
            let row = Warning::new(WarningKind::LookAlike, reached.first, trail.asset, Some(address));
            rows.push(Warning { like: Some((like, since)), ..row });
        }
        met.meet(ledger, address, reached.first);
    }
    rows
}

/// Conversions that end the way in this asset for a token that is not well known: one warning for each such token. Without any
/// known token but the ledger's own coin nothing is known, and nothing is said.
fn of_conversions<L: AccountLedger>(
    ledger: &L,
    trail: &AccountTrail<L::Units>,
    parameters: &FlagParameters<L::Units>,
) -> Vec<Warning> {
    let mut rows: BTreeMap<u32, Warning> = BTreeMap::new();
    let unknown = trail.conversions.iter().filter(|row| !parameters.is_known(ledger, row.into));
    for row in unknown.filter(|_| !parameters.well_known.is_empty()) {
        let by = owner(ledger, trail, row.reached);
        let warning = Warning::new(WarningKind::UnknownToken, row.movement, row.into, Some(by));
        rows.entry(row.into).and_modify(|row| row.number += 1).or_insert(warning);
    }
    rows.into_values().collect()
}

fn owner<L: AccountLedger>(ledger: &L, trail: &AccountTrail<L::Units>, reached: u32) -> AddressId {
    ledger.owner(trail.reached[reached as usize].holding)
}
