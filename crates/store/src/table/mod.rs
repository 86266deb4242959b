//! Tables: named columns in one page file.
//!
//! ```text
//! header, 64 bytes | columns, each from a multiple of 64 on | directory, 64 bytes a column | column count
//! ```
//! A table is written under its role with `.unfinished` appended, synced, and renamed to its role
//! with the start of its root appended. So no two different tables ever share a name, what a crash leaves
//! behind is named by no manifest, and equal tables are one file.

mod directory;
mod read;
mod write;

pub use read::{OpenTableError, TableFile};
pub use write::{BytesEncoder, ColumnWriter, FixedEncoder, TableWriter, WriteTableError};

use crate::column::{Codec, Element};

/// The first bytes of every table.
pub const TABLE_MAGIC: [u8; 8] = *b"coinhtbl";

/// What stands after the role of a table that is being written.
pub const UNFINISHED: &str = "unfinished";

/// What a table of one kind holds: the only place where its columns are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schema {
    /// Its name in the header: at most 32 letters, digits, `-` or `_`.
    pub kind: &'static str,
    /// Its columns in the order they are written and lie.
    pub columns: &'static [Column],
}

/// One column of a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name in the directory: at most 32 letters, digits, `-` or `_`.
    pub name: &'static str,
    /// How its values lie.
    pub codec: Codec,
}

impl Column {
    /// A column of fixed width.
    #[must_use]
    pub const fn fixed<T: Element>(name: &'static str) -> Self {
        Self { name, codec: Codec::of::<T>() }
    }

    /// A column of packed integers.
    #[must_use]
    pub const fn packed(name: &'static str) -> Self {
        Self { name, codec: Codec::Packed }
    }

    /// A column of bytes.
    #[must_use]
    pub const fn bytes(name: &'static str) -> Self {
        Self { name, codec: Codec::Bytes }
    }
}
