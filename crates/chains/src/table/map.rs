//! A map: how the columns of a table become movements. docs/tables.md describes every key.

use std::collections::BTreeMap;

use coinhound_model::{Account, Token};
use ruint::aliases::U256;

use super::error::{MapError, Problem};
use super::moment::{Clock, Format};
use super::number::{self, DECIMALS_MAX, Notation};
use super::schema::{Amounts, Column, OpeningTable, Pick, Schema};

/// The format of maps that this build reads.
pub const MAP_FORMAT: u32 = 1;

/// Bytes of an account's name in a table at most.
pub const ACCOUNT_BYTES_MAX: usize = 256;

/// Bytes of an asset's id, or its ticker, in a table at most.
pub const ASSET_BYTES_MAX: usize = 256;

/// Characters of a ledger's name at most.
const LEDGER_CHARS_MAX: usize = 64;

/// How the columns of a table become movements.
#[derive(Clone, Debug)]
pub struct TableMap {
    pub(super) schema: Schema,
    pub(super) delimiter: u8,
    pub(super) notation: Notation,
    pub(super) clock: Clock,
    pub(super) nobody: Vec<Account>,
    pub(super) openings: Vec<Opening>,
}

/// A balance that the map supplies for the moment before the first row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Opening {
    pub account: Account,
    pub token: Token,
    pub units: U256,
    pub source: String,
}

impl TableMap {
    /// Reads a map.
    ///
    /// # Errors
    /// [`MapError`] names the line or the key, and what was expected.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        check_format(text)?;
        let schema: Schema = toml::from_str(text)?;
        check_ledger(&schema.ledger)?;
        check_keys(&schema)?;
        let mut map = Self {
            delimiter: delimiter(&schema)?,
            notation: notation(&schema)?,
            clock: clock(&schema)?,
            nobody: Vec::new(),
            openings: Vec::new(),
            schema,
        };
        map.nobody = map.named_nobody()?;
        map.openings = map.schema.opening.iter().map(|row| map.opening(row)).collect::<Result<_, _>>()?;
        if map.schema.begins_empty && !map.openings.is_empty() {
            return Err(unusable("begins_empty", "with opening balances not every balance was zero"));
        }
        Ok(map)
    }

    /// The ledger's name, unless it is given another one.
    #[must_use]
    pub fn ledger(&self) -> &str {
        &self.schema.ledger
    }

    /// An account as the map writes it.
    pub(super) fn account(&self, text: &str) -> Result<Account, Problem> {
        let name = name(text, "an account", ACCOUNT_BYTES_MAX)?;
        let name = if self.schema.accounts.lowercase { name.to_ascii_lowercase() } else { name.to_owned() };
        Ok(Account(name.into_bytes()))
    }

    /// Whether an account stands for nobody: what leaves it is new, what enters it is destroyed.
    pub(super) fn is_nobody(&self, account: &Account) -> bool {
        self.nobody.contains(account)
    }

    /// An asset as the map describes it.
    pub(super) fn token(&self, id: &str, ticker: &str) -> Result<Token, Problem> {
        let id = name(id, "an asset", ASSET_BYTES_MAX)?;
        let ticker = if ticker.is_empty() { id } else { name(ticker, "a ticker", ASSET_BYTES_MAX)? };
        let asset = &self.schema.asset;
        let decimals = asset.decimals_of.get(id).copied().or(asset.decimals);
        if decimals.is_none() && asset.amounts == Amounts::Whole {
            return Err(Problem::NoDecimals);
        }
        Ok(Token { id: id.to_owned(), ticker: ticker.to_owned(), decimals })
    }

    /// An amount as the map writes it.
    pub(super) fn units(&self, text: &str, token: &Token) -> Result<U256, Problem> {
        Ok(match (self.schema.asset.amounts, token.decimals) {
            (Amounts::Whole, Some(decimals)) => number::parse_whole(text, decimals, self.notation)?,
            (Amounts::Whole, None) => return Err(Problem::NoDecimals),
            (Amounts::Smallest, _) => number::parse_smallest(text, self.notation)?,
        })
    }

    fn named_nobody(&self) -> Result<Vec<Account>, MapError> {
        let account = |text: &String| self.account(text).map_err(|problem| unusable("accounts.nobody", problem));
        self.schema.accounts.nobody.iter().map(account).collect()
    }

    fn opening(&self, row: &OpeningTable) -> Result<Opening, MapError> {
        let refuse = |problem: Problem| unusable("opening", problem);
        let token = self.token(row.asset.trim(), "").map_err(refuse)?;
        Ok(Opening {
            account: self.account(row.account.trim()).map_err(refuse)?,
            units: self.units(row.amount.trim(), &token).map_err(refuse)?,
            source: row.source.clone(),
            token,
        })
    }
}

