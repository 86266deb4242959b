//! The tables of one load, read: every row was understood, or is counted among the bad ones.
//!
//! Rows are read twice, once to check all of them before anything is stored and once when their block is made, so that
//! a million of them take as much memory as their places.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use coinhound_model::{AccountMove, ChainId, Hash256, TxHash};
use ruint::aliases::U256;

use super::blocks::{Blocks, Start};
use super::columns::Header;
use super::error::{BadRow, BadRows, Problem, TableError};
use super::map::{Opening, TableMap, is_ledger_name};
use super::names;
use super::plan::Plan;
use super::records::{Cells, Place, Records};
use super::row::{Bad, Origin, Row, RowReader};
use super::schema::{FeeRows, Times};

/// Bytes of one table at most.
pub const FILE_BYTES_MAX: u64 = 4 << 30;

/// Rows of all tables of one load at most.
pub const ROWS_MAX: usize = 20_000_000;

/// Tables of one load at most.
pub const TABLES_MAX: usize = 4_096;

/// A table as it was supplied.
#[derive(Clone, Debug)]
pub struct TableFile {
    /// What errors and reports call it.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
    /// How it is read.
    pub map: Arc<TableMap>,
}

/// What was found in one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileReport {
    /// What errors and reports call it.
    pub name: String,
    /// Its SHA-256: what notes call it.
    pub digest: Hash256,
    /// Rows below its header.
    pub rows: u64,
    /// Rows that the map's filters leave out.
    pub filtered: u64,
    /// Rows that cannot be read.
    pub bad: u64,
    /// Rows that stand behind a later one; they are sorted, rows of one moment keep their order.
    pub unsorted: u64,
}

/// What was found in all files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TableReport {
    /// In the order given.
    pub files: Vec<FileReport>,
    /// The rows that cannot be read.
    pub bad: BadRows,
}

/// Tables whose rows were all looked at.
#[derive(Debug)]
pub struct Table {
    pub(super) files: Vec<Read>,
    /// By moment, then in the order of the files and their lines.
    pub(super) keys: Vec<Key>,
    pub(super) openings: Vec<Opening>,
    pub(super) begins_empty: bool,
    ledger: String,
    report: TableReport,
    decimals: BTreeMap<String, Option<u8>>,
}

/// A file with its map applied.
#[derive(Debug)]
pub(super) struct Read {
    pub file: TableFile,
    pub digest: Hash256,
    printed: String,
    pub header: Header,
    pub plan: Plan,
    /// Where its first row is looked for.
    pub body: Place,
}

/// A row that is taken: when it happened and where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub time: u32,
    pub file: u16,
    pub place: Place,
}

/// A balance that was supplied for the moment before the ledger begins, as it is found again in a store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpeningFact {
    /// Its transaction.
    pub tx: TxHash,
    /// Whose balance, as the map writes it.
    pub account: String,
}

impl Table {
    /// Reads every row of these files. `ledger` names the ledger where their maps' names are not wanted.
    ///
    /// With `skip_bad` rows that cannot be read are left out and reported.
    ///
    /// # Errors
    /// [`TableError`]; [`TableError::BadRows`] counts all of them and names the first.
    pub fn read(files: Vec<TableFile>, ledger: Option<&str>, skip_bad: bool) -> Result<Self, TableError> {
        let ledger = ledger_name(&files, ledger)?;
        let (openings, begins_empty) = beginning(&files)?;
        let files = files.into_iter().map(Read::open).collect::<Result<Vec<_>, _>>()?;
        check_distinct(&files)?;
        let mut survey = Survey::of(&openings);
        for (number, file) in files.iter().enumerate() {
            survey.file(u16::try_from(number).expect("at most 4,096 tables"), file, &files)?;
        }
        let Survey { mut keys, report, decimals, .. } = survey;
        if report.bad.total > 0 && !skip_bad {
            return Err(TableError::BadRows { bad: report.bad });
        }
        if keys.is_empty() {
            let sum = |count: fn(&FileReport) -> u64| report.files.iter().map(count).sum();
            return Err(TableError::NothingTaken {
                rows: sum(|file| file.rows),
                filtered: sum(|file| file.filtered),
                bad: report.bad.total,
            });
        }
        keys.sort_by_key(|key| key.time);
        Ok(Self { files, keys, openings, begins_empty, ledger, report, decimals })
    }

    /// The chain id of the ledger: supplied, not verified against a chain.
    #[must_use]
    pub fn chain(&self) -> ChainId {
        ChainId(format!("table:{}", self.ledger))
    }

    /// What was found in the files.
    #[must_use]
    pub fn report(&self) -> &TableReport {
        &self.report
    }

