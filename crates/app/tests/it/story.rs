//! A theft on a ledger in memory, told once and used by every report test.

use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::{Effort, Part, Seed as Start, ServiceTable, Stops, Theft, Traced, trace};
use coinhound_app::case::{Position, Seed};
use coinhound_app::report::document::TagLine;
use coinhound_app::report::parameters::StopTag;
use coinhound_app::report::{Document, Names, Parameters, Question, gather};
use coinhound_app::tags::Confidence;
use coinhound_model::print::CollabPrint;
use coinhound_model::{AddressId, Asset, Ledger};
use coinhound_testkit::{Town, town};
use ruint::aliases::U256;

/// One whole bitcoin.
pub const BTC: u64 = 100_000_000;

/// A drain of two coins, a peel chain past an exchange, a mix, a coin split in two, and fees.
pub fn theft() -> Town {
    town()
        .issue("pay", [("victim", 60 * BTC), ("victim", 40 * BTC), ("bystander", 7 * BTC)])
        .tx("drain", ["pay:0", "pay:1", "pay:2"], [("thief", 90 * BTC), ("thief-2", 16 * BTC + 99_000_000)])
        .tx("peel-1", ["drain:0"], [("exchange", 10 * BTC), ("peel", 79 * BTC + 99_990_000)])
        .tx("peel-2", ["peel-1:1"], [("exchange", 12 * BTC + 12_345_678), ("peel", 67 * BTC + 87_634_322)])
        .tx("peel-3", ["peel-2:1"], [("wallet", 30 * BTC), ("peel", 37 * BTC)])
        .tx("mix", ["peel-3:1", "stranger"], [("m1", 20 * BTC), ("m2", 20 * BTC)])
        .collaborative(CollabPrint::BLOCKSCI_GENERIC)
        .tx("merge", ["drain:1", "bob"], [("shop", 9 * BTC), ("thief-3", 8 * BTC)])
}

/// How a test asks.
pub struct Ask {
    pub declared: Rule,
    pub rules: Vec<Rule>,
    pub label: String,
}

impl Default for Ask {
    fn default() -> Self {
        Self { declared: Rule::Fifo, rules: Rule::COINS.to_vec(), label: "Example Exchange".into() }
    }
}

struct People<'a>(&'a Town);

impl Names for People<'_> {
    fn address(&self, id: AddressId) -> String {
        self.0.person(id).to_owned()
    }
}

/// The seeds: one whole coin, and the front of another.
pub fn seeds(town: &Town) -> Vec<Seed> {
    [("pay:0", 60 * BTC, None), ("pay:1", 35 * BTC, Some(Position::Front))]
        .map(|(coin, stolen, position)| seed(town, coin, stolen, position))
        .to_vec()
}

fn seed(town: &Town, coin: &str, stolen: u64, position: Option<Position>) -> Seed {
    let ledger = town.ledger();
    let holding = town.coin(coin);
    let (txid, vout) = ledger.outpoint(holding);
    let fact = ledger.fact(ledger.origin(holding).expect("the coin was made here").0);
    let entry = ledger.entry(holding);
    Seed {
        theft: "theft".into(),
        chain: ledger.as_of().chain.clone(),
        txid,
        vout,
        height: fact.height,
        block: fact.block,
        coin_units: U256::from(entry.units),
        stolen_units: U256::from(stolen),
        position,
        address: Some(town.person(entry.owner).to_owned()),
        given: "outpoint".into(),
        asset: None,
    }
}

fn traced(town: &Town, ask: &Ask) -> Traced<u64> {
    let part = |seed: &Seed| if seed.position.is_some() { Part::Front(35 * BTC) } else { Part::Whole };
    let seeds = seeds(town);
    let starts =
        ["pay:0", "pay:1"].iter().zip(&seeds).map(|(coin, seed)| Start { holding: town.coin(coin), part: part(seed) });
    let mut stops = Stops::none();
    stops.services = ServiceTable::new([(town.address("exchange"), 0)]);
    stops.collaborative = CollabPrint::all();
    trace(town.ledger(), &[Theft { seeds: starts.collect() }], &ask.rules, &stops, &Effort::default())
        .expect("the story is sound")
}

/// The parameters of the story.
pub fn parameters(ask: &Ask) -> Parameters {
    Parameters {
        rules: ask.rules.iter().map(|rule| rule.name().to_owned()).collect(),
        declared: ask.declared.name().to_owned(),
        stop_sets: vec!["services".into(), "mixers".into()],
        stop_confidence: 50,
        stop_exact: false,
        stops: vec![StopTag {
            address: "exchange".into(),
            set: "services".into(),
            label: ask.label.as_str().into(),
            source: "https://exchange.example/addresses".into(),
            confidence: "service_data".into(),
            pack: "Test pack".into(),
            cluster: None,
        }],
        collaborative: vec!["BLOCKSCI_GENERIC".into()],
        dust_below: "0".into(),
        hops_max: None,
        height_max: None,
        time_max: None,
        conversions: None,
        exchangers: Vec::new(),
    }
}

/// A tag of the story.
pub fn tag(subject: &str, label: &str, source: &str) -> TagLine {
    TagLine {
        subject: subject.into(),
        label: label.into(),
        source: source.into(),
        confidence: Confidence::parse("service_data").expect("it is on the scale"),
        category: Some("exchange".into()),
        abuse: None,
        pack: "Test pack by somebody".into(),
        lastmod: Some("2021-11-12".into()),
    }
}

/// The story's report.
pub fn document(ask: &Ask) -> Document {
    let town = theft();
    let traced = traced(&town, ask);
    let question = Question {
        case: "heist",
        network: "town",
        gaps: None,
        parameters: &parameters(ask),
        thefts: &[("theft".into(), seeds(&town))],
        tags: &[tag("exchange", &ask.label, "https://exchange.example/addresses"), tag("nowhere", "unused", "nobody")],
    };
    gather(town.ledger(), &People(&town), Asset::BTC, &question, &traced)
}
