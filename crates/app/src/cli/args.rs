//! Every option of every verb, and the manual that `--help` prints: examples first.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use coinhound_chains::bitcoin::Network;

use crate::case::Position;
use crate::config::ENVIRONMENT;
use crate::exit::EXIT_CODES;
use crate::tags::stops::StopSet;

/// Puts the examples right under the sentence that says what the verb does.
const MANUAL: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const TOP_EXAMPLES: &str = "\
Examples:
  coinhound demo                                   a theft on a chain of its own, traced and reported
  coinhound ingest --blocks ~/.bitcoin/blocks      read a node's block files; again later for what is new
  coinhound show 1BoatSLRHtKNngkdXEeobR76b53LETtpyT

  coinhound case new heist                         an investigation
  coinhound seed add TXID:0                        what was stolen
  coinhound tag import exchanges.yaml              who says which address is whose
  coinhound trace --rule all --stop services,mixers
  coinhound report --out heist-report";

/// Follows stolen coins through real chain data and says where they came to rest, by which rule.
#[derive(Parser, Debug)]
#[command(name = "coinhound", version, help_template = MANUAL, before_help = TOP_EXAMPLES, arg_required_else_help = true)]
#[command(after_help = format!("{EXIT_CODES}\n\n{ENVIRONMENT}"))]
pub struct Cli {
    /// Options that every verb takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every verb takes.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "For every verb")]
pub struct Global {
    /// Folder of the store
    #[arg(long, global = true, value_name = "DIR", env = "COINHOUND_STORE", hide_env = true)]
    pub store: Option<PathBuf>,
    /// Case to work on, by name or file; else the one last created or chosen
    #[arg(long, global = true, value_name = "NAME|FILE", env = "COINHOUND_CASE", hide_env = true)]
    pub case: Option<String>,
    /// Answer as of this height instead of the tip
    #[arg(long, global = true, value_name = "HEIGHT")]
    pub as_of: Option<u32>,
    /// How to print the answer
    #[arg(long, global = true, value_name = "FORM", value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// The same as --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
}

/// How an answer is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// Aligned text for people.
    Table,
    /// JSON for programs; amounts are text, exact.
    Json,
    /// CSV for spreadsheets; no cell is a formula.
    Csv,
}

/// The verbs.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Traces a theft on a chain that the program writes itself
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound demo
  coinhound demo --out /tmp/demo

Nothing is fetched and nothing is asked: the chain, the theft and the tags are made up, the rest is the real thing.\n\n")]
    Demo(DemoArgs),
    /// Reads a node's block files into the store
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound ingest --blocks ~/.bitcoin/blocks
  coinhound ingest --blocks /mnt/testnet4/blocks --network testnet4
  coinhound ingest --blocks pruned/blocks --start-height 866342

Run it again to add what is new. Interrupt it whenever you like: what was read stays.
The node may be running; a block that is not whole yet is read the next time.\n\n")]
    Ingest(IngestArgs),
    /// Says what the store holds
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound status
  coinhound --json status\n\n")]
    Status,
    /// Shows a block, a transaction or an address
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound show 170
  coinhound show f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16
  coinhound show 12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX
  coinhound show --as-of 100000 1BoatSLRHtKNngkdXEeobR76b53LETtpyT\n\n")]
    Show(ShowArgs),
    /// Checks the store's checksums, or makes a derived table anew
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound store check
  coinhound store rebuild base/txids\n\n")]
    Store(StoreArgs),
    /// Lists the addresses that the same hand controls, by the evidence asked for
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound cluster 1BoatSLRHtKNngkdXEeobR76b53LETtpyT
  coinhound cluster --tier same-key 1BoatSLRHtKNngkdXEeobR76b53LETtpyT

A cluster is an inference, not an observation. Tiers:
  same-key   addresses that use one key
  co-spend   addresses spent from in one transaction, unless it looks like several people's\n\n")]
    Cluster(ClusterArgs),
    /// Shows why two addresses are said to have the same owner
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound why 1BoatSLRHtKNngkdXEeobR76b53LETtpyT 12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX

Prints the shortest chain of transactions and keys, and on how many independent ones the link rests.\n\n")]
    Why(WhyArgs),
    /// Creates, lists, chooses or shows cases
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound case new heist
  coinhound case list
  coinhound case use heist
  coinhound case show\n\n")]
    Case(CaseArgs),
    /// Says what was stolen
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound seed add 0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0
  coinhound seed add TXID:1 --amount 2.5 --position front
  coinhound seed add 1BoatSLRHtKNngkdXEeobR76b53LETtpyT --as-of 100000 --yes
  coinhound seed list
  coinhound seed remove TXID:1\n\n")]
    Seed(SeedArgs),
    /// Imports and lists tags: who says what about which address
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound tag import exchanges.yaml
  coinhound tag import ofac.yaml --confidence authority_data
  coinhound tag list --category exchange
  coinhound tag export --out tags.yaml
  coinhound tag revoke 2

Packs are GraphSense TagPacks. Every tag needs a source and a confidence; a pack with errors is refused
whole, with each error named by its line.\n\n")]
    Tag(TagArgs),
    /// Follows the case's stolen coins
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound trace
  coinhound trace --rule fifo,haircut --stop services
  coinhound trace --rule all --stop none --hops 50 --dust 0.0001
  coinhound trace --as-of 800000 --until-time 2022-03-01

Rules: fifo, lifo, haircut, tiho (all add up to what was stolen) and poison (an upper bound of reach).\n\n")]
    Trace(TraceArgs),
    /// Writes the last trace down: a page for people, JSON and CSV for programs
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound report
  coinhound report --out heist-report\n\n")]
    Report(ReportArgs),
    /// Prints completions for a shell
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound completions bash > ~/.local/share/bash-completion/completions/coinhound\n\n")]
    Completions(CompletionsArgs),
    /// Writes the manual pages
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound man --out ~/.local/share/man/man1\n\n")]
    Man(ManArgs),
}

/// Options of `demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Folder for chain, store, case and report; what an earlier demo left there is replaced
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Number that the made-up chain grows from
    #[arg(long, default_value_t = 2018)]
    pub seed: u64,
}

/// Options of `ingest`.
#[derive(Args, Debug)]
pub struct IngestArgs {
    /// The node's folder of blk*.dat files
    #[arg(long, value_name = "DIR")]
    pub blocks: PathBuf,
    /// Which network's blocks they are: main, testnet3, testnet4, signet or regtest
    #[arg(long, default_value = "main")]
    pub network: Network,
    /// Height of the first block, where the blocks do not tell it themselves
    #[arg(long, value_name = "N")]
    pub start_height: Option<u32>,
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

/// A stop of `trace`.
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

/// Options of `trace`.
#[derive(Args, Debug, Clone)]
pub struct TraceArgs {
    /// Rules to apply, side by side: all, or a list
    #[arg(long, value_delimiter = ',', default_value = "all")]
    pub rule: Vec<String>,
    /// The one rule the report answers by; else the first of the list
    #[arg(long, value_name = "RULE")]
    pub declare: Option<String>,
    /// Where trails end although the chain goes on
    #[arg(long, value_enum, value_delimiter = ',', default_value = "services,mixers")]
    pub stop: Vec<Stop>,
    /// Least confidence of a tag that ends a trail, 0 to 100
    #[arg(long, default_value_t = 50, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub stop_confidence: u8,
    /// Do not follow less than this, in whole units: 0.0001
    #[arg(long, value_name = "AMOUNT")]
    pub dust: Option<String>,
    /// Do not follow further than this many transactions
    #[arg(long, value_name = "N")]
    pub hops: Option<u32>,
    /// Do not follow above this height
    #[arg(long, value_name = "HEIGHT")]
    pub until_height: Option<u32>,
    /// Do not follow past this day or moment, by block time: 2022-03-01 or 2022-03-01T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub until_time: Option<String>,
    /// Threads to use; the result does not depend on it
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub threads: usize,
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
