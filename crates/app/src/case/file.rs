//! Creating and opening a case file; every change goes through `Case::change`.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::audit::{self, Stamp};

/// The format this build writes. The one before it is brought up to it when it is opened: its seeds get a column.
pub const FORMAT: i64 = 2;

/// The oldest format that is brought up.
const FORMAT_OLDEST: i64 = 1;

/// Marks an SQLite file as a case: `COHN` in ASCII.
const APPLICATION_ID: i64 = 0x434f_484e;

/// Why a case could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// A file is in the way.
    #[error("a case already exists at `{}`", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// No file there.
    #[error("no case at `{}`", path.display())]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// Some other file.
    #[error("`{}` is not a case file", path.display())]
    NotACase {
        /// Where.
        path: PathBuf,
    },
    /// Written by a later release.
    #[error("the case at `{}` has format {found}, this build reads format {FORMAT}", path.display())]
    Newer {
        /// Where.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// SQLite's own check fails, or a row does not read back.
    #[error("the case at `{}` is damaged: {what}", path.display())]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// Another process is writing.
    #[error("the case at `{}` is in use by another process", path.display())]
    Busy {
        /// Where.
        path: PathBuf,
    },
    /// The change contradicts what the case holds.
    #[error("{what}")]
    Refused {
        /// Why.
        what: String,
    },
    /// The folder or file cannot be made.
    #[error("cannot create `{}`", path.display())]
    Create {
        /// Where.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// Anything else SQLite says.
    #[error("the case at `{}` could not be read or written", path.display())]
    Sqlite {
        /// Where.
        path: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
}

/// An open case.
#[derive(Debug)]
pub struct Case {
    pub(super) db: Connection,
    path: PathBuf,
}

impl Case {
    /// Creates an empty case readable by its owner alone.
    ///
    /// # Errors
    /// [`CaseError::Exists`] when a file is in the way; otherwise what the system says.
    pub fn create(path: &Path, name: &str, stamp: &Stamp) -> Result<Self, CaseError> {
        if path.exists() {
            return Err(CaseError::Exists { path: path.to_owned() });
        }
        reserve(path).map_err(|source| CaseError::Create { path: path.to_owned(), source })?;
        let mut case = Self::connect(path)?;
        let made = case.write_schema(name, stamp);
        if made.is_err() {
            // Only the file reserved above: an unfinished case helps nobody. The first error is the one told.
            let _ = std::fs::remove_file(path);
        }
        made.map(|()| case)
    }

    fn write_schema(&mut self, name: &str, stamp: &Stamp) -> Result<(), CaseError> {
        self.change(stamp, "create case", |tx, _| {
            tx.execute_batch(include_str!("schema.sql"))?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.pragma_update(None, "user_version", FORMAT)?;
            let program = concat!("coinhound ", env!("CARGO_PKG_VERSION"));
            tx.execute("INSERT INTO info (name, created_at, program) VALUES (?1, ?2, ?3)", (name, &stamp.at, program))?;
            Ok(((), serde_json::json!({ "name": name, "program": program })))
        })
    }

    /// Opens a case and checks that it is one, of this format, and whole.
    ///
    /// # Errors
    /// Names the file and what it is instead.
    pub fn open(path: &Path) -> Result<Self, CaseError> {
        if !path.is_file() {
            return Err(CaseError::Missing { path: path.to_owned() });
        }
        let mut case = Self::connect(path)?;
        if case.check_identity()? < FORMAT {
            case.bring_up()?;
        }
        Ok(case)
    }

    fn connect(path: &Path) -> Result<Self, CaseError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let wrap = |source| sqlite(path, source);
        let db = Connection::open_with_flags(path, flags).map_err(wrap)?;
        db.busy_timeout(std::time::Duration::from_secs(2)).map_err(wrap)?;
        // EXTRA also syncs the folder after the journal is deleted: a change acknowledged survives power loss.
        db.execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA synchronous = EXTRA;")
            .map_err(wrap)?;
        Ok(Self { db, path: path.to_owned() })
    }

    /// From format 1: seeds of account ledgers say what they count. Nothing that was there changes.
    fn bring_up(&mut self) -> Result<(), CaseError> {
        let path = self.path.clone();
        let wrap = |source| sqlite(&path, source);
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrap)?;
        let found: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(wrap)?;
        // Another process may have been first.
        if found < FORMAT {
            tx.execute_batch("ALTER TABLE seeds ADD COLUMN asset TEXT").map_err(wrap)?;
            tx.pragma_update(None, "user_version", FORMAT).map_err(wrap)?;
        }
        tx.commit().map_err(wrap)
    }

    /// Whether it is a sound case, and of which format.
    fn check_identity(&self) -> Result<i64, CaseError> {
        let path = || self.path.clone();
        let pragma = |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        match pragma("application_id") {
            Ok(APPLICATION_ID) => {}
            Err(error) if is_code(&error, rusqlite::ErrorCode::DatabaseBusy) => {
                return Err(CaseError::Busy { path: path() });
            }
            _ => return Err(CaseError::NotACase { path: path() }),
        }
        let found = pragma("user_version").map_err(|source| sqlite(&self.path, source))?;
        if !(FORMAT_OLDEST..=FORMAT).contains(&found) {
            return Err(CaseError::Newer { path: path(), found });
        }
        let verdict = self.db.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0));
        match verdict.map_err(|source| sqlite(&self.path, source))? {
            ok if ok == "ok" => Ok(found),
            what => Err(CaseError::Damaged { path: path(), what }),
        }
    }

    /// Where the case lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The case's name.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn name(&self) -> Result<String, CaseError> {
        self.ask(|db| db.query_row("SELECT name FROM info", [], |row| row.get(0)))
    }

    /// Makes one change and its line in the audit log, both or neither.
    ///
    /// The work gets the number of that line, and gives back its result and the line's detail.
    ///
    /// # Errors
    /// [`CaseError::Busy`] while another process writes; otherwise what SQLite says. Nothing is changed then.
    pub(super) fn change<T>(
        &mut self,
        stamp: &Stamp,
        action: &str,
        work: impl FnOnce(&Transaction<'_>, i64) -> rusqlite::Result<(T, serde_json::Value)>,
    ) -> Result<T, CaseError> {
        let path = self.path.clone();
        let wrap = |source| sqlite(&path, source);
        // The line is written after the work, so that it can tell what was done; rows may refer to it before.
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrap)?;
        tx.execute_batch("PRAGMA defer_foreign_keys = ON").map_err(wrap)?;
        let seq = audit::next_seq(&tx).map_err(wrap)?;
        let (result, detail) = work(&tx, seq).map_err(wrap)?;
        audit::append(&tx, seq, stamp, action, &detail).map_err(wrap)?;
        tx.commit().map_err(wrap)?;
        Ok(result)
    }

    /// Reads.
    ///
    /// # Errors
    /// What SQLite says, with the file's name.
    pub(super) fn ask<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, CaseError> {
        query(&self.db).map_err(|source| sqlite(&self.path, source))
    }
}

/// Creates the file, refusing one that exists, for its owner's eyes: cases are secret.
fn reserve(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn is_code(error: &rusqlite::Error, code: rusqlite::ErrorCode) -> bool {
    error.sqlite_error_code() == Some(code)
}

/// Sorts SQLite's errors into ours.
fn sqlite(path: &Path, source: rusqlite::Error) -> CaseError {
    use rusqlite::ErrorCode;
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => CaseError::Busy { path },
        Some(ErrorCode::DatabaseCorrupt) => CaseError::Damaged { path, what: source.to_string() },
        Some(ErrorCode::NotADatabase) => CaseError::NotACase { path },
        _ => CaseError::Sqlite { path, source },
    }
}
