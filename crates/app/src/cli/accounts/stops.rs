//! Where walks over accounts stop: options and the case's tags turned into parameters, and parameters into stops.

use std::collections::{BTreeMap, BTreeSet};

use coinhound_analysis::trace::{Conversions, ServiceTable, Stops};
use coinhound_chains::evm::token::WRAPPED_ETHER;
use coinhound_model::print::CollabPrint;
use coinhound_model::{AccountLedger, AddressId, Height};
use ruint::aliases::U256;

use super::chain::{Accounts, Naming};
use crate::case::Case;
use crate::cli::context::case_failure;
use crate::cli::options::{StopArgs, TraceArgs};
use crate::cli::stops::sets;
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::money::AssetLine;
use crate::report::parameters::StopTag;
use crate::report::{Names, Parameters};
use crate::tags::Subject;
use crate::tags::stops::exchanges;

/// The parameters that stop options and a case's tags make. Amounts are those of the theft's asset.
///
/// # Errors
/// Options that mean nothing, and whatever case and store meet.
pub fn parameters(
    args: &StopArgs,
    rules: Vec<String>,
    declared: &str,
    case: &Case,
    ledger: &Accounts,
    asset: &AssetLine,
) -> Outcome<Parameters> {
    let sets = sets(&args.stop)?;
    let dust = args.dust.as_ref().map(|text| asset.parse(text).or_exit(Exit::Usage)).transpose()?;
    let wrap = |error| case_failure(&error);
    let packs: BTreeMap<i64, String> =
        case.packs().map_err(wrap)?.into_iter().map(|pack| (pack.id, pack.title)).collect();
    let mut best: BTreeMap<String, (u8, StopTag)> = BTreeMap::new();
    for stored in case.tags().map_err(wrap)? {
        let tag = &stored.tag;
        let Some(set) = sets.iter().find(|set| set.takes(tag, args.stop_confidence)) else { continue };
        let Subject::Address(address) = &tag.subject else { continue };
        if !speaks_of(tag, ledger) || find(ledger, address).is_none() {
            continue;
        }
        let stop = StopTag {
            address: address.clone(),
            set: set.name().to_owned(),
            label: tag.label.as_str().into(),
            source: tag.source.as_str().into(),
            confidence: tag.confidence.id.to_owned(),
            pack: packs.get(&stored.pack).cloned().unwrap_or_default().into(),
            cluster: None,
        };
        if best.get(address).is_none_or(|(level, _)| *level < tag.confidence.level) {
            best.insert(address.clone(), (tag.confidence.level, stop));
        }
    }
    ledger.healthy()?;
    Ok(Parameters {
        rules,
        declared: declared.to_owned(),
        stop_sets: sets.iter().map(|set| set.name().to_owned()).collect(),
        stop_confidence: args.stop_confidence,
        stop_exact: args.stop_exact,
        stops: best.into_values().map(|(_, stop)| stop).collect(),
        collaborative: Vec::new(),
        dust_below: dust.unwrap_or(U256::ZERO).to_string(),
        hops_max: args.hops,
        height_max: None,
        time_max: None,
        conversions: None,
        exchangers: Vec::new(),
    })
}

/// Whether a tag speaks of this ledger: of its chain, or, of a supplied table, of an account that is written just so:
/// a table has the accounts of whatever chain it was taken from.
#[must_use]
pub fn speaks_of(tag: &crate::tags::Tag, ledger: &Accounts) -> bool {
    ledger.view.is_supplied() || tag.network.chain.as_ref() == Some(&ledger.view.as_of().chain)
}

/// An account by its text, if the ledger knows it.
#[must_use]
pub fn find(ledger: &Accounts, address: &str) -> Option<AddressId> {
    ledger.naming.read(address).ok().and_then(|bytes| ledger.look_up(&bytes))
}

/// The engine's stops.
///
/// # Errors
/// When kept parameters do not read back.
pub fn forward(ledger: &Accounts, parameters: &Parameters) -> Outcome<Stops<U256>> {
    let unreadable = |_| {
        let message = format!("the run's parameters hold `{}` where an amount belongs", parameters.dust_below);
        Failure::new(Exit::Store, message)
    };
    let services =
        parameters.stops.iter().filter_map(|stop| Some((find(ledger, &stop.address)?, parameters.service_of(stop))));
    Ok(Stops {
        services: ServiceTable::new(services),
        collaborative: CollabPrint::empty(),
        dust_below: U256::from_str_radix(&parameters.dust_below, 10).map_err(unreadable)?,
        hops_max: parameters.hops_max.unwrap_or(u32::MAX),
        time_max: parameters.time_max.unwrap_or(u32::MAX),
        height_max: Height(parameters.height_max.unwrap_or(u32::MAX)),
        conversions: conversions(parameters)?,
        exchangers: parameters.exchangers.iter().filter_map(|address| find(ledger, address)).collect(),
    })
}

/// A run of before there was a choice followed the movements as they stand.
fn conversions(parameters: &Parameters) -> Outcome<Conversions> {
    let Some(name) = &parameters.conversions else { return Ok(Conversions::Stop) };
    let choice =
        [Conversions::Known, Conversions::Follow, Conversions::Stop].into_iter().find(|choice| choice.name() == name);
    choice.ok_or_else(|| {
        Failure::new(
            Exit::Store,
            format!("the run's parameters hold `{name}` where `known`, `follow` or `stop` belongs"),
        )
    })
}

/// The accounts known to exchange assets: what the case's tags say, what the command line says, and on Ethereum wrapped
/// ether and the contracts of well-known tokens, which take one asset and give another. Those that the ledger knows.
///
/// # Errors
/// An address that is none, and whatever case and store meet.
pub fn exchangers(args: &TraceArgs, case: &Case, ledger: &Accounts) -> Outcome<Vec<String>> {
    let mut known = BTreeSet::new();
    for stored in case.tags().map_err(|error| case_failure(&error))? {
        let Subject::Address(address) = &stored.tag.subject else { continue };
        if speaks_of(&stored.tag, ledger) && exchanges(&stored.tag, args.stops.stop_confidence) {
            known.extend(find(ledger, address));
        }
    }
    for text in &args.exchanger {
        known.insert(ledger.find_account(text)?);
    }
    if let Naming::Evm(_) = ledger.naming {
        let contracts = ledger.tokens.contracts().chain([WRAPPED_ETHER.to_string()]);
        known.extend(contracts.filter_map(|contract| find(ledger, &contract)));
    }
    ledger.healthy()?;
    Ok(known.into_iter().map(|account| ledger.address(account)).collect::<BTreeSet<_>>().into_iter().collect())
}
