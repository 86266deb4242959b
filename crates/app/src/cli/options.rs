//! The options of each verb.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use coinhound_analysis::taint::Rule;
use coinhound_analysis::trace::Conversions;
use coinhound_chains::bitcoin::Network;

pub use super::ingest::IngestArgs;
use crate::case::Position;
use crate::tags::stops::StopSet;

/// Options of `demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Folder for chain, store, case and report; what an earlier demo left there is replaced
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Number that a made-up chain grows from
    #[arg(long)]
    pub seed: Option<u64>,
    /// Which story
    #[arg(long, value_enum, default_value_t = Story::Coincheck)]
    pub story: Story,
}

/// A story that the demo tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Story {
    /// The theft of 2018 as far as it is told, then a reconstruction that goes on where sources end.
    Coincheck,
    /// A made-up theft on a made-up Bitcoin chain.
    Bitcoin,
}

/// Options of `show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// A height, a block's or transaction's hash, or an address
    #[arg(value_name = "BLOCK|TX|ADDRESS")]
    pub what: String,
    /// Most rows to print
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub limit: usize,
}

/// Options of `store`.
#[derive(Args, Debug)]
pub struct StoreArgs {
    /// What to do with the store.
    #[command(subcommand)]
    pub action: StoreAction,
}

/// What to do with the store.
#[derive(Subcommand, Debug)]
pub enum StoreAction {
    /// Verifies every page of every file
    Check,
    /// Makes a derived table anew from the facts
    Rebuild {
        /// The table as `store check` names it
        role: String,
    },
}

/// Tiers of evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Tier {
    /// Addresses that use one key.
    SameKey,
    /// Addresses spent from in one transaction.
    CoSpend,
}

/// Options of `cluster`.
#[derive(Args, Debug)]
pub struct ClusterArgs {
    /// The address
    pub address: String,
    /// Evidence to use
    #[arg(long, value_enum, value_delimiter = ',', default_value = "same-key,co-spend")]
    pub tier: Vec<Tier>,
    /// Most look-ups before giving up
    #[arg(long, default_value_t = 1_000_000)]
    pub budget: u64,
    /// Most addresses to print
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub limit: usize,
}

/// Options of `customers`.
#[derive(Args, Debug)]
pub struct CustomersArgs {
    /// The address that a service's customers share
    pub address: String,
    /// Most customers to print
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub limit: usize,
}

/// Options of `balances`.
#[derive(Args, Debug)]
pub struct BalancesArgs {
    /// The Ethereum node to ask: http://127.0.0.1:8545
    #[arg(long, value_name = "URL")]
    pub evm: String,
    /// Compare all that this account holds; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub address: Vec<String>,
    /// Compare a sample of so many balances, picked by hash
    #[arg(long, default_value_t = 1_000, value_name = "N", conflicts_with = "address")]
    pub sample: u64,
    /// Most differences to print
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub limit: usize,
}

/// Options of `tokens`.
#[derive(Args, Debug)]
pub struct TokensArgs {
    /// Ask this Ethereum node for symbols and decimals that nobody told yet
    #[arg(long, value_name = "URL")]
    pub evm: Option<String>,
    /// Only the tokens of this contract; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub token: Vec<String>,
    /// Ask again what a node told before
    #[arg(long, requires = "evm")]
    pub again: bool,
    /// Most tokens to print
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    pub limit: usize,
}

/// Options of `why`.
#[derive(Args, Debug)]
pub struct WhyArgs {
    /// One address
    pub a: String,
    /// The other
    pub b: String,
    /// Evidence to use
    #[arg(long, value_enum, value_delimiter = ',', default_value = "same-key,co-spend")]
    pub tier: Vec<Tier>,
    /// Most look-ups before giving up
    #[arg(long, default_value_t = 1_000_000)]
    pub budget: u64,
}

/// Options of `case`.
#[derive(Args, Debug)]
pub struct CaseArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: CaseAction,
}

