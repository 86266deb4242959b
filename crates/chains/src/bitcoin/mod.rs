//! Bitcoin and its family: from a node's block files to checked blocks.
//!
//! In reading order: the networks ([`params`], [`pow`]), bytes ([`decode`], [`hash`]), a block ([`header`],
//! [`block`], [`tx`], [`merkle`], [`mweb`]), locks and their text ([`script`], [`address`]), a node's folder
//! ([`xor`], [`files`], [`undo`], [`curve`]) or a running node ([`rpc`]), the order of its blocks
//! ([`headers`]), and the write side ([`encode`]).

pub mod address;
pub mod block;
pub mod curve;
pub mod decode;
pub mod encode;
pub mod files;
pub mod hash;
pub mod header;
pub mod headers;
mod lanes;
pub mod merkle;
pub mod mweb;
pub mod params;
pub mod pow;
pub mod rpc;
pub mod script;
mod sign;
mod span;
pub mod tx;
pub mod undo;
pub mod xor;

pub use address::{AddressError, address_text, parse_address};
pub use block::{BlockError, BlockParser, Checks, parse_block, parse_block_with};
pub use files::{BlockDir, BlockFileError, BlockReader, Notice, Record, Scan};
pub use header::{Header, parse_header};
pub use headers::{HeaderTree, Plan};
pub use params::{Mweb, Network, Params};
pub use pow::PowHash;
pub use rpc::{Auth, Endpoint, Limits, NodeRpc, NodeStatus, RpcError, RpcErrorKind, Standing};
pub use script::{MwebLock, OwnedLock, lock_name, lock_script, mweb_lock};
pub use tx::{ParsedTx, parse_tx};
pub use undo::{UndoError, UndoFile};
