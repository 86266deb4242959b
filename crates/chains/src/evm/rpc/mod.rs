//! A running Ethereum node, asked over JSON-RPC: a block comes back only when everything in it was hashed.
//!
//! A node is not believed. What it answers is bounded, put back into the encoding that was hashed, and held against the
//! block's header: transactions, uncles, withdrawals, receipts and logs. A header names its parent, and a block comes
//! back only on top of the one it is asked for. Traces are the exception: nothing commits to them, and rows say so. Which
//! chain validators follow is something that no answer proves.
//!
//! In reading order: what is asked ([`Question`]), how answers are wrapped (`envelope`), errors ([`EvmError`]), and the
//! node. What an account owns (`state`) is asked to compare, never to store.

mod call;
mod envelope;
mod error;
mod node;
mod state;

pub use crate::evm::rpc::call::{Call, Getter, Place, Question};
pub use crate::evm::rpc::error::{EvmError, EvmErrorKind};
pub use crate::evm::rpc::node::{EvmNode, Sleep, ToldBlock};
pub use crate::evm::rpc::state::SYMBOL_LEN_MAX;
pub use crate::http::{Auth, Endpoint, EndpointError, HttpError, Limits, POLITE};