    /// How many rows are taken.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.keys.len()
    }

    /// The first moment, in seconds since 1970.
    #[must_use]
    pub fn first_time(&self) -> u32 {
        self.keys.first().map_or(0, |key| key.time)
    }

    /// Whether the maps say that every balance was zero before the first row.
    #[must_use]
    pub fn begins_empty(&self) -> bool {
        self.begins_empty
    }

    /// The assets that move, and the decimals of each.
    #[must_use]
    pub fn assets(&self) -> &BTreeMap<String, Option<u8>> {
        &self.decimals
    }

    /// The balances that the maps supply.
    #[must_use]
    pub fn openings(&self) -> Vec<OpeningFact> {
        let text = |opening: &Opening| String::from_utf8_lossy(&opening.account.0).into_owned();
        let fact = |opening| OpeningFact { tx: names::of_opening(opening), account: text(opening) };
        self.openings.iter().map(fact).collect()
    }

    /// The blocks of these tables as a ledger of their own or behind what is stored.
    #[must_use]
    pub fn blocks(&self, start: Start) -> Blocks<'_> {
        Blocks::new(self, start)
    }
}

fn ledger_name(files: &[TableFile], named: Option<&str>) -> Result<String, TableError> {
    let first = files.first().ok_or(TableError::NoTable)?.map.ledger();
    if files.len() > TABLES_MAX {
        return Err(TableError::TooManyTables { got: files.len(), max: TABLES_MAX });
    }
    if let Some(name) = named {
        let refuse = || TableError::LedgerName { name: name.to_owned() };
        return is_ledger_name(name).then(|| name.to_owned()).ok_or_else(refuse);
    }
    match files.iter().map(|file| file.map.ledger()).find(|other| *other != first) {
        Some(other) => Err(TableError::TwoLedgers { first: first.to_owned(), other: other.to_owned() }),
        None => Ok(first.to_owned()),
    }
}

/// The balances that the maps supply, each once, and whether they say that there were none.
fn beginning(files: &[TableFile]) -> Result<(Vec<Opening>, bool), TableError> {
    let mut openings: Vec<Opening> = Vec::new();
    for opening in files.iter().flat_map(|file| &file.map.openings) {
        if !openings.contains(opening) {
            openings.push(opening.clone());
        }
    }
    let begins_empty = files.iter().any(|file| file.map.schema.begins_empty);
    let all = files.iter().all(|file| file.map.schema.begins_empty);
    if begins_empty && (!all || !openings.is_empty()) {
        return Err(TableError::TwoBeginnings);
    }
    Ok((openings, begins_empty))
}

fn check_distinct(files: &[Read]) -> Result<(), TableError> {
    let mut seen: HashMap<Hash256, &str> = HashMap::new();
    for Read { file, digest, .. } in files {
        if let Some(first) = seen.insert(*digest, &file.name) {
            return Err(TableError::Twice { file: first.to_owned(), other: file.name.clone() });
        }
    }
    Ok(())
}

impl Read {
    fn open(file: TableFile) -> Result<Self, TableError> {
        let (name, got) = (file.name.clone(), file.bytes.len() as u64);
        if got > FILE_BYTES_MAX {
            return Err(TableError::TooLarge { file: name, got, max: FILE_BYTES_MAX });
        }
        if [[0xFF, 0xFE], [0xFE, 0xFF]].iter().any(|mark| file.bytes.starts_with(mark)) {
            return Err(TableError::Utf16 { file: name });
        }
        let has_header = file.map.schema.file.header;
        let (mut records, mut cells) = (Records::new(&file.bytes, file.map.delimiter), Cells::default());
        let body = records.place();
        let first = records.read(&mut cells);
        let (place, read) = first.ok_or_else(|| TableError::Empty { file: name.clone(), has_header: false })?;
        read.map_err(|source| TableError::Header { file: name.clone(), line: place.line, source })?;
        let cell = |at| super::columns::trimmed(&cells, at).to_owned();
        let names = (0..cells.len()).map(|at| if has_header { cell(at) } else { String::new() }).collect();
        let header = Header { file: name, line: place.line, names };
        let plan = Plan::new(&file.map, &header)?;
        let body = if has_header { records.place() } else { body };
        let digest = names::of_file(&file.bytes);
        Ok(Self { digest, printed: digest.to_string(), header, plan, body, file })
    }

    /// Reads the rows of this file.
    pub fn reader(&self) -> RowReader<'_> {
        RowReader { map: &self.file.map, plan: &self.plan, columns: self.header.names.len() }
    }

    /// Its records from a place on.
    pub fn records(&self, place: Place) -> Records<'_> {
        Records::at(&self.file.bytes, self.file.map.delimiter, place)
    }

    /// Where a row stands.
    pub fn origin(&self, line: u64) -> Origin<'_> {
        Origin { digest: &self.digest, printed: &self.printed, line }
    }
}

/// A first look at every row. Maps are read by look-up only.
struct Survey {
    keys: Vec<Key>,
    report: TableReport,
    txs: HashMap<TxHash, FirstRow>,
    decimals: BTreeMap<String, Option<u8>>,
}

/// What a row is held against: the first of its transaction.
#[derive(Clone, Copy)]
struct FirstRow {
    time: u32,
    file: u16,
    line: u64,
    fee: Option<U256>,
}

