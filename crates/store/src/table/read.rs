//! Reading a table: its columns by name.

use std::sync::Arc;

use super::directory::{self, COUNT_LEN, ENTRY_LEN, Entry, Extent};
use super::{Schema, TABLE_MAGIC};
use crate::column::{Bytes, Codec, Element, Fixed, Packed, Span};
use crate::error::{DamageError, Health};
use crate::manifest::{FORMAT, FileEntry};
use crate::page::{OpenFileError, PageFile};
use crate::storage::{Storage, StorageError};

/// Why a table could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenTableError {
    /// It could not be read at all.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It is not what the manifest names, or no table of this kind.
    #[error(transparent)]
    Damage(#[from] DamageError),
    /// It was written by a newer release.
    #[error("table `{file}` has format {found}, this build reads {reads}")]
    Newer {
        /// The file, as a user can find it.
        file: String,
        /// Its format.
        found: u32,
        /// The newest format this build reads.
        reads: u32,
    },
}

impl From<OpenFileError> for OpenTableError {
    fn from(error: OpenFileError) -> Self {
        match error {
            OpenFileError::Storage(error) => Self::Storage(error),
            OpenFileError::Damage(error) => Self::Damage(error),
        }
    }
}

/// An open table.
#[derive(Clone, Debug)]
pub struct TableFile {
    file: Arc<PageFile>,
    schema: &'static Schema,
    extents: Arc<[Extent]>,
}

impl TableFile {
    /// Opens a table and checks its checksums' top, header and directory.
    ///
    /// # Errors
    /// [`OpenTableError`]; [`StorageError::is_not_found`] in it may mean that the manifest was
    /// replaced meanwhile, see [`open_consistent`](crate::commit::open_consistent).
    pub fn open(
        storage: &dyn Storage,
        entry: &FileEntry,
        schema: &'static Schema,
        health: &Health,
    ) -> Result<Self, OpenTableError> {
        let file = PageFile::open(storage, &entry.path(), entry.sealed(), health)?;
        let extents = extents(&file, schema)?.into();
        health.check()?;
        Ok(Self { file: Arc::new(file), schema, extents })
    }

    /// The file, to verify it.
    #[must_use]
    pub fn file(&self) -> &PageFile {
        &self.file
    }

    /// A column's bytes on disk, without padding: what a column costs.
    #[must_use]
    pub fn column_lens(&self) -> Vec<(&'static str, u64, u64)> {
        let named = self.schema.columns.iter().zip(self.extents.iter());
        named.map(|(column, extent)| (column.name, extent.rows, extent.len)).collect()
    }

    fn span(&self, name: &str, codec: Codec) -> Span {
        let known = self.schema.columns.iter().position(|column| column.name == name && column.codec == codec);
        let at = known.unwrap_or_else(|| panic!("table kind {} has no column {name} of {codec:?}", self.schema.kind));
        let Extent { start, len, rows } = self.extents[at];
        let usize_of = |number| usize::try_from(number).expect("checked against the file's length on opening");
        Span {
            file: Arc::clone(&self.file),
            name: self.schema.columns[at].name,
            start: usize_of(start),
            len: usize_of(len),
            rows,
        }
    }

    /// A column of fixed width.
    ///
    /// # Panics
    /// When the schema has no such column: a mistake in the program.
    #[must_use]
    pub fn fixed<T: Element>(&self, name: &str) -> Fixed<T> {
        Fixed::new(self.span(name, Codec::of::<T>()))
    }

    /// A packed column.
    ///
    /// # Panics
    /// When the schema has no such column: a mistake in the program.
    #[must_use]
    pub fn packed(&self, name: &str) -> Packed {
        Packed::new(self.span(name, Codec::Packed))
    }

    /// A column of bytes.
    ///
    /// # Panics
    /// When the schema has no such column: a mistake in the program.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Bytes {
        Bytes::new(self.span(name, Codec::Bytes))
    }
}

fn extents(file: &PageFile, schema: &Schema) -> Result<Vec<Extent>, OpenTableError> {
    let data_len = file.data_len();
    let shape = |offset, what| {
        let offset = u64::try_from(offset).expect("64-bit targets");
        DamageError::Shape { file: file.name().to_owned(), offset, what }
    };
    let count_at = data_len.checked_sub(COUNT_LEN).filter(|at| *at >= ENTRY_LEN);
    let count_at = count_at.ok_or_else(|| shape(0, "too short for a table"))?;
    check_header(file, schema)?;
    let count = u64::from_le_bytes(file.array(count_at));
    let room = (count_at - ENTRY_LEN) / ENTRY_LEN;
    let count = usize::try_from(count).ok().filter(|count| *count <= room);
    let count = count.ok_or_else(|| shape(count_at, "more columns than there is room for"))?;
    let directory_at = count_at - count * ENTRY_LEN;
    let entries: Vec<Entry> = (0..count).map(|i| file.array(directory_at + i * ENTRY_LEN)).collect();
    let data_len = u64::try_from(data_len).expect("64-bit targets");
    let extents = directory::extents(schema, &entries, data_len);
    file.health().check()?; // a damaged page reads as zeros: say that rather than what zeros look like
    Ok(extents.map_err(|what| shape(directory_at, what))?)
}

fn check_header(file: &PageFile, schema: &Schema) -> Result<(), OpenTableError> {
    let found: Entry = file.array(0);
    file.health().check()?;
    if found == directory::header(schema.kind) {
        return Ok(());
    }
    let format = directory::format_of(&found);
    if found.starts_with(&TABLE_MAGIC) && format > FORMAT {
        return Err(OpenTableError::Newer { file: file.name().to_owned(), found: format, reads: FORMAT });
    }
    let what = "the header is not that of a table of this kind and format";
    Err(DamageError::Shape { file: file.name().to_owned(), offset: 0, what }.into())
}
