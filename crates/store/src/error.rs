//! Damage: bytes on disk that are not what was committed, and the cell that remembers it.
//!
//! Columns are read in inner loops that cannot fail. A reader that meets damage answers with zeros
//! or an empty slice and records the first damage in the [`Health`] its whole store shares; no result
//! may be used before [`Health::check`] said it holds.

use std::sync::{Arc, OnceLock};

use crate::digest::Digest;

/// Bytes on disk that are not what the manifest names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DamageError {
    /// The file has been cut or has grown.
    #[error("`{file}` has {got} bytes, its manifest says {want}")]
    Length {
        /// The file, as a user can find it.
        file: String,
        /// Its length on disk in bytes.
        got: u64,
        /// Its length by the manifest in bytes.
        want: u64,
    },
    /// The file's last lines of defence disagree with the manifest: its footer or its top checksums.
    #[error("`{file}` has root {got} by its checksums at byte {offset}, its manifest says {want}")]
    Root {
        /// The file, as a user can find it.
        file: String,
        /// Where the checksums that were hashed start.
        offset: u64,
        /// What they hash to, or what stands in the footer.
        got: Digest,
        /// What the manifest names.
        want: Digest,
    },
    /// The page checksums of 128 pages do not hash to what the file's root covers.
    #[error("the checksums at byte {offset} of `{file}` hash to {got}, expected {want}")]
    Checksums {
        /// The file, as a user can find it.
        file: String,
        /// Where these checksums start.
        offset: u64,
        /// What they hash to.
        got: Digest,
        /// What they should hash to.
        want: Digest,
    },
    /// One page of 4 KiB is not what was written.
    #[error("the page at byte {offset} of `{file}` hashes to {got}, expected {want}")]
    Page {
        /// The file, as a user can find it.
        file: String,
        /// Where the page starts.
        offset: u64,
        /// What it hashes to.
        got: Digest,
        /// What it should hash to.
        want: Digest,
    },
    /// The checksums hold, yet the bytes make no sense: written by a faulty or hostile program.
    #[error("`{file}` at byte {offset}: {what}")]
    Shape {
        /// The file, as a user can find it.
        file: String,
        /// Where it stops making sense.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Something refers to a row that the column does not have.
    #[error("column {column} of `{file}` was asked for row {row} of {rows}")]
    Row {
        /// The file, as a user can find it.
        file: String,
        /// The column's name.
        column: &'static str,
        /// Which row (the first one past the end, for a range).
        row: u64,
        /// How many there are.
        rows: u64,
    },
}

/// What one open store shares: the first damage any of its readers met.
#[derive(Clone, Debug, Default)]
pub struct Health {
    first: Arc<OnceLock<DamageError>>,
    blind: bool,
}

impl Health {
    /// A store in which no damage was met yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A planted fault for the tests of tests: files opened with it take every page for verified.
    #[doc(hidden)]
    #[must_use]
    pub fn blind() -> Self {
        Self { blind: true, ..Self::default() }
    }

    pub(crate) fn is_blind(&self) -> bool {
        self.blind
    }

    /// Remembers `damage` unless an earlier one is known.
    #[cold]
    pub fn record(&self, damage: DamageError) {
        // Losing the race to another reader is fine: one damage condemns the store.
        let _ = self.first.set(damage);
    }

    /// Whether everything read so far was what the manifest names.
    ///
    /// # Errors
    /// The first damage met, sticky.
    pub fn check(&self) -> Result<(), DamageError> {
        self.first.get().map_or(Ok(()), |damage| Err(damage.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_damage_sticks() {
        let health = Health::new();
        let shared = health.clone();
        assert_eq!(health.check(), Ok(()));
        let damage = |got| DamageError::Length { file: "f".to_owned(), got, want: 3 };
        shared.record(damage(1));
        shared.record(damage(2));
        assert_eq!(health.check(), Err(damage(1)));
    }
}
