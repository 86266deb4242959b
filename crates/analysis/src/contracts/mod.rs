//! What transactions show about contracts: who made one, whose code it runs, who may decide for it.
//!
//! A [`ContractBook`] is one scan over the facts that stand as notes of transactions ([`coinhound_model::ContractFact`]),
//! those of transactions without movements included. It repeats what was said, when, and by whom: a log is the contract's
//! own word, which the block proves was said and nothing proves true; a trace is the node's. None of it moves value or
//! joins anybody. What was said before the ledger begins is not known.

mod book;
mod record;

pub use book::{BookedFact, ContractBook, RULE, contract_addresses, contract_book, contract_book_of};
pub use record::ContractRecord;
