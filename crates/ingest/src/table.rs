//! Supplied tables into the store: all rows are understood before the first is stored.
//!
//! The same files again add nothing. Other files may follow what is stored, from its last moment on; what lies before it
//! cannot be added any more, because everything behind it would have to be renumbered.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coinhound_chains::table::{
    FILE_BYTES_MAX, OpeningFact, Start, Table, TableError, TableFile, TableMap, TableReport,
};
use coinhound_model::{AccountBlock, AccountLedger, ChainId, Height, TxHash};
use coinhound_store::AccountView;
use coinhound_store::storage::Storage;

use crate::accounts::{AccountError, AccountOptions, AccountOutcome, AccountSession};
use crate::options::Control;

/// How tables are taken.
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// How their blocks are.
    pub accounts: AccountOptions,
    /// The ledger's name, where not that of the maps is wanted.
    pub ledger: Option<String>,
    /// Whether rows that cannot be read are left out and counted; otherwise they stop everything.
    pub skip_bad: bool,
}

impl TableOptions {
    /// What the program does unless told otherwise.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self { accounts: AccountOptions::new(now), ledger: None, skip_bad: false }
    }
}

/// How far a load is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableProgress {
    /// Rows that are done.
    pub rows: u64,
    /// Rows that are taken altogether.
    pub total: u64,
}

/// What a load of tables did.
#[derive(Clone, Debug)]
pub struct TableOutcome {
    /// The ledger's chain id: `table:` and its name.
    pub chain: ChainId,
    /// What was found in the files.
    pub report: TableReport,
    /// Rows that are taken.
    pub rows: u64,
    /// Rows among them that several files have, of one transaction; each counts once, whatever they say of the fee.
    pub repeated: u64,
    /// What was stored. Nothing was added where the store held it all.
    pub stored: AccountOutcome,
    /// Whether the watcher stopped the load early; running it again goes on.
    pub stopped: bool,
}

/// Why tables were not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadTableError {
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The tables.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The session.
    #[error(transparent)]
    Accounts(#[from] AccountError),
    /// Rows before what is stored.
    #[error(
        "the tables begin at {first}, the stored ledger ends at {last}: give all files in one command and into a new store"
    )]
    Earlier {
        /// The tables' first moment, seconds since 1970.
        first: u32,
        /// The stored ledger's last moment.
        last: u32,
    },
    /// Rows that begin like stored ones and then differ.
    #[error(
        "the tables begin like what is stored and differ from it at height {height}: a file, its map or what is skipped \
         has changed: load all files into a new store"
    )]
    Differs {
        /// The first block that differs.
        height: Height,
    },
    /// A transaction that is stored already.
    #[error(
        "transaction {tx} is stored already: give all files in one command and into a new store, where what several \
         tables say of one transaction counts once"
    )]
    AlreadyStored {
        /// Its name.
        tx: TxHash,
    },
    /// An opening balance that comes after the beginning.
    #[error("the map supplies an opening balance of `{account}`, and the stored ledger began without it")]
    LateOpening {
        /// Whose.
        account: String,
    },
    /// The map says that every balance was zero, the stored ledger does not.
    #[error("the map says that every balance was zero before the first row, and the stored ledger began without that")]
    LateBeginning,
    /// An asset with other decimals than stored.
    #[error("asset `{asset}` is stored with {} and supplied with {}", decimals(*stored), decimals(*supplied))]
    OtherDecimals {
        /// The asset's id.
        asset: String,
        /// As stored.
        stored: Option<u8>,
        /// As the maps say.
        supplied: Option<u8>,
    },
}

fn decimals(count: Option<u8>) -> String {
    count.map_or_else(|| "no number of decimals".to_owned(), |count| format!("{count} decimals"))
}

/// Reads a table's file whole.
///
/// # Errors
/// [`LoadTableError::Read`], or [`TableError::TooLarge`] unread.
pub fn open_table(path: &Path, map: Arc<TableMap>) -> Result<TableFile, LoadTableError> {
    let name = path.display().to_string();
    let refuse = |source| LoadTableError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(refuse)?;
    let got = file.metadata().map_err(refuse)?.len();
    let mut bytes = Vec::new();
    if got <= FILE_BYTES_MAX {
        // A pipe has no length: what is read decides.
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(refuse)?;
    }
    let got = got.max(bytes.len() as u64);
    if got > FILE_BYTES_MAX {
        return Err(TableError::TooLarge { file: name, got, max: FILE_BYTES_MAX }.into());
    }
    Ok(TableFile { name, bytes, map })
}

/// Brings a store up to these tables.
///
/// # Errors
/// [`LoadTableError`]. Before the first block is stored nothing is changed; what was committed before stays.
pub fn load_table(
    files: Vec<TableFile>,
    storage: Arc<dyn Storage>,
    options: &TableOptions,
    watch: &mut dyn FnMut(TableProgress) -> Control,
) -> Result<TableOutcome, LoadTableError> {
    let table = Table::read(files, options.ledger.as_deref(), options.skip_bad)?;
    let session = AccountSession::open(storage.clone(), table.chain(), options.accounts.clone())?;
    let start = start(&table, &session)?;
    check_continues(&table, &session, start)?;
    let is_new = session.range().is_some_and(|(_, height, hash)| start == Start::After { height, hash });
    let before = is_new.then(|| AccountView::open(&*storage)).transpose().map_err(AccountError::from)?;
    take(&table, session, (start, before.as_ref()), watch)
}

