//! Writing a table, column by column.

use super::directory::{self, Extent};
use super::{Column, Schema, UNFINISHED};
use crate::column::{COLUMN_ALIGN, Codec, Element, PackedEncoder};
use crate::manifest::FileEntry;
use crate::page::PageWriter;
use crate::storage::{Storage, StorageError, check_path, parent};

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteTableError {
    /// The disk refused; nothing that a manifest names is touched.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A value is larger than its column can hold.
    #[error("column {column} of table `{role}` cannot hold {value} in {width} bytes (row {row})")]
    TooWide {
        /// The table.
        role: String,
        /// The column's name.
        column: &'static str,
        /// Its width in bytes.
        width: u8,
        /// Which row.
        row: u64,
        /// The value as text.
        value: String,
    },
}

/// Writes one table: its columns in the order of the schema, then [`TableWriter::finish`].
///
/// # Panics
/// Its methods panic when columns come in another order or codec than the schema's, or are left
/// out: that is a mistake in the program.
pub struct TableWriter<'a> {
    storage: &'a dyn Storage,
    role: String,
    schema: &'static Schema,
    pages: PageWriter,
    extents: Vec<Extent>,
}

impl<'a> TableWriter<'a> {
    /// Starts the table `role` (`folder/label`, no further folder; the folder exists).
    ///
    /// # Errors
    /// [`WriteTableError::Storage`].
    pub fn create(storage: &'a dyn Storage, role: &str, schema: &'static Schema) -> Result<Self, WriteTableError> {
        check_path(role)?;
        assert!(role.split('/').count() == 2, "the role `{role}` is not `folder/label`");
        let mut pages = PageWriter::new(storage.create(&unfinished(role))?);
        pages.write(&directory::header(schema.kind))?;
        Ok(Self { storage, role: role.to_owned(), schema, pages, extents: Vec::new() })
    }

    fn next(&self, name: &str) -> &'static Column {
        let next = self.schema.columns.get(self.extents.len());
        let next = next.unwrap_or_else(|| panic!("table kind {} has no column after its last", self.schema.kind));
        assert_eq!(next.name, name, "columns of table kind {} come in order", self.schema.kind);
        next
    }

    fn column<E>(&mut self, name: &str, codec: Codec, encoder: E) -> ColumnWriter<'_, 'a, E> {
        let column = self.next(name);
        assert_eq!(column.codec, codec, "codec of column {name} of table kind {}", self.schema.kind);
        let start = self.pages.position();
        ColumnWriter { table: self, column, start, rows: 0, buffer: Vec::new(), encoder }
    }

    /// Starts the next column, of fixed width.
    pub fn fixed<T: Element>(&mut self, name: &str) -> ColumnWriter<'_, 'a, FixedEncoder<T>> {
        self.column(name, Codec::of::<T>(), FixedEncoder(std::marker::PhantomData))
    }

    /// Starts the next column, packed.
    pub fn packed(&mut self, name: &str) -> ColumnWriter<'_, 'a, PackedEncoder> {
        self.column(name, Codec::Packed, PackedEncoder::new())
    }

    /// Starts the next column, of bytes.
    pub fn bytes(&mut self, name: &str) -> ColumnWriter<'_, 'a, BytesEncoder> {
        self.column(name, Codec::Bytes, BytesEncoder)
    }

    /// Writes the directory and the checksums, syncs the file and gives it its name. Its folder is
    /// synced by [`publish`](crate::commit::publish).
    ///
    /// # Errors
    /// [`WriteTableError::Storage`].
    pub fn finish(mut self) -> Result<FileEntry, WriteTableError> {
        assert_eq!(self.extents.len(), self.schema.columns.len(), "columns of table kind {}", self.schema.kind);
        for (column, extent) in self.schema.columns.iter().zip(&self.extents) {
            self.pages.write(&directory::entry(column, *extent))?;
        }
        let count = u64::try_from(self.extents.len()).expect("a handful of columns");
        self.pages.write(&count.to_le_bytes())?;
        let sealed = self.pages.finish()?;
        let file = FileEntry { length: sealed.length, role: self.role, root: sealed.root };
        self.storage.rename(&unfinished(&file.role), &file.path())?;
        Ok(file)
    }
}

