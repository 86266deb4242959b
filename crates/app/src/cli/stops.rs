//! Where walks stop: options and the case's tags turned into parameters, and parameters into the engine's stops.

use std::collections::BTreeMap;

use coinhound_analysis::patterns::VetoSet;
use coinhound_analysis::trace::{AddressSet, BackStops, Conversions, ServiceTable, Stops};
use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Amount, Height, Ledger};
use coinhound_store::Tier;

use super::chain::Chain;
use super::context::case_failure;
use super::options::{Stop, StopArgs};
use crate::case::{Case, StoredTag};
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::report::Parameters;
use crate::report::parameters::{StopCluster, StopTag};
use crate::tags::Subject;
use crate::tags::stops::StopSet;

/// The parameters that stop options and a case's tags make for these rules; without a case no service is known.
///
/// # Errors
/// Options that mean nothing, and whatever case and store meet.
pub fn parameters(
    args: &StopArgs,
    rules: Vec<String>,
    declared: &str,
    case: Option<&Case>,
    chain: &Chain,
) -> Outcome<Parameters> {
    let sets = sets(&args.stop)?;
    let mixes = sets.contains(&StopSet::Mixers);
    let collaborative = if mixes { VetoSet::COINHOUND_1.collab } else { CollabPrint::empty() };
    let dust = args.dust.as_ref().map(|text| Amount::parse(text, chain.params().asset).or_exit(Exit::Usage));
    let tagged = case.map(|case| tagged(&sets, args.stop_confidence, case, chain)).transpose()?.unwrap_or_default();
    Ok(Parameters {
        rules,
        declared: declared.to_owned(),
        stop_sets: sets.iter().map(|set| set.name().to_owned()).collect(),
        stop_confidence: args.stop_confidence,
        stop_exact: args.stop_exact,
        stops: if args.stop_exact { exact(tagged) } else { widened(tagged, chain)? },
        collaborative: collaborative.iter_names().map(|(name, _)| name.to_owned()).collect(),
        dust_below: dust.transpose()?.map_or(0, |amount| amount.units).to_string(),
        hops_max: args.hops,
        height_max: None,
        time_max: None,
        conversions: None,
        exchangers: Vec::new(),
    })
}

/// The sets of tags that `--stop` names.
pub(super) fn sets(stops: &[Stop]) -> Outcome<Vec<StopSet>> {
    let sets: Vec<StopSet> = stops.iter().filter_map(|stop| stop.set()).collect();
    if stops.contains(&Stop::None) && !sets.is_empty() {
        return Err(Failure::new(Exit::Usage, "--stop none goes with no other stop"));
    }
    Ok(sets)
}

/// A stop with what decides how far it reaches.
struct Tagged {
    id: AddressId,
    level: u8,
    defines_cluster: bool,
    stop: StopTag,
}

/// The tags that end walks: those of the sets, trusted enough, whose address this chain has seen, by address. The
/// strongest tag of an address speaks for it.
fn tagged(sets: &[StopSet], level: u8, case: &Case, chain: &Chain) -> Outcome<Vec<Tagged>> {
    let wrap = |error| case_failure(&error);
    let packs: BTreeMap<i64, String> =
        case.packs().map_err(wrap)?.into_iter().map(|pack| (pack.id, pack.title)).collect();
    let mut best: BTreeMap<String, Tagged> = BTreeMap::new();
    for stored in case.tags().map_err(wrap)? {
        let Some(set) = sets.iter().find(|set| set.takes(&stored.tag, level)) else { continue };
        let pack = packs.get(&stored.pack).cloned().unwrap_or_default();
        let Some(stop) = stop_at(*set, &stored, pack, chain) else { continue };
        if best.get(&stop.stop.address).is_none_or(|known| known.level < stop.level) {
            best.insert(stop.stop.address.clone(), stop);
        }
    }
    chain.healthy()?;
    Ok(best.into_values().collect())
}

fn stop_at(set: StopSet, stored: &StoredTag, pack: String, chain: &Chain) -> Option<Tagged> {
    let tag = &stored.tag;
    let Subject::Address(address) = &tag.subject else { return None };
    if tag.network.chain.as_ref() != Some(&chain.view.as_of().chain) {
        return None;
    }
    let stop = StopTag {
        address: address.clone(),
        set: set.name().to_owned(),
        label: tag.label.as_str().into(),
        source: tag.source.as_str().into(),
        confidence: tag.confidence.id.to_owned(),
        pack: pack.into(),
        cluster: None,
    };
    let (level, defines_cluster) = (tag.confidence.level, tag.is_cluster_definer);
    Some(Tagged { id: find(chain, address)?, level, defines_cluster, stop })
}