/// Takes the blocks that are not stored yet. What is behind everything stored `before` must not be in there.
fn take(
    table: &Table,
    mut session: AccountSession,
    (start, before): (Start, Option<&AccountView>),
    watch: &mut dyn FnMut(TableProgress) -> Control,
) -> Result<TableOutcome, LoadTableError> {
    let (mut blocks, mut stopped, total) = (table.blocks(start), false, table.rows() as u64);
    while let Some(block) = blocks.next().filter(|_| !stopped) {
        before.map_or(Ok(()), |before| check_new(before, &block))?;
        take_one(&mut session, &block)?;
        match watch(TableProgress { rows: blocks.rows() as u64, total }) {
            Control::Go => {}
            Control::Commit => {
                session.commit()?;
            }
            Control::Stop => stopped = true,
        }
    }
    let repeated = blocks.repeated();
    let stored = session.finish()?;
    let (chain, report) = (table.chain(), table.report().clone());
    Ok(TableOutcome { chain, report, rows: total, repeated, stored, stopped })
}

/// The same export under another map, or one that overlaps another, would count rows twice. A new moment of a stored
/// hash is refused as well, whatever the map says of `times`: a map with another zone moves every row.
fn check_new(before: &AccountView, block: &AccountBlock) -> Result<(), LoadTableError> {
    let stored = block.txs.iter().find(|tx| !before.find_txs(&tx.hash).is_empty());
    before.health().map_err(AccountError::from)?;
    stored.map_or(Ok(()), |tx| Err(LoadTableError::AlreadyStored { tx: tx.hash }))
}

fn take_one(session: &mut AccountSession, block: &AccountBlock) -> Result<(), LoadTableError> {
    match session.range() {
        Some((_, tip, _)) if block.height <= tip => {
            let is_stored = session.block(block.height)?.hash == block.hash;
            if is_stored { Ok(()) } else { Err(LoadTableError::Differs { height: block.height }) }
        }
        _ => {
            session.push(block)?;
            Ok(())
        }
    }
}

/// Where these tables begin: with the ledger, behind what is stored, or where they were added before.
fn start(table: &Table, session: &AccountSession) -> Result<Start, LoadTableError> {
    let Some((first, tip, hash)) = session.range() else { return Ok(Start::Ledger) };
    let begins = |start: Start| table.blocks(start).next().map(|block| block.hash);
    if begins(Start::Ledger) == Some(session.block(first)?.hash) {
        return Ok(Start::Ledger);
    }
    let time = table.first_time();
    for base in bases(session, first, tip, time)? {
        let start = Start::After { height: base, hash: session.block(base)?.hash };
        if begins(start) == Some(session.block(base.next())?.hash) {
            return Ok(start);
        }
    }
    let last = session.block(tip)?.time;
    if time < last {
        return Err(LoadTableError::Earlier { first: time, last });
    }
    Ok(Start::After { height: tip, hash })
}

/// The stored blocks below the tip behind which a block of this time may stand.
fn bases(session: &AccountSession, first: Height, tip: Height, time: u32) -> Result<Vec<Height>, LoadTableError> {
    // The first block at or behind that time; times of a table's blocks never fall.
    let (mut low, mut high) = (first.0, tip.0 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if session.block(Height(middle))?.time < time {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let mut bases: Vec<Height> =
        low.checked_sub(1).map(Height).filter(|base| *base >= first && *base < tip).into_iter().collect();
    let mut at = low;
    while at < tip.0 && session.block(Height(at))?.time == time {
        bases.push(Height(at));
        at += 1;
    }
    Ok(bases)
}

/// What comes behind stored rows must fit how they began.
fn check_continues(table: &Table, session: &AccountSession, start: Start) -> Result<(), LoadTableError> {
    let Some(view) = session.stored().filter(|_| start != Start::Ledger) else { return Ok(()) };
    let is_late = |opening: &OpeningFact| view.find_txs(&opening.tx).is_empty();
    if let Some(opening) = table.openings().into_iter().find(is_late) {
        return Err(LoadTableError::LateOpening { account: opening.account });
    }
    if table.begins_empty() && !view.is_complete() {
        return Err(LoadTableError::LateBeginning);
    }
    for (asset, supplied) in table.assets() {
        let stored = session.token(asset).map(|token| token.decimals);
        if let Some(stored) = stored.filter(|stored| stored != supplied) {
            return Err(LoadTableError::OtherDecimals { asset: asset.clone(), stored, supplied: *supplied });
        }
    }
    view.health().map_err(AccountError::from)?;
    Ok(())
}
