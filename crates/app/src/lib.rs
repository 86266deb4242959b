//! Everything the `coinhound` program does, as a library so that tests reach it.
//!
//! In reading order: how a run ends ([`exit`]), how text is shown ([`text`], [`out`]) and what Ethereum writes its own way ([`ethereum`]), what a load left out ([`gaps`])
//! and how its node, or the nodes of an account ledger, stood ([`contact`], [`standing`]), what nobody told ([`untraced`]) and what is known of tokens ([`tokens`]), what an
//! investigation keeps ([`tags`], [`case`]), how its result is written down ([`report`]), and the command line over all of it ([`cli`], [`config`]).

pub mod case;
pub mod cli;
pub mod config;
pub mod contact;
pub mod ethereum;
pub mod exit;
pub mod gaps;
pub mod money;
pub mod notes;
pub mod out;
pub mod register;
pub mod report;
pub mod standing;
pub mod supply;
pub mod tags;
pub mod text;
pub mod tokens;
pub mod untraced;

pub use cli::run;
