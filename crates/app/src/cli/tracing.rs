//! From a case and a store to trails: seeds found again, tags turned into stops, parameters put into words.

use std::collections::BTreeMap;

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{Effort, Part, Seed as Start, Theft, TraceError, Traced, trace};
use coinhound_chains::bitcoin::Network;
use coinhound_model::{ChainId, Hash256, Height, HoldingId, Ledger};

use super::chain::{Chain, DAMAGED};
use super::context::case_failure;
use super::options::TraceArgs;
use super::stops;
use crate::case::{Case, Position, Seed};
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::report::document::TagLine;
use crate::report::{Document, Parameters, Question, gather};
use crate::tags::Tag;

/// A case's question, ready to be asked of a chain.
pub struct Inquiry<'a> {
    chain: &'a Chain,
    case: String,
    thefts: Thefts,
    tags: Vec<TagLine>,
}

/// Thefts by name with their seeds, in the order in which their first seed was added.
pub(super) type Thefts = Vec<(String, Vec<Seed>)>;

/// A case's seeds on a chain.
///
/// # Errors
/// When it has none there.
pub(super) fn thefts(case: &Case, chain: &ChainId) -> Outcome<Thefts> {
    let seeds = case.seeds().map_err(|error| case_failure(&error))?;
    let elsewhere = seeds.iter().filter(|seed| seed.chain != *chain).count();
    let thefts = by_theft(seeds.into_iter().filter(|seed| seed.chain == *chain));
    if !thefts.is_empty() {
        return Ok(thefts);
    }
    let message = match elsewhere {
        0 => "the case has no seeds".to_owned(),
        _ => format!("the case's {elsewhere} seeds lie on other chains than this store's, {chain}"),
    };
    Err(Failure::new(Exit::NotFound, message)
        .hint("say what was stolen with `coinhound seed add`, and name the store with --store"))
}

impl<'a> Inquiry<'a> {
    /// Reads seeds and tags of this chain from a case.
    ///
    /// # Errors
    /// When the case holds no seed on this chain.
    pub fn of(case: &Case, chain: &'a Chain) -> Outcome<Self> {
        let id = &chain.view.as_of().chain;
        let (thefts, name) = (thefts(case, id)?, case.name().map_err(|error| case_failure(&error))?);
        let tags = tag_lines(case, |tag| tag.network.chain.as_ref() == Some(id))?;
        Ok(Self { chain, case: name, thefts, tags })
    }

    /// Traces by these parameters and writes the result down.
    ///
    /// # Errors
    /// When a seed is not in this chain, and whatever the trace refuses.
    pub fn answer(&self, parameters: &Parameters, threads: usize) -> Outcome<(Traced<u64>, Document)> {
        let chain = self.chain;
        let thefts = self.thefts.iter().map(|(_, seeds)| {
            Ok(Theft { seeds: seeds.iter().map(|seed| start(chain, seed)).collect::<Outcome<_>>()? })
        });
        let thefts: Vec<Theft<u64>> = thefts.collect::<Outcome<_>>()?;
        let rules: Vec<Rule> =
            parameters.rules.iter().map(|rule| rule.parse().or_exit(Exit::Usage)).collect::<Outcome<_>>()?;
        let effort = Effort { threads: threads.max(1), ..Effort::default() };
        let traced = trace(&chain.view, &thefts, &rules, &stops::forward(chain, parameters)?, &effort)
            .map_err(|error| trace_failure(&error))?;
        let question = Question {
            case: &self.case,
            network: &network_name(chain),
            gaps: chain.gaps.as_ref(),
            parameters,
            thefts: &self.thefts,
            tags: &self.tags,
        };
        let document = gather(&chain.view, chain, chain.params().asset, &question, &traced);
        chain.healthy()?;
        Ok((traced, document))
    }
}

/// `Bitcoin main`, as the report names the chain.
fn network_name(chain: &Chain) -> String {
    let name = chain.network.name();
    match chain.network {
        Network::LitecoinMain => "Litecoin main".to_owned(),
        Network::LitecoinRegtest => "Litecoin regtest".to_owned(),
        _ => format!("Bitcoin {name}"),
    }
}

/// Seeds by theft, thefts in the order their first seed was added.
fn by_theft(seeds: impl Iterator<Item = Seed>) -> Thefts {
    let mut thefts: Thefts = Vec::new();
    for seed in seeds {
        match thefts.iter_mut().find(|(name, _)| *name == seed.theft) {
            Some((_, seeds)) => seeds.push(seed),
            None => thefts.push((seed.theft.clone(), vec![seed])),
        }
    }
    thefts
}

/// A seed found again in this store.
fn start(chain: &Chain, seed: &Seed) -> Outcome<Start<u64>> {
    Ok(Start { holding: find_coin(chain, seed)?, part: part(seed)? })
}

