//! `source`: where a coin's value came from, by the rules that can be gone back through.

use coinhound_analysis::patterns::VetoSet;
use coinhound_analysis::trace::{BackStops, Backward, Seed as Start, Source, SourceKind, TraceError, backward};
use coinhound_model::print::CollabPrint;
use coinhound_model::{Amount, Height, Ledger};

use super::args::Format;
use super::chain::Chain;
use super::context::Context;
use super::options::{SeedAddArgs, SourceArgs, Stop};
use super::tracing::{find_coin, part, services, stop_sets, stop_tags, trace_failure};
use super::{seed, tell};
use crate::case::Seed;
use crate::exit::{Exit, Failure, OrFail, Outcome};
use crate::out::Sheet;
use crate::report::Parameters;
use crate::report::parameters::StopTag;
use crate::tags::stops::StopSet;

/// Goes back from the coin and prints its sources, summed.
pub fn run(args: &SourceArgs, context: &Context) -> Outcome<Exit> {
    let chain = context.chain()?;
    let coin = asked(args, &chain)?;
    let parameters = parameters(args, &chain, context)?;
    let stops = stops(&chain, &parameters)?;
    let start = Start { holding: find_coin(&chain, &coin)?, part: part(&coin) };
    let gone = args.rule.iter().map(|rule| backward(&chain.view, rule.rule(), &start, &stops));
    let backs: Vec<Backward<u64>> = gone.collect::<Result<_, TraceError>>().map_err(|error| trace_failure(&error))?;
    let answer = Answer { chain: &chain, coin: &coin, parameters: &parameters, backs: &backs };
    answer.print(args.limit, context)?;
    Ok(Exit::Success)
}

/// The coin in question, or a part of it: said in the way of `seed add`.
fn asked(args: &SourceArgs, chain: &Chain) -> Outcome<Seed> {
    let unreadable = || Failure::new(Exit::Usage, format!("`{}` is not a coin: expected TXID:VOUT", args.coin));
    let (txid, vout) = seed::outpoint(&args.coin).ok_or_else(unreadable)?;
    let (what, amount, position) = (args.coin.clone(), args.amount.clone(), args.position);
    let args = SeedAddArgs { what, amount, position, theft: String::new(), yes: false };
    seed::from_outpoint(chain, txid, vout, &args)
}

fn parameters(args: &SourceArgs, chain: &Chain, context: &Context) -> Outcome<Parameters> {
    let sets = stop_sets(&args.stop)?;
    let mixes = if args.stop.contains(&Stop::Mixers) { VetoSet::COINHOUND_1.collab } else { CollabPrint::empty() };
    let dust = args.dust.as_ref().map(|text| Amount::parse(text, chain.params().asset).or_exit(Exit::Usage));
    let rules: Vec<String> = args.rule.iter().map(|rule| rule.rule().name().to_owned()).collect();
    Ok(Parameters {
        declared: rules[0].clone(),
        rules,
        stop_sets: sets.iter().map(|set| set.name().to_owned()).collect(),
        stop_confidence: args.stop_confidence,
        stops: tags(&sets, args.stop_confidence, chain, context)?,
        collaborative: mixes.iter_names().map(|(name, _)| name.to_owned()).collect(),
        dust_below: dust.transpose()?.map_or(0, |amount| amount.units).to_string(),
        hops_max: args.hops,
        height_max: None,
        time_max: None,
    })
}

/// The tagged services of the case in hand; without a case no service is known, which is said.
fn tags(sets: &[StopSet], level: u8, chain: &Chain, context: &Context) -> Outcome<Vec<StopTag>> {
    if sets.is_empty() {
        return Ok(Vec::new());
    }
    if !context.has_case() {
        tell("note: no case is in hand, so no service is known by a tag");
        return Ok(Vec::new());
    }
    stop_tags(sets, level, &context.open_case()?, chain)
}

fn stops(chain: &Chain, parameters: &Parameters) -> Outcome<BackStops<u64>> {
    let collaborative = parameters.collaborative.iter().filter_map(|name| CollabPrint::from_name(name)).collect();
    Ok(BackStops {
        services: services(chain, parameters),
        collaborative,
        dust_below: parameters.dust_below.parse().expect("it was written from a number"),
        hops_max: parameters.hops_max.unwrap_or(u32::MAX),
        time_min: 0,
        height_min: Height(0),
    })
}

