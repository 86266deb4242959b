//! The verbs and the manual that `--help` prints: examples first.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::options::{
    BalancesArgs, CaseArgs, ClusterArgs, CompletionsArgs, ConfigArgs, CustomersArgs, DemoArgs, IngestArgs, ManArgs,
    ReportArgs, SeedArgs, ShowArgs, SourceArgs, StoreArgs, TagArgs, TokensArgs, TraceArgs, WhyArgs,
};
use crate::config::ENVIRONMENT;
use crate::exit::EXIT_CODES;

/// Puts the examples right under the sentence that says what the verb does.
pub(super) const MANUAL: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const TOP_EXAMPLES: &str = "\
Examples:
  coinhound demo                               the theft at Coincheck, traced and reported
  coinhound ingest --blocks ~/.bitcoin/blocks  read a node's block files
  coinhound ingest --rpc http://127.0.0.1:8332 --follow
                                               or ask the running node, and go on with it
  coinhound show 1BoatSLRHtKNngkdXEeobR76b53LETtpyT

  coinhound case new heist                     an investigation
  coinhound seed add TXID:0                    what was stolen
  coinhound tag import exchanges.yaml          who says which address is whose
  coinhound trace --rule all --stop services,mixers
  coinhound report --out heist-report\n\n";

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
    #[arg(long, global = true, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Case to work on, by name or file; else the one last created or chosen
    #[arg(long, global = true, value_name = "NAME|FILE")]
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
    /// Traces the theft at Coincheck, and a reconstruction of what came after
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound demo
  coinhound demo --out /tmp/demo
  coinhound demo --story bitcoin

Nothing is fetched and nothing is asked. The eleven transfers are what public sources tell; they ship with the
program, each with its source. The reconstruction and the Bitcoin story are made up and say so; everything
that reads, traces and reports them is the real thing.\n\n")]
    Demo(DemoArgs),
    /// Reads a node's block files, or asks a running node, into the store
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound ingest --blocks ~/.bitcoin/blocks
  coinhound ingest --blocks /mnt/testnet4/blocks --network testnet4
  coinhound ingest --blocks pruned/blocks --start-height 866342

  coinhound ingest --rpc http://127.0.0.1:8332
  coinhound ingest --rpc http://127.0.0.1:8332 --follow
  coinhound ingest --rpc http://127.0.0.1:9332 --network litecoin --rpc-cookie ~/.litecoin/.cookie
  COINHOUND_RPC_PASSWORD=... coinhound ingest --rpc http://127.0.0.1:8332 --rpc-user analyst

  coinhound ingest --evm http://127.0.0.1:8545 --start 21000000
  coinhound ingest --evm http://127.0.0.1:8545 --until latest --follow
  coinhound ingest --blocks ethereum-blocks --network ethereum

  coinhound ingest --nis http://127.0.0.1:7890 http://another:7890 --start 1475000
  coinhound ingest --table transfers.csv --map transfers
  coinhound ingest --table export-*.csv --map etherscan --skip-bad

Run it again to add what is new; files and node may take turns on one store. Interrupt it
whenever you like: what was read stays. The node may be running while its files are read.
With --follow it goes on with the node's chain, through reorganisations, until interrupted:
a line for each block, with --json a JSON object for each event on standard output.

A node is asked over plain HTTP and believed in nothing: headers, work, merkle roots and
witness commitments are checked. Without a name or a cookie file, the cookie in the node's
usual folder is used for a node on this machine.

Ethereum is read from a node's JSON-RPC, or from files of blocks with their receipts: headers,
transactions, senders, receipts and logs are recomputed; what contracts passed on (traces) is the
node's word, and what is missing of it is said with every answer. Unless told, finalized blocks are read.

NEM is read from NIS1 nodes; every block's hash, links and signatures are checked, and what several nodes
do not all say is not stored. A start above the first block leaves earlier balances unknown, not clean.

A table's rows are supplied, not verified against a chain, and everything that follows from them
says so. A row that cannot be read is named by its line and column, and then nothing is stored;
with --skip-bad such rows are left out, counted and named.\n\n")]
    Ingest(Box<IngestArgs>),
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
  coinhound store rebuild base/0000400000-txids\n\n")]
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
    /// Lists who pays in at a service's shared address, told apart by message
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound --store nem-104 customers NALICEPFLZQRZGPRIJTMJOCPWDNECXTNNG7QLSG3

On NEM an exchange gives all its customers one address and tells them apart by the message. Who sends
with one message is a candidate for common control, no more. Messages are what strangers wrote.\n\n")]
    Customers(CustomersArgs),
    /// Holds the balances of an Ethereum store against a node's, and names tokens that do not follow their logs
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound --store eip155-1 balances --evm http://127.0.0.1:8545 --sample 5000
  coinhound --store eip155-1 balances --evm http://127.0.0.1:8545 --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed

Blocks prove what logs say, and nothing proves that a token's balances follow them: some keep a fee of each
transfer, others change balances without a word. What differs is kept beside the store, and every later answer
about such a token says so. A ledger that begins late is compared by what changed since: for that the node
must still have the state below its first block.\n\n")]
    Balances(BalancesArgs),
    /// Lists the tokens of an Ethereum store: what they are called, with how many decimals, and by whose word
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound --store eip155-1 tokens
  coinhound --store eip155-1 tokens --evm http://127.0.0.1:8545

A contract's symbol and decimals are in no block. Well-known tokens are told by a table that the program brings
along, others by a node that is asked; its answers are the contract's own word, are kept beside the store and
shown in quotes. Anybody can call a token what another is called: only the contract's address says what it is.\n\n")]
    Tokens(TokensArgs),
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
  coinhound tag from-mosaic ts:warning_dont_accept_stolen_funds
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
    /// Says where a coin's value came from
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound source 0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0
  coinhound source TXID:1 --rule fifo --stop none
  coinhound source TXID:1 --amount 2.5 --position front

Goes back to coinbases, to services tagged in the case in hand, to mixes, and to coins made
before the blocks read; the sources add up to the coin.
Rules: fifo, lifo, haircut. tiho and poison cannot be gone back through.\n\n")]
    Source(SourceArgs),
    /// Writes the last trace down: a page for people, JSON and CSV for programs
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound report
  coinhound report --out heist-report\n\n")]
    Report(ReportArgs),
    /// Lists and shows thefts and other illicit income of public record
    #[command(help_template = MANUAL, before_help = super::register::EXAMPLES)]
    Register(super::register::RegisterArgs),
    /// Shows and checks the configuration
    #[command(help_template = MANUAL, before_help = "\
Examples:
  coinhound config show --origin
  coinhound config check

A file ~/.config/coinhound/config.toml may hold:
  store = \"/data/coinhound/bitcoin\"
  network = \"main\"
  [ingest]
  rpc = \"http://127.0.0.1:8332\"
  rpc_cookie = \"~/.bitcoin/.cookie\"
  [trace]
  stop = [\"services\", \"mixers\"]
  stop_confidence = 60\n\n")]
    Config(ConfigArgs),
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
