//! One row of a table, read: when, in which transaction, what moved, what it paid, what else it says.

use std::str::FromStr;

use coinhound_model::{Account, AccountMove, Hash256, MoveKind, Note, NoteKind, Token, TxHash};
use jiff::Timestamp;
use ruint::aliases::U256;

use super::columns::{Header, Source, Value, trimmed};
use super::error::{BadRow, Problem, cut};
use super::map::{TableMap, name};
use super::moment::Moment;
use super::names;
use super::number::split_sign;
use super::plan::{Fee, Flow, HowFine, Plan, Sides};
use super::precision::Precision;
use super::records::Cells;
use super::schema::{Kind, Names};

/// Bytes of a transaction's name that is not a hash, at most.
const TX_NAME_BYTES_MAX: usize = 256;

/// One row, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub moment: Moment,
    pub tx: TxHash,
    /// At most one: a failed row moves nothing, and neither does one without an amount.
    pub transfer: Option<AccountMove>,
    pub fee: Option<AccountMove>,
    pub notes: Vec<Note>,
}

/// A row's place, as notes and names have it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub digest: &'a Hash256,
    /// The digest as it prints: every row says it.
    pub printed: &'a str,
    pub line: u64,
}

/// A value that cannot be read.
#[derive(Debug)]
pub(super) struct Bad {
    column: Option<usize>,
    found: String,
    problem: Problem,
}

impl Bad {
    fn of(value: Value<'_>, problem: impl Into<Problem>) -> Self {
        Self { column: value.column, found: cut(value.text), problem: problem.into() }
    }

    /// A row that is wrong as a whole.
    pub fn row(problem: impl Into<Problem>) -> Self {
        Self { column: None, found: String::new(), problem: problem.into() }
    }

    /// As it is told.
    pub fn told(self, header: &Header, line: u64) -> BadRow {
        let column = self.column.map(|column| header.name(column));
        let found = Some(self.found).filter(|found| !found.is_empty());
        BadRow { file: header.file.clone(), line, column, found, problem: self.problem }
    }
}

/// Reads the rows of one file.
#[derive(Clone, Copy)]
pub(super) struct RowReader<'a> {
    pub map: &'a TableMap,
    pub plan: &'a Plan,
    pub columns: usize,
}

