//! Coinhound's words as types, shared by every crate; no I/O, no clocks, no floats.
//!
//! In reading order: what names things ([`hash`], [`id`], [`chain`]), what counts them
//! ([`units`], [`amount`]), what a coin chain's block holds ([`lock`], [`mod@print`], [`block`]), and the
//! contract every tracing and clustering kernel reads through ([`ledger`], [`terminal`]).

pub mod amount;
pub mod block;
pub mod chain;
pub mod hash;
pub mod id;
pub mod ledger;
pub mod lock;
pub mod print;
pub mod terminal;
pub mod union_find;
pub mod units;

pub use amount::Amount;
pub use chain::{Asset, ChainId};
pub use hash::{BlockHash, Hash256, KeyHash, TxHash};
pub use id::{AddressId, Height, HoldingId, InputId, MovementId};
pub use ledger::{AsOf, Entry, Ledger, LedgerError, MovementFact, MovementMarks};
pub use lock::{Lock, LockKind};
pub use terminal::{Pruned, Terminal, Unresolved};
pub use union_find::UnionFind;
pub use units::Units;
