//! Coinhound's words as types, shared by every crate; no I/O, no clocks, no floats.
//!
//! In reading order: what names things ([`hash`], [`id`], [`chain`]), what counts them
//! ([`units`], [`amount`]), what a block holds (of a coin chain [`lock`], [`mod@print`], [`block`]; of
//! an account chain [`account`], and what it shows about contracts, [`contract`]), and the contracts every tracing and clustering kernel reads through ([`ledger`],
//! [`account_ledger`], [`terminal`]).

pub mod account;
pub mod account_ledger;
pub mod amount;
pub mod block;
pub mod chain;
pub mod contract;
pub mod hash;
pub mod id;
pub mod ledger;
pub mod lock;
pub mod print;
pub mod terminal;
pub mod union_find;
pub mod units;

pub use account::{Account, AccountBlock, AccountMove, AccountTx, Link, MoveKind, Note, NoteKind, Token};
pub use account_ledger::{AccountLedger, Move};
pub use amount::Amount;
pub use chain::{Asset, ChainId};
pub use contract::{ContractFact, ContractFactError, FactSource, Saying};
pub use hash::{BlockHash, Hash256, KeyHash, TxHash};
pub use id::{AddressId, Height, HoldingId, InputId, MovementId};
pub use ledger::{AsOf, Entry, Ledger, LedgerError, MovementFact, MovementMarks};
pub use lock::{Lock, LockKind};
pub use terminal::{Pruned, Terminal, Unresolved};
pub use union_find::UnionFind;
pub use units::Units;