impl RowReader<'_> {
    /// Reads one row; none where a filter leaves it out.
    pub fn read(&self, cells: &Cells, origin: Origin<'_>) -> Result<Option<Row>, Bad> {
        if cells.len() != self.columns {
            return Err(Bad::row(Problem::Cells { want: self.columns, got: cells.len() }));
        }
        let left_out = |filter: &super::plan::Filter| {
            let is_listed = filter.values.iter().any(|value| value == trimmed(cells, filter.column));
            is_listed != filter.keeps
        };
        if self.plan.filters.iter().any(left_out) {
            return Ok(None);
        }
        let mut notes = vec![row_note(origin)];
        let moment = self.moment(cells, &mut notes)?;
        let tx = self.transaction(cells, origin, &mut notes)?;
        let token = self.token(cells)?;
        let (transfer, payer) = self.transfer(cells, &token, &tx)?;
        let fee = self.fee(cells, &token, payer)?;
        let failed = self.failed(cells, &mut notes);
        self.told(cells, &mut notes);
        Ok(Some(Row { moment, tx, transfer: transfer.filter(|_| !failed), fee, notes }))
    }

    fn moment(&self, cells: &Cells, notes: &mut Vec<Note>) -> Result<Moment, Bad> {
        let declared = match &self.plan.precision {
            HowFine::AsWritten => None,
            HowFine::All(precision) => Some(*precision),
            HowFine::Column(column) => {
                let value = Value { text: trimmed(cells, *column), column: Some(*column) };
                let precision = Precision::named(value.text);
                Some(precision.ok_or_else(|| Bad::of(value, super::moment::MomentError::NoPrecision))?)
            }
        };
        let (first, mut moment) = self.instant(cells, &self.plan.time, declared)?;
        let until = self.plan.until.as_ref();
        let last = until.map(|source| self.instant(cells, source, declared)).transpose()?;
        if let Some((value, last)) = last {
            if last.to < moment.from {
                return Err(Bad::of(value, super::moment::MomentError::Backwards));
            }
            moment.to = last.to;
        }
        let until = last.map(|(value, _)| value.text);
        notes.push(time_note(moment, first.text, until, &self.map.clock.zone_name));
        Ok(moment)
    }

    fn instant<'a>(
        &'a self,
        cells: &'a Cells,
        source: &'a Source,
        declared: Option<Precision>,
    ) -> Result<(Value<'a>, Moment), Bad> {
        let value = source.get(cells);
        let moment = self.map.clock.read(value.text, declared).map_err(|error| Bad::of(value, error))?;
        Ok((value, moment))
    }

    fn transaction(&self, cells: &Cells, origin: Origin<'_>, notes: &mut Vec<Note>) -> Result<TxHash, Bad> {
        let value = self.plan.transaction.as_ref().map(|(source, names)| (source.get(cells), *names));
        let Some((value, names)) = value.filter(|(value, _)| !value.text.is_empty()) else {
            notes.push(Note { kind: NoteKind::NoHash, bytes: Vec::new() });
            return Ok(names::of_row(origin.digest, origin.line));
        };
        match names {
            Names::Hash => {
                let digits = value.text.strip_prefix("0x").unwrap_or(value.text);
                TxHash::from_str(digits).map_err(|_| Bad::of(value, Problem::Hash))
            }
            Names::Text => {
                let text = name(value.text, "a transaction", TX_NAME_BYTES_MAX).map_err(|why| Bad::of(value, why))?;
                notes.push(Note { kind: NoteKind::NoHash, bytes: text.as_bytes().to_vec() });
                Ok(names::of_text(text))
            }
        }
    }

    fn token(&self, cells: &Cells) -> Result<Token, Bad> {
        let id = self.plan.asset.get(cells);
        let ticker = self.plan.ticker.as_ref().map_or("", |source| source.get(cells).text);
        self.map.token(id.text, ticker).map_err(|problem| Bad::of(id, problem))
    }

    /// What moves, and who pays the fee unless the map says otherwise.
    fn transfer(&self, cells: &Cells, token: &Token, tx: &TxHash) -> Result<(Option<AccountMove>, Account), Bad> {
        let (from, to, units, kind) = match &self.plan.sides {
            Sides::Transfer { from, to, amount, kind } => {
                let (from, to) = (self.account(from.get(cells))?, self.account(to.get(cells))?);
                let units = self.amount(cells, amount, token, from == to)?;
                (from, to, units, *kind)
            }
            Sides::Statement { account, counterparty, flow } => {
                let owner = self.account(account.get(cells))?;
                let other = match counterparty.as_ref().map(|source| source.get(cells)) {
                    Some(value) if !value.text.is_empty() => self.account(value)?,
                    // Nobody is named: whoever it was is not to be taken for another transaction's other side.
                    _ => names::unnamed(tx),
                };
                let (comes_in, units) = self.flow(cells, flow, token)?;
                if units.is_zero() {
                    return Ok((None, owner));
                }
                let (from, to) = if comes_in { (other, owner.clone()) } else { (owner.clone(), other) };
                return Ok((Some(self.movement(Kind::Transfer, token, from, to, units)?), owner));
            }
        };
        Ok((Some(self.movement(kind, token, from.clone(), to, units)?), from))
    }

    fn movement(&self, kind: Kind, token: &Token, from: Account, to: Account, units: U256) -> Result<AccountMove, Bad> {
        let kind = match (self.map.is_nobody(&from), self.map.is_nobody(&to), kind) {
            (true, true, _) => return Err(Bad::row(Problem::NobodyTwice)),
            (true, false, _) => MoveKind::Mint,
            (false, true, _) => MoveKind::Burn,
            (false, false, Kind::Transfer) => MoveKind::Transfer,
            (false, false, Kind::Internal) => MoveKind::Internal,
        };
        let (from, to) = (kind.takes().then_some(from), kind.gives().then_some(to));
        Ok(AccountMove { kind, token: token.clone(), from, to, units })
    }

    fn account(&self, value: Value<'_>) -> Result<Account, Bad> {
        self.map.account(value.text).map_err(|problem| Bad::of(value, problem))
    }

    /// An amount that stands in one of several columns; the others are empty or zero. Of a transfer to oneself both
    /// directions may be written.
    fn amount(&self, cells: &Cells, source: &Source, token: &Token, to_self: bool) -> Result<U256, Bad> {
        let [_, _, ..] = source.columns() else { return self.units(source.get(cells), token) };
        let mut found = None;
        for column in source.columns() {
            let value = Value { text: trimmed(cells, *column), column: Some(*column) };
            let units = if value.text.is_empty() { U256::ZERO } else { self.units(value, token)? };
            match found.filter(|_| !units.is_zero()) {
                Some(other) if to_self && other == units => {}
                Some(_) => return Err(Bad::of(value, Problem::TwoAmounts)),
                None if !units.is_zero() => found = Some(units),
                None => {}
            }
        }
        Ok(found.unwrap_or(U256::ZERO))
    }

    fn units(&self, value: Value<'_>, token: &Token) -> Result<U256, Bad> {
        self.map.units(value.text, token).map_err(|problem| Bad::of(value, problem))
    }

    /// Whether value came in, and how much. Of a row with both directions the difference moved: what went out and came
    /// back in one transaction never left.
    fn flow(&self, cells: &Cells, flow: &Flow, token: &Token) -> Result<(bool, U256), Bad> {
        match flow {
            Flow::Signed(source) => {
                let value = source.get(cells);
                let (negative, text) = split_sign(value.text);
                Ok((!negative, self.map.units(text, token).map_err(|problem| Bad::of(value, problem))?))
            }
            Flow::InOut(came_in, went_out) => {
                let units = |source: &Source| match source.get(cells) {
                    Value { text: "", .. } => Ok(U256::ZERO),
                    value => self.units(value, token),
                };
                let (came_in, went_out) = (units(came_in)?, units(went_out)?);
                Ok((came_in >= went_out, came_in.abs_diff(went_out)))
            }
        }
    }

    fn fee(&self, cells: &Cells, token: &Token, payer: Account) -> Result<Option<AccountMove>, Bad> {
        let Some(Fee { amount, payer: named, asset, .. }) = &self.plan.fee else { return Ok(None) };
        let value = amount.get(cells);
        if value.text.is_empty() {
            return Ok(None);
        }
        let token = match asset {
            Some(id) => self.map.token(id, "").map_err(|problem| Bad::of(value, problem))?,
            None => token.clone(),
        };
        let units = self.units(value, &token)?;
        let payer = named.as_ref().map_or(Ok(payer), |source| self.account(source.get(cells)))?;
        let fee = AccountMove { kind: MoveKind::Fee, token, from: Some(payer), to: None, units };
        Ok(Some(fee).filter(|_| !units.is_zero()))
    }

    /// Whether the row says that it moved nothing.
    fn failed(&self, cells: &Cells, notes: &mut Vec<Note>) -> bool {
        let Some((source, ok)) = &self.plan.status else { return false };
        let status = source.get(cells).text;
        let failed = !ok.iter().any(|ok| ok == status);
        if failed {
            let text = format!("failed by its own table, so it only pays its fee: status `{}`", cut(status));
            notes.push(Note { kind: NoteKind::Flag, bytes: text.into_bytes() });
        }
        failed
    }

    /// Labels, and where the row comes from.
    fn told(&self, cells: &Cells, notes: &mut Vec<Note>) {
        for (key, source) in &self.plan.labels {
            let value = source.get(cells).text;
            if !value.is_empty() {
                notes.push(Note { kind: NoteKind::Label, bytes: format!("{key}={value}").into_bytes() });
            }
        }
        let source = self.plan.source.as_ref().map_or("", |source| source.get(cells).text);
        if !source.is_empty() {
            notes.push(Note { kind: NoteKind::Source, bytes: source.as_bytes().to_vec() });
        }
    }
}

fn row_note(origin: Origin<'_>) -> Note {
    Note { kind: NoteKind::Row, bytes: format!("{}:{}", origin.printed, origin.line).into_bytes() }
}

/// `minute 2018-01-25T15:02:00Z/2018-01-25T15:02:59Z; supplied: 2018-01-26 00:02; zone: Asia/Tokyo`.
fn time_note(moment: Moment, first: &str, until: Option<&str>, zone: &str) -> Note {
    let at = |second: u32| Timestamp::from_second(i64::from(second)).expect("32 bits of seconds fit").to_string();
    let mut text = match until {
        Some(_) => "range".to_owned(),
        None => moment.precision.to_string(),
    };
    text = format!("{text} {}", at(moment.from));
    if moment.to != moment.from {
        text = format!("{text}/{}", at(moment.to));
    }
    text = format!("{text}; supplied: {first}");
    if let Some(until) = until {
        text = format!("{text} to {until}");
    }
    Note { kind: NoteKind::Time, bytes: format!("{text}; zone: {zone}").into_bytes() }
}
