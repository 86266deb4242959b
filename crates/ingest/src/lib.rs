//! Loads blocks into the store: the only writer.
//!
//! In reading order: what a session remembers so that no look-up leaves memory (`known` over `txs`, `addresses`,
//! `keys` and the stored `prior` chain), how a checked block becomes facts (`derive`, `parts`, `purse`), how
//! planned blocks are taken and committed wherever they come from (`session`, `run`, `feed`, `source`), and who
//! plans: the driver over a node's block files (`files`) and the one over a running node ([`mod@node`]).
//!
//! Account ledgers have one session of their own ([`accounts`]), which every feed of them shares: of NEM, NIS1 nodes
//! ([`nis`]); of Ethereum, its nodes ([`evm`]).

pub mod accounts;
mod addresses;
mod derive;
mod error;
pub mod evm;
mod feed;
mod files;
mod follow;
mod huge_pages;
mod keys;
mod known;
pub mod nis;
pub mod node;
mod options;
mod outcome;
mod parts;
mod prior;
mod purse;
mod run;
mod scan_index;
mod session;
mod slots;
mod source;
mod table;
mod txs;

pub use derive::Deriver;
pub use error::{DeriveError, LoadError};
pub use evm::{
    EvmFilesLoadError, EvmFilesOutcome, EvmFilesReport, EvmLoadError, EvmOptions, EvmOutcome, EvmProgress, EvmReport,
    follow_evm, load_evm, load_evm_files,
};
pub use files::load_blocks;
pub use follow::{Clock, FollowOptions, Trouble};
pub use huge_pages::restart_with_huge_pages;
pub use nis::{NisLoadError, NisOptions, NisOutcome, NisProgress, NisReport, follow_nis, load_nis};
pub use node::{NodeError, NodeReport, follow_node, load_node};
pub use options::{Control, Options, Progress};
pub use outcome::{Outcome, Untold, Unusable};
pub use table::{LoadTableError, TableOptions, TableOutcome, TableProgress, load_table, open_table};