fn exact(tagged: Vec<Tagged>) -> Vec<StopTag> {
    tagged.into_iter().map(|tagged| tagged.stop).collect()
}

/// Widens stops to clusters as of the view's height. Of the tags that define one cluster the strongest stands for it,
/// on a tie the first address.
fn widened(mut tagged: Vec<Tagged>, chain: &Chain) -> Outcome<Vec<StopTag>> {
    let mut by_cluster: BTreeMap<AddressId, Vec<usize>> = BTreeMap::new();
    for (at, tagged) in tagged.iter().enumerate() {
        let root = chain.view.root(Tier::T1, tagged.id).unwrap_or(tagged.id);
        by_cluster.entry(root).or_default().push(at);
    }
    for stops in by_cluster.into_values() {
        let definers = stops.iter().copied().filter(|&at| tagged[at].defines_cluster);
        let Some(speaker) = definers.min_by_key(|&at| std::cmp::Reverse(tagged[at].level)) else { continue };
        let mut also: Vec<_> = stops.iter().map(|&at| tagged[at].stop.label.clone()).collect();
        also.retain(|label| *label != tagged[speaker].stop.label);
        also.sort();
        also.dedup();
        tagged[speaker].stop.cluster = Some(cluster(tagged[speaker].id, also, chain));
    }
    chain.healthy()?;
    Ok(exact(tagged))
}

fn cluster(address: AddressId, also: Vec<crate::text::Said>, chain: &Chain) -> StopCluster {
    let members = chain.view.members(Tier::T1, address).len();
    StopCluster {
        tier: "co-spend".to_owned(),
        vetoes: chain.view.manifest().params.veto.clone(),
        addresses: u64::try_from(members).unwrap_or(u64::MAX),
        also,
    }
}

fn find(chain: &Chain, address: &str) -> Option<AddressId> {
    let lock = coinhound_chains::bitcoin::address::parse_address(address, chain.params()).ok()?;
    chain.view.address_of(lock.as_lock())
}

/// The services that the parameters' tags name: each tagged address, then the rest of each cluster that a tag defines.
fn services(chain: &Chain, parameters: &Parameters) -> ServiceTable {
    let found = || parameters.stops.iter().filter_map(|stop| Some((find(chain, &stop.address)?, stop)));
    let tagged = found().map(|(id, stop)| (id, parameters.service_of(stop)));
    let clusters = found().filter(|(_, stop)| stop.cluster.is_some()).flat_map(|(id, stop)| {
        let number = parameters.service_by_cluster(stop);
        chain.view.members(Tier::T1, id).into_iter().map(move |member| (member, number))
    });
    ServiceTable::new(tagged.chain(clusters))
}

fn collaborative(parameters: &Parameters) -> CollabPrint {
    parameters.collaborative.iter().filter_map(|name| CollabPrint::from_name(name)).collect()
}

fn dust(parameters: &Parameters) -> Outcome<u64> {
    let unreadable = |_| {
        Failure::new(
            Exit::Store,
            format!("the run's parameters hold `{}` where an amount belongs", parameters.dust_below),
        )
    };
    parameters.dust_below.parse().map_err(unreadable)
}

/// The engine's stops on the way forward.
///
/// # Errors
/// When kept parameters do not read back.
pub fn forward(chain: &Chain, parameters: &Parameters) -> Outcome<Stops<u64>> {
    Ok(Stops {
        services: services(chain, parameters),
        collaborative: collaborative(parameters),
        dust_below: dust(parameters)?,
        hops_max: parameters.hops_max.unwrap_or(u32::MAX),
        time_max: parameters.time_max.unwrap_or(u32::MAX),
        height_max: Height(parameters.height_max.unwrap_or(u32::MAX)),
        conversions: Conversions::Follow,
        exchangers: AddressSet::default(),
    })
}

/// The engine's stops on the way back.
///
/// # Errors
/// When kept parameters do not read back.
pub fn back(chain: &Chain, parameters: &Parameters) -> Outcome<BackStops<u64>> {
    Ok(BackStops {
        services: services(chain, parameters),
        collaborative: collaborative(parameters),
        dust_below: dust(parameters)?,
        hops_max: parameters.hops_max.unwrap_or(u32::MAX),
        time_min: 0,
        height_min: Height(0),
    })
}
