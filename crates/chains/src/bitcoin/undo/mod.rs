//! Undo data: the coins a block spent, as a node keeps them to take the block back.
//!
//! A `rev` file holds one record per connected block, in the order they were connected, which need not
//! be the order of the `blk` file with the same number; the genesis block has none. A record does not
//! name its block: it is followed by a hash over the parent's hash and itself, and that is how it is found.
//! Blocks of one parent are told apart by what they spend, and where that does not do, by nothing.

mod compress;
mod decode;
mod encode;
mod file;
mod siblings;

pub(crate) use crate::bitcoin::undo::compress::take_number;
pub use crate::bitcoin::undo::decode::{UndoDecodeError, decode, decode_with};
pub use crate::bitcoin::undo::encode::{encode, put_record};
pub use crate::bitcoin::undo::file::{UndoError, UndoFile};