impl Survey {
    fn of(openings: &[Opening]) -> Self {
        let decimals = openings.iter().map(|row| (row.token.id.clone(), row.token.decimals)).collect();
        Self { keys: Vec::new(), report: TableReport::default(), txs: HashMap::new(), decimals }
    }

    fn file(&mut self, number: u16, file: &Read, files: &[Read]) -> Result<(), TableError> {
        let (name, digest) = (file.file.name.clone(), file.digest);
        let mut report = FileReport { name, digest, rows: 0, filtered: 0, bad: 0, unsorted: 0 };
        let (mut records, mut cells, mut last) = (file.records(file.body), Cells::default(), 0);
        while let Some((place, read)) = records.read(&mut cells) {
            report.rows += 1;
            let read = read.map_err(Bad::row).and_then(|()| file.reader().read(&cells, file.origin(place.line)));
            let row = read.map_err(|bad| bad.told(&file.header, place.line));
            let row = row.and_then(|row| row.map(|row| self.check(number, place.line, row, files)).transpose());
            match row {
                Ok(Some(time)) => {
                    report.unsorted += u64::from(time < last);
                    last = last.max(time);
                    self.keys.push(Key { time, file: number, place });
                }
                Ok(None) => report.filtered += 1,
                Err(bad) => {
                    report.bad += 1;
                    self.report.bad.push(bad);
                }
            }
            if self.keys.len() > ROWS_MAX {
                return Err(TableError::TooManyRows { max: ROWS_MAX });
            }
        }
        if report.rows == 0 {
            return Err(TableError::Empty { file: report.name, has_header: true });
        }
        self.report.files.push(report);
        Ok(())
    }

    /// Holds a row against those before it and returns its time. Only a row that is taken is held against later ones.
    fn check(&mut self, file: u16, line: u64, row: Row, files: &[Read]) -> Result<u32, BadRow> {
        let one = FirstRow { time: row.moment.from, file, line, fee: row.fee.as_ref().map(|fee| fee.units) };
        let first = self.txs.get(&row.tx).copied().unwrap_or(one);
        let fits = self.check_decimals(&row).and_then(|()| check_tx(one, first, files));
        fits.map_err(|problem| Bad::row(problem).told(&files[usize::from(file)].header, line))?;
        self.txs.insert(row.tx, first);
        for one in row.transfer.into_iter().chain(row.fee) {
            self.decimals.insert(one.token.id, one.token.decimals);
        }
        Ok(one.time)
    }

    /// An asset has the decimals of its first row, or amounts could not be compared. One row says one number of an
    /// asset: it is its map's.
    fn check_decimals(&self, row: &Row) -> Result<(), Problem> {
        let differs = |one: &AccountMove| {
            let want = *self.decimals.get(&one.token.id)?;
            (want != one.token.decimals).then_some(Problem::OtherDecimals { want })
        };
        row.transfer.iter().chain(&row.fee).find_map(differs).map_or(Ok(()), Err)
    }
}

/// Holds a row against the first of its transaction.
fn check_tx(row: FirstRow, first: FirstRow, files: &[Read]) -> Result<(), Problem> {
    let schema = &files[usize::from(row.file)].file.map.schema;
    let other = (first.file != row.file).then(|| files[usize::from(first.file)].file.name.clone());
    let same_time = schema.transaction.as_ref().is_none_or(|table| table.times == Times::Same);
    if first.time != row.time && same_time {
        return Err(Problem::OtherTime { file: other, line: first.line });
    }
    let repeats = schema.fee.as_ref().is_some_and(|table| table.rows == FeeRows::Repeat);
    if repeats && first.fee != row.fee && first.file == row.file && first.time == row.time {
        return Err(Problem::OtherFee { file: other, line: first.line });
    }
    Ok(())
}

/// What was left out of the tables, told at the first row that is taken of each.
pub(super) fn left_out(table: &Table) -> HashMap<usize, String> {
    let mut told = HashMap::new();
    let mut seen = HashSet::new();
    for (at, key) in table.keys.iter().enumerate() {
        if seen.len() == table.files.len() {
            break;
        }
        let report = &table.report.files[usize::from(key.file)];
        if seen.insert(key.file) && report.bad > 0 {
            told.insert(at, skipped(report));
        }
    }
    // Of a file without any row that can be read nothing else is there to carry it.
    for (_, report) in (0_u16..).zip(&table.report.files).filter(|(file, _)| !seen.contains(file)) {
        if report.bad > 0 {
            let text = told.entry(0).or_insert_with(String::new);
            let apart = if text.is_empty() { "" } else { "; " };
            *text = format!("{text}{apart}{}", skipped(report));
        }
    }
    told
}

fn skipped(report: &FileReport) -> String {
    let FileReport { digest, rows, bad, .. } = report;
    format!("{bad} of {rows} rows of the table with SHA-256 {digest} cannot be read and are left out of this ledger")
}