/// A text that names something.
pub(super) fn name<'a>(text: &'a str, what: &'static str, max: usize) -> Result<&'a str, Problem> {
    if text.is_empty() {
        return Err(Problem::Missing { what });
    }
    let is_name = text.len() <= max && !text.chars().any(char::is_control);
    if is_name { Ok(text) } else { Err(Problem::Name { what, max }) }
}

/// Whether a ledger may have this name: it becomes part of a chain's.
#[must_use]
pub fn is_ledger_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    (1..=LEDGER_CHARS_MAX).contains(&name.len()) && name.bytes().all(plain)
}

fn unusable(key: &str, why: impl ToString) -> MapError {
    MapError::Unusable { key: key.to_owned(), why: why.to_string() }
}

/// A map of another release is told as such, whatever else it holds.
fn check_format(text: &str) -> Result<(), MapError> {
    let table: BTreeMap<String, toml::Value> = toml::from_str(text)?;
    let format = table.get("format").and_then(toml::Value::as_integer).and_then(|found| u32::try_from(found).ok());
    match format.filter(|found| *found != MAP_FORMAT) {
        Some(found) => Err(MapError::OtherFormat { found, known: MAP_FORMAT }),
        None => Ok(()),
    }
}

fn check_ledger(name: &str) -> Result<(), MapError> {
    if is_ledger_name(name) {
        return Ok(());
    }
    let why =
        format!("expected 1 to {LEDGER_CHARS_MAX} of a-z, 0-9, `-`, `_` and `.`, found `{}`", name.escape_debug());
    Err(unusable("ledger", why))
}

fn check_keys(schema: &Schema) -> Result<(), MapError> {
    if !schema.file.encoding.eq_ignore_ascii_case("utf-8") {
        return Err(unusable("file.encoding", "expected utf-8: convert the table first"));
    }
    if schema.transfer.is_some() == schema.statement.is_some() {
        return Err(unusable("transfer", "expected either [transfer] or [statement]"));
    }
    if let Some(statement) = &schema.statement {
        let split = statement.came_in.is_some() && statement.went_out.is_some();
        let parts = statement.came_in.is_some() || statement.went_out.is_some();
        if statement.signed.is_some() == parts || parts != split {
            return Err(unusable("statement", "expected either `signed`, or both `in` and `out`"));
        }
    }
    for filter in &schema.filter {
        if filter.is.is_some() == filter.is_not.is_some() {
            return Err(unusable("filter", "expected either `is` or `is_not`"));
        }
    }
    let most = schema.asset.decimals_of.values().chain(&schema.asset.decimals).max();
    if most.is_some_and(|decimals| *decimals > DECIMALS_MAX) {
        return Err(unusable("asset.decimals", format!("expected at most {DECIMALS_MAX}")));
    }
    check_positions(schema)
}

