//! Rows into blocks: one for each distinct moment, in order.

use std::collections::{BTreeSet, HashMap};

use coinhound_model::{
    Account, AccountBlock, AccountMove, AccountTx, BlockHash, Hash256, Height, MoveKind, Note, NoteKind, TxHash,
};
use ruint::aliases::U256;

use super::map::Opening;
use super::names;
use super::records::Cells;
use super::row::Row;
use super::schema::FeeRows;
use super::table::{Key, Table, left_out};

/// Where the blocks of a table begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// They are a ledger of their own: from height 0, opening balances first.
    Ledger,
    /// They follow a block.
    After {
        /// Its height.
        height: Height,
        /// Its hash.
        hash: BlockHash,
    },
}

/// The blocks of a table, one after the other.
pub struct Blocks<'a> {
    table: &'a Table,
    /// Which row is next.
    at: usize,
    height: Height,
    prev: BlockHash,
    /// What the ledger begins with; empty once told.
    openings: &'a [Opening],
    left_out: HashMap<usize, String>,
    cells: Cells,
    repeated: u64,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(table: &'a Table, start: Start) -> Self {
        let (height, prev, openings) = match start {
            Start::Ledger => (Height(0), names::before(table.begins_empty), &*table.openings),
            Start::After { height, hash } => (height.next(), hash, &[][..]),
        };
        let cells = Cells::default();
        Self { table, at: 0, height, prev, openings, left_out: left_out(table), cells, repeated: 0 }
    }

    /// Rows so far that several tables have: each counts once.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// How many rows of the table the blocks so far hold.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.at
    }

    /// The transactions of one moment.
    fn txs(&mut self, keys: &[Key]) -> Vec<AccountTx> {
        let mut drafts: Vec<Draft> = std::mem::take(&mut self.openings).iter().map(Draft::opening).collect();
        let mut by_hash: HashMap<TxHash, usize> = HashMap::new();
        for (key, at) in keys.iter().zip(self.at..) {
            let row = self.row(key);
            let draft = *by_hash.entry(row.tx).or_insert(drafts.len());
            if draft == drafts.len() {
                drafts.push(Draft { hash: row.tx, ..Draft::default() });
            }
            let file = &self.table.files[usize::from(key.file)];
            let fee = file.file.map.schema.fee.as_ref();
            let repeats_fee = fee.is_some_and(|table| table.rows == FeeRows::Repeat);
            let number = Some(key.file).filter(|_| self.table.files.len() > 1);
            self.repeated += u64::from(!drafts[draft].add(row, number, repeats_fee));
            if let Some(text) = self.left_out.get(&at) {
                drafts[draft].notes.push(Note { kind: NoteKind::Flag, bytes: text.clone().into_bytes() });
            }
        }
        drafts.into_iter().map(Draft::finish).collect()
    }

    fn row(&mut self, key: &Key) -> Row {
        let file = &self.table.files[usize::from(key.file)];
        let read = file.records(key.place).read(&mut self.cells);
        let (place, read) = read.expect("a record was found here before");
        assert!(place == key.place && read.is_ok(), "the bytes of a table do not change while it is held");
        let row = file.reader().read(&self.cells, file.origin(place.line));
        row.ok().flatten().expect("a row that was read without fault reads the same again")
    }
}

impl Iterator for Blocks<'_> {
    type Item = AccountBlock;

    fn next(&mut self) -> Option<AccountBlock> {
        let rest = &self.table.keys[self.at..];
        let time = rest.first()?.time;
        let keys = &rest[..rest.iter().position(|key| key.time != time).unwrap_or(rest.len())];
        let txs = self.txs(keys);
        self.at += keys.len();
        let (height, prev, hash, maker) = (self.height, self.prev, Hash256::ZERO, [0; 32]);
        let mut block = AccountBlock { height, hash, prev, time, size: 0, maker, txs };
        let (hash, bytes) = names::of_block(&block);
        (block.hash, block.size) = (hash, u32::try_from(bytes).unwrap_or(u32::MAX));
        (self.height, self.prev) = (height.next(), hash);
        Some(block)
    }
}

/// A transaction that rows are added to.
#[derive(Default)]
struct Draft {
    hash: TxHash,
    transfers: Vec<AccountMove>,
    fees: Vec<AccountMove>,
    notes: Vec<Note>,
    rows: usize,
    /// Its rows, each by what it moves, or by its fee where it moves nothing.
    said_rows: Sayings,
    said_fees: Sayings,
}

/// What makes two movements the same: kind, asset, sides, amount.
type Moved = (MoveKind, String, Option<Account>, Option<Account>, U256);

/// What several files may say of one transaction: what two exports both say happened once, and as often as the one says
/// it that says it more often. Read by look-up only.
#[derive(Default)]
struct Sayings(HashMap<Option<Moved>, Said>);

/// How often a file says something, and how often it is taken.
#[derive(Clone, Copy)]
struct Said {
    file: u16,
    times: u32,
    taken: u32,
}

impl Sayings {
    /// Whether a file says something more often than it is taken so far: then it is taken once more. Where the file
    /// `repeats` itself, it says everything once.
    fn takes(&mut self, what: Option<&AccountMove>, file: u16, repeats: bool) -> bool {
        let said = self.0.entry(what.map(moved)).or_insert(Said { file, times: 0, taken: 0 });
        if said.file != file {
            (said.file, said.times) = (file, 0);
        }
        said.times = if repeats { 1 } else { said.times + 1 };
        let is_more = said.times > said.taken;
        said.taken = said.taken.max(said.times);
        is_more
    }
}

impl Draft {
    fn opening(opening: &Opening) -> Self {
        let (token, to, units) = (opening.token.clone(), Some(opening.account.clone()), opening.units);
        let one = AccountMove { kind: MoveKind::Opening, token, from: None, to, units };
        let no_hash = Note { kind: NoteKind::NoHash, bytes: Vec::new() };
        let source = Note { kind: NoteKind::Source, bytes: opening.source.clone().into_bytes() };
        let (hash, notes) = (names::of_opening(opening), vec![no_hash, source]);
        Self { hash, transfers: vec![one], notes, ..Self::default() }
    }

    /// Adds a row, and says whether it is new. `file` is told where there are several. Of one transfer its sender's
    /// export says the fee and its receiver's none, so the two are counted apart.
    fn add(&mut self, row: Row, file: Option<u16>, repeats_fee: bool) -> bool {
        self.rows += 1;
        self.notes.extend(row.notes);
        let told = row.transfer.as_ref().or(row.fee.as_ref());
        let is_new = file.is_none_or(|file| self.said_rows.takes(told, file, false));
        self.transfers.extend(row.transfer.filter(|_| is_new));
        self.fees.extend(row.fee.filter(|fee| match file {
            None if !repeats_fee => true,
            _ => self.said_fees.takes(Some(fee), file.unwrap_or_default(), repeats_fee),
        }));
        is_new
    }

    fn finish(mut self) -> AccountTx {
        self.transfers.append(&mut self.fees);
        if self.rows > 1 {
            let mut seen = BTreeSet::new();
            self.notes.retain(|note| seen.insert((note.kind, note.bytes.clone())));
        }
        AccountTx { hash: self.hash, moves: self.transfers, notes: self.notes, links: Vec::new() }
    }
}

fn moved(one: &AccountMove) -> Moved {
    (one.kind, one.token.id.clone(), one.from.clone(), one.to.clone(), one.units)
}
