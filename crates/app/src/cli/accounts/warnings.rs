//! Warnings about an account's history: what others can do to it to mislead who reads it. They accuse nobody.

use coinhound_analysis::flags::{FlagError, FlagParameters, Warning, Warnings, account_warnings, trail_warnings};
use coinhound_analysis::trace::accounts::AccountTraced;
use coinhound_model::{AccountLedger, AddressId, HoldingId};
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::chain::{Accounts, Naming};
use crate::cli::chain::DAMAGED;
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::money::ToldBy;
use crate::out::{Cell, Facts, Sheet};
use crate::report::document::{TheftPart, WarningLine};
use crate::report::{Document, Names};
use crate::tokens::Behaviour;

/// Up to so many wei a credit in ether is dust: a ten-thousandth of an ether.
const DUST_WEI: u64 = 100_000_000_000_000;

/// The tokens that people count their money in: up to a tenth of one whole is dust.
const MONEY: [&str; 4] = ["USDT", "USDC", "DAI", "BUSD"];

/// What stands above every list of warnings.
pub const STANDING: &str = "anybody can send to anybody: receiving accuses nobody, and these senders may be invented";

/// Ether as the ledger numbers it, if it was met.
#[must_use]
pub fn native(ledger: &Accounts) -> Option<u32> {
    (0..ledger.view.assets()).find(|&asset| ledger.view.token(asset).id == "slip44:60")
}

/// What warnings are looked for with in this store.
#[must_use]
pub fn parameters(ledger: &Accounts) -> Option<FlagParameters<U256>> {
    let Naming::Evm(_) = ledger.naming else { return None };
    let mut parameters = FlagParameters::new(native(ledger)?);
    parameters.well_known = ledger.tokens.well_known();
    for asset in 0..ledger.view.assets() {
        let line = ledger.asset(asset);
        if asset == parameters.native {
            parameters.dust.push((asset, U256::from(DUST_WEI)));
        } else if !line.is_claimed && MONEY.contains(&line.ticker.as_str()) {
            let tenth = U256::from(10).pow(U256::from(line.decimals.unwrap_or(1).saturating_sub(1)));
            parameters.dust.push((asset, tenth));
        }
        if let Some(symbol) = ledger.tokens.symbol(&line.id) {
            parameters.symbols.push((asset, symbol.to_owned()));
        }
    }
    Some(parameters)
}

/// The warnings about an account's history, where there can be any; a failure is told as such, not as none.
///
/// # Errors
/// When the store is damaged.
pub fn of(account: AddressId, ledger: &Accounts) -> Outcome<Option<Result<Warnings<U256>, String>>> {
    let Some(parameters) = parameters(ledger) else { return Ok(None) };
    match account_warnings(&ledger.view, account, parameters) {
        Ok(found) => Ok(Some(Ok(found))),
        Err(error @ FlagError::TooMany { .. }) => Ok(Some(Err(error.to_string()))),
        Err(error) => Err(Failure::because(Exit::Store, &error).hint(DAMAGED)),
    }
}

/// How many warnings there are, and what they mean.
#[must_use]
pub fn facts(found: &Result<Warnings<U256>, String>, facts: Facts) -> Facts {
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            return facts.with("warnings/warnings state", Cell::new(format!("not looked for: {why}"), why.as_str()));
        }
    };
    let left: u64 = found.left_out.iter().map(|(_, number)| number).sum();
    let told = match found.warnings.len() {
        0 => "none".to_owned(),
        number => format!("{number}, listed below; {STANDING}"),
    };
    facts
        .with("warnings/warnings state", Cell::new(told, "looked for"))
        .with("/warning rule", Cell::new("", rule(found)))
        .with("/warnings left out", Cell::number(left))
}

fn rule(found: &Warnings<U256>) -> Value {
    let parameters = &found.parameters;
    let dust: Vec<Value> =
        parameters.dust.iter().map(|(asset, units)| json!({ "asset": asset, "units": units.to_string() })).collect();
    json!({
        "name": found.rule.name, "version": found.rule.version, "digits": parameters.digits, "dust": dust,
        "well_known": parameters.well_known.len(), "symbols": parameters.symbols.len(),
    })
}

/// The warnings, one row each.
#[must_use]
pub fn sheet(found: &Result<Warnings<U256>, String>, ledger: &Accounts, limit: usize) -> Sheet {
    let mut sheet = Sheet::new(&["warning", "what it is about/about", "shown by/movement", ">times", "asset"]);
    let Ok(found) = found else { return sheet };
    for warning in found.warnings.iter().take(limit) {
        let asset = ledger.asset(warning.asset);
        sheet.push([
            Cell::from(warning.kind.name()),
            Cell::new(about(warning, &found.parameters, ledger), value(warning, &found.parameters, ledger)),
            Cell::from(ledger.movement_name(warning.movement)),
            Cell::number(warning.number),
            Cell::new(asset.narrow(), asset.json()),
        ]);
    }
    sheet
}

