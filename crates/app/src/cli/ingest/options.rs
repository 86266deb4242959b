//! The options of `ingest`: one set for every feed.

use std::path::PathBuf;

use clap::Args;
use coinhound_chains::evm::rpc::Place;
use coinhound_model::BlockHash;

use crate::cli::network::Named;

/// Options of `ingest`.
#[derive(Args, Debug)]
pub struct IngestArgs {
    /// The node's folder of blk*.dat files; of Ethereum a folder of block files
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rpc", "rpc_user", "rpc_cookie", "follow"])]
    pub blocks: Option<PathBuf>,
    /// A running node's address: http://127.0.0.1:8332
    #[arg(long, value_name = "URL")]
    pub rpc: Option<String>,
    /// Files of rows that somebody supplied: CSV, TSV or the like, read by --map
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["blocks", "rpc", "rpc_user", "rpc_cookie", "follow", "start_height"])]
    pub table: Vec<PathBuf>,
    /// How the rows are read: a map's file, or transfers, etherscan, etherscan-internal, etherscan-erc20,
    /// esplora-address, wallet-statement; one for all files, or one for each
    #[arg(long, value_name = "MAP|NAME", num_args = 1.., requires = "table")]
    pub map: Vec<String>,
    /// The ledger's name, where not that of the map is wanted
    #[arg(long, value_name = "NAME", requires = "table")]
    pub ledger: Option<String>,
    /// Leave rows out that cannot be read, counted and named, instead of refusing all
    #[arg(long, requires = "table")]
    pub skip_bad: bool,
    /// NIS1 nodes of NEM: http://127.0.0.1:7890; with several, only what all of them say is stored
    #[arg(long, value_name = "URL", num_args = 1.., conflicts_with_all = ["blocks", "rpc", "rpc_user", "rpc_cookie", "table"])]
    pub nis: Vec<String>,
    /// Which of NEM's networks: nem, nem-testnet or nem-mijin
    #[arg(long, value_name = "NAME", default_value = "nem")]
    pub nem_network: String,
    /// A running Ethereum node's JSON-RPC address: http://127.0.0.1:8545
    #[arg(long, value_name = "URL", conflicts_with_all = ["blocks", "rpc", "rpc_user", "rpc_cookie", "table", "nis"])]
    pub evm: Option<String>,
    /// Up to which block an Ethereum node is read: finalized, safe, latest, or a height
    #[arg(long, value_name = "BLOCK", default_value = "finalized", value_parser = place)]
    pub until: Place,
    /// Balances of Ethereum's block 0, for a new store that begins there: a genesis file (JSON), or lines of `account,wei`
    #[arg(long, value_name = "FILE")]
    pub openings: Option<PathBuf>,
    /// So many of the nodes' newest blocks are left for later
    #[arg(long, value_name = "BLOCKS", default_value_t = 0)]
    pub behind: u32,
    /// Follow another branch that displaces more than nodes exchange, by its first block
    #[arg(long, value_name = "HASH")]
    pub accept_reorg: Option<BlockHash>,
    /// Name for the node; its password is in COINHOUND_RPC_PASSWORD or in --rpc-password-file
    #[arg(long, value_name = "NAME", conflicts_with = "rpc_cookie")]
    pub rpc_user: Option<String>,
    /// File whose first line is the node's password
    #[arg(long, value_name = "FILE", conflicts_with = "rpc_cookie")]
    pub rpc_password_file: Option<PathBuf>,
    /// The node's cookie file; else the one in its usual folder, for a node on this machine
    #[arg(long, value_name = "FILE")]
    pub rpc_cookie: Option<PathBuf>,
    /// Go on with the node's chain until interrupted
    #[arg(long)]
    pub follow: bool,
    /// Seconds between two questions for new blocks, while following
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub poll: u64,
    /// Which network's blocks they are: main, testnet3, testnet4, signet, regtest, litecoin, litecoin-regtest or
    /// ethereum; evm-test:NUMBER is a chain that tests play on
    #[arg(long, default_value = "main")]
    pub network: Named,
    /// Height of the first block, where the blocks do not tell it themselves
    #[arg(long, value_name = "N", alias = "start")]
    pub start_height: Option<u32>,
}

/// Up to which block.
fn place(text: &str) -> Result<Place, String> {
    match text {
        "finalized" => Ok(Place::Finalized),
        "safe" => Ok(Place::Safe),
        "latest" => Ok(Place::Latest),
        height => {
            height.parse().map(Place::Number).map_err(|_| "expected finalized, safe, latest or a height".to_owned())
        }
    }
}