/// What to do with cases.
#[derive(Subcommand, Debug)]
pub enum CaseAction {
    /// Creates a case and makes it the one in hand
    New {
        /// Name, or file ending in .case
        name: String,
    },
    /// Lists the cases
    List,
    /// Makes a case the one in hand
    Use {
        /// Name or file
        name: String,
    },
    /// Shows seeds, packs, runs and the audit log
    Show,
}

/// Options of `seed`.
#[derive(Args, Debug)]
pub struct SeedArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: SeedAction,
}

/// What to do with seeds.
#[derive(Subcommand, Debug)]
pub enum SeedAction {
    /// Adds a stolen coin, or every coin an address holds
    Add(SeedAddArgs),
    /// Lists the stolen coins
    List,
    /// Takes a coin out of the seeds; the log keeps both decisions
    Remove {
        /// The coin
        #[arg(value_name = "TXID:VOUT")]
        coin: String,
        /// Which theft
        #[arg(long, default_value = "theft")]
        theft: String,
    },
}

/// Options of `seed add`.
#[derive(Args, Debug)]
pub struct SeedAddArgs {
    /// The coin, or an address whose coins as of --as-of are meant
    #[arg(value_name = "TXID:VOUT|ADDRESS")]
    pub what: String,
    /// Stolen part of the coin, in whole units: 2.5
    #[arg(long)]
    pub amount: Option<String>,
    /// Where that part lies in the coin; needed when it is not the whole
    #[arg(long, value_enum)]
    pub position: Option<Position>,
    /// Which theft it belongs to; each is traced alone
    #[arg(long, default_value = "theft")]
    pub theft: String,
    /// Add the listed coins of an address
    #[arg(long)]
    pub yes: bool,
}

/// Options of `tag`.
#[derive(Args, Debug)]
pub struct TagArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: TagAction,
}

/// What to do with tags.
#[derive(Subcommand, Debug)]
pub enum TagAction {
    /// Imports a tag pack, all of it or nothing
    Import {
        /// The pack
        #[arg(value_name = "PACK.YAML")]
        pack: PathBuf,
        /// Confidence for tags that have none: your own judgement, kept in the log
        #[arg(long, value_name = "ID")]
        confidence: Option<String>,
        /// Leave invalid tags out instead of refusing the pack
        #[arg(long)]
        skip_invalid: bool,
        /// Read tags of `BTC` as this test network's
        #[arg(long)]
        network: Option<Network>,
    },
    /// Makes tags of the mosaics that accounts were marked with: who sent what, never truth
    FromMosaic {
        /// The mosaics, as namespace:name
        #[arg(value_name = "NAMESPACE:NAME", required = true)]
        mosaics: Vec<String>,
    },
    /// Lists packs and tags
    List {
        /// Only this category
        #[arg(long)]
        category: Option<String>,
        /// Only this address or transaction
        #[arg(long)]
        subject: Option<String>,
        /// Most tags to print
        #[arg(long, default_value_t = 100, value_name = "ROWS")]
        limit: usize,
    },
    /// Takes a pack and its tags out of the case
    Revoke {
        /// Number of the pack, as `tag list` shows it
        pack: i64,
    },
    /// Writes the case's tags as a pack
    Export {
        /// File to write
        #[arg(long)]
        out: PathBuf,
    },
}

/// A stop of a walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Stop {
    /// Tagged services.
    Services,
    /// Tagged mixers, and transactions that look like mixes.
    Mixers,
    /// Follow everything.
    None,
}

impl Stop {
    /// The set of tags, if it is one.
    #[must_use]
    pub fn set(self) -> Option<StopSet> {
        match self {
            Self::Services => Some(StopSet::Services),
            Self::Mixers => Some(StopSet::Mixers),
            Self::None => None,
        }
    }
}

/// Where a walk through the chain stops, forward or back: the same for `trace` and `source`.
#[derive(Args, Debug, Clone)]
pub struct StopArgs {
    /// Where the walk ends although the chain goes on
    #[arg(long, value_enum, value_delimiter = ',', default_value = "services,mixers")]
    pub stop: Vec<Stop>,
    /// Least confidence of a tag that ends the walk, 0 to 100
    #[arg(long, default_value_t = 50, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub stop_confidence: u8,
    /// Stop at tagged addresses alone, not at the clusters that their packs say they define
    #[arg(long)]
    pub stop_exact: bool,
    /// Do not follow less than this, in whole units: 0.0001
    #[arg(long, value_name = "AMOUNT")]
    pub dust: Option<String>,
    /// Do not follow further than this many transactions
    #[arg(long, value_name = "N")]
    pub hops: Option<u32>,
}