/// Columns are counted from 1; without a header they have no names.
fn check_positions(schema: &Schema) -> Result<(), MapError> {
    let picks = picks(schema);
    if picks.iter().any(|pick| matches!(pick, Pick::First(columns) if columns.is_empty())) {
        return Err(unusable("columns", "a list of columns names at least one"));
    }
    let named = picks.into_iter().flat_map(|pick| match pick {
        Pick::One(column) => std::slice::from_ref(column),
        Pick::First(columns) => columns,
        Pick::Optional(optional) => optional.optional.as_slice(),
        Pick::Constant(_) => &[],
    });
    for column in named.chain(schema.filter.iter().map(|filter| &filter.column)) {
        match column {
            Column::Position(0) => return Err(unusable("columns", "positions are counted from 1")),
            Column::Name(name) if !schema.file.header => {
                return Err(unusable("file.header", format!("without a header column `{name}` has no name")));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Every place that a map names values by.
fn picks(schema: &Schema) -> Vec<&Pick> {
    let mut picks: Vec<&Pick> = vec![&schema.time.column, &schema.asset.id];
    picks.extend(&schema.source);
    picks.extend(&schema.time.until);
    picks.extend(schema.transaction.iter().map(|table| &table.column));
    picks.extend(&schema.asset.ticker);
    picks.extend(schema.transfer.iter().flat_map(|table| [&table.from, &table.to, &table.amount]));
    if let Some(table) = &schema.statement {
        picks.push(&table.account);
        picks.extend([&table.counterparty, &table.came_in, &table.went_out, &table.signed].into_iter().flatten());
    }
    picks.extend(schema.fee.iter().flat_map(|table| [Some(&table.amount), table.payer.as_ref()]).flatten());
    picks.extend(schema.status.iter().map(|table| &table.column));
    picks.extend(schema.labels.values());
    picks
}

fn delimiter(schema: &Schema) -> Result<u8, MapError> {
    match schema.file.delimiter.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(*byte, b'"' | b'\n' | b'\r' | 0) => Ok(*byte),
        _ => Err(unusable("file.delimiter", "expected one ASCII character, such as a comma or a tab")),
    }
}

fn notation(schema: &Schema) -> Result<Notation, MapError> {
    let sign = |text: &str| match text.as_bytes() {
        [byte @ (b'.' | b',' | b'\'' | b'_' | b' ')] => Some(*byte),
        _ => None,
    };
    let decimal = sign(&schema.numbers.decimal).filter(|byte| matches!(byte, b'.' | b','));
    let decimal = decimal.ok_or_else(|| unusable("numbers.decimal", "expected `.` or `,`"))?;
    let thousands = match schema.numbers.thousands.as_str() {
        "" => None,
        text => Some(sign(text).filter(|byte| *byte != decimal).ok_or_else(|| {
            unusable("numbers.thousands", "expected one of `,` `.` `'` `_` or a space, other than the decimal point")
        })?),
    };
    Ok(Notation { decimal, thousands })
}

fn clock(schema: &Schema) -> Result<Clock, MapError> {
    let format = match schema.time.format.as_str() {
        "unix" => Format::Unix,
        "unix-ms" => Format::UnixMillis,
        "iso" => Format::Iso,
        pattern if pattern.contains('%') => Format::Pattern(pattern.to_owned()),
        other => {
            let why = format!("expected unix, unix-ms, iso, or a pattern with %Y and the like, found `{other}`");
            return Err(unusable("time.format", why));
        }
    };
    let is_instant = matches!(format, Format::Unix | Format::UnixMillis);
    if is_instant && schema.time.zone.is_some() {
        return Err(unusable("time.zone", "seconds since 1970 have no zone"));
    }
    let zone_name = match &schema.time.zone {
        Some(name) => name.clone(),
        None if is_instant => "UTC".to_owned(),
        None => return Err(unusable("time.zone", "expected the zone of the times, such as UTC or Asia/Tokyo")),
    };
    let zone = Clock::zone(&zone_name);
    let unknown = || unusable("time.zone", format!("no zone is called `{}`", zone_name.escape_debug()));
    Ok(Clock { format, zone: zone.ok_or_else(unknown)?, zone_name })
}