struct Answer<'a> {
    chain: &'a Chain,
    coin: &'a Seed,
    parameters: &'a Parameters,
    backs: &'a [Backward<u64>],
}

impl Answer<'_> {
    fn print(&self, limit: usize, context: &Context) -> Outcome<()> {
        let (facts, totals) = (self.facts(), self.totals());
        let (all, rows) = match context.format {
            Format::Table => self.sources(limit),
            Format::Json | Format::Csv => self.sources(usize::MAX),
        };
        self.chain.healthy()?;
        match context.format {
            Format::Table => context.print_with_tables(&facts, ("totals", &totals), &[("sources", &rows)])?,
            Format::Json | Format::Csv => {
                context.print_with_tables(&facts, ("sources", &rows), &[("totals", &totals)])?;
            }
        }
        if all > rows.len() {
            tell(&format!(
                "{} more sources; print them with --limit, or all of them with --format csv",
                all - rows.len()
            ));
        }
        Ok(())
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let (coin, as_of) = (self.coin, self.chain.view.as_of());
        let part = match coin.position {
            None => "all of it".to_owned(),
            Some(position) => format!("{} at its {}", self.chain.amount(coin.stolen_units), position.name()),
        };
        let some = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        vec![
            ("coin", coin.outpoint()),
            ("holds", self.chain.amount(coin.coin_units).to_string()),
            ("asked about", part),
            ("address", coin.address.clone().unwrap_or_else(|| "-".to_owned())),
            ("as of", format!("height {}, block {}", as_of.height, as_of.block)),
            ("stops", some(&self.parameters.stop_sets)),
            ("services tagged", self.parameters.stops.len().to_string()),
        ]
    }

    /// What came from where, one column a rule, each summed.
    fn totals(&self) -> Sheet {
        let heading = format!("where it came from, {}", self.chain.params().asset.ticker);
        let rules: Vec<String> = self.backs.iter().map(|back| format!(">{}", back.rule)).collect();
        let mut columns = vec![heading.as_str()];
        columns.extend(rules.iter().map(String::as_str));
        let mut sheet = Sheet::new(&columns);
        let mut row = |name: String, of: &dyn Fn(&Backward<u64>) -> u64| {
            let amounts = self.backs.iter().map(|back| self.chain.amount(of(back)).number());
            sheet.push(std::iter::once(name).chain(amounts));
        };
        let mut kinds: Vec<SourceKind> =
            self.backs.iter().flat_map(|back| &back.totals).map(|total| total.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().for_each(|kind| row(self.kind(kind), &|back| back.total(kind)));
        row("sum".to_owned(), &|back| back.sources.iter().map(|source| source.units).sum());
        row("asked about".to_owned(), &|back| back.asked);
        sheet
    }

    /// How many sources there are over all rules, and the largest of each.
    fn sources(&self, limit: usize) -> (usize, Sheet) {
        let value = format!(">{}", self.chain.params().asset.ticker);
        let mut sheet = Sheet::new(&["rule", "source", "coin", &value, "address", ">height", ">steps back"]);
        for back in self.backs {
            let mut rows: Vec<&Source<u64>> = back.sources.iter().collect();
            rows.sort_by_key(|source| (std::cmp::Reverse(source.units), source.holding));
            rows.into_iter().take(limit).for_each(|source| sheet.push(self.row(back, source)));
        }
        (self.backs.iter().map(|back| back.sources.len()).sum(), sheet)
    }

    fn row(&self, back: &Backward<u64>, source: &Source<u64>) -> [String; 7] {
        let view = &self.chain.view;
        let (txid, vout) = view.outpoint(source.holding);
        let height = view.origin(source.holding).map_or_else(|| "-".to_owned(), |(tx, _)| view.height(tx).to_string());
        [
            back.rule.name().to_owned(),
            self.kind(source.kind),
            format!("{txid}:{vout}"),
            self.chain.amount(source.units).number(),
            self.chain.owner(view.entry(source.holding).owner),
            height,
            source.depth.to_string(),
        ]
    }

    fn kind(&self, kind: SourceKind) -> String {
        match kind {
            SourceKind::Issued => "coinbase".to_owned(),
            SourceKind::AtService(number) => {
                let label = self.parameters.service_label(number).map_or("?", |label| label.0.as_str());
                format!("at service: {label}")
            }
            kind => kind.name().to_owned(),
        }
    }
}