/// Options of `trace`.
#[derive(Args, Debug, Clone)]
pub struct TraceArgs {
    /// Rules to apply, side by side: all, or a list
    #[arg(long, value_delimiter = ',', default_value = "all")]
    pub rule: Vec<String>,
    /// The one rule the report answers by; else the first of the list
    #[arg(long, value_name = "RULE")]
    pub declare: Option<String>,
    /// Where it stops.
    #[command(flatten)]
    pub stops: StopArgs,
    /// Do not follow above this height
    #[arg(long, value_name = "HEIGHT")]
    pub until_height: Option<u32>,
    /// Do not follow past this day or moment, by block time: 2022-03-01 or 2022-03-01T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub until_time: Option<String>,
    /// On account ledgers, where value is exchanged for another asset: go on in that one where only accounts known to
    /// exchange gain by it, or whoever gains, or follow the movements as they stand
    #[arg(long, value_enum, default_value_t = OnConversion::Known)]
    pub conversions: OnConversion,
    /// An account known to exchange assets, beside those tagged so; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub exchanger: Vec<String>,
    /// Threads to use; the result does not depend on it
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub threads: usize,
}

/// What a conversion does to a trail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum OnConversion {
    /// Go on in the asset that was received, where nobody gains but accounts known to exchange.
    Known,
    /// Go on in the asset that was received, whoever gains.
    Follow,
    /// Follow the movements as they stand.
    Stop,
}

impl OnConversion {
    /// The engine's choice.
    #[must_use]
    pub fn choice(self) -> Conversions {
        match self {
            Self::Known => Conversions::Known,
            Self::Follow => Conversions::Follow,
            Self::Stop => Conversions::Stop,
        }
    }
}

/// A rule that can be gone back through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum BackRule {
    /// First in, first out, inverted exactly.
    Fifo,
    /// Last in, first out, inverted exactly.
    Lifo,
    /// In proportion to the inputs.
    Haircut,
}

impl BackRule {
    /// The rule itself.
    #[must_use]
    pub fn rule(self) -> Rule {
        match self {
            Self::Fifo => Rule::Fifo,
            Self::Lifo => Rule::Lifo,
            Self::Haircut => Rule::Haircut,
        }
    }
}

/// Options of `source`.
#[derive(Args, Debug)]
pub struct SourceArgs {
    /// The coin
    #[arg(value_name = "TXID:VOUT")]
    pub coin: String,
    /// Part of the coin that is asked about, in whole units: 2.5
    #[arg(long)]
    pub amount: Option<String>,
    /// Where that part lies in the coin; needed when it is not the whole
    #[arg(long, value_enum)]
    pub position: Option<Position>,
    /// Rules to apply, side by side
    #[arg(long, value_enum, value_delimiter = ',', default_value = "fifo,lifo,haircut")]
    pub rule: Vec<BackRule>,
    /// Where it stops.
    #[command(flatten)]
    pub stops: StopArgs,
    /// Most sources to print for one rule
    #[arg(long, default_value_t = 12, value_name = "ROWS")]
    pub limit: usize,
}

/// Options of `report`.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Folder for the report; else `<case>-report` here
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Number of the run to report, as `case show` lists it; else the last
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
}

/// Options of `config`.
#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// What to do with the configuration.
#[derive(Subcommand, Debug)]
pub enum ConfigAction {
    /// Lists every setting with its value
    Show {
        /// Also where each value is from: default, file and line, or variable
        #[arg(long)]
        origin: bool,
    },
    /// Says what is wrong with the file and the variables
    Check,
}

/// Options of `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Args, Debug)]
pub struct ManArgs {
    /// Folder for the pages
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}