/// A seed's coin found again in this store, by block as well as by hash.
///
/// # Errors
/// When this chain does not hold it, or it lies behind a gap.
pub(super) fn find_coin(chain: &Chain, seed: &Seed) -> Outcome<HoldingId> {
    let known = seed.height.0 != Seed::HEIGHT_UNKNOWN;
    if known && seed.height > chain.view.as_of().height {
        chain.require_no_gap(seed.height)?;
    }
    let found = chain.view.find(&seed.txid);
    if found.is_empty()
        && let Some(coin) = chain.foreign_coin(&seed.txid, seed.vout)?
    {
        return Ok(coin);
    }
    let unknown_block = seed.block == Hash256::ZERO;
    let found = if found.is_empty() { chain.find_tx(&seed.txid)? } else { found };
    let made = found.into_iter().find(|&made| unknown_block || chain.view.fact(made).block == seed.block);
    let moved = || {
        let message =
            format!("seed {} was made in block {}, which is not in this store's chain", seed.outpoint(), seed.block);
        Failure::new(Exit::NotFound, message)
            .hint("the chain was reorganised since the seed was added: remove the seed and add it again")
    };
    chain.coin(made.ok_or_else(moved)?, seed.vout)
}

/// Which part of its coin a seed names.
///
/// # Errors
/// When the case holds an amount that no coin has.
pub(super) fn part(seed: &Seed) -> Outcome<Part<u64>> {
    let too_much = |_| {
        let message =
            format!("seed {} holds {}, more than a coin of this chain can", seed.outpoint(), seed.stolen_units);
        Failure::new(Exit::Store, message)
    };
    let units = || u64::try_from(seed.stolen_units).map_err(too_much);
    Ok(match seed.position {
        None => Part::Whole,
        Some(Position::Front) => Part::Front(units()?),
        Some(Position::Back) => Part::Back(units()?),
    })
}

/// Every tag of the case that speaks of the ledger in hand, as the report quotes it.
pub(super) fn tag_lines(case: &Case, is_here: impl Fn(&Tag) -> bool) -> Outcome<Vec<TagLine>> {
    let wrap = |error| case_failure(&error);
    let packs: BTreeMap<i64, String> = case
        .packs()
        .map_err(wrap)?
        .into_iter()
        .map(|pack| (pack.id, format!("{}, by {}", pack.title, pack.creator)))
        .collect();
    let stored = case.tags().map_err(wrap)?;
    let here = stored.into_iter().filter(|stored| is_here(&stored.tag));
    Ok(here.map(|stored| tag_line(stored.tag, packs.get(&stored.pack).cloned().unwrap_or_default())).collect())
}

fn tag_line(tag: Tag, pack: String) -> TagLine {
    TagLine {
        subject: tag.subject.text().into(),
        label: tag.label.into(),
        source: tag.source.into(),
        confidence: tag.confidence,
        category: tag.category.map(Into::into),
        abuse: tag.abuse.map(Into::into),
        pack: pack.into(),
        lastmod: tag.lastmod.map(Into::into),
    }
}

/// The parameters that options and the case's tags make together.
///
/// # Errors
/// Options that mean nothing: an unknown rule, an unreadable amount or time.
pub fn parameters(args: &TraceArgs, case: &Case, chain: &Chain) -> Outcome<Parameters> {
    if let Some(height) = args.until_height.map(Height).filter(|height| *height > chain.view.as_of().height) {
        chain.require_no_gap(height)?;
    }
    let rules = rules(&args.rule)?;
    let declared = match &args.declare {
        None => rules[0],
        Some(text) => text.parse().or_exit(Exit::Usage)?,
    };
    if !rules.contains(&declared) {
        return Err(Failure::new(Exit::Usage, format!("--declare {declared} is not among the rules to apply"))
            .hint("add it to --rule"));
    }
    let rules = rules.iter().map(|rule| rule.name().to_owned()).collect();
    Ok(Parameters {
        height_max: args.until_height,
        time_max: args.until_time.as_deref().map(moment).transpose()?,
        ..stops::parameters(&args.stops, rules, declared.name(), Some(case), chain)?
    })
}

fn rules(names: &[String]) -> Outcome<Vec<Rule>> {
    if names.iter().any(|name| name == "all") {
        return Ok(Rule::COINS.to_vec());
    }
    let mut rules: Vec<Rule> = Vec::new();
    for name in names {
        let rule = name
            .parse()
            .or_hint(Exit::Usage, "fifo, lifo, haircut, tiho and poison are rules; `all` stands for all of them")?;
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    Ok(rules)
}

/// A day means its last second.
pub(super) fn moment(text: &str) -> Outcome<u32> {
    let day = text
        .parse::<jiff::civil::Date>()
        .ok()
        .and_then(|day| day.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok());
    let moment = day.map(|day| day.timestamp()).or_else(|| text.parse().ok());
    let seconds = moment.and_then(|moment: jiff::Timestamp| u32::try_from(moment.as_second()).ok());
    seconds.ok_or_else(|| {
        Failure::new(Exit::Usage, format!("`{text}` is not a time of the chain"))
            .hint("write a day, 2022-03-01, or a moment, 2022-03-01T12:00:00Z")
    })
}

pub(super) fn trace_failure(error: &TraceError) -> Failure {
    match error {
        TraceError::Ledger(_) => Failure::because(Exit::Store, error).hint(DAMAGED),
        TraceError::SeedReached { .. } | TraceError::SeedTwice { .. } => Failure::because(Exit::Input, error)
            .hint("remove one of the two with `coinhound seed remove`, or put it into a theft of its own with --theft"),
        _ => Failure::because(Exit::Input, error),
    }
}