/// What a warning is about, in words.
#[must_use]
pub fn about(warning: &Warning, parameters: &FlagParameters<U256>, ledger: &Accounts) -> String {
    let other = warning.other.map_or_else(|| "nobody".to_owned(), |other| ledger.address(other));
    if let Some((like, _)) = warning.like {
        let paid = warning.paid.map_or(String::new(), |paid| {
            format!("; PAID in {}: somebody may have been deceived", ledger.movement_name(paid))
        });
        return format!("{other} looks like {}{paid}", ledger.address(like));
    }
    match warning.well_known.and_then(|known| parameters.well_known.get(known as usize)) {
        Some(known) => format!("bears the name of {}, which is {}", known.symbol, known.id),
        None => format!("other side: {other}"),
    }
}

fn value(warning: &Warning, parameters: &FlagParameters<U256>, ledger: &Accounts) -> Value {
    let known = warning.well_known.and_then(|known| parameters.well_known.get(known as usize));
    json!({
        "other": warning.other.map(|other| ledger.address(other)),
        "like": warning.like.map(|(like, _)| ledger.address(like)),
        "dealt_with_in": warning.like.map(|(_, movement)| ledger.movement_name(movement)),
        "paid_in": warning.paid.map(|paid| ledger.movement_name(paid)),
        "imitates": known.map(|known| known.id.as_str()),
    })
}

/// What must be said of the trails by the rule that the report answers by.
///
/// # Errors
/// When the store is damaged.
pub fn of_trails(doc: &Document, traced: &AccountTraced<U256>, ledger: &Accounts) -> Outcome<Vec<WarningLine>> {
    let mut lines = Vec::new();
    for part in &doc.thefts {
        let number = u32::try_from(part.number).expect("a case holds fewer than 2^32 thefts");
        let mut of_part =
            traced.trails.iter().filter(|trail| trail.theft == number && trail.rule.name() == doc.parameters.declared);
        let Some(trail) = of_part.find(|trail| ledger.view.token(trail.asset).id == part.asset.id) else { continue };
        lines.extend(of_asset(part, ledger));
        let Some(parameters) = parameters(ledger) else { continue };
        let found = trail_warnings(&ledger.view, trail, parameters).or_hint(Exit::Store, DAMAGED)?;
        lines.extend(found.warnings.iter().map(|warning| WarningLine {
            part: part.title().into(),
            kind: warning.kind.name().to_owned(),
            about: about(warning, &found.parameters, ledger).into(),
            movement: Some(ledger.movement_name(warning.movement)),
            times: warning.number,
        }));
    }
    Ok(lines)
}

/// What must be said of the asset that a part follows.
fn of_asset(part: &TheftPart, ledger: &Accounts) -> Vec<WarningLine> {
    let line = |kind: &str, about: String| WarningLine {
        part: part.title().into(),
        kind: kind.to_owned(),
        about: about.into(),
        movement: None,
        times: 1,
    };
    let odd = ledger.tokens.odd(&part.asset.id).map(|odd| line("token that does not follow its logs", odd.told()));
    let by_node = (part.asset.told_by == ToldBy::Node).then(|| {
        let about = format!(
            "{} is what the contract calls itself; its decimals are its own word, told by a node",
            part.asset.told()
        );
        line("amounts by a node's word", about)
    });
    let known = ledger.tokens.behaviour(&part.asset.id).iter().map(|known| {
        line("what its contract can do", format!("{}: {} ({})", part.asset.told(), known.is.name(), known.source))
    });
    odd.into_iter().chain(by_node).chain(known).collect()
}

/// Whether a balance may be another than its logs lead to.
fn changes_amounts(behaviour: Behaviour) -> bool {
    matches!(behaviour, Behaviour::Rebasing | Behaviour::MayChargeFee | Behaviour::DestroyedUnlogged)
}

/// Whose holding of an odd token an answer shows: what must be said of its amounts.
#[must_use]
pub fn odd_tokens(holdings: &[HoldingId], ledger: &Accounts) -> Vec<String> {
    let told = holdings.iter().flat_map(|holding| {
        let asset = ledger.asset_of(*holding);
        let odd = ledger.tokens.odd(&asset.id).map(|odd| format!("{}: {}", asset.told(), odd.told()));
        let known = ledger.tokens.behaviour(&asset.id).iter().filter(|known| changes_amounts(known.is));
        let known = known.map(|known| format!("{}: {} ({})", asset.told(), known.is.name(), known.source));
        odd.into_iter().chain(known).collect::<Vec<_>>()
    });
    told.collect()
}
