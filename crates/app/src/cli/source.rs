//! `source`: where a coin's value came from, by the rules that can be gone back through.

use coinhound_analysis::trace::{Backward, Seed as Start, Source, SourceKind, TraceError, backward};
use coinhound_model::Ledger;
use serde_json::json;

use super::args::Format;
use super::chain::{Chain, asset};
use super::context::Context;
use super::options::{SeedAddArgs, SourceArgs};
use super::tracing::{find_coin, part, trace_failure};
use super::{seed, stops, tell};
use crate::case::{Position, Seed};
use crate::exit::{Exit, Failure, Outcome};
use crate::money::AssetLine;
use crate::out::{Cell, Facts, Sheet};
use crate::report::{Names, Parameters};

/// Goes back from the coin and prints its sources, summed.
pub fn run(args: &SourceArgs, context: &Context) -> Outcome<Exit> {
    let chain = context.coins("source")?;
    let coin = asked(args, &chain)?;
    let parameters = parameters(args, &chain, context)?;
    let stops = stops::back(&chain, &parameters)?;
    let start = Start { holding: find_coin(&chain, &coin)?, part: part(&coin)? };
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
    let rules: Vec<String> = args.rule.iter().map(|rule| rule.rule().name().to_owned()).collect();
    let declared = rules[0].clone();
    let case = if context.has_case() { Some(context.open_case()?) } else { None };
    if case.is_none() && args.stops.stop.iter().any(|stop| stop.set().is_some()) {
        tell("note: no case is in hand, so no service is known by a tag");
    }
    stops::parameters(&args.stops, rules, &declared, case.as_ref(), chain)
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

    fn facts(&self) -> Facts {
        let (coin, as_of) = (self.coin, self.chain.view.as_of());
        let counted = AssetLine::from(self.chain.params().asset);
        let asked = counted.amount(coin.stolen_units);
        let part = match coin.position {
            None => "all of it".to_owned(),
            Some(position) => format!("{asked} at its {}", position.name()),
        };
        let value = json!({ "units": asked.units.to_string(), "position": coin.position.map(Position::name) });
        Facts::new()
            .with("coin", coin.outpoint())
            .with("holds", Cell::money(counted.amount(coin.coin_units)))
            .with("asked about", Cell::new(part, value))
            .with("address", Cell::maybe(coin.address.as_deref(), "-"))
            .with("as of", Cell::as_of(as_of.height, as_of.block))
            .with("stops", Cell::words(&self.parameters.stop_sets, "none"))
            .with("services tagged", Cell::new(self.parameters.stops.len().to_string(), self.parameters.stops.len()))
            .with("/asset", Cell::new("", asset(self.chain.params().asset)))
    }

    /// What came from where, one column a rule, each summed.
    fn totals(&self) -> Sheet {
        let heading = format!("where it came from, {}/source", self.chain.params().asset.ticker);
        let rules: Vec<String> = self.backs.iter().map(|back| format!(">{}", back.rule)).collect();
        let mut columns = vec![heading.as_str(), "/service", "/cluster_of"];
        columns.extend(rules.iter().map(String::as_str));
        let mut sheet = Sheet::new(&columns);
        let mut row = |name: [Cell; 3], of: &dyn Fn(&Backward<u64>) -> u64| {
            let amounts = self.backs.iter().map(|back| Cell::units(self.chain.amount(of(back))));
            sheet.push(name.into_iter().chain(amounts));
        };
        let mut kinds: Vec<SourceKind> =
            self.backs.iter().flat_map(|back| &back.totals).map(|total| total.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().for_each(|kind| row(self.kind(kind), &|back| back.total(kind)));
        row(plain("sum"), &|back| back.sources.iter().map(|source| source.units).sum());
        row(plain("asked about"), &|back| back.asked);
        sheet
    }

    /// How many sources there are over all rules, and the largest of each.
    fn sources(&self, limit: usize) -> (usize, Sheet) {
        let value = format!(">{}/units", self.chain.params().asset.ticker);
        let columns =
            ["rule", "source", "/service", "/cluster_of", "coin", &value, "address", ">height", ">steps back"];
        let mut sheet = Sheet::new(&columns);
        for back in self.backs {
            let mut rows: Vec<&Source<u64>> = back.sources.iter().collect();
            rows.sort_by_key(|source| (std::cmp::Reverse(source.units), source.holding));
            rows.into_iter().take(limit).for_each(|source| sheet.push(self.row(back, source)));
        }
        (self.backs.iter().map(|back| back.sources.len()).sum(), sheet)
    }

    fn row(&self, back: &Backward<u64>, source: &Source<u64>) -> [Cell; 9] {
        let view = &self.chain.view;
        let (txid, vout) = view.outpoint(source.holding);
        let height = view.origin(source.holding).map(|(tx, _)| u64::from(view.height(tx).0));
        let owner = view.entry(source.holding).owner;
        let [kind, service, cluster_of] = self.kind(source.kind);
        [
            back.rule.name().into(),
            kind,
            service,
            cluster_of,
            format!("{txid}:{vout}").into(),
            Cell::units(self.chain.amount(source.units)),
            if owner.is_some() { self.chain.address(owner).into() } else { Cell::none("-") },
            Cell::maybe_number(height, "-"),
            Cell::number(source.depth.into()),
        ]
    }

    /// The kind of a source, and the service where it is one: joined to people, apart to programs.
    fn kind(&self, kind: SourceKind) -> [Cell; 3] {
        match kind {
            SourceKind::Issued => plain("coinbase"),
            SourceKind::AtService(number) => {
                let service = self.parameters.service(number).expect("the parameters number their own services");
                let told = Cell::new(format!("at service: {}", service.told()), kind.name());
                [told, Cell::from(&service.label.0), Cell::maybe(service.cluster_of, "")]
            }
            kind => plain(kind.name()),
        }
    }
}

/// A source that is no service.
fn plain(name: &str) -> [Cell; 3] {
    [Cell::from(name), Cell::none(""), Cell::none("")]
}