fn unfinished(role: &str) -> String {
    debug_assert!(!parent(role).is_empty());
    format!("{role}.{UNFINISHED}")
}

/// How much a column gathers before it hands it on.
const BUFFER_LEN: usize = 1 << 16;

/// One column being written; [`ColumnWriter::end`] ends it.
#[must_use = "a column that is not ended is not in the table"]
pub struct ColumnWriter<'t, 'a, E> {
    table: &'t mut TableWriter<'a>,
    column: &'static Column,
    start: u64,
    rows: u64,
    buffer: Vec<u8>,
    encoder: E,
}

/// Writes values of one width.
pub struct FixedEncoder<T: Element>(std::marker::PhantomData<T>);

/// Writes bytes as they are.
pub struct BytesEncoder;

impl<E> ColumnWriter<'_, '_, E> {
    fn flush_at(&mut self, least: usize) -> Result<(), WriteTableError> {
        if self.buffer.len() >= least {
            self.table.pages.write(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn close(mut self) -> Result<(), WriteTableError> {
        self.flush_at(0)?;
        let len = self.table.pages.position() - self.start;
        let extent = Extent { start: self.start, len, rows: self.rows };
        assert!(directory::plausible(self.column.codec, extent), "what is written must be readable");
        self.table.extents.push(extent);
        self.table.pages.align(COLUMN_ALIGN)?;
        Ok(())
    }
}

impl<T: Element> ColumnWriter<'_, '_, FixedEncoder<T>> {
    /// Appends a value.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn push(&mut self, value: T::Value) -> Result<(), WriteTableError> {
        if !T::write(value, &mut self.buffer) {
            return Err(self.too_wide(value));
        }
        self.rows += 1;
        self.flush_at(BUFFER_LEN)
    }

    fn too_wide(&self, value: T::Value) -> WriteTableError {
        let (role, column, value) = (self.table.role.clone(), self.column.name, format!("{value:?}"));
        WriteTableError::TooWide { role, column, width: T::WIDTH, row: self.rows, value }
    }

    /// Appends values and ends the column.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn all(mut self, values: impl IntoIterator<Item = T::Value>) -> Result<(), WriteTableError> {
        values.into_iter().try_for_each(|value| self.push(value))?;
        self.end()
    }

    /// Ends the column.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn end(self) -> Result<(), WriteTableError> {
        self.close()
    }
}

impl ColumnWriter<'_, '_, PackedEncoder> {
    /// Appends a value.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn push(&mut self, value: u64) -> Result<(), WriteTableError> {
        self.encoder.push(value, &mut self.buffer);
        self.rows += 1;
        self.flush_at(BUFFER_LEN)
    }

    /// Appends values and ends the column.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn all(mut self, values: impl IntoIterator<Item = u64>) -> Result<(), WriteTableError> {
        values.into_iter().try_for_each(|value| self.push(value))?;
        self.end()
    }

    /// Ends the column.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn end(mut self) -> Result<(), WriteTableError> {
        std::mem::take(&mut self.encoder).finish(&mut self.buffer);
        self.close()
    }
}

impl ColumnWriter<'_, '_, BytesEncoder> {
    /// Appends bytes.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), WriteTableError> {
        self.rows += u64::try_from(bytes.len()).expect("64-bit targets");
        self.table.pages.write(bytes)?;
        Ok(())
    }

    /// Appends bytes and ends the column.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn all(mut self, bytes: &[u8]) -> Result<(), WriteTableError> {
        self.push(bytes)?;
        self.end()
    }

    /// Ends the column.
    ///
    /// # Errors
    /// [`WriteTableError`].
    pub fn end(self) -> Result<(), WriteTableError> {
        self.close()
    }
}
